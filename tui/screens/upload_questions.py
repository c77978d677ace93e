"""Questions about an upload that only the user can answer: a session in the way, a chapter that was changed."""

from __future__ import annotations

from textual import work

from tui.mangadex.errors import MangaDexError
from tui.screens.base import DexupScreen, error_lines
from tui.screens.edit_words import conflict_lines
from tui.screens.session_state import read_session_state
from tui.text import plural
from tui.upload.editing import rebase_edit
from tui.upload.metadata import merge, metadata_of
from tui.upload.options import OnSession
from tui.upload.plan import UploadPlan
from tui.upload.reconcile import match_files
from tui.upload.view import UploadView
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm


class UploadQuestions(DexupScreen):
    """A screen that puts them, and starts the upload as they were answered."""

    def started(self) -> None:
        """An upload was started."""

    def start_plan(self, plan: UploadPlan, on_session: OnSession) -> None:
        """Start the upload of `plan`."""
        services = self.dexup.services
        services.engine.start_upload(plan, on_session=on_session, account=services.account)
        self.started()

    # A chapter that somebody changed while its pages were edited

    @work(exclusive=True, group="session", exit_on_error=False)
    async def ask_about_change(self, view: UploadView) -> None:
        plan = view.plan
        assert plan is not None and plan.edit is not None
        before, chapter_id = plan.edit.before, plan.edit.chapter_id
        try:
            now = await self.dexup.services.engine.ask(lambda client: client.chapter(chapter_id))
        except MangaDexError as error:
            self.show_error(error)
            return
        mine = metadata_of(plan.details)
        choices = [
            ("leave", "Leave it alone; the session is kept"),
            ("merge", "My pages, and my changes in what it says now"),
            ("mine", "My pages, and the details as I wrote them"),
        ]
        wanted = {"merge": merge(before, mine, now.metadata), "mine": mine}

        def chosen(choice: str | None) -> None:
            if choice in wanted:
                self.start_plan(rebase_edit(plan, now, wanted[choice]), OnSession.RESUME)

        lines = conflict_lines(before, mine, now.metadata)
        self.app.push_screen(Choose("The chapter was changed meanwhile", choices, lines), chosen)

    # A session that is in the way

    @work(exclusive=True, group="session", exit_on_error=False)
    async def ask_about_session(self, view: UploadView) -> None:
        plan = view.plan
        assert plan is not None
        lines: list[str] = []
        strangers = 0
        try:
            state = await read_session_state(self.dexup.services)
        except MangaDexError as error:
            lines = error_lines(error)
        else:
            if state.session is None:
                lines = ["It is gone by now."]
            else:
                session = state.session
                strangers = len(match_files(plan.pages, session.files).strangers)
                groups = ", ".join(name or "?" for name in session.group_names) or "no group"
                began = f", begun {session.created_at:%Y-%m-%d %H:%M} UTC" if session.created_at else ""
                lines = [
                    f"{session.manga_title or session.manga_id} · {groups}{began}",
                    f"{plural(len(session.files), 'file')} on the server",
                    f"begun on this machine from {state.entry.plan.source}"
                    if state.entry is not None
                    else "not begun on this machine",
                ]
        choices = [
            ("leave", "Leave it alone"),
            (
                "resume",
                f"Resume it: {plural(strangers, 'file')} there to be deleted, for no page"
                if strangers
                else "Resume it: what it holds already is not sent again",
            ),
            ("abandon", "Abandon it and begin anew (asks once more)"),
        ]
        dialog = Choose("The account has an upload session open already", choices, lines)
        self.app.push_screen(dialog, lambda choice: self._session_chosen(choice, plan, lines, strangers))

    def _session_chosen(self, choice: str | None, plan: UploadPlan, lines: list[str], strangers: int) -> None:
        if choice == "resume" and strangers:
            dialog = Confirm(
                f"Delete {plural(strangers, 'file')} of that upload session?",
                [*lines, "", f"{plural(strangers, 'file')} in it match no page of this chapter."],
                yes="Delete and go on",
                no="Leave it alone",
            )
            self.confirm(dialog, lambda: self.start_plan(plan, OnSession.RESUME))
        elif choice == "resume":
            self.start_plan(plan, OnSession.RESUME)
        elif choice == "abandon":
            dialog = Confirm(
                "Abandon that upload session?",
                [*lines, "", "Its files on the server will be deleted."],
                yes="Abandon it",
                no="Keep it",
            )
            self.confirm(dialog, lambda: self.start_plan(plan, OnSession.ABANDON))
