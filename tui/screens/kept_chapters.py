"""The chapters of one run of the App: what was done with each is there again when one comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textual.app import App

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

    @property
    def prepared(self) -> ChapterWork | None:
        """The last chapter, unless this run has published it: there is nothing left to do with it then."""
        last = self.last
        return last if last is not None and last.source in self._by_source else None

    def put(self, work: ChapterWork) -> None:
        """Keep `work`, and make it the last one unless its place is on the server."""
        self._by_source[work.source] = work
        if not work.is_edit:
            self.last = work

    def published(self, source: Path) -> None:
        """`source` was published: who opens it again finds it as it is on the disk."""
        self._by_source.pop(source, None)


_KEPT: WeakKeyDictionary[App[Any], KeptChapters] = WeakKeyDictionary()


def kept_chapters(app: App[Any]) -> KeptChapters:
    """The chapters kept for this run of the App."""
    return _KEPT.setdefault(app, KeptChapters())
