"""What keys and findings do to the chapter on the chapter screen: fixes, mending, joining, replacing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from textual import on

from tui.chapter.findings import Finding
from tui.chapter.fixes import Join, Lighten, Look, Mend, MendAll
from tui.chapter.mending.recipes import BY_NAME
from tui.chapter.mending.workshop import Mended, saving
from tui.chapter.order import PageOrder
from tui.chapter.pages import Page
from tui.chapter.places import complete_path, nearest_folder
from tui.screens.base import DexupScreen
from tui.screens.chapter_work import ChapterWork
from tui.text import plural, safe_text
from tui.widgets.chapter_reader import ChapterReader
from tui.widgets.dialogs import Confirm
from tui.widgets.file_browser import FileBrowser
from tui.widgets.findings_panel import FindingsPanel
from tui.widgets.names import steady_text
from tui.widgets.page_mender import PageMender
from tui.widgets.page_table import PageTable
from tui.widgets.prompt import Prompt


class ChapterChanges(DexupScreen):
    """Base of the chapter screen, which makes the widgets. Every change here is one step of undo."""

    pages: PageTable
    _findings: FindingsPanel
    _reader: ChapterReader
    _mender: PageMender
    _work: ChapterWork | None

    def take(self, path: Path) -> None:
        """Read `path` as the chapter."""
        raise NotImplementedError

    def _tell(self, text: str) -> None:
        raise NotImplementedError

    def action_view(self) -> None:
        """Look at the page under the cursor, large."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self._work = None
        self._of_change = ""
        """What is to be said of the change that is on its way."""

    def _change(self, order: PageOrder, said: str) -> None:
        """Make it the order, and say what was done."""
        if order is self.pages.order:
            self._tell(safe_text(said))
        else:
            self._of_change = safe_text(said)
            self.pages.change(order)

    # What findings suggest

    @on(FindingsPanel.ExcludeWanted)
    def _exclude_wanted(self, message: FindingsPanel.ExcludeWanted) -> None:
        message.stop()
        if self._work is not None:
            self.pages.change(self._work.order.toggle_excluded({message.key}))

    @on(PageTable.FixWanted)
    def _page_fix_wanted(self, message: PageTable.FixWanted) -> None:
        message.stop()
        of_page = [one for one in self._findings.findings if one.page == message.key]
        self._apply(next((one for one in of_page if one.fix is not None), of_page[0] if of_page else None))

    @on(FindingsPanel.FixWanted)
    def _fix_wanted(self, message: FindingsPanel.FixWanted) -> None:
        message.stop()
        self._apply(message.finding)

    def _apply(self, finding: Finding | None) -> None:
        if finding is None:
            self._tell("Nothing was found about this page.")
        elif finding.fix is None:
            self._tell(safe_text(f"{finding.message} {finding.remedy}"))
        elif self._work is None:
            return
        elif isinstance(finding.fix, Look):
            self._tell(safe_text(f"{finding.message} {finding.remedy}"))
            self.pages.go_to_page(finding.fix.key)
            self.action_view()
        elif isinstance(finding.fix, Mend):
            self._mend(finding.fix, finding.rule)
        elif isinstance(finding.fix, MendAll):
            pages = self._included(finding.fix.keys)
            self._mender.mend_all(self._work.source, BY_NAME[finding.fix.recipe], pages)
        elif isinstance(finding.fix, Lighten):
            self._mender.lighten(self._work.source, self._work.order.included)
        elif isinstance(finding.fix, Join):
            self._mender.join(self._work.source, self._included(finding.fix.keys))
        else:
            self._change(finding.fix.apply(self._work.order), f"{finding.fix.label}: done. u takes it back.")

    def _included(self, keys: Collection[str]) -> list[Page]:
        """Those pages, in their order."""
        assert self._work is not None
        return [page for page in self._work.order.included if page.key in keys]

    # Mending

    def _mend(self, fix: Mend, rule: str) -> None:
        assert self._work is not None
        alike = {one.page for one in self._findings.findings if one.rule == rule}
        pages = self._included({key for key in alike if key is not None})
        page = next(page for page in pages if page.key == fix.key)
        self._mender.mend(self._work.source, BY_NAME[fix.recipe], page, pages)

    @on(PageTable.MendWanted)
    def _mend_wanted(self, message: PageTable.MendWanted) -> None:
        message.stop()
        if self._work is not None:
            chosen = [page for page in self._work.order.pages if page.key in self.pages.chosen]
            self._mender.offer(self._work.source, chosen)

    @on(PageMender.Progress)
    def _mending(self, message: PageMender.Progress) -> None:
        message.stop()
        if self._work is not None and message.source == self._work.source:
            self._tell(f"Mending {message.done + 1} of {message.total}…")

    @on(PageMender.Made)
    def _mended(self, message: PageMender.Made) -> None:
        message.stop()
        if self._work is None or message.source != self._work.source:
            return
        if not message.mended:
            self._put_in_place((), message.failed)
            return

        def answered(yes: bool | None) -> None:
            if self._work is None or self._work.source != message.source:
                return
            if yes:
                self._put_in_place(message.mended, message.failed)
            else:
                self._tell("The pages stay as they are.")

        made = message.mended
        failed = [f"✗ {text}." for text in message.failed]
        if len(made) > 1:
            question = Confirm(
                f"Put {len(made)} mended copies in place? {saving(made)}",
                [*failed, *(mended.summary for mended in made)],
                yes="Put them in place", no="Leave it", dangerous=False,
            )  # fmt: skip
        else:
            question = Confirm(
                "Put the mended copy in place?",
                [*failed, f"before  {made[0].before}", f"after   {made[0].after}"],
                yes="Put it in place", no="Leave it", dangerous=False,
            )  # fmt: skip
        self.app.push_screen(question, answered)

    def _put_in_place(self, made: Sequence[Mended], failed: Sequence[str]) -> None:
        """All that one key did is taken back by one key."""
        assert self._work is not None
        order = self._work.order
        for mended in made:
            order = order.substitute([page.key for page in mended.originals], mended.pages)
        told = [f"{mended.summary}. u takes it back." for mended in made[:1]]
        if len(made) > 1:
            told = [f"{plural(len(made), 'page')} mended: {saving(made)}. u takes it back."]
        told += [f"✗ {text}." for text in failed[:2]]
        if len(failed) > 2:
            told.append(f"✗ {len(failed) - 2} more could not be mended.")
        self._change(self._work.order.became(order), " ".join(told))

    @on(FindingsPanel.UndoWanted)
    def _undo_wanted(self, message: FindingsPanel.UndoWanted) -> None:
        message.stop()
        if message.again:
            self.pages.action_redo()
        else:
            self.pages.action_undo()

    # Joining and replacing

    @on(FileBrowser.Added)
    def _added(self, message: FileBrowser.Added) -> None:
        message.stop()
        if self._work is None:
            self.take(message.path)
        elif message.path == self._work.source:
            self._tell("This is the chapter itself.")
        else:
            self._tell(f"Adding {safe_text(message.path.name)}…")
            self._reader.join(self._work.source, message.path)

    @on(ChapterReader.Joined)
    def _joined(self, message: ChapterReader.Joined) -> None:
        message.stop()
        if self._work is not None and message.source == self._work.source:
            order = self._work.order.append(message.pages)
            before = set(self._work.order.keys)
            added = [key for key in order.keys if key not in before]
            said = f"{plural(len(added), 'page')} of {message.other.name} added at the end"
            if self._work.is_edit and added:
                # In a chapter that is there, new pages have a place to go to.
                self._change(order, f"{said} and marked: m moves them to their place, u takes them out.")
                self.pages.mark_only(added)
            else:
                self._change(order, f"{said}.")
            self._reader.hash(message.source, order.pages)

    @on(PageTable.ReplaceWanted)
    def _replace_wanted(self, message: PageTable.ReplaceWanted) -> None:
        message.stop()
        page, work = message.page, self._work
        if work is None:
            return
        folder = work.source if work.source.is_dir() else work.source.parent
        if work.is_edit:  # its place is on the server
            folder = nearest_folder(self.dexup.services.memory.last_folder() or Path.cwd())

        def typed(path: str | None) -> None:
            if path:
                self._reader.replace(work.source, page.key, (folder / Path(path).expanduser()).absolute())

        title = f"Which file stands in the place of {page.name}?"
        prompt = Prompt(
            title,
            value=f"{steady_text(folder)}/",
            complete=lambda text: complete_path(text, folder, images=True),
        )
        self.app.push_screen(prompt, typed)

    @on(ChapterReader.Replaced)
    def _replaced(self, message: ChapterReader.Replaced) -> None:
        message.stop()
        work = self._work
        if work is None or message.source != work.source:
            return
        before = work.order.known(message.key)
        roots = (before.made_from if before is not None else ()) or (message.key,)
        order = work.order.substitute([message.key], [replace(message.page, made_from=roots)])
        self._change(
            order, f"{message.page.name} stands for {before.name if before else 'it'} now; u undoes it."
        )
        self._reader.hash(message.source, order.pages)

    @on(ChapterReader.NotJoined)
    def _not_joined(self, message: ChapterReader.NotJoined) -> None:
        message.stop()
        self._tell(safe_text(message.text))
