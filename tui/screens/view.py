"""The pages themselves: large, in pairs, or all at a glance. Opened from the page list and gone back from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult

from tui.chapter.pages import Page
from tui.screens.base import DexupScreen
from tui.widgets.key_line import KeyLine
from tui.widgets.page_viewer import Mode, PageViewer
from tui.widgets.pictures import HALF_BLOCKS, Graphics


class ViewScreen(DexupScreen):
    """Shows the pages that it is given; the page list follows to where it is left."""

    PLACE = "View"
    HELP_TEXT = (
        "The pages as they will be read. Arrows turn pages, or move about in a page that is enlarged; two pages"
        " face each other from right to left."
    )
    CSS = """
    ViewScreen PageViewer { height: 1fr; }
    """

    def __init__(
        self,
        pages: Sequence[Page],
        index: int,
        left_at: Callable[[Page], None],
        graphics: Graphics = HALF_BLOCKS,
    ) -> None:
        """`left_at` is told the page that was looked at last."""
        super().__init__()
        self._viewer = PageViewer(pages, index, graphics)
        self._count = len(pages)
        self._left_at = left_at

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield self._viewer
        yield KeyLine()

    def on_mount(self) -> None:
        self._viewer.focus()

    @on(PageViewer.Stepped)
    def _stepped(self, message: PageViewer.Stepped) -> None:
        message.stop()
        self.update_title(self._where())

    def on_screen_resume(self) -> None:
        self.update_title(self._where())

    def _where(self) -> str:
        viewer = self._viewer
        number = viewer.index + 1
        if viewer.mode is Mode.TWO and number < self._count:
            return f"pages {number} and {number + 1} of {self._count}"
        zoom = f", {viewer.zoom} times as large" if viewer.zoom > 1 else ""
        return f"page {number} of {self._count}{zoom}"

    def on_unmount(self) -> None:
        self._left_at(self._viewer.page)
