"""Choosing a chapter: a list of folders and archives, with filter, typed path and recent places."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from tui.chapter.places import (
    Facts,
    Kind,
    Listing,
    Place,
    complete_path,
    is_there,
    list_folder,
    look_into,
    nearest_folder,
)
from tui.text import plural, safe_text
from tui.widgets.dialogs import Choose
from tui.widgets.entry_bar import EntryBar
from tui.widgets.file_list import FileList
from tui.widgets.hint_line import HintLine

_REST = 0.1
"""Seconds of rest before folders in view are looked into."""
_BATCH = 0.25
"""Seconds between two deliveries of what was found inside."""


class FileBrowser(Vertical):
    """Folders and archives of one folder. Everything that touches the disk runs in threads."""

    DEFAULT_CSS = """
    FileBrowser { background: $surface; }
    FileBrowser > FileList { height: 1fr; }
    FileBrowser > #files-hint { height: 2; }
    """

    @dataclass
    class Taken(Message):
        """A folder or archive was chosen as the chapter."""

        path: Path

    @dataclass
    class Listed(Message):
        """A folder was read."""

        listing: Listing
        cursor: Path | None

    @dataclass
    class LookedInto(Message):
        """What is inside some folders; `then` opens this one now that it is known."""

        facts: dict[Path, Facts]
        then: Place | None = None

    @dataclass
    class Completed(Message):
        """What a typed path can go on with."""

        typed: str
        text: str
        names: tuple[str, ...]

    @dataclass
    class RecentRead(Message):
        """The recent places that still exist; with `go_to_first`, the first is to be shown."""

        places: list[Path]
        go_to_first: bool

    @dataclass
    class PathTyped(Message):
        """A path that was typed, and what is there; with `take`, it is to be taken if it can be."""

        path: Path
        is_folder: bool
        exists: bool
        take: bool = False

    def __init__(self, *, recent: Callable[[], list[Path]], id: str | None = None) -> None:
        super().__init__(id=id)
        self._folder = Path.cwd()
        self._recent = recent
        self._hidden = False
        self._rest: Timer | None = None
        self._said = ""

        self.files = FileList(id="files")
        """The list itself, which takes the focus."""
        self._where = HintLine(id="files-folder", keep_end=True)
        self._hint = HintLine(id="files-hint")
        self._filter_bar = EntryBar("Show names that contain…", id="files-filter")
        self._path_bar = EntryBar("Path; tab completes", id="files-path", completes=True)

    def compose(self) -> ComposeResult:
        yield self._where
        yield self._filter_bar
        yield self._path_bar
        yield self.files
        yield self._hint

    @property
    def folder(self) -> Path:
        """The folder that is shown, or being read."""
        return self._folder

    def go_to(self, folder: Path, cursor: Path | None = None) -> None:
        """Show `folder`, with the cursor on `cursor`."""
        self._folder = folder
        self._said = ""
        self._filter_bar.close()
        self._where.show(f" {safe_text(folder)}")
        self._list(folder, self._hidden, cursor)

    def go_to_last(self) -> None:
        """Show the place used last, or the current folder when there is none."""
        self._read_recent(go_to_first=True)

    def open_path(self, path: Path) -> None:
        """Take `path` if it is an archive or has images in it; else show it."""
        self._find(str(path), take=True)

    def read_again(self) -> None:
        """Read the folder again; the cursor stays where it is."""
        place = self.files.cursor_place
        self.go_to(self._folder, place.path if place else None)

    # Reading a folder

    @work(thread=True, exclusive=True, group="listing", exit_on_error=False)
    def _list(self, folder: Path, hidden: bool, cursor: Path | None) -> None:
        worker = get_current_worker()
        nearest = nearest_folder(folder)
        listing = list_folder(nearest, hidden=hidden, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Listed(listing, cursor))

    def on_file_browser_listed(self, message: Listed) -> None:
        message.stop()
        listing = message.listing
        if listing.folder != self._folder:
            self._folder = listing.folder
            self._where.show(f" {safe_text(listing.folder)}")
        self.files.show(listing, cursor=message.cursor)
        self._look_soon()

    # Looking into folders in view

    def on_line_list_cursor_moved(self, message: FileList.CursorMoved) -> None:
        message.stop()
        self._said = ""
        self._show_hint()
        self._look_soon()

    def _look_soon(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, self._look_now)

    def _look_now(self) -> None:
        unknown = self.files.unknown_in_view()
        if unknown:
            self._look(unknown)

    @work(thread=True, exclusive=True, group="inside", exit_on_error=False)
    def _look(self, folders: list[Path]) -> None:
        worker = get_current_worker()
        found: dict[Path, Facts] = {}
        delivered = time.monotonic()
        for folder in folders:
            if worker.is_cancelled:
                return
            found[folder] = look_into(folder, cancelled=lambda: worker.is_cancelled)
            if time.monotonic() - delivered > _BATCH:
                self.post_message(self.LookedInto(found))
                found, delivered = {}, time.monotonic()
        if found and not worker.is_cancelled:
            self.post_message(self.LookedInto(found))

    @work(thread=True, exclusive=True, group="open", exit_on_error=False)
    def _look_and_open(self, place: Place) -> None:
        worker = get_current_worker()
        facts = look_into(place.path, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.LookedInto({place.path: facts}, place))

    def on_file_browser_looked_into(self, message: LookedInto) -> None:
        message.stop()
        self.files.add_facts(message.facts)
        if message.then is not None:
            self._open(message.then, message.facts[message.then.path])
        self._show_hint()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A reading thread never fails for what the disk does; whatever else happens is said, not hidden."""
        if event.state is WorkerState.ERROR:
            event.stop()
            self._say(f"Reading failed: {event.worker.error}")

    # Opening and taking

    @on(FileList.Opened)
    def _opened(self, message: FileList.Opened) -> None:
        message.stop()
        place = self.files.cursor_place
        if place is None:
            return
        if place.kind is Kind.PARENT:
            self._up()
        elif place.kind is not Kind.FOLDER:
            self.post_message(self.Taken(place.path))
        else:
            facts = self.files.facts_of(place)
            if facts is None:
                self._look_and_open(place)
            else:
                self._open(place, facts)

    def _open(self, place: Place, facts: Facts) -> None:
        if facts.problem:
            self._say(facts.problem)
        elif facts.is_chapter:
            self.post_message(self.Taken(place.path))
        else:
            self.go_to(place.path)

    @on(FileList.Chosen)
    def _chosen(self, message: FileList.Chosen) -> None:
        message.stop()
        place = self.files.cursor_place
        if place is None or place.kind is Kind.PARENT:
            self._say("Put the cursor on a folder or an archive.")
            return
        facts = self.files.facts_of(place)
        if facts is not None and facts.problem:
            self._say(facts.problem)
        elif facts is not None and not facts.images and not facts.nested:
            self._say("There are no images in there.")
        else:
            self.post_message(self.Taken(place.path))

    @on(FileList.ParentWanted)
    def _parent(self, message: FileList.ParentWanted) -> None:
        message.stop()
        self._up()

    def _up(self) -> None:
        if self._folder != self._folder.parent:
            self.go_to(self._folder.parent, self._folder)

    @on(FileList.HiddenToggled)
    def _toggle_hidden(self, message: FileList.HiddenToggled) -> None:
        message.stop()
        self._hidden = not self._hidden
        self.read_again()
        self._say("Hidden names are shown." if self._hidden else "Hidden names are left out.")

    # Filter and typed path

    @on(FileList.FilterWanted)
    def _filter(self, message: FileList.FilterWanted) -> None:
        message.stop()
        self._filter_bar.open(self.files.filter)

    @on(EntryBar.Typed, "#files-filter")
    def _filter_typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        self.files.set_filter(message.text)
        self._look_soon()

    @on(EntryBar.Closed, "#files-filter")
    def _filter_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if not message.kept or not message.text:
            message.bar.close()
            self.files.set_filter("")
        self.files.focus()

    @on(FileList.GoToWanted)
    def _go_to(self, message: FileList.GoToWanted) -> None:
        message.stop()
        self._path_bar.open(_typeable(str(self._folder / "_")[:-1]))
        self._say("tab completes, enter goes there, esc leaves")

    @on(EntryBar.TabPressed, "#files-path")
    def _complete(self, message: EntryBar.TabPressed) -> None:
        message.stop()
        self._complete_path(message.text)

    @work(thread=True, exclusive=True, group="completion", exit_on_error=False)
    def _complete_path(self, typed: str) -> None:
        text, names = complete_path(typed, self._folder)
        self.post_message(self.Completed(typed, _typeable(text), names))

    def on_file_browser_completed(self, message: Completed) -> None:
        message.stop()
        bar = self._path_bar
        if not bar.is_open or bar.value != message.typed:
            return
        bar.value = message.text
        bar.cursor_position = len(message.text)
        if not message.names:
            self._say("Nothing begins like this.")
        elif len(message.names) > 1:
            self._say(f"{len(message.names)}: " + "  ".join(safe_text(name) for name in message.names[:12]))

    @on(EntryBar.Closed, "#files-path")
    def _path_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if message.kept and message.text.strip():
            self._find(message.text.strip())
        else:
            self._leave_path()

    def _leave_path(self) -> None:
        self._path_bar.close()
        self._said = ""
        self._show_hint()
        self.files.focus()

    @work(thread=True, exclusive=True, group="completion", exit_on_error=False)
    def _find(self, typed: str, take: bool = False) -> None:
        path = (self._folder / Path(typed).expanduser()).absolute()
        is_folder = is_there(path, folder=True)
        take = take and (not is_folder or look_into(path).images > 0)
        self.post_message(self.PathTyped(path, is_folder, is_there(path), take))

    def on_file_browser_path_typed(self, message: PathTyped) -> None:
        message.stop()
        if not message.exists:
            self._say("There is nothing at this path.")
            return
        self._leave_path()
        if message.is_folder and not message.take:
            self.go_to(message.path)
        else:
            self.go_to(message.path.parent, message.path)
            self.post_message(self.Taken(message.path))

    # Recent places

    @on(FileList.RecentWanted)
    def _recent_wanted(self, message: FileList.RecentWanted) -> None:
        message.stop()
        self._read_recent()

    @work(thread=True, exclusive=True, group="recent", exit_on_error=False)
    def _read_recent(self, go_to_first: bool = False) -> None:
        places = [place for place in self._recent() if is_there(place)]
        self.post_message(self.RecentRead(places, go_to_first))

    def on_file_browser_recent_read(self, message: RecentRead) -> None:
        message.stop()
        if message.go_to_first:
            self.go_to(*((message.places[0].parent, message.places[0]) if message.places else (Path.cwd(),)))
            return
        if not message.places:
            self._say("No recent places yet.")
            return
        choices = [(str(index), safe_text(place)) for index, place in enumerate(message.places)]
        self.app.push_screen(Choose("Recent places", choices), partial(self._recent_chosen, message.places))

    def _recent_chosen(self, places: list[Path], choice: str | None) -> None:
        if choice is not None:
            place = places[int(choice)]
            self.go_to(place.parent, place)
            self.files.focus()

    # The hint

    def _say(self, text: str) -> None:
        self._said = text
        self._show_hint()

    def _show_hint(self) -> None:
        self._hint.show(self._said or self._keys_here())

    def _keys_here(self) -> str:
        """What the keys do to the row under the cursor."""
        listing, place = self.files.listing, self.files.cursor_place
        if listing is None:
            return ""
        if listing.problem:
            return f"{listing.problem} backspace goes up."
        if place is None:
            return "backspace goes up, ctrl+g takes a path"
        if place.kind is Kind.PARENT:
            return "enter goes to the folder above"
        if place.kind is Kind.HERE:
            return f"enter takes these {plural(listing.images, 'image')} as a chapter"
        if place.kind is Kind.ARCHIVE:
            return "enter takes this archive as a chapter"
        facts = self.files.facts_of(place)
        if facts is None:
            return "enter opens · o takes the folder as a chapter"
        if facts.problem:
            return facts.problem
        if facts.is_chapter:
            return f"enter takes this folder: {plural(facts.images, 'image')}"
        if facts.images or facts.nested:
            return "enter opens · o takes it whole as a chapter"
        return "enter opens this folder"


def _typeable(path: str) -> str:
    """As much of `path`, from its start, as can stand in a field of text without harm to the terminal."""
    return os.path.commonprefix([path, safe_text(path, limit=len(path))])
