"""Choosing a chapter and putting its pages in order, by talking."""

from __future__ import annotations

from pathlib import Path

from tui.by_line.page_words import HELP, Done, NotUnderstood, change, summary
from tui.by_line.talk import Back, Leave, Talk
from tui.chapter.checks import check_order
from tui.chapter.decoding import decode_pages
from tui.chapter.findings import Finding, Severity
from tui.chapter.hashing import hash_pages
from tui.chapter.kept_order import dump_order, restore_order
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.selection import ChapterSelection
from tui.chapter.sources import SourceError, open_source
from tui.services import Services
from tui.storage.errors import StorageError
from tui.storage.kept_orders import KeptOrders
from tui.text import plural
from tui.upload.describe import page_numbers

_OFFERED = 9


def choose_path(talk: Talk, services: Services) -> Path:
    """The folder or archive of a chapter; Back when none is wanted."""
    recent = [place for place in services.memory.recent() if place.exists()][:_OFFERED]
    if recent:
        talk.say("Recent chapters:")
        talk.say_all([f"{number}: {place.name}" for number, place in enumerate(recent, 1)])
    while True:
        typed = talk.ask(
            "Number of a recent chapter, or the path of a folder or archive:"
            if recent
            else "Path of a folder or archive:"
        )
        if typed.casefold() in ("", "b", "back"):
            raise Back
        if typed.casefold() in ("q", "quit"):
            raise Leave
        if typed.isdigit() and 1 <= int(typed) <= len(recent):
            return recent[int(typed) - 1]
        path = Path(typed.strip("'\"")).expanduser()
        if path.exists():
            return path
        talk.say(f"There is nothing at {path}.")


def order_pages(talk: Talk, services: Services, path: Path) -> ChapterSelection | None:
    """Read the chapter and let its pages be put in order; None when another one is wanted."""
    talk.say(f"Reading {path.name} ...")
    try:
        source = open_source(path.absolute())
        scan = source.scan()
    except SourceError as error:
        talk.say_all([f"{error.title}.", error.remedy])
        return None
    kept = KeptOrders(services.paths.orders_folder).get(source.path)
    left = restore_order(kept, source.path, scan.pages) if kept is not None else None
    if left is not None:
        order = left.order
        talk.say("The pages are in the order in which you left them.")
        if left.told:
            talk.say(left.told)
    else:
        order = PageOrder.from_pages(scan.pages, SortBy(services.settings.upload.order))
    order = order.replace_pages(decode_pages(hash_pages(order.pages)))
    services.memory.remember_place(source.path)
    talk.say(summary(order))
    findings = check_order(order, scan.skipped)
    _say_findings(talk, order, findings)
    while True:
        try:
            typed = talk.ask("Pages:")
        except Back:
            return None
        word = typed.casefold()
        if word in ("?", "help"):
            talk.say_all(HELP)
        elif word in ("b", "back"):
            return None
        elif word in ("q", "quit"):
            raise Leave
        elif word in ("problems", "p"):
            _say_findings(talk, order, findings)
        elif word in ("ready", "r"):
            findings = check_order(order, scan.skipped)
            errors = [finding for finding in findings if finding.severity is Severity.ERROR]
            if not errors and order.included:
                _keep(talk, services, source.path, order)
                guess = services.known().guess(source.path, scan)
                return ChapterSelection(source.path, order.included, guess)
            talk.say("Not ready." if errors else "No page is left to upload.")
            _say_findings(talk, order, errors)
        elif word:
            done = _tried(talk, order, typed)
            if done is not None and done.order is not order:
                order = done.order
                findings = check_order(order, scan.skipped)


def _tried(talk: Talk, order: PageOrder, typed: str) -> Done | None:
    try:
        done = change(order, typed)
    except NotUnderstood as error:
        talk.say(str(error))
        return None
    talk.say_all(done.lines)
    return done


def _say_findings(talk: Talk, order: PageOrder, findings: list[Finding]) -> None:
    """What is said of many pages in the same words is said once."""
    if not findings:
        talk.say("No problems found.")
    positions = {key: number for number, key in enumerate(order.included_keys, 1)}
    for severity, one in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "note")):
        pages_of: dict[tuple[str, str], list[str]] = {}
        for finding in findings:
            if finding.severity is severity:
                pages_of.setdefault((finding.message, finding.remedy), []).append(finding.page or "")
        if pages_of:
            talk.say(f"{plural(sum(map(len, pages_of.values())), one)}:")
        for (message, remedy), pages in pages_of.items():
            numbers = [positions[page] for page in pages if page in positions]
            if len(pages) > 1 and len(numbers) == len(pages):
                about = page_numbers(numbers).capitalize().replace("-", " to ") + ": "
            else:
                names = [page.rpartition("::")[2].rpartition("/")[2] for page in pages if page]
                about = f"{', '.join(names)}: " if names else ""
            talk.say(f"{about}{message} {remedy}")


def _keep(talk: Talk, services: Services, source: Path, order: PageOrder) -> None:
    try:
        KeptOrders(services.paths.orders_folder).put(source, dump_order(order))
    except StorageError as error:
        talk.say(f"The order is not kept for later: {error.title}")
