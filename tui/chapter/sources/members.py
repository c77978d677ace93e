"""Members of an archive whose bytes lie in one piece in a file: the archive itself, or what was unpacked of it."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.images import read_header
from tui.chapter.pages import PageLocation
from tui.chapter.sources.assemble import Gathering
from tui.chapter.sources.base import DESCRIPTIONS, LARGEST_DESCRIPTION, IsCancelled, Progress, Scan, os_words

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive. Its position in the table is the `index` of its page."""

    name: str
    """As it is shown and sorted by; never a path that is opened."""
    offset: int = 0
    size: int = 0
    modified_ns: int = 0
    skip: str = ""
    """Why it is no page, when that is certain without its bytes."""
    problem: str = ""
    """Why its bytes are not there."""


class Slice(io.RawIOBase):
    """The bytes of one member, read at their place; closes `handle` in the end."""

    def __init__(self, handle: int, member: Member) -> None:
        super().__init__()
        self._handle = handle
        self._start, self._size = member.offset, member.size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning of the member."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place in the member."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """As many bytes as the buffer takes and the member has."""
        view = memoryview(buffer).cast("B")
        length = max(0, min(len(view), self._size - self._at))
        found = os.preadv(self._handle, [view[:length]], self._start + self._at) if length else 0
        self._at += found
        return found

    def close(self) -> None:
        """Close the descriptor too."""
        if not self.closed:
            os.close(self._handle)
        super().close()


def find_member(members: Sequence[Member], location: PageLocation) -> Member:
    """The member that a page came from. OSError when it is not there any more, or was never readable."""
    index = location.index
    if not 0 <= index < len(members) or members[index].name != location.member or members[index].skip:
        raise OSError("it is no longer at its place in the archive")
    if members[index].problem:
        raise OSError(members[index].problem)
    return members[index]


def open_slice(handle: int, members: Sequence[Member], location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own, from a file that is open as `handle`. OSError."""
    member = find_member(members, location)
    copy = os.dup(handle)
    return io.BufferedReader(Slice(copy, member))


def scan_members(
    path: Path,
    handle: int,
    members: Sequence[Member],
    *,
    on_progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> Scan:
    """Read the beginning and end of every member of the archive at `path`. Cancelled."""
    found = Gathering()
    for index, member in enumerate(members):
        stop_if(cancelled)
        if on_progress is not None:
            on_progress(index, len(members))
        _look_at(PageLocation(path, member.name, index), handle, member, found)
    if on_progress is not None:
        on_progress(len(members), len(members))
    return found.finish()


def _look_at(location: PageLocation, handle: int, member: Member, found: Gathering) -> None:
    if member.skip:
        found.skip(member.name, member.skip)
        return
    if member.problem:
        found.refuse(location, member.problem, size=member.size, modified_ns=member.modified_ns)
        return
    try:
        with Slice(os.dup(handle), member) as stream:
            if member.name.rpartition("/")[2].casefold() in DESCRIPTIONS:
                found.add_description(member.name, stream.read(LARGEST_DESCRIPTION + 1))
                return
            header = read_header(stream, member.size)
    except OSError as error:
        found.refuse(location, os_words(error), size=member.size, modified_ns=member.modified_ns)
        return
    found.add(location, header, size=member.size, modified_ns=member.modified_ns)
