"""A tar or cbt, plain or packed with gzip, bzip2, xz or (from Python 3.14) zstd.

A plain tar is read at its members' places, without unpacking anything; a packed one is unpacked once, see
unpacked.py. Which of them it is, the first bytes tell. Links and devices are never followed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import MOST_FILES, IsCancelled, Progress, Scan, SourceError, os_words
from tui.chapter.sources.folder import open_file
from tui.chapter.sources.kept import Kept, state_of
from tui.chapter.sources.members import Member, open_slice, scan_members
from tui.chapter.sources.names import OUTSIDE, junk_reason, leads_outside, member_path
from tui.chapter.sources.packings import UNPACK_ERRORS, Packing, Unpacking, packing_of
from tui.chapter.sources.tar_entries import Feed, TarDamaged, tar_entries
from tui.chapter.sources.unpacked import (
    Spool,
    Unpacked,
    largest_unpacked,
    open_unpacked,
    scan_unpacked,
    too_large,
    too_many,
    wanted,
)

_CHUNK = 256 * 1024
HEADERS = 32 * 1024 * 1024
"""Bytes that 20,000 headers take beside the files."""

_tables: Kept[tuple[Member, ...]] = Kept(4)


class Tar:
    """A tar or cbt file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Read the beginning and end of every member; a packed tar is unpacked for it."""
        with _open(self.path) as raw:
            if _packing(raw) is None:
                handle = raw.fileno()
                members = _table(raw, cancelled)
                return scan_members(self.path, handle, members, on_progress=on_progress, cancelled=cancelled)
        return scan_unpacked(self.path, _unpack, on_progress, cancelled)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page in a tar, as a stream of its own. SourceError, OSError."""
    with _open(location.source) as raw:
        if _packing(raw) is None:
            return open_slice(raw.fileno(), _table(raw), location)
    return open_unpacked(location, _unpack)


def table_names(path: Path) -> list[str] | None:
    """Names of the files in a plain tar; None for a packed one, which would have to be unpacked. SourceError."""
    with _open(path) as raw:
        return None if _packing(raw) else [member.name for member in _table(raw) if not member.skip]


def spool_tar(
    feed: Feed, spool: Spool, on_entry: Callable[[int], None] | None, cancelled: IsCancelled | None
) -> None:
    """Write the files of a tar that comes from `feed` into `spool`. TarDamaged, SourceError, Cancelled."""
    for number, entry in enumerate(tar_entries(feed)):
        stop_if(cancelled)
        if on_entry is not None:
            on_entry(number)
        if entry.skip or not wanted(entry.name):
            spool.leave_out(entry.name, entry.skip)
            continue
        left = entry.size
        while left > 0:
            stop_if(cancelled)
            chunk = feed.read(min(left, _CHUNK))
            if not chunk:
                raise TarDamaged("it ends inside a file: it was cut short")
            spool.write(chunk)
            left -= len(chunk)
        spool.end(entry.name, modified_ns=entry.modified_ns)


def damaged(error: TarDamaged) -> SourceError:
    """Said to the user: nothing of a damaged tar is taken, since pages behind the damage would be missing."""
    return SourceError(
        f"This archive is damaged, or no tar at all: {error}.",
        "Open it with an archive program, and pack its pages again or choose their folder.",
    )


def _open(path: Path) -> io.BufferedReader[io.FileIO]:
    try:
        return io.BufferedReader(open_file(path))
    except OSError as error:
        raise SourceError(
            f"This archive cannot be read: {os_words(error)}.", "Check its permissions, or choose another."
        ) from error


def _packing(raw: io.BufferedReader[io.FileIO]) -> Packing | None:
    return packing_of(os.pread(raw.fileno(), 8, 0))


def _table(raw: io.BufferedReader[io.FileIO], cancelled: IsCancelled | None = None) -> tuple[Member, ...]:
    """The members of a plain tar. SourceError."""
    state = state_of(raw.fileno())
    found = _tables.get(state)
    if found is not None:
        return found
    members: list[Member] = []
    size = os.fstat(raw.fileno()).st_size
    try:
        for entry in tar_entries(_PlainFeed(raw.fileno())):
            stop_if(cancelled)
            if len(members) >= MOST_FILES:
                raise too_many()
            if entry.offset + entry.size > size:
                raise TarDamaged("it ends inside a file: it was cut short")
            members.append(_member(entry.name, entry.offset, entry.size, entry.modified_ns, entry.skip))
    except TarDamaged as error:
        raise damaged(error) from error
    if not size:
        raise damaged(TarDamaged("it is empty"))
    _tables.put(state, tuple(members))
    return tuple(members)


def _member(name: str, offset: int, size: int, modified_ns: int, skip: str) -> Member:
    path = member_path(name)
    outside = OUTSIDE if leads_outside(name) else None
    return Member(path, offset, size, modified_ns, skip or outside or junk_reason(path) or "")


def _unpack(path: Path, on_progress: Progress | None, cancelled: IsCancelled | None) -> Unpacked:
    with _open(path) as raw:
        packing = _packing(raw)
        size = os.fstat(raw.fileno()).st_size
        if packing is None:
            raise SourceError("This archive changed while it was read.", "Open it again.")

        def on_entry(number: int) -> None:
            # How many there are shows only at the end; the packed bytes read so far give a fair guess.
            if on_progress is not None:
                on_progress(number, max(number + 1, round(number * size / max(1, raw.tell()))))

        limit = largest_unpacked(size)
        spool = Spool(limit)
        try:
            with packing(raw) as stream:
                feed = PackedFeed(stream, limit + HEADERS, cancelled)
                spool_tar(feed, spool, on_entry, cancelled)
                # To the end, where the checksum is.
                feed.skip(limit)
            return spool.finish()
        except TarDamaged as error:
            raise damaged(error) from error
        finally:
            spool.close()


class _PlainFeed:
    """Reads a plain tar; skipping costs nothing."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.at = 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes."""
        found = os.pread(self._handle, size, self.at)
        self.at += len(found)
        return found

    def skip(self, size: int) -> None:
        """Go on by `size` bytes."""
        self.at += size


class PackedFeed:
    """Reads a stream that only goes forward, and no more than `limit` bytes of it altogether."""

    def __init__(self, stream: Unpacking, limit: int, cancelled: IsCancelled | None) -> None:
        self._stream, self._limit, self._cancelled = stream, limit, cancelled
        self.at = 0

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer at the end only. TarDamaged, SourceError."""
        found = b""
        while len(found) < size:
            try:
                chunk = self._stream.read(size - len(found))
            except UNPACK_ERRORS as error:
                raise TarDamaged(f"it cannot be unpacked ({str(error) or 'it ends too early'})") from error
            if not chunk:
                break
            found += chunk
        self.at += len(found)
        if self.at > self._limit:
            raise too_large(self._limit)
        return found

    def skip(self, size: int) -> None:
        """Read `size` bytes for nothing."""
        while size > 0:
            stop_if(self._cancelled)
            found = self.read(min(size, _CHUNK))
            if not found:
                return
            size -= len(found)
