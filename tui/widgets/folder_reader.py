"""Reads folders for the file browser, in threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from tui.chapter.places import (
    Facts,
    Listing,
    Place,
    changed_at,
    complete_path,
    is_there,
    list_folder,
    look_into,
    nearest_folder,
)
from tui.storage.errors import StorageError

_BATCH = 0.25
"""Seconds between two deliveries of what was found inside folders."""


class FolderReader(Widget):
    """Invisible. Its threads only post messages; each job replaces the job of its kind before it."""

    DEFAULT_CSS = "FolderReader { display: none; }"

    @dataclass
    class Listed(Message):
        """A folder was read: the one asked for, or the nearest above it that is there."""

        listing: Listing
        cursor: Path | None
        starred: frozenset[Path]

    @dataclass
    class LookedInto(Message):
        """What is inside some folders; `then` is to be opened now that it is known."""

        facts: dict[Path, Facts]
        then: Place | None = None

    @dataclass
    class Completed(Message):
        """What a typed path can go on with."""

        typed: str
        text: str
        names: tuple[str, ...]

    @dataclass
    class Recent(Message):
        """The recent places that still exist, and the folder that was looked through last; with `go_to_last`, that
        one is to be shown."""

        places: list[Path]
        starred: list[Path]
        last: Path | None
        go_to_last: bool

    @dataclass
    class Found(Message):
        """A path that was typed, and what is there; with `take`, it is to be taken as a chapter."""

        path: Path
        is_folder: bool
        exists: bool
        take: bool

    @dataclass
    class Starred(Message):
        """A place was marked, or is not any more; or why not. `starred` are all of them, None when that is not
        known."""

        text: str
        starred: frozenset[Path] | None = None

    @dataclass
    class Changed(Message):
        """Something was added to the folder, or taken away, since it was read."""

        folder: Path

    @dataclass
    class Failed(Message):
        """A thread ended in a way nobody expected."""

        text: str

    def __init__(
        self,
        recent: Callable[[], list[Path]],
        starred: Callable[[], list[Path]],
        toggle_star: Callable[[Path], bool],
        last: Callable[[], Path | None],
    ) -> None:
        super().__init__()
        self._recent = recent
        self._starred = starred
        self._toggle_star = toggle_star
        self._last = last
        self._stamp: tuple[Path, int] | None = None
        """The folder that is shown, and when it changed last."""

    @work(thread=True, exclusive=True, group="listing", exit_on_error=False)
    def read_folder(self, folder: Path, hidden: bool, cursor: Path | None) -> None:
        """Answers with Listed."""
        worker = get_current_worker()
        nearest = nearest_folder(folder)
        before = changed_at(nearest)
        listing = list_folder(nearest, hidden=hidden, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self._stamp = (nearest, before) if listing.folder == nearest else None
            self.post_message(self.Listed(listing, cursor, frozenset(self._starred())))

    @work(thread=True, exclusive=True, group="watch", exit_on_error=False)
    def look_for_changes(self) -> None:
        """Answers with Changed when the folder is not as it was read."""
        stamp = self._stamp
        if stamp is not None and changed_at(stamp[0]) != stamp[1] and stamp == self._stamp:
            self._stamp = None
            self.post_message(self.Changed(stamp[0]))

    @work(thread=True, exclusive=True, group="star", exit_on_error=False)
    def star(self, place: Path) -> None:
        """Answers with Starred."""
        try:
            marked = self._toggle_star(place)
        except (StorageError, OSError) as error:
            self.post_message(self.Starred(f"The mark could not be saved: {error}"))
            return
        text = "★ marked: ctrl+o offers it" if marked else "Not marked any more"
        self.post_message(self.Starred(text, frozenset(self._starred())))

    @work(thread=True, exclusive=True, group="inside", exit_on_error=False)
    def look(self, folders: tuple[Path, ...]) -> None:
        """Answers with LookedInto, several times."""
        worker = get_current_worker()
        found: dict[Path, Facts] = {}
        delivered = time.monotonic()
        for folder in folders:
            found[folder] = look_into(folder, cancelled=lambda: worker.is_cancelled)
            if worker.is_cancelled:
                return
            if time.monotonic() - delivered > _BATCH:
                self.post_message(self.LookedInto(found))
                found, delivered = {}, time.monotonic()
        if found:
            self.post_message(self.LookedInto(found))

    @work(thread=True, exclusive=True, group="open", exit_on_error=False)
    def look_and_open(self, place: Place) -> None:
        """Answers with LookedInto that says what to open then."""
        worker = get_current_worker()
        facts = look_into(place.path, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.LookedInto({place.path: facts}, place))

    @work(thread=True, exclusive=True, group="path", exit_on_error=False)
    def complete(self, typed: str, base: Path) -> None:
        """Answers with Completed."""
        text, names = complete_path(typed, base)
        self.post_message(self.Completed(typed, text, names))

    @work(thread=True, exclusive=True, group="path", exit_on_error=False)
    def find(self, path: Path, take: bool) -> None:
        """Answers with Found. With `take`, a folder is to be taken only if images are directly in it."""
        is_folder = is_there(path, folder=True)
        take = take and (not is_folder or look_into(path).images > 0)
        self.post_message(self.Found(path, is_folder, is_there(path), take))

    @work(thread=True, exclusive=True, group="recent", exit_on_error=False)
    def read_recent(self, go_to_last: bool) -> None:
        """Answers with Recent."""
        starred = [place for place in self._starred() if is_there(place)]
        recent = [place for place in self._recent() if is_there(place) and place not in starred]
        last = self._last()
        there = last is not None and is_there(last, folder=True)
        self.post_message(self.Recent(recent, starred, last if there else None, go_to_last))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What the disk does is in the answers; whatever else ends a thread is said, not hidden."""
        if event.state is WorkerState.ERROR:
            event.stop()
            self.post_message(self.Failed(f"Reading failed: {event.worker.error}"))
