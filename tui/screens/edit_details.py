"""The details of a published chapter: saved by one request, or committed together with new pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui.chapter.checks import check_details
from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding, Severity
from tui.chapter.languages import LANGUAGES, parse_language
from tui.chapter.numbers import normalise_number
from tui.chapter.pages import Page
from tui.mangadex.clock import SystemClock
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import Chapter, ChapterMetadata
from tui.screens.base import DexupScreen
from tui.screens.details_lookups import find_groups
from tui.screens.edit_words import changed_pages, chapter_lines, conflict_lines, name_of
from tui.text import plural, safe_text
from tui.upload.editing import OpenedEdit, details_of, freeze_edit
from tui.upload.metadata import ChangedMeanwhile, compare, is_same, merge, metadata_of, save_metadata
from tui.upload.plan import PlanRefused
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.field_row import FieldRow
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.search_box import SearchBox
from tui.widgets.search_results import SearchAnswer

_ROWS = (
    ("volume", "Volume", "empty: not in a volume"),
    ("chapter", "Chapter", "empty: a oneshot"),
    ("title", "Title", "may stay empty"),
    ("language", "Language", "e.g. en, pt-br, Indonesian"),
)


class EditDetailsScreen(DexupScreen):
    """Groups, numbers, title, language. The manga stays; a chapter cannot move to another one."""

    PLACE = "Edit details"
    HELP_TEXT = (
        "What MangaDex says of a published chapter. What you change is listed below; nothing is written before "
        "ctrl+n, and never over what somebody else has changed meanwhile."
    )
    CSS = """
    EditDetailsScreen #edit-details { height: 1fr; padding: 1 1 0 1; }
    EditDetailsScreen #edit-about { height: auto; margin: 0 0 1 0; }
    EditDetailsScreen #edit-groups { height: auto; padding: 0 0 0 11; color: $text-accent; }
    EditDetailsScreen #edit-changes { height: auto; margin: 1 0 0 0; }
    EditDetailsScreen #edit-details-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("edit.save")

    def __init__(
        self,
        edited: OpenedEdit | Chapter,
        pages: Sequence[Page] = (),
        saved: Callable[[Chapter], None] | None = None,
    ) -> None:
        """With an opened edit, `pages` become the chapter's pages. `saved` is told what a chapter became."""
        super().__init__()
        self._opened = edited if isinstance(edited, OpenedEdit) else None
        self._chapter = edited.chapter if isinstance(edited, OpenedEdit) else edited
        self._pages = tuple(pages)
        self._details = details_of(self._chapter)
        self._saving = False
        self._when_saved = saved
        self._rows = {name: FieldRow(name, label, placeholder=hint) for name, label, hint in _ROWS}
        self._groups = SearchBox(
            "groups", "Groups", self._search_groups, placeholder="name, id or link", keep_text=False
        )

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        with VerticalScroll(id="edit-details", can_focus=False):
            yield Static(id="edit-about")
            if self._opened is None:
                yield self._groups
            yield Static(id="edit-groups")
            yield from self._rows.values()
            yield Static(id="edit-changes")
        yield HintLine(id="edit-details-hint")
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        self._say_about()
        self._fill()
        self._rows["volume"].field.focus()
        self._show()

    def _say_about(self) -> None:
        """The chapter as the server has it."""
        self.query_one("#edit-about", Static).update(Content("\n".join(chapter_lines(self._chapter))))

    def update_title(self, more: str = "") -> None:
        super().update_title(more or name_of(self._chapter))

    def _fill(self) -> None:
        """The fields as the details are."""
        for name, row in self._rows.items():
            with self.prevent(Input.Changed):
                row.field.value = getattr(self._details, name) or ""

    # Typing

    async def _search_groups(self, text: str, fresh: bool) -> SearchAnswer:
        return await find_groups(self.dexup.services, text, fresh)

    @on(SearchBox.Chosen)
    def _group_chosen(self, message: SearchBox.Chosen) -> None:
        message.stop()
        found = message.result
        if found.id not in self._details.group_ids:
            self._details = replace(
                self._details,
                group_ids=(*self._details.group_ids, found.id),
                group_names=(*self._details.group_names, found.name),
            )
        self._show()

    @on(SearchBox.Emptied)
    def _group_dropped(self, message: SearchBox.Emptied) -> None:
        message.stop()
        self._details = replace(
            self._details,
            group_ids=self._details.group_ids[:-1],
            group_names=self._details.group_names[:-1],
        )
        self._show()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def _read(self) -> tuple[ChapterDetails, list[Finding]]:
        """The details that the form stands for, and what is wrong with them."""
        texts = {name: row.field.value.strip() for name, row in self._rows.items()}
        numbers: dict[str, str | None] = {}
        for name in ("volume", "chapter"):
            try:
                numbers[name] = normalise_number(texts[name]) if texts[name] else None
            except ValueError:
                numbers[name] = texts[name]  # the check below says what is wrong with it
        language = texts["language"]
        details = replace(
            self._details,
            volume=numbers["volume"],
            chapter=numbers["chapter"],
            title=texts["title"] or None,
            language=parse_language(language) or language,
        )
        return details, check_details(details, now=datetime.now(UTC))

    # Showing

    def _show(self) -> None:
        details, findings = self._read()
        wrong = {finding.field: finding for finding in reversed(findings)}
        for name, row in self._rows.items():
            finding = wrong.get(name)
            if finding is not None:
                error = finding.severity is Severity.ERROR
                row.tag(safe_text(f"{finding.message} {finding.remedy}"), wrong=error, doubt=not error)
            else:
                row.tag(LANGUAGES.get(details.language, "") if name == "language" else "")
        pairs = zip(details.group_names, details.group_ids, strict=True)
        names = ", ".join(safe_text(name or group_id) for name, group_id in pairs) or "no group"
        more = "   (backspace takes the last one out)" if self._opened is None and details.group_ids else ""
        if self._opened is not None:
            more = "   (groups are changed with the details alone)"
        self.query_one("#edit-groups", Static).update(Content(f"✓ {names}{more}"))
        self.query_one("#edit-changes", Static).update(Content("\n".join(self._changes(details, findings))))
        self.query_one("#edit-details-hint", HintLine).show(self._hint(details, findings))

    def _changes(self, details: ChapterDetails, findings: list[Finding]) -> list[str]:
        before = self._chapter.metadata
        found = compare(before, metadata_of(details), before)
        lines = [f"  {one.field}: {safe_text(one.theirs)} → {safe_text(one.mine)}" for one in found]
        if self._opened is not None:
            lines.append(f"  pages: {changed_pages(self._opened, self._pages)}")
        lines = ["Changes:", *lines] if lines else ["Nothing is changed yet."]
        groups = [finding for finding in findings if finding.field == "group_ids"]
        return [*lines, *(safe_text(f"! {finding.message} {finding.remedy}") for finding in groups)]

    def _hint(self, details: ChapterDetails, findings: list[Finding]) -> str:
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if self._saving:
            return "Saving…"
        if errors:
            return f"✗ {plural(errors, 'thing')} to correct first"
        if self._opened is not None:
            return "ctrl+n sends the new pages; the chapter changes with the commit and not before"
        if is_same(self._chapter.metadata, metadata_of(details)):
            return "Change a field; ctrl+n shows the changes and saves"
        return "ctrl+n asks once more, then saves"

    # Saving

    def action_save(self) -> None:
        details, findings = self._read()
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if errors:
            row = self._rows.get(errors[0].field or "")
            if row is not None:
                row.field.focus()
            self.notify(safe_text(f"{errors[0].message} {errors[0].remedy}"), markup=False, severity="error")
        elif self._opened is not None:
            self._upload(self._opened, details)
        elif is_same(self._chapter.metadata, metadata_of(details)):
            self.notify("Nothing is changed; nothing is sent.", markup=False)
        elif not self._saving:
            self._ask_to_save(details)

    def _ask_to_save(self, details: ChapterDetails) -> None:
        """A chapter that readers see changes at once: not by one key alone."""
        mine, before = metadata_of(details), self._chapter.metadata
        lines = [
            f"{one.field}: {safe_text(one.theirs)} → {safe_text(one.mine)}"
            for one in compare(before, mine, before)
        ]
        question = Confirm("Save these changes?", lines, yes="Save", no="Go back", dangerous=False)
        self.confirm(question, lambda: self._save(mine))

    def _upload(self, opened: OpenedEdit, details: ChapterDetails) -> None:
        services = self.dexup.services
        if services.engine.view.active:
            self.notify("Another upload is under way.", markup=False, severity="warning")
            return
        try:
            plan = freeze_edit(opened, self._pages, details, now=datetime.now(UTC))
        except PlanRefused as refused:
            self.notify(safe_text(refused.findings[0].message), markup=False, severity="error")
            return
        services.engine.start_upload(plan, account=services.account)
        self.dexup.show_upload()

    @work(exclusive=True, group="save", exit_on_error=False)
    async def _save(self, mine: ChapterMetadata) -> None:
        read, clock = self._chapter, SystemClock()
        self._saving = True
        self._show()
        try:
            saved = await self.dexup.services.engine.ask(
                lambda client: save_metadata(client, clock, read, mine)
            )
        except ChangedMeanwhile as changed:
            self._saving = False
            self._show()
            self._ask_about(read, mine, changed.now)
            return
        except MangaDexError as error:
            self._saving = False
            self._show()
            self.show_error(error)
            return
        self._saving = False
        self._chapter = replace(saved, manga_title=read.manga_title)
        self.app.notify(f"Saved: {name_of(self._chapter)}", markup=False)
        if self._when_saved is not None:
            self._when_saved(self._chapter)
        self.app.pop_screen()

    def _ask_about(self, read: Chapter, mine: ChapterMetadata, now: Chapter) -> None:
        choices = [
            ("look", "Show it as it is now, and throw my changes away"),
            ("merge", "Keep both: my changes in what it says now"),
            ("mine", "Mine: overwrite everything that differs"),
        ]
        lines = conflict_lines(read.metadata, mine, now.metadata)

        def chosen(choice: str | None) -> None:
            if choice is None:
                return
            self._chapter = now
            self._say_about()
            wanted = {
                "look": now.metadata,
                "merge": merge(read.metadata, mine, now.metadata),
                "mine": mine,
            }[choice]
            self._details = replace(
                details_of(now),
                volume=wanted.volume,
                chapter=wanted.chapter,
                title=wanted.title,
                language=wanted.language,
                group_ids=wanted.group_ids,
                group_names=wanted.group_names or ("",) * len(wanted.group_ids),
            )
            self._fill()
            self._show()
            if choice != "look":
                self._save(wanted)

        self.app.push_screen(Choose("The chapter was changed meanwhile", choices, lines), chosen)
