"""From the details to the upload: what the service knows of the chapter already, and the questions before it starts."""

from __future__ import annotations

from datetime import UTC, datetime

from textual import work
from textual.timer import Timer

from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Severity
from tui.mangadex.errors import MangaDexError
from tui.screens.details_before import Key, Looked, key_of
from tui.screens.details_lookups import before_upload
from tui.screens.details_sources import DetailsSources
from tui.screens.details_words import sentence
from tui.storage.errors import StorageError
from tui.text import safe_text
from tui.upload.known import learn
from tui.upload.plan import PlanRefused, freeze_plan
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.hint_line import HintLine
from tui.widgets.search_box import SearchBox


class DetailsStart(DetailsSources):
    """What DetailsScreen does to look ahead, and to start."""

    _groups: SearchBox
    _looked: Looked
    _asking: Key
    """What a look is under way for."""
    _timer: Timer | None

    def _show(self) -> None:
        raise NotImplementedError

    def _focus(self, field: str | None) -> None:
        raise NotImplementedError

    # Is it there already?

    @work(exclusive=True, group="before", exit_on_error=False)
    async def _look(self, details: ChapterDetails) -> None:
        await self._ask_before(details)
        self._show()

    async def _ask_before(self, details: ChapterDetails) -> None:
        """Is it there already? What was known of other details does not count any more."""
        self._looked, self._asking = Looked(), key_of(details)
        try:
            before = await before_upload(self.dexup.services, details, self._selection.pages)
        except MangaDexError as error:
            self._looked = Looked(key_of(details), problem=error.in_short)
        else:
            self._looked = Looked(key_of(details), before)
        finally:
            self._asking = ()

    # Starting

    def action_upload(self) -> None:
        engine = self.dexup.services.engine
        if engine.view.active:
            self.notify("Another upload is under way.", markup=False, severity="warning")
            return
        _, findings = self._form.read(datetime.now(UTC))
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if errors:
            self._focus(errors[0].field)
            self.notify(safe_text(sentence(errors[0])), markup=False, severity="error")
            return
        self._go_on()

    @work(exclusive=True, group="before", exit_on_error=False)
    async def _go_on(self) -> None:
        """Ask what is not known yet, then the person, then start."""
        if self._timer is not None:
            self._timer.stop()
        details, findings = self._form.read(datetime.now(UTC))
        if not details.group_ids and not self._form.no_group:
            self._ask_for_group(
                [f.message for f in findings if f.field == "group_ids" and f.rule != "no-group"]
            )
            return
        if not self._looked.holds_for(details):
            self.query_one("#details-hint", HintLine).show("Asking whether the chapter is there already…")
            await self._ask_before(details)
            self._show()
        warnings = [f.message for f in findings if f.severity is Severity.WARNING]
        title, lines = self._looked.question(warnings)
        if not lines:
            self._start()
            return
        same = bool(self._looked.before.same or self._looked.before.sent)
        yes = "Upload it once more" if same else "Upload"
        self.confirm(Confirm(title, lines, yes=yes, no="Go back", dangerous=same), self._start)

    def _ask_for_group(self, doubts: list[str]) -> None:
        """No group is a decision, never what is left over."""
        choices = [("name", "Go back and name the group"), ("none", "No group: I made this alone")]
        rule = "Every group that took part must be credited. Without one the chapter stands under “No Group”."
        lines = [*(safe_text(doubt) for doubt in doubts), rule]

        def chosen(choice: str | None) -> None:
            if choice == "none":
                self._take_no_group()
                self._go_on()
            else:
                self._groups.row.field.focus()

        self.app.push_screen(Choose("No group is named", choices, lines), chosen)

    def _take_no_group(self) -> None:
        self._form.no_group, self._form.unknown_groups = True, ()
        while self._form.details.group_ids:
            self._form.drop_group()
        self._changed()

    def _start(self) -> None:
        services = self.dexup.services
        now = datetime.now(UTC)
        details, _ = self._form.read(now)
        try:
            plan = freeze_plan(self._selection.source, self._selection.pages, details, now=now)
        except PlanRefused as refused:
            self.notify(safe_text(refused.findings[0].message), markup=False, severity="error")
            return
        self._remember(details)
        services.engine.start_upload(plan, account=services.account)
        self.dexup.show_upload()

    @work(thread=True, group="remember", exit_on_error=False)
    def _remember(self, details: ChapterDetails) -> None:
        services = self.dexup.services
        try:
            selection = self._selection
            learn(services.memory, selection.source, selection.guess, details, self._form.settled)
            if details.publish_at is not None:
                services.keep_zone(self._form.texts["zone"].strip())
        except StorageError as error:
            services.problems.append(f"Not remembered for the next chapter: {error}")
