"""The chapters of one run of the App: what was done with each is there again when one comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from textual.app import App

from tui.upload.view import Phase, UploadView

if TYPE_CHECKING:
    from tui.screens.chapter_work import (
        ChapterWork,  # home asks for the last chapter, and loads no image readers
    )


class KeptChapters:
    """The chapters of one run, by their folder or archive."""

    def __init__(self) -> None:
        self._by_source: dict[Path, ChapterWork] = {}
        self.last: ChapterWork | None = None
        """The chapter that was on the screen last."""

    def get(self, source: Path) -> ChapterWork | None:
        """What was done with `source` so far in this run."""
        return self._by_source.get(source)

    def prepared(self, view: UploadView) -> ChapterWork | None:
        """The last chapter, unless this run has published it: there is nothing left to do with it then."""
        last, plan = self.last, view.plan
        if last is None or (
            view.phase is Phase.COMMITTED and plan is not None and plan.source == last.source
        ):
            return None
        return last

    def put(self, work: ChapterWork) -> None:
        """Keep `work`, and make it the last one unless its place is on the server."""
        self._by_source[work.source] = work
        if not work.is_edit:
            self.last = work


_KEPT: WeakKeyDictionary[App[object], KeptChapters] = WeakKeyDictionary()


def kept_chapters(app: App[object]) -> KeptChapters:
    """The chapters kept for this run of the App."""
    return _KEPT.setdefault(app, KeptChapters())
