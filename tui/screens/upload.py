"""The upload, live. It shows the engine's view and events and gives commands; it holds no upload state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.mangadex.pace import limit_words, read_kbit
from tui.screens.history_rows import LINK
from tui.screens.terms import consent_line, show_terms, standing_consent
from tui.screens.upload_questions import UploadQuestions
from tui.screens.upload_words import panel_lines, publish_lines, status_line
from tui.storage.consent import TERMS
from tui.storage.errors import StorageError
from tui.storage.files import write_private
from tui.text import plural, safe_text
from tui.upload.describe import describe
from tui.upload.events import BytesSent, Event, PageAccepted
from tui.upload.exits import Exit
from tui.upload.ledger_entry import PageState
from tui.upload.options import OnSession
from tui.upload.plan import UploadPlan, plan_without
from tui.upload.view import ENDED, Phase, UploadView
from tui.widgets.bindings import bindings
from tui.widgets.dialogs import Confirm
from tui.widgets.entry_bar import EntryBar
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.outside import copied
from tui.widgets.prompt import Prompt
from tui.widgets.upload_log import UploadLog
from tui.widgets.upload_progress import UploadProgress

_LOOKS = 4.0
"""Times a second that the engine is looked at; half of that over SSH."""
_RUNNING = frozenset({Phase.CHECKING, Phase.SENDING, Phase.WAITING, Phase.PAUSED, Phase.RECONCILING})


class UploadScreen(UploadQuestions):
    """Progress, what it waits for, the log, and the commit."""

    PLACE = "Upload"
    SHOWS_WAITS = True
    HELP_TEXT = (
        "Pages go up in batches; nothing is published before you commit. Leaving this screen does not stop "
        "the upload; stopping keeps the session, so that it can go on later."
    )
    CSS = """
    UploadScreen #upload-status { height: 2; padding: 0 1; color: $foreground; text-style: bold; }
    UploadScreen #upload-panel { height: auto; max-height: 12; padding: 0 1; margin: 1 0; display: none; }
    UploadScreen #upload-panel.-shown { display: block; }
    UploadScreen #upload-log { height: 1fr; min-height: 3; margin: 1 0 0 0; }
    """
    BINDINGS = bindings("upload.*")

    def __init__(self) -> None:
        super().__init__()
        self._progress = UploadProgress(id="upload-progress")
        self._log = UploadLog(id="upload-log")
        self._filter = EntryBar("Filter the log", id="upload-filter")
        self._asked_about = ""
        """Session for which the question was put already, so that it is put once."""
        self._last_phase = Phase.IDLE
        self._panel: list[str] = []

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield HintLine(id="upload-status")
        yield self._progress
        yield Static(id="upload-panel")
        yield self._log
        yield self._filter
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        rate = _LOOKS / 2 if self.dexup.over_ssh() else _LOOKS
        self.set_interval(1 / rate, self._look)
        self._log.focus()
        self._add_to_log(self.dexup.services.engine.replay())
        self._look()

    # Looking at the engine

    def _look(self) -> None:
        engine = self.dexup.services.engine
        self._add_to_log(engine.drain())
        view = engine.view
        self._progress.show(view)
        self.query_one("#upload-status", HintLine).show(
            status_line(view, time.time(), self.dexup.services.limit_kbit)
        )
        proof = engine.follow_up.known.get(view.plan.id) if view.plan is not None else None
        panel = panel_lines(view, proof, time.time())
        if panel != self._panel:
            self._panel = panel
            shown = self.query_one("#upload-panel", Static)
            shown.update(Content("\n".join(panel)))
            shown.set_class(bool(panel), "-shown")
        if view.phase is not self._last_phase:
            self._phase_changed(view)

    def _add_to_log(self, events: Sequence[Event]) -> None:
        self._log.add(_log_line(event) for event in events if not isinstance(event, BytesSent | PageAccepted))

    def _phase_changed(self, view: UploadView) -> None:
        self._last_phase = view.phase
        self.refresh_bindings()
        found, failure = view.found, view.failure
        in_the_way = failure is not None and failure.exit_code == Exit.SESSION_OPEN and found is not None
        if in_the_way and found is not None and found.session_id != self._asked_about:
            self._asked_about = found.session_id
            self.ask_about_session(view)

        if failure is not None and failure.conflict:
            self.ask_about_change(view)

    def started(self) -> None:
        self._asked_about = ""
        self._look()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        view = self.dexup.services.engine.view
        # Dimmed while it may still come, so that the footer stays still; gone when nothing is under way.
        no = False if view.phase in ENDED else None
        match action:
            case "pause":
                return True if view.phase in _RUNNING or view.paused else no
            case "stop":
                return True if view.phase in _RUNNING or view.phase is Phase.READY else no
            case "retry_now":
                return True if view.phase not in (Phase.SENDING, Phase.COMMITTED, Phase.READY) else no
            case "commit":
                return True if view.phase is Phase.READY else no
            case "exclude_refused":
                return view.phase is Phase.FAILED and _refused(view) != ()
            case "next_chapter" | "copy_link":
                return view.phase is Phase.COMMITTED
            case "log_in":
                return view.phase is Phase.FAILED and not self.dexup.services.engine.view.active
        return True

    def action_pause(self) -> None:
        engine = self.dexup.services.engine
        if engine.view.paused:
            engine.go_on()
        else:
            engine.pause()

    def action_retry_now(self) -> None:
        engine = self.dexup.services.engine
        view = engine.view
        if view.phase is Phase.WAITING:
            if view.waiting is not None and not view.waiting.can_retry_now:
                self.notify("The service set this time; trying earlier would make it longer.", markup=False)
            engine.retry_now()
        elif view.phase is Phase.FAILED and view.failure is not None and view.failure.conflict:
            self.ask_about_change(view)
        elif view.phase is Phase.FAILED and _refused(view):
            engine.retry_pages(_refused(view))
        elif view.phase in (Phase.FAILED, Phase.STOPPED, Phase.UNKNOWN) and view.plan is not None:
            self._resume(view.plan)

    @work(exclusive=True, group="resume", exit_on_error=False)
    async def _resume(self, plan: UploadPlan) -> None:
        services = self.dexup.services
        entries = await asyncio.wrap_future(services.engine.records.unfinished())
        entry = next((entry for entry in entries if entry.plan.id == plan.id), None)
        if services.engine.view.active:
            return
        if not services.account:
            self.dexup.show_login()
        elif entry is not None and entry.session_id:
            services.engine.resume(entry, account=services.account)
        else:
            self.start_plan(plan, OnSession.FAIL)

    def action_exclude_refused(self) -> None:
        view = self.dexup.services.engine.view
        plan, refused = view.plan, _refused(view)
        if plan is None or not refused:
            return
        if len(refused) == len(plan.pages):
            self.notify("No page would be left.", markup=False, severity="warning")
            return
        names = [f"page {p}: {safe_text(plan.pages[p - 1].name)}" for p in refused]
        smaller = plan_without(plan, refused, now=datetime.now(UTC))
        dialog = Confirm(
            f"Upload without {plural(len(refused), 'page')}?", names, yes="Leave out", no="Go back"
        )
        self.confirm(dialog, lambda: self.start_plan(smaller, OnSession.RESUME))

    def action_stop(self) -> None:
        view = self.dexup.services.engine.view
        lines = [
            f"{view.accepted_count} of {plural(len(view.pages), 'page')} are on the server and stay there.",
            "The upload session is kept; r goes on from there.",
        ]
        dialog = Confirm("Stop the upload?", lines, yes="Stop", no="Go on uploading", dangerous=False)
        self.confirm(dialog, self.dexup.services.engine.stop)

    def action_commit(self) -> None:
        view = self.dexup.services.engine.view
        if view.phase is not Phase.READY or view.plan is None:
            return
        lines = [
            *publish_lines(view.plan),
            "",
            f"Upload terms: {TERMS}",
        ]
        consent = standing_consent(self.dexup.services)
        if consent is None:
            lines.append(
                "By committing you accept them for this chapter. (On the upload screen, t accepts them for some days.)"
            )
            yes = "Accept the terms and commit"
        else:
            lines.append(f"{consent_line(consent)} (On the upload screen, t takes that back.)")
            yes = "Commit"
        title = "Publish this chapter?" if view.plan.edit is None else "Change this published chapter?"
        dialog = Confirm(title, lines, yes=yes, no="Not yet", dangerous=False)
        self.confirm(dialog, lambda: self.dexup.services.engine.commit(terms_accepted=True))

    def action_terms(self) -> None:
        show_terms(self)

    def action_limit(self) -> None:
        services = self.dexup.services
        dialog = Prompt(
            "Bandwidth of the upload",
            [
                f"It is {limit_words(services.limit_kbit)}.",
                "In kilobits a second; empty for no cap.",
                "limit_kbit below [upload] in the settings caps each start.",
            ],
            placeholder="2000",
            validate=_limit_problem,
        )

        def typed(text: str | None) -> None:
            if text is not None:
                services.set_limit(read_kbit(text))
                self._look()

        self.app.push_screen(dialog, typed)

    def action_next_chapter(self) -> None:
        self.dexup.show_chapter()

    def action_log_in(self) -> None:
        self.dexup.show_login()

    def action_copy_link(self) -> None:
        chapter_id = self.dexup.services.engine.view.chapter_id
        if chapter_id:
            link = LINK + safe_text(chapter_id)
            self.notify(copied(self.app, link, link), markup=False)

    def action_back(self) -> None:
        if self.dexup.services.queue.running:
            self.dexup.show_queue()
            return
        view = self.dexup.services.engine.view
        if view.phase in _RUNNING and not view.paused:
            self.notify("The upload goes on; r on the start screen comes back here.", markup=False)
        self.dexup.show_session()

    # The log

    def action_filter_log(self) -> None:
        self._filter.open()

    @on(EntryBar.Typed)
    def _filter_typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        self._log.set_filter(message.text)

    @on(EntryBar.Closed)
    def _filter_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if not message.kept or not message.text:
            self._filter.close()
            self._log.set_filter("")
        self._log.focus()

    def action_copy_log(self) -> None:
        text = self.dexup.services.redact(self._log.text)
        self.notify(
            copied(self.app, text, f"the log, {plural(len(text.splitlines()), 'line')}"), markup=False
        )

    @work(exclusive=True, group="save", exit_on_error=False)
    async def action_save_log(self) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = self.dexup.services.paths.state / f"upload-{stamp}.log"
        text = self.dexup.services.redact(self._log.text)
        try:
            await asyncio.to_thread(write_private, path, f"{text}\n".encode("utf-8", "backslashreplace"))
        except StorageError as error:
            self.notify(f"The log was not saved: {safe_text(error)}", markup=False, severity="error")
        else:
            self.notify(f"The log is in {safe_text(path)}", markup=False, timeout=10)


def _refused(view: UploadView) -> tuple[int, ...]:
    return tuple(page.position for page in view.pages if page.state is PageState.REFUSED)


def _limit_problem(text: str) -> str:
    try:
        read_kbit(text)
    except ValueError as error:
        return str(error)
    return ""


def _log_line(event: Event) -> str:
    return f"{datetime.fromtimestamp(event.at, UTC):%H:%M:%S}  {describe(event)}"
