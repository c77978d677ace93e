"""The details of a chapter, one question after another; what is known already is said and can be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from tui.by_line.talk import Talk
from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Severity
from tui.chapter.guess import Guess
from tui.chapter.publish_time import example_time
from tui.chapter.selection import ChapterSelection
from tui.mangadex.errors import MangaDexError
from tui.screens.details_before import Looked, key_of
from tui.screens.details_form import DetailsForm
from tui.screens.details_lookups import (
    before_upload,
    exact_group,
    exact_manga,
    look_for_namesake,
    search_groups,
    search_manga,
)
from tui.screens.details_words import tags
from tui.services import Services
from tui.storage.errors import StorageError
from tui.upload.before import cost_of
from tui.upload.known import learn
from tui.upload.plan import PlanRefused, UploadPlan, freeze_plan
from tui.widgets.search_results import Result

_FIELDS = {
    "volume": "Volume",
    "chapter": "Chapter number",
    "title": "Chapter title",
    "language": "Language",
    "publish_at": "Publish at",
    "zone": "Time zone",
    "external_url": "External link",
}
_CHOICES = {
    "start": "upload the pages; nothing is published before you commit",
    "manga": "choose another manga, by name, id or link",
    "groups": "choose the scanlation groups anew",
    **{name.replace("_", "-"): f"change: {label}" for name, label in _FIELDS.items()},
    "say": "say all details again",
    "back": "back to the pages",
}


def talk_details(talk: Talk, services: Services, selection: ChapterSelection) -> UploadPlan | None:
    """Ask until everything is right and the upload is wanted; None to go back to the pages."""
    guess = selection.guess
    form = DetailsForm.start(guess, guess.zone or services.settings.upload.zone)
    form.other_remedy = "Change it if the other one is right."
    try:
        asyncio.run(_look_up(services, form, guess))
    except MangaDexError as error:
        talk.say_all([f"{error.title}.", error.detail, error.remedy])
    if not form.details.manga_id:
        _choose_manga(talk, services, form)
    _say(talk, form)
    while True:
        word = talk.choose("Details:", _CHOICES)
        match word:
            case "back":
                return None
            case "say":
                _say(talk, form)
                continue
            case "manga":
                _choose_manga(talk, services, form)
                talk.say(f"Manga: {form.details.manga_title}")
            case "groups":
                _choose_groups(talk, services, form)
            case "start":
                plan = _frozen(talk, services, selection, form)
                if plan is not None:
                    return plan
                continue
            case _:
                name = word.replace("-", "_")
                now = form.texts[name]
                such = f", such as {example_time()}" if name == "publish_at" else ""
                typed = talk.ask(
                    f"{_FIELDS[name]}{such}, now {now or 'empty'}. Empty keeps it, a minus sign empties it:"
                )
                if typed:
                    form.set_text(name, "" if typed == "-" else typed)
                    _say_field(talk, form, name)
        _say_findings(talk, form)


def _say(talk: Talk, form: DetailsForm) -> None:
    details, _ = form.read(datetime.now(UTC))
    groups = ", ".join(
        name or group for name, group in zip(details.group_names, details.group_ids, strict=True)
    )
    talk.say(f"Manga: {details.manga_title or details.manga_id or 'none chosen'}")
    talk.say(f"Groups: {groups or 'no group'}")
    for name in _FIELDS:
        if form.texts[name] or name in ("volume", "chapter"):
            _say_field(talk, form, name)
    _say_findings(talk, form)


def _say_field(talk: Talk, form: DetailsForm, name: str) -> None:
    details, _ = form.read(datetime.now(UTC))
    note = tags(form, details).get(name, "")
    talk.say(f"{_FIELDS[name]}: {form.texts[name] or 'none'}" + (f" ({note})" if note else ""))


def _say_findings(talk: Talk, form: DetailsForm) -> None:
    _, findings = form.read(datetime.now(UTC))
    words = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.NOTE: "Note"}
    talk.say_all([f"{words[found.severity]}: {found.message} {found.remedy}" for found in findings])


async def _look_up(services: Services, form: DetailsForm, guess: Guess) -> None:
    """The ids behind names, and the names behind ids, as the details screen does."""
    details = guess.details
    origin = details.origins.get("manga_id", Origin.FILE_NAME)
    found: Result | None = None
    if details.manga_id and not details.manga_title:
        found = (await search_manga(services, details.manga_id))[0]
    elif details.manga_title and not details.manga_id:
        found = await exact_manga(services, details.manga_title)
    if found is not None:
        form.set_manga(found.id, found.name, origin)
    await look_for_namesake(services, form)
    groups = []
    for group in guess.groups:
        same = await exact_group(services, group.name) if not group.id else None
        groups.append(Named(same.id, same.name) if same is not None else group)
    if groups != list(guess.groups):
        form.set_groups(groups, details.origins.get("group_ids", Origin.FILE_NAME))


def _choose_manga(talk: Talk, services: Services, form: DetailsForm) -> None:
    found = _search(talk, services, "Manga, by name, id or link:", search_manga)
    if found is not None:
        form.set_manga(found.id, found.name, Origin.TYPED)


def _choose_groups(talk: Talk, services: Services, form: DetailsForm) -> None:
    form.set_groups([], Origin.TYPED)
    form.no_group = True
    while True:
        found = _search(
            talk, services, "Group, by name, id or link; empty when there is no other:", search_groups
        )
        if found is None:
            return
        form.add_group(found.id, found.name, Origin.TYPED)
        talk.say(f"{found.name} is added.")


def _search(
    talk: Talk,
    services: Services,
    question: str,
    search: Callable[[Services, str], Awaitable[Sequence[Result]]],
) -> Result | None:
    """What was chosen; None when nothing was typed."""

    async def asked(text: str) -> Sequence[Result]:
        return await search(services, text)

    while True:
        text = talk.ask(question)
        if not text:
            return None
        try:
            found = list(asyncio.run(asked(text)))[:9]
        except MangaDexError as error:
            talk.say_all([f"{error.title}.", error.detail, error.remedy])
            continue
        talk.say_all(
            [f"{n}: {one.name}{f', {one.note}' if one.note else ''}" for n, one in enumerate(found, 1)]
        )
        if not found:
            talk.say("Nothing found.")
        elif len(found) == 1 and talk.confirm("Is it this one?"):
            return found[0]
        elif len(found) > 1:
            typed = talk.ask("Number; empty searches again:")
            if typed.isdigit() and 1 <= int(typed) <= len(found):
                return found[int(typed) - 1]


def _frozen(
    talk: Talk, services: Services, selection: ChapterSelection, form: DetailsForm
) -> UploadPlan | None:
    """The plan, if nothing is wrong and what is doubtful is wanted all the same."""
    details, findings = form.read(datetime.now(UTC))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        talk.say_all([f"{finding.message} {finding.remedy}" for finding in errors])
        return None
    talk.say("Asking whether the chapter is there already ...")
    looked = _looked(services, details, selection)
    talk.say_all(looked.lines(cost_of([page.size for page in selection.pages])))
    title, lines = looked.question([f.message for f in findings if f.severity is Severity.WARNING])
    if lines and not talk.confirm(title.rstrip("?") + ": upload it all the same?"):
        return None
    try:
        plan = freeze_plan(selection.source, selection.pages, details, now=datetime.now(UTC))
    except PlanRefused as refused:
        talk.say_all([f"{finding.message} {finding.remedy}" for finding in refused.findings])
        return None
    try:
        learn(services.memory, selection.source, selection.guess, details)
    except StorageError as error:
        talk.say(f"Not remembered for the next chapter: {error.title}")
    return plan


def _looked(services: Services, details: ChapterDetails, selection: ChapterSelection) -> Looked:
    try:
        return Looked(key_of(details), asyncio.run(before_upload(services, details, selection.pages)))
    except MangaDexError as error:
        return Looked(key_of(details), problem=error.in_short)
