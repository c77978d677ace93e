"""Archives that cannot be read at any place at a fair price: unpacked once, from front to end.

What is packed in one piece (tar.gz, solid rar and 7z) would have to be unpacked from its beginning for every
page, which grows with the square of the pages; what comes from a program or is drawn would cost a start or a
drawing for every reading. So the members are unpacked one after another into a temporary file, and pages are
read from there. That file has no name: no other user can open it, no member's name ever becomes a path, and
nothing is left behind however the program ends. A later run unpacks anew when it opens its first page.

The file lies in TMPDIR if that is set, else in /var/tmp, because /tmp is often in memory. No archive may
unpack to more than 4 GB, nor to 250 times its own size; at most four archives and 8 GB are kept at a time.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import MOST_FILES, IsCancelled, Progress, Scan, SourceError, os_words
from tui.chapter.sources.kept import Kept, state_of
from tui.chapter.sources.members import Member, open_slice, scan_members
from tui.chapter.sources.names import OUTSIDE, junk_reason, leads_outside, member_path

LARGEST_UNPACKED = 4 * 1000**3
"""Bytes that one archive may unpack to: far beyond what a session takes."""
_HIGHEST_RATIO = 250
"""Bytes unpacked for each byte of the archive; images hardly pack at all."""
_ALWAYS_ALLOWED = 64 * 1024 * 1024
_LARGEST_KEPT = 2 * LARGEST_UNPACKED
_PATIENCE = 0.1


def largest_unpacked(packed: int) -> int:
    """Bytes that an archive of `packed` bytes may unpack to."""
    return min(LARGEST_UNPACKED, max(_ALWAYS_ALLOWED, packed * _HIGHEST_RATIO))


def too_large(limit: int) -> SourceError:
    """The archive unpacks to more than `limit` bytes."""
    return SourceError(
        f"This archive unpacks to more than {limit / 1000**3:,.1f} GB.",
        "No chapter is that large, or packs that tightly; check where the archive comes from.",
    )


def too_many() -> SourceError:
    """The archive has more members than are looked at."""
    return SourceError(
        f"This archive holds more than {MOST_FILES:,} files.",
        "Choose an archive with the pages of one chapter.",
    )


def wanted(name: str) -> bool:
    """Whether the member might be a page or ComicInfo.xml, as far as its name tells."""
    return not leads_outside(name) and junk_reason(member_path(name)) is None


class Spool:
    """The temporary file, while members are written into it one after another."""

    def __init__(self, limit: int) -> None:
        self.members: list[Member] = []
        self.limit = limit
        self._start = self._size = 0
        try:
            self._file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115  # lives on in Unpacked
        except OSError as error:
            raise _no_room(error) from error

    def write(self, content: bytes) -> None:
        """More bytes of the member that `end()` will name. SourceError beyond the limit, or without room."""
        self._size += len(content)
        if self._size > self.limit:
            raise too_large(self.limit)
        try:
            self._file.write(content)
        except OSError as error:
            raise _no_room(error) from error

    def end(self, name: str, *, modified_ns: int = 0, problem: str = "", size: int = 0) -> None:
        """The member is complete, or has a `problem`: then its bytes are dropped, and `size` is what it should have."""
        if problem:
            self._size = self._start
            try:
                self._file.seek(self._start)
            except OSError as error:
                raise _no_room(error) from error
            self._add(Member(member_path(name), 0, size, modified_ns, problem=problem))
            return
        length = self._size - self._start
        self._add(Member(member_path(name), self._start, length, modified_ns))
        self._start = self._size

    def leave_out(self, name: str, reason: str = "") -> None:
        """A member that is no page: for `reason`, else for its name."""
        if not reason:
            outside = OUTSIDE if leads_outside(name) else None
            reason = outside or junk_reason(member_path(name)) or "not an image"
        self._add(Member(member_path(name), skip=reason))

    def finish(self) -> Unpacked:
        """Everything is written."""
        try:
            self._file.flush()
            self._file.truncate(self._start)
        except OSError as error:
            raise _no_room(error) from error
        with self._file:
            return Unpacked(os.dup(self._file.fileno()), tuple(self.members), self._start)

    def close(self) -> None:
        """Give up what was written."""
        try:
            self._file.close()
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise

    def _add(self, member: Member) -> None:
        if len(self.members) >= MOST_FILES:
            raise too_many()
        self.members.append(member)


class Unpacked:
    """An unpacked archive: a file open as `handle`, closed when nobody uses this any more."""

    def __init__(self, handle: int, members: tuple[Member, ...], size: int) -> None:
        self.handle, self.members, self.size = handle, members, size
        weakref.finalize(self, os.close, handle)

    @property
    def problems(self) -> int:
        """Members whose bytes are not there."""
        return sum(bool(member.problem) for member in self.members)

    @property
    def nothing(self) -> bool:
        """There are members that might be pages, and the bytes of none of them are there."""
        return 0 < self.problems == sum(not member.skip for member in self.members)


Unpack = Callable[[Path, Progress | None, IsCancelled | None], Unpacked]
"""Unpacks the archive at a path. SourceError, Cancelled, OSError for the archive's file."""

_kept: Kept[Unpacked] = Kept(4, largest=_LARGEST_KEPT, size=lambda unpacked: unpacked.size)
_unpacking = threading.Lock()


def unpack_once(
    path: Path, unpack: Unpack, on_progress: Progress | None = None, cancelled: IsCancelled | None = None
) -> Unpacked:
    """The unpacked archive, unpacked now if that has not been done yet. SourceError, Cancelled."""
    try:
        state = state_of(path)
        found = _kept.get(state)
        if found is not None:
            return found
        while not _unpacking.acquire(timeout=_PATIENCE):
            stop_if(cancelled)
        try:
            found = _kept.get(state)
            if found is None:
                found = unpack(path, on_progress, cancelled)
                if state_of(path) != state:
                    raise SourceError("This archive changed while it was read.", "Open it again.")
                _kept.put(state, found)
        finally:
            _unpacking.release()
    except OSError as error:
        raise SourceError(
            f"This archive cannot be read: {os_words(error)}.", "Check its permissions, or choose another."
        ) from error
    return found


def scan_unpacked(
    path: Path, unpack: Unpack, on_progress: Progress | None, cancelled: IsCancelled | None
) -> Scan:
    """Unpack the archive and look at its members. Unpacking is what takes time, so it tells the progress."""
    found = unpack_once(path, unpack, on_progress, cancelled)
    scan = scan_members(path, found.handle, found.members, cancelled=cancelled)
    if on_progress is not None:
        on_progress(len(found.members), len(found.members))
    return scan


def open_unpacked(location: PageLocation, unpack: Unpack) -> BinaryIO:
    """The bytes of a page, as a stream of its own. SourceError, OSError."""
    found = unpack_once(location.source, unpack)
    return open_slice(found.handle, found.members, location)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _folder() -> str:
    chosen = os.environ.get("TMPDIR")
    if not chosen and os.access("/var/tmp", os.W_OK | os.X_OK):  # noqa: S108  # only nameless files go there
        return "/var/tmp"  # noqa: S108
    return tempfile.gettempdir()


def _no_room(error: OSError) -> SourceError:
    return SourceError(
        f"This archive cannot be unpacked into {_folder()}: {os_words(error)}.",
        "Make room there, or set TMPDIR to a folder with more room.",
    )
