"""Choosing a chapter: a list of folders and archives, with filter, typed path and recent places."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Event
from textual.message import Message
from textual.timer import Timer

from tui.chapter.places import Facts, Kind, Place, typeable
from tui.chapter.typed_paths import begun_anew
from tui.storage.errors import StorageError
from tui.widgets.choose import Choose
from tui.widgets.entry_bar import EntryBar
from tui.widgets.file_hints import keys_here
from tui.widgets.file_list import FileList
from tui.widgets.folder_reader import FolderReader
from tui.widgets.hint_line import HintLine
from tui.widgets.line_list import LineList
from tui.widgets.names import steady_text

_WATCH = 3.0
"""Seconds between two looks at whether the folder has changed."""
_REST = 0.1
"""Seconds of rest before folders in view are looked into."""
_FIRST = 1.0
"""Seconds for which keys typed ahead wait for the first folder at most."""
_SOON = 0.1
"""Seconds after which a folder that is still being read is named."""


class FileBrowser(Vertical):
    """Folders and archives of one folder. The disk is read by its FolderReader."""

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
    class Added(Message):
        """A folder or archive is to be joined to the chapter that is open."""

        path: Path

    @dataclass
    class Queued(Message):
        """These chapters, and those below these folders, are to be put into the queue."""

        paths: tuple[Path, ...]

    def __init__(
        self,
        *,
        recent: Callable[[], list[Path]],
        starred: Callable[[], list[Path]] = list,
        toggle_star: Callable[[Path], bool] = lambda _: False,
        last: Callable[[], Path | None] = lambda: None,
        leave: Callable[[Path], None] = lambda _: None,
        id: str | None = None,
    ) -> None:
        """`last` is the folder that was shown when a browser went away before; `leave` is told of this one's."""
        super().__init__(id=id)
        self.files = FileList(open_filter=self._open_filter, open_path=self._open_path, id="files")
        """The list itself, which takes the focus."""
        self._reader = FolderReader(recent, starred, toggle_star, last)
        self._leave = leave
        self._opened_in: Path | None = None
        """The folder that was read first."""
        self._where = HintLine(id="files-folder", keep_end=True)
        self._hint = HintLine(id="files-hint")
        self._filter_bar = EntryBar("Show names that contain…", id="files-filter")
        self._path_bar = EntryBar("Path; tab completes", id="files-path", completes=True)
        self._folder = Path.cwd()
        self._hidden = False
        self._rest: Timer | None = None
        self._said = ""
        self.open_since: float | None = None
        """When the first folder was shown, or was waited for long enough, by the clock of events."""

    def compose(self) -> ComposeResult:
        yield self._where
        yield self._filter_bar
        yield self._path_bar
        yield self.files
        yield self._hint
        yield self._reader

    def on_mount(self) -> None:
        self.set_interval(_WATCH, self._watch)
        self.set_timer(_FIRST, self._take_keys)

    def _take_keys(self) -> None:
        if self.open_since is None:
            self.open_since = Event().time

    def on_unmount(self) -> None:
        if self._opened_in not in (None, self._folder):
            with contextlib.suppress(StorageError, OSError):  # a convenience, and nobody is there to be told
                self._leave(self._folder)

    def _watch(self) -> None:
        if self.display and self.app.screen is self.screen:
            self._reader.look_for_changes()

    @on(FolderReader.Changed)
    def _changed(self, message: FolderReader.Changed) -> None:
        """Files came or went: the list follows, the cursor, the filter and a typed path stay."""
        message.stop()
        if message.folder == self._folder and not self._path_bar.is_open and not self._filter_bar.is_open:
            self.read_again()

    @property
    def folder(self) -> Path:
        """The folder that is shown, or being read."""
        return self._folder

    def go_to(self, folder: Path, cursor: Path | None = None) -> None:
        """Show `folder`, with the cursor on `cursor`."""
        self._said = ""
        self._filter_bar.close()
        self._folder = folder
        # A folder that is read at once is painted in one frame with its name; the next would wait for its turn.
        self.set_timer(_SOON, lambda: self._where.show(steady_text(self._folder)))
        self._reader.read_folder(folder, self._hidden, cursor)

    def go_to_last(self) -> None:
        """Show the folder that was looked through last, else that of the chapter used last, else the current one."""
        self._reader.read_recent(go_to_last=True)

    def open_path(self, path: Path) -> None:
        """Take `path` if it is an archive or has images in it; else show it."""
        self._reader.find(path, take=True)

    def read_again(self) -> None:
        """Read the folder again; the cursor stays where it is."""
        place = self.files.cursor_place
        self.go_to(self._folder, place.path if place else None)

    # A folder was read

    @on(FolderReader.Listed)
    def _listed(self, message: FolderReader.Listed) -> None:
        message.stop()
        self._set_folder(message.listing.folder)
        self._opened_in = self._opened_in or message.listing.folder
        self.files.show(message.listing, cursor=message.cursor, starred=message.starred)
        self._take_keys()

    def _set_folder(self, folder: Path) -> None:
        self._folder = folder
        self._where.show(steady_text(folder))

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        self._said = ""
        self._show_hint()
        self._look_soon()

    @on(FileList.ViewChanged)
    def _view_changed(self, message: FileList.ViewChanged) -> None:
        message.stop()
        self._look_soon()

    def _look_soon(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST, self._look_now)

    def _look_now(self) -> None:
        unknown = self.files.unknown_in_view()
        if unknown:
            self._reader.look(tuple(unknown))

    @on(FolderReader.LookedInto)
    def _looked_into(self, message: FolderReader.LookedInto) -> None:
        message.stop()
        self.files.add_facts(message.facts)
        if message.then is not None:
            self._open(message.then, message.facts[message.then.path])
        self._show_hint()

    @on(FolderReader.Failed)
    def _failed(self, message: FolderReader.Failed) -> None:
        message.stop()
        self._say(steady_text(message.text))

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
        else:  # looked into again, since what was seen may be gone by now
            self._reader.look_and_open(place)

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
        # What is wrong with an archive the scan says, and what to do about it.
        facts = self.files.facts_of(place) if place.kind is not Kind.ARCHIVE else None
        if facts is not None and facts.problem:
            self._say(facts.problem)
        elif facts is not None and not facts.images and not facts.nested:
            self._say("There are no images in there.")
        else:
            self.post_message(self.Taken(place.path))

    @on(FileList.StarWanted)
    def _star_wanted(self, message: FileList.StarWanted) -> None:
        message.stop()
        place = self.files.cursor_place
        if place is not None:
            self._reader.star(self._folder.parent if place.kind is Kind.PARENT else place.path)

    @on(FolderReader.Starred)
    def _starred(self, message: FolderReader.Starred) -> None:
        message.stop()
        self._say(steady_text(message.text))
        if message.starred is not None:
            self.files.set_starred(message.starred)

    @on(FileList.AddWanted)
    def _add_wanted(self, message: FileList.AddWanted) -> None:
        message.stop()
        place = self.files.cursor_place
        if place is not None and place.kind is not Kind.PARENT:
            self.post_message(self.Added(place.path))

    @on(FileList.QueueWanted)
    def _queue_wanted(self, message: FileList.QueueWanted) -> None:
        message.stop()
        paths = self.files.take_marked()
        place = self.files.cursor_place
        if not paths and place is not None:
            paths = (self._folder if place.kind is Kind.PARENT else place.path,)
        if paths:
            self.post_message(self.Queued(paths))

    @on(FileList.ParentWanted)
    def _parent_wanted(self, message: FileList.ParentWanted) -> None:
        message.stop()
        self._up()

    def _up(self) -> None:
        if self._folder != self._folder.parent:
            self.go_to(self._folder.parent, self._folder)

    @on(FileList.HiddenToggled)
    def _hidden_toggled(self, message: FileList.HiddenToggled) -> None:
        message.stop()
        self._hidden = not self._hidden
        self.read_again()

    # Filter

    def _open_filter(self) -> None:
        self._filter_bar.open(self.files.filter)

    @on(EntryBar.Typed, "#files-filter")
    def _filter_typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        self.files.set_filter(message.text)

    @on(EntryBar.Stepped)
    def _bar_stepped(self, message: EntryBar.Stepped) -> None:
        message.stop()
        self.files.action_cursor(message.rows)

    @on(EntryBar.Closed, "#files-filter")
    def _filter_closed(self, message: EntryBar.Closed) -> None:
        """Enter opens what the filter has found, escape shows everything again."""
        message.stop()
        if message.kept and not self.files.row_count:
            self._say("No name contains this. esc shows all.")
            return
        message.bar.close()
        self.files.set_filter("")
        self.files.focus()
        if message.kept:
            self.files.action_open()

    # Typed path

    def _open_path(self) -> None:
        self._path_bar.open(typeable(f"{self._folder}/".replace("//", "/")))
        self._say("tab completes, enter goes there, esc leaves; / or ~/ begins anew")

    @on(EntryBar.Typed, "#files-path")
    def _path_typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        message.bar.put(begun_anew(message.text))

    @on(EntryBar.TabPressed, "#files-path")
    def _tab_pressed(self, message: EntryBar.TabPressed) -> None:
        message.stop()
        self._reader.complete(message.text, self._folder)

    @on(FolderReader.Completed)
    def _completed(self, message: FolderReader.Completed) -> None:
        message.stop()
        bar = self._path_bar
        if not bar.is_open or bar.value != message.typed:
            return
        bar.put(message.text)
        if not message.names:
            self._say("Nothing begins like this.")
        elif len(message.names) > 1:
            self._say(f"{len(message.names)}: " + "  ".join(steady_text(name) for name in message.names[:12]))

    @on(EntryBar.Closed, "#files-path")
    def _path_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if message.kept and message.text.strip():
            self._reader.find((self._folder / Path(message.text.strip()).expanduser()).absolute(), take=False)
        else:
            self._leave_path()

    def _leave_path(self) -> None:
        if self._path_bar.is_open:
            self._path_bar.close()
            self.files.focus()
        self._say("")

    @on(FolderReader.Found)
    def _found(self, message: FolderReader.Found) -> None:
        message.stop()
        if not message.exists:
            self._say("There is nothing at this path.")
            if not self._path_bar.is_open:
                self.go_to(message.path.parent)
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
        self._reader.read_recent(go_to_last=False)

    @on(FolderReader.Recent)
    def _recent_read(self, message: FolderReader.Recent) -> None:
        message.stop()
        places = [*message.starred, *message.places]
        if message.go_to_last:
            first = next(iter([*message.places, *message.starred]), None)
            folder = message.last or (first.parent if first is not None else self._folder)
            self.go_to(folder, first if first is not None and first.parent == folder else None)
        elif places:
            stars = {True: "★ ", False: "  "}
            labels = [
                steady_text(f"{stars[place in message.starred]}{place.name}  in {place.parent}")
                for place in places
            ]
            choices = [(str(index), label) for index, label in enumerate(labels)]
            self.app.push_screen(Choose("Places", choices), partial(self._recent_chosen, places))
        else:
            self._say("No recent places yet.")

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
        self._hint.show(self._said or keys_here(self.files))
