"""The details of a chapter, each checked as it is typed and tagged with where its value came from."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.guess import Guess
from tui.chapter.limits import LIMITS
from tui.chapter.publish_time import example_time
from tui.chapter.selection import ChapterSelection
from tui.mangadex.errors import MangaDexError
from tui.screens.details_before import Key, Looked, key_of
from tui.screens.details_form import DetailsDraft, DetailsForm
from tui.screens.details_lookups import find_groups, find_manga, look_for_namesake, used_before
from tui.screens.details_start import DetailsStart
from tui.screens.details_words import sentence
from tui.screens.details_words import tags as tags_of
from tui.text import format_size, plural, safe_text
from tui.upload.before import cost_of
from tui.widgets.bindings import bindings
from tui.widgets.field_row import FieldRow
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.search_box import SearchBox
from tui.widgets.search_results import Result, SearchAnswer

NO_GROUP = Result("", "No group", "for individuals; chosen on purpose")
_REST = 0.5
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "·"}
_ROWS = (
    ("volume", "Volume", ""),
    ("chapter", "Chapter", ""),
    ("title", "Title", "of the chapter; may stay empty"),
    ("language", "Language", "e.g. en, pt-br, Indonesian"),
    ("publish_at", "Publish at", ""),
    ("zone", "Time zone", "e.g. UTC, +02:00 or Europe/Berlin"),
    ("external_url", "Link", "only for official publishers"),
)


class DetailsScreen(DetailsStart):
    """Manga, groups, numbers, title, language, time."""

    PLACE = "Details"
    HELP_TEXT = (
        "What MangaDex wants to know of the chapter. Type a name to search, or paste an id or link. What is "
        "wrong is said below as you type; ctrl+n starts the upload, which publishes nothing yet."
    )
    CSS = """
    DetailsScreen #details { height: 1fr; padding: 1 1 0 1; }
    DetailsScreen #groups-chosen { height: auto; padding: 0 0 0 11; color: $text-accent; display: none; }
    DetailsScreen #details-findings { height: auto; margin: 1 0 0 0; }
    DetailsScreen #details-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("details.*")

    def __init__(self, selection: ChapterSelection, draft: DetailsDraft) -> None:
        """What is typed goes into `draft`, and what is in it comes first."""
        super().__init__()
        self._selection = selection
        self._draft = draft
        self._form = DetailsForm(ChapterDetails())
        self._looked = Looked()
        self._asking: Key = ()
        """What a look is under way for."""
        self._timer: Timer | None = None
        self._typed_over = None
        self._manga = SearchBox(
            "manga", "Manga", self._search_manga, placeholder="name, id or link; ↓ used before"
        )
        self._groups = SearchBox(
            "groups",
            "Groups",
            self._search_groups,
            placeholder="name or link; ↓ also no group",
            keep_text=False,
            first=[NO_GROUP],
        )
        self._rows = {name: FieldRow(name, label, placeholder=hint) for name, label, hint in _ROWS}
        when = self._rows["publish_at"].field
        when.placeholder = f"e.g. {example_time()}"  # what empty means stands beside it

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        with VerticalScroll(id="details", can_focus=False):
            yield self._manga
            yield self._groups
            yield Static(id="groups-chosen")
            yield from self._rows.values()
            yield Static(id="details-findings")
        yield HintLine(id="details-hint")
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        settings = self.dexup.services.settings
        guess = self._selection.guess
        self._form = DetailsForm.start(guess, guess.zone or settings.upload.zone)
        if self._draft.form is not None:
            self._form.carry(self._draft.form)
        self._draft.form = self._form
        for name, row in self._rows.items():
            with self.prevent(Input.Changed):
                row.field.value = self._form.texts[name]
        self._offer_used()
        chosen = "manga_id" in self._form.decided
        self._manga.set_text(self._form.details.manga_title if chosen else guess.details.manga_title)
        self._prefill(guess)
        self._manga.row.field.focus()
        self._show()

    # Filling in what is known or guessed

    @work(exclusive=True, group="prefill", exit_on_error=False)
    async def _prefill(self, guess: Guess) -> None:
        """Look up what was named without an id, and the names behind ids."""
        details = guess.details
        origins = details.origins
        try:
            manga = Named(details.manga_id, details.manga_title)
            if "manga_id" not in self._form.decided:
                await self._look_up_manga(manga, origins.get("manga_id", Origin.FILE_NAME))
            if "group_ids" not in self._form.decided and not self._form.no_group:
                await self._look_up_groups(guess.groups, origins.get("group_ids", Origin.FILE_NAME))
            if "manga_id" not in self._form.decided:
                await look_for_namesake(self.dexup.services, self._form)
        except MangaDexError as error:
            self._manga.row.tag(safe_text(error.in_short), wrong=True)
        self._changed()

    # Typing and choosing

    async def _search_manga(self, text: str, fresh: bool) -> SearchAnswer:
        return await find_manga(self.dexup.services, text, fresh)

    async def _search_groups(self, text: str, fresh: bool) -> SearchAnswer:
        return await find_groups(self.dexup.services, text, fresh)

    @work(thread=True, group="used", exit_on_error=False)
    def _offer_used(self) -> None:
        manga, groups = used_before(self.dexup.services)
        self.app.call_from_thread(self._manga.offer_used, manga)
        self.app.call_from_thread(self._groups.offer_used, groups)

    @on(SearchBox.Chosen)
    def _chosen(self, message: SearchBox.Chosen) -> None:
        message.stop()
        result = message.result
        if message.box is self._manga:
            self._form.set_manga(result.id, result.name, Origin.TYPED)
            self._groups.row.field.focus()
        elif result is NO_GROUP:
            self._take_no_group()
            self._rows["volume"].field.focus()
        elif len(self._form.details.group_ids) >= LIMITS.groups:
            self.notify(f"MangaDex takes {LIMITS.groups} groups at most.", markup=False, severity="warning")
        else:
            self._form.choose_group(result.id, result.name)
        self._changed()

    @on(SearchBox.Edited)
    def _edited(self, message: SearchBox.Edited) -> None:
        """Nothing goes to a title that the field does not show any more."""
        message.stop()
        details = self._form.details
        if message.box is self._manga and details.manga_id:
            origin = details.origins.get("manga_id", Origin.TYPED)
            self._typed_over = Named(details.manga_id, details.manga_title), origin
            self._form.set_manga("", "", Origin.TYPED)
            self._changed()

    @on(SearchBox.Restored)
    def _restored(self, message: SearchBox.Restored) -> None:
        message.stop()
        if message.box is not self._manga:
            return
        if self._typed_over is None:
            self._manga.search_now(self._manga.text)
            return
        manga, origin = self._typed_over
        self._form.set_manga(manga.id, manga.name, origin)
        self._changed()

    @on(SearchBox.Emptied)
    def _emptied(self, message: SearchBox.Emptied) -> None:
        message.stop()
        if message.box is self._groups:
            self._form.drop_group()
            self._changed()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id in self._rows:
            self._form.set_text(event.input.id, event.value)
            self._changed()

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def _changed(self) -> None:
        self._show()
        details, findings = self._form.read(datetime.now(UTC))
        if not details.manga_id or key_of(details) in (self._looked.key, self._asking):
            return
        if any(finding.field in ("manga_id", "chapter", "language") for finding in findings):
            return
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_REST, lambda: self._look(details))

    # Showing

    def _show(self) -> None:
        form = self._form
        details, findings = form.read(datetime.now(UTC))
        tags = tags_of(form, details)
        wrong = {finding.field: finding for finding in reversed(findings)}
        for name, row in self._rows.items():
            finding = wrong.get(name)
            if finding is not None and finding.rule != "sources-differ":
                error = finding.severity is Severity.ERROR
                row.tag(safe_text(finding.message), wrong=error, doubt=not error)
            else:
                row.tag(safe_text(tags.get(name, "")), doubt=finding is not None)
        if details.manga_id:
            source = details.origins.get("manga_id", Origin.TYPED)
            self._manga.row.tag("✓ " + ("chosen" if source is Origin.TYPED else safe_text(tags["manga_id"])))
        chosen = self.query_one("#groups-chosen", Static)
        names = ", ".join(
            safe_text(name or group_id)
            for name, group_id in zip(details.group_names, details.group_ids, strict=True)
        )
        names = names or ("no group, on purpose" if form.no_group else "")
        chosen.update(
            Content(f"✓ {names}   (backspace takes the last one out)" if details.group_ids else f"✓ {names}")
        )
        chosen.display = bool(names)
        self.query_one("#details-findings", Static).update(Content("\n".join(self._lines(findings))))
        self.query_one("#details-hint", HintLine).show(self._hint(findings))

    def _lines(self, findings: list[Finding]) -> list[str]:
        pages = self._selection.pages
        size = format_size(sum(page.size for page in pages))
        first, last = safe_text(pages[0].name), safe_text(pages[-1].name)
        lines = [f"{plural(len(pages), 'page')}, {size}, from {first} to {last}", ""]
        lines += [f"{_MARKS[finding.severity]} {safe_text(sentence(finding))}" for finding in findings]
        return lines + self._looked.lines(cost_of([page.size for page in pages]))

    def _hint(self, findings: list[Finding]) -> str:
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if errors:
            return f"✗ {plural(errors, 'thing')} to fill in or correct before the upload"
        return "Ready: ctrl+n starts the upload; nothing is published before you commit"

    # Moving about

    def _focus(self, field: str | None) -> None:
        if field == "manga_id":
            self._manga.row.field.focus()
        elif field == "group_ids":
            self._groups.row.field.focus()
        elif field in self._rows:
            self._rows[field].field.focus()

    def action_back(self) -> None:
        self.app.pop_screen()
