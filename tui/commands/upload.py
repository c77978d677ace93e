"""Upload a chapter and commit it. Never asks; everything wrong is said before anything is sent.

What is not given is taken from dexup.toml, ComicInfo.xml, the name and the last upload, and printed with its
source. Title and groups count only by their ids (from dexup.toml, a link in ComicInfo.xml, or a name that was
learned before); without one --manga is needed.

What the service knows of the chapter (whether it is there already, approval, names) is asked while the first pages go
up and told before the commit; with --on-duplicate fail, --on-session or --write-toml, before anything is sent.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tui.chapter.checks import check_unattended
from tui.chapter.numbers import normalise_number
from tui.chapter.publish_time import example_time
from tui.chapter.reading import ORDERS, ReadChapter, read_chapter
from tui.chapter.references import parse_reference
from tui.chapter.sources.base import IsCancelled
from tui.commands.before import ask_before, say_before
from tui.commands.beside import AskedBeside
from tui.commands.console import TERMS, Console, exit_of
from tui.commands.details import describe_details, find_named, merge_details, name_groups, name_manga
from tui.commands.findings import print_findings
from tui.commands.follow import follow
from tui.commands.guard import add_json, guarded
from tui.commands.guess import write_sidecar
from tui.commands.pacing import add_pace, use_pace
from tui.commands.patience import patiently
from tui.commands.queue_following import import_file, run_queue
from tui.commands.running import log_in, logged_in, meanwhile, opened
from tui.services import Services
from tui.text import format_size, plural
from tui.upload.before import Before, cost_of, in_doubt
from tui.upload.before_words import cost_words
from tui.upload.engine import OnSession
from tui.upload.exits import Exit
from tui.upload.known import learn
from tui.upload.plan import PlanRefused, freeze_plan

_OF_ONE = (
    "path", "manga", "group", "no_group", "volume", "chapter", "title", "lang", "publish_at", "external_url",
    "order", "no_commit", "write_toml",
)  # fmt: skip
"""Arguments that speak of one chapter only."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup upload`."""
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="folder or archive with the pages")
    parser.add_argument(
        "--queue",
        type=Path,
        metavar="FILE",
        help="upload all chapters of a .csv or .toml file instead, one after the other (`dexup queue import "
        "--help` says what is in it)",
    )
    parser.add_argument(
        "--manga",
        type=_manga,
        metavar="ID",
        help="id or link of the title, unless dexup.toml or the memory has it",
    )
    parser.add_argument(
        "--group",
        type=group_id,
        action="append",
        default=[],
        metavar="ID",
        help="id or link of a group; repeatable",
    )
    parser.add_argument("--no-group", action="store_true", help="no group, on purpose")
    parser.add_argument("--volume", type=number, metavar="N", help='number, or "" for none')
    parser.add_argument("--chapter", type=number, metavar="N", help='number, or "" for a oneshot')
    parser.add_argument("--title", metavar="T", help='title of the chapter, or "" for none')
    parser.add_argument("--lang", metavar="CODE", help="language of the pages, such as en or pt-br")
    parser.add_argument(
        "--publish-at",
        type=_moment,
        metavar="T",
        help="publish later: YYYY-MM-DDTHH:MM+01:00 (with its zone)",
    )
    parser.add_argument("--external-url", metavar="U", help="link to the chapter on another site")
    parser.add_argument(
        "--order", choices=ORDERS, help="order of the pages (natural unless the settings say else)"
    )
    parser.add_argument(
        "--on-session",
        choices=[str(choice) for choice in OnSession],
        default=str(OnSession.FAIL),
        help="what to do when the account has an upload session open: fail (exit 4, the default), "
        "resume it with this chapter, or abandon it",
    )
    parser.add_argument(
        "--on-duplicate",
        choices=("warn", "fail"),
        default="warn",
        help="what to do when the same chapter by these groups is there already, or its pages were committed "
        "before as another one: warn and upload it all the same (the default), or fail (exit 1) before anything "
        "is sent",
    )
    parser.add_argument("--accept-terms", action="store_true", help=f"you accept the upload terms: {TERMS}")
    parser.add_argument("--no-commit", action="store_true", help="send the pages, do not publish")
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=0.0,
        metavar="S",
        help="after the commit, wait up to S seconds until MangaDex shows what became of the chapter",
    )
    parser.add_argument(
        "--write-toml", action="store_true", help="write the details to dexup.toml in the folder first"
    )
    add_pace(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    what = _upload if arguments.queue is None else _upload_queue
    return guarded(arguments.json, lambda console: what(arguments, console))


def _upload_queue(arguments: argparse.Namespace, console: Console) -> Exit:
    """The file's chapters, through the queue: a second run goes on where the first one stopped."""
    others = [name for name in _OF_ONE if getattr(arguments, name) not in (None, [], False)]
    if arguments.on_session != OnSession.FAIL or arguments.on_duplicate != "warn":
        others.append("on-session and --on-duplicate")
    if others:
        named = ", ".join(f"--{name.replace('_', '-')}" if name != "path" else "PATH" for name in others)
        return console.fail(f"--queue FILE says all of it: leave out {named}")
    if not arguments.accept_terms:
        return console.fail(
            "To commit chapters you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, then add --accept-terms.",
        )
    with logged_in(console, patient=True) as services:
        return run_queue(services, console, import_file(services, console, arguments.queue))


def _upload(arguments: argparse.Namespace, console: Console) -> Exit:
    if arguments.path is None:
        return console.fail("Nothing to upload", remedy="Name a folder or an archive, or --queue FILE.")
    if not (arguments.accept_terms or arguments.no_commit):
        return console.fail(
            "To commit a chapter you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, then add --accept-terms; or add --no-commit to send the pages only.",
        )
    with opened(console) as services, meanwhile(partial(_read, arguments, services)) as reading:
        # An answer that may stop the upload, or goes into a file, is waited for; the others come beside the pages.
        asked_first = (
            arguments.on_duplicate == "fail" or arguments.on_session != OnSession.FAIL or arguments.write_toml
        )
        log_in(services, console, patient=True, confirm=asked_first)
        use_pace(arguments, services)
        chapter = reading.result()
        guess = chapter.guess
        if not arguments.group and not arguments.no_group:
            guess = patiently(services, console, partial(find_named, services, guess))
        details, doubts = merge_details(arguments, guess)
        say = 'Say --chapter NUMBER, or --chapter "" for a oneshot.'
        found = check_unattended(details, now=datetime.now(UTC), say_number=say)
        findings = [*chapter.findings, *doubts, *found]
        if arguments.no_group:
            findings = [finding for finding in findings if finding.rule != "no-group"]
        if print_findings(console, findings):
            return console.fail(
                "Nothing was sent", detail="the errors above come first", exit_code=Exit.FINDINGS
            )
        doubt = in_doubt(details, services.engine.records.doubted().result())
        if doubt is not None:
            return console.fail(
                "Nothing was sent",
                detail=f"a commit of this chapter went out at {doubt.committed_at:%Y-%m-%d %H:%M} UTC, and its "
                "answer was never seen",
                remedy="Run `dexup resume`, which asks what became of it.",
                exit_code=Exit.UNKNOWN,
            )
        hashes = [page.sha256 for page in chapter.pages]
        sizes = [page.size for page in chapter.pages]
        cost = cost_of(sizes, services.engine.options)
        before = None
        if asked_first:
            manga, before = ask_before(services, console, details, hashes)
            details = name_groups(name_manga(console, details, manga), before.groups)
        if arguments.write_toml:
            write_sidecar(console, chapter.source, details)
        for line in describe_details(details):
            console.line(line)
        console.line(f"{plural(len(sizes), 'page')}, {format_size(sum(sizes))}")
        if before is not None:
            say_before(console, before, cost)
            if arguments.on_duplicate == "fail" and (stopped := _stopped_by(console, before)) is not None:
                return stopped
        console.line(f"The upload takes {cost_words(cost)}.")
        try:
            plan = freeze_plan(chapter.source, chapter.pages, details, now=datetime.now(UTC))
        except PlanRefused as refused:
            print_findings(console, refused.findings)
            return console.fail(
                "Nothing was sent", detail="the errors above come first", exit_code=Exit.FINDINGS
            )
        services.memory.remember_place(chapter.source)
        remember = partial(learn, services.memory, chapter.source, guess)
        beside = None
        if before is not None:
            remember(details)
        else:
            beside = AskedBeside(services, console, details, hashes, cost, named=remember)
        return follow(
            services,
            console,
            commit=not arguments.no_commit,
            wait=arguments.wait,
            beside=beside,
            start=lambda: services.engine.start_upload(
                plan,
                on_session=OnSession(arguments.on_session),
                account=services.account,
                confirmed=services.accounts.confirmed,
            ),
        )


def _stopped_by(console: Console, before: Before) -> Exit | None:
    """How it ends when duplicates are not wanted, and there is one or that is not known."""
    if before.lists_failed is not None:
        return console.fail(
            "Nothing was sent",
            detail="whether the chapter is there already could not be looked up",
            remedy="Run the command again later; without --on-duplicate fail it is uploaded all the same.",
            exit_code=exit_of(before.lists_failed),
        )
    if before.same or before.sent:
        return console.fail(
            "Nothing was sent",
            detail="the chapter is there already" if before.same else "its pages were committed before",
            remedy="Look at the links above; without --on-duplicate fail it is uploaded all the same.",
            exit_code=Exit.FINDINGS,
        )
    return None


def _read(arguments: argparse.Namespace, services: Services, cancelled: IsCancelled) -> ReadChapter:
    order = arguments.order or services.settings.upload.order
    return read_chapter(arguments.path, order, guess=services.known().guess, cancelled=cancelled)


def _manga(text: str) -> str:
    found = parse_reference(text, "manga")
    if not found:
        raise argparse.ArgumentTypeError("not the id or MangaDex link of a title")
    return found


def group_id(text: str) -> str:
    """The id of a group, from an id or a link. ArgumentTypeError."""
    found = parse_reference(text, "group")
    if not found:
        raise argparse.ArgumentTypeError("not the id or MangaDex link of a group")
    return found


def number(text: str) -> str:
    """A volume or chapter number as the service writes it; "" for none. ArgumentTypeError."""
    try:
        return normalise_number(text) if text.strip() else ""
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        example = example_time("+01:00", day="T")
        raise argparse.ArgumentTypeError(f"not a date and time such as {example}") from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"the zone is missing: {text}Z for UTC, {text}+01:00 for another")
    return moment.astimezone(UTC)


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise argparse.ArgumentTypeError("a whole number of seconds")
    return float(text)
