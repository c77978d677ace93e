"""A folder of images; sub-folders belong to it, and their names to the order."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.images import read_header
from tui.chapter.pages import Page, PageLocation
from tui.chapter.sources.assemble import Gathering
from tui.chapter.sources.base import (
    DESCRIPTIONS,
    LARGEST_DESCRIPTION,
    MOST_FILES,
    IsCancelled,
    Progress,
    Scan,
    SourceError,
    os_words,
)
from tui.chapter.sources.names import junk_reason

_DEEPEST = 16
_OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_KINDS = (
    (stat.S_ISFIFO, "a pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)


class Folder:
    """A folder on disk. Links to files are followed, links to folders are not."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Read the beginning and end of every file."""
        found = Gathering()
        members = list(self._walk(found, cancelled))
        for done, (member, is_file) in enumerate(members):
            stop_if(cancelled)
            if on_progress is not None:
                on_progress(done, len(members))
            self._look_at(member, is_file, found)
        if on_progress is not None:
            on_progress(len(members), len(members))
        return found.finish()

    def _walk(self, found: Gathering, cancelled: IsCancelled | None) -> Iterator[tuple[str, bool]]:
        """Paths of the files below, relative, with `/`, and whether each is a plain file for certain.

        What is junk by name goes to `found` at once.
        """
        waiting = [("", 0)]
        seen = 0
        while waiting:
            inside, depth = waiting.pop()
            stop_if(cancelled)
            try:
                with os.scandir(os.path.join(self.path, inside)) as entries:  # noqa: PTH118  # names may be undecodable
                    for entry in entries:
                        seen += 1
                        if seen > MOST_FILES:
                            raise SourceError(
                                f"This folder holds more than {MOST_FILES:,} files.",
                                "Choose the folder of one chapter.",
                            )
                        member = f"{inside}/{entry.name}" if inside else entry.name
                        reason = junk_reason(entry.name)
                        if reason is not None:
                            found.skip(member, reason)
                        elif entry.is_dir(follow_symlinks=False):
                            if depth >= _DEEPEST:
                                found.skip(member, f"more than {_DEEPEST} folders deep")
                            else:
                                waiting.append((member, depth + 1))
                        else:
                            yield member, entry.is_file(follow_symlinks=False)
            except OSError as error:
                if not inside:
                    raise SourceError(
                        f"This folder cannot be read: {os_words(error)}.",
                        "Check its permissions, or choose another.",
                    ) from error
                found.skip(inside, f"cannot be read: {os_words(error)}")

    def _look_at(self, member: str, is_file: bool, found: Gathering) -> None:
        path = f"{self.path}/{member}"
        location = PageLocation(self.path, member)
        size = modified_ns = 0
        try:
            if not is_file:
                reason = _no_file(os.stat(path).st_mode)  # noqa: PTH116  # names may be undecodable
                if reason is not None:
                    found.skip(member, reason)
                    return
            handle, state = open_handle(path)
            try:
                size, modified_ns = state.st_size, state.st_mtime_ns
                if member.casefold() in DESCRIPTIONS:
                    found.add_description(member, os.pread(handle, LARGEST_DESCRIPTION + 1, 0))
                    return
                header = read_header(_Reads(handle), size)
            finally:
                os.close(handle)
        except OSError as error:
            found.refuse(location, os_words(error), size=size, modified_ns=modified_ns)
            return
        found.add(location, header, size=size, modified_ns=modified_ns)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page in a folder. OSError."""
    parts = location.member.split("/")
    if ".." in parts or location.member.startswith("/"):
        raise OSError(f"{location.member!r} lies outside its folder")
    return io.BufferedReader(open_file(os.path.join(location.source, location.member)))  # noqa: PTH118


def page_of_file(path: Path, *, in_place_of: str) -> Page:
    """One file as a page that stands for another (its key). Blocking; OSError."""
    handle, state = open_handle(path)
    try:
        header = read_header(_Reads(handle), state.st_size)
    finally:
        os.close(handle)
    return Page(
        PageLocation(path.parent, path.name),
        size=state.st_size,
        modified_ns=state.st_mtime_ns,
        type=header.type,
        width=header.width,
        height=header.height,
        complete=header.complete,
        animated=header.animated,
        problem=header.problem,
        bits=header.bits,
        components=header.components,
        metadata=header.metadata,
        trailing=header.trailing,
        made_from=(in_place_of,),
    )


def open_file(path: str | os.PathLike[str]) -> io.FileIO:
    """Open a regular file for reading; anything else is an OSError, and a pipe is not waited for."""
    handle, _ = open_handle(path)
    return io.FileIO(handle, "rb")


def open_handle(path: str | os.PathLike[str]) -> tuple[int, os.stat_result]:
    """The same, as a descriptor that the caller closes, and the file's state."""
    handle = os.open(path, _OPEN_FLAGS)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise OSError("not a regular file")
    except BaseException:
        os.close(handle)
        raise
    return handle, state


class _Reads:
    """Reads at any place of an open file: half the system calls of a file object, which a scan feels."""

    __slots__ = ("_at", "_handle")

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._at = 0

    def seek(self, offset: int, /) -> int:
        """Go to `offset` from the beginning."""
        self._at = offset
        return offset

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        found = os.pread(self._handle, size, self._at)
        self._at += len(found)
        return found


def _no_file(mode: int) -> str | None:
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return "a link to a folder"
    return next((words for test, words in _KINDS if test(mode)), "not a regular file")
