"""What is in a folder, as far as choosing a chapter needs it: sub-folders, archives, and how many images.

All of it blocks on the disk and belongs in a thread. Names are told apart by their ending only; what a file
really is, the scan finds out once a chapter is taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice, takewhile
from pathlib import Path
from typing import overload

from tui.chapter.natural import natural_key, naturally_sorted
from tui.chapter.sources import SourceError, count_pages, is_archive, is_archive_name
from tui.chapter.sources.names import promised_type
from tui.text import safe_text

_MOST_COUNTED = 5_000
_STRIDE = 256
"""Entries between two looks at whether anybody still wants the listing."""
_MOST_LOOKED_INTO = 40


class Kind(Enum):
    """What a row of a folder listing is."""

    PARENT = "parent"
    HERE = "here"
    FOLDER = "folder"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or archive that can be opened or taken. The name may hold anything a file system allows."""

    kind: Kind
    folder: Path
    """The folder it is in."""
    name: str

    @property
    def path(self) -> Path:
        """Made when it is asked for: ten thousand of them would take longer than reading the folder."""
        return self.folder / self.name

    @classmethod
    def at(cls, kind: Kind, path: Path) -> Place:
        """The place at `path`."""
        return cls(kind, path.parent, path.name)


class Places(Sequence[Place]):
    """Folders, then archives, of one folder; each is made when it is asked for, since there may be many thousands."""

    def __init__(self, folder: Path, folders: Sequence[str] = (), archives: Sequence[str] = ()) -> None:
        self._folder = folder
        self._names = (*folders, *archives)
        self._folders = len(folders)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Place: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Place]: ...

    def __getitem__(self, index: int | slice) -> Place | Sequence[Place]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        place = index if index >= 0 else index + len(self)
        return Place(Kind.FOLDER if place < self._folders else Kind.ARCHIVE, self._folder, self._names[place])

    def containing(self, text: str) -> Places:
        """Those whose names contain `text`, whatever the case."""
        if not text:
            return self
        wanted = text.casefold()
        fitting = [[name for name in names if wanted in name.casefold()]
                   for names in (self._names[: self._folders], self._names[self._folders :])]  # fmt: skip
        return Places(self._folder, *fitting)

    def find(self, path: Path) -> int | None:
        """Which one is at `path`; None when none is."""
        if path.parent != self._folder or path.name not in self._names:
            return None
        return self._names.index(path.name)


@dataclass(frozen=True, slots=True)
class Listing:
    """One folder. `problem` says why it cannot be read."""

    folder: Path
    places: Places
    """Folders, then archives, each in natural order, without the parent."""
    images: int = 0
    """Image files directly in the folder."""
    hidden: int = 0
    """Folders and archives left out because their names start with a dot."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is inside a folder or archive of the listing."""

    images: int = 0
    folders: int = 0
    archives: int = 0
    nested: bool = False
    """A sub-folder has images, so that opening makes sense as well as taking."""
    more: bool = False
    """Counting stopped before the end."""
    problem: str = ""
    uncounted: bool = False
    """An archive that would have to be unpacked to count its pages."""
    size: int = field(default=0, compare=False)
    """Bytes of an archive; 0 for folders."""

    @property
    def is_chapter(self) -> bool:
        """Images and nothing else to choose from below."""
        return self.images > 0 and not self.nested and self.archives == 0


def list_folder(
    folder: Path, *, hidden: bool = False, cancelled: Callable[[], bool] | None = None
) -> Listing:
    """List `folder`. Never raises for what the disk does: a folder that cannot be read has a `problem`."""
    folders: list[str] = []
    archives: list[str] = []
    images = left_out = 0
    try:
        with os.scandir(folder) as entries:
            while some := list(islice(entries, _STRIDE)):
                if cancelled is not None and cancelled():
                    break
                for entry in some:
                    name = entry.name
                    try:
                        is_folder = entry.is_dir()
                    except OSError:
                        is_folder = False
                    if not is_folder and not is_archive_name(name):
                        images += _is_image(name)
                    elif name[0] == "." and not hidden:
                        left_out += 1
                    else:
                        (folders if is_folder else archives).append(name)
    except OSError as error:
        return Listing(folder, Places(folder), problem=_reason(error))
    places = Places(folder, naturally_sorted(folders), naturally_sorted(archives))
    return Listing(folder, places, images, left_out)


def look_into(folder: Path, *, cancelled: Callable[[], bool] | None = None) -> Facts:
    """Count what is in a folder, or the pages of an archive; counting stops at 5,000 entries."""
    if is_archive(folder) and not is_there(folder, folder=True):
        return _look_into_archive(folder)
    images = archives = 0
    below: list[str] = []
    more = False
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= _MOST_COUNTED or (cancelled is not None and cancelled()):
                    more = True
                    break
                kind = _kind(entry)
                if kind is None:
                    images += _is_image(entry.name)
                elif not entry.name.startswith("."):
                    archives += kind is Kind.ARCHIVE
                    if kind is Kind.FOLDER:
                        below.append(entry.path)
    except OSError as error:
        return Facts(problem=_reason(error))
    nested = any(_has_image(path) for path in below[:_MOST_LOOKED_INTO])
    return Facts(images, len(below), archives, nested, more)


def _look_into_archive(path: Path) -> Facts:
    size = _size(path)
    try:
        count = count_pages(path)
    except SourceError as error:
        return Facts(problem=error.title, size=size)
    except OSError as error:
        return Facts(problem=f"This archive cannot be read: {error.strerror or error}.", size=size)
    return Facts(uncounted=True, size=size) if count is None else Facts(images=count, size=size)


def complete_path(typed: str, base: Path, *, images: bool = False) -> tuple[str, tuple[str, ...]]:
    """Complete a path as a shell does: the text so far as it is unambiguous, and the names that fit.

    Names of folders and archives or, with `images`, of folders and image files. Folders end with a
    slash. `~` stands for the home folder; a relative path starts at `base`.
    """
    expanded = os.path.expanduser(typed) if typed.startswith("~") else typed  # noqa: PTH111  # keeps a last slash
    head, slash, start = expanded.rpartition("/")
    names: list[str] = []
    try:
        with os.scandir(base / (head + slash)) as entries:
            for entry in entries:
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith(".")):
                    kind = _kind(entry)
                    if kind is Kind.FOLDER:
                        names.append(f"{entry.name}/")
                    elif _is_image(entry.name) if images else kind is not None:
                        names.append(entry.name)
    except OSError:
        return typed, ()
    if not names:
        return typed, ()
    names.sort(key=natural_key)
    return typeable(head + slash + common_start(names)), tuple(names)


def typeable(path: str) -> str:
    """As much of `path`, from its start, as can stand in a field of text without harm to the terminal."""
    return common_start([path, safe_text(path, limit=len(path))])


def common_start(texts: Sequence[str]) -> str:
    """The characters that all `texts` begin with."""
    first, last = min(texts), max(texts)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in same)


def changed_at(folder: Path) -> int:
    """When something in `folder` came or went last, in nanoseconds; 0 when that cannot be told."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def is_there(path: Path, *, folder: bool = False) -> bool:
    """Something (or, with `folder`, a folder) is at `path`, as far as one may look."""
    try:
        return path.is_dir() if folder else path.exists()
    except OSError:
        return False


def nearest_folder(path: Path) -> Path:
    """`path` if it is a folder, else the closest folder above it that exists."""
    return next((folder for folder in (path, *path.parents) if is_there(folder, folder=True)), Path("/"))


def _kind(entry: os.DirEntry[str]) -> Kind | None:
    """Folder or archive; None for what can neither be opened nor taken."""
    if _is_folder(entry):
        return Kind.FOLDER
    return Kind.ARCHIVE if is_archive_name(entry.name) else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a link to nowhere; opening it will say so


def _is_image(name: str) -> bool:
    return not name.startswith(".") and promised_type(name) is not None


def _has_image(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(_is_image(entry.name) for _, entry in zip(range(_MOST_COUNTED), entries, strict=False))
    except OSError:
        return False


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "You may not read this folder."
    if isinstance(error, FileNotFoundError):
        return "This folder is gone."
    if isinstance(error, NotADirectoryError):
        return "This is not a folder."
    return f"This folder cannot be read: {error.strerror or error}."
