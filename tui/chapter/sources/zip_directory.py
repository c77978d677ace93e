"""The table of contents of a zip file, bounded before it is read, and kept for the next page of that file."""

from __future__ import annotations

import io
import os
import struct
import threading
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

from tui.chapter.formats.others import name_of_other
from tui.chapter.sources.base import MOST_FILES, SourceError, os_words
from tui.chapter.sources.folder import open_file
from tui.chapter.sources.signatures import ZIP
from tui.chapter.sources.zip_parts import READ_ERRORS, read_problem

_LARGEST_DIRECTORY = 8 * 1024 * 1024
"""Bytes of a table of contents; 20,000 long names need some 3 MB."""
_LARGEST_UNPACKED = 4 * 1000**3
"""Bytes that all members together may claim: far beyond what a session takes."""

_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_END_64, _END_64_SIZE = b"PK\x06\x06", 56
_LONGEST_COMMENT = 0xFFFF

Members = tuple[zipfile.ZipInfo, ...]
_State = tuple[int, int, int, int]

_KEPT = 4
_kept: OrderedDict[_State, Members] = OrderedDict()
"""Tables read last, by the state of the file: reading one anew for each page takes longer than the pages."""
_kept_lock = threading.Lock()


def open_archive(path: Path) -> tuple[BinaryIO, Members]:
    """The archive's file, open, and its members in the order of its table. SourceError."""
    try:
        raw = io.BufferedReader(open_file(path))
    except OSError as error:
        raise SourceError(
            f"This archive cannot be read: {os_words(error)}.", "Check its permissions, or choose another."
        ) from error
    try:
        return raw, _members(raw)
    except READ_ERRORS as error:
        with raw:
            if isinstance(error, SourceError):
                raise
            first = b""
            if isinstance(error, zipfile.BadZipFile):  # and it is not that it cannot be read
                raw.seek(0)
                first = raw.read(512)
            raise _unreadable(first, read_problem(error), os.fstat(raw.fileno()).st_size) from error
    except BaseException:
        raw.close()
        raise


def _unreadable(first: bytes, problem: str, size: int) -> SourceError:
    """A zip has its table at the end, and what was not copied to the end has none."""
    if first.startswith(ZIP) and problem == "File is not a zip file":
        return SourceError(
            "This archive is damaged: it was cut short, and its table is missing.",
            "Copy or download it again.",
        )
    what = "" if first.startswith(ZIP) else name_of_other(first) if size else "an empty file"
    said = f"this is {what}" if what else problem
    return SourceError(
        f"This archive is damaged, or no zip at all: {said}.",
        "Open it with an archive program, and pack its pages again or choose their folder.",
    )


def _members(raw: io.BufferedReader[io.FileIO]) -> Members:
    state = os.fstat(raw.fileno())
    key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
    with _kept_lock:
        members = _kept.get(key)
        if members is not None:
            _kept.move_to_end(key)
            return members
    if min(directory_size(raw), state.st_size) > _LARGEST_DIRECTORY:
        raise _too_many()
    # zipfile leaves a file that it was given open when it is closed.
    with zipfile.ZipFile(raw) as archive:
        members = tuple(archive.infolist())
    _check(members, state.st_size)
    with _kept_lock:
        _kept[key] = members
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return members


def _check(members: Members, size: int) -> None:
    if len(members) > MOST_FILES:
        raise _too_many()
    unpacked = sum(info.file_size for info in members)
    if unpacked > _LARGEST_UNPACKED:
        raise SourceError(
            f"This archive unpacks to {unpacked / 1000**3:,.1f} GB.",
            "No chapter is that large; check where the archive comes from.",
        )
    if sum(info.compress_size for info in members) > size:
        raise SourceError(
            "The members of this archive overlap.", "It was made to do harm, or is damaged: choose another."
        )


def _too_many() -> SourceError:
    return SourceError(
        f"This archive holds more than {MOST_FILES:,} files.",
        "Choose an archive with the pages of one chapter.",
    )


def directory_size(raw: BinaryIO) -> int:
    """Bytes that the table of contents claims; 0 when there is no end record (zipfile then says so)."""
    size = raw.seek(0, io.SEEK_END)
    start = max(0, size - _END_SIZE - _LONGEST_COMMENT - _LOCATOR_SIZE - _END_64_SIZE)
    raw.seek(start)
    tail = raw.read(size - start)
    at = len(tail) - _END_SIZE
    # The same search as zipfile's, so that both find the same record.
    if not (at >= 0 and tail.startswith(_END, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return 0
    (claimed,) = struct.unpack_from("<I", tail, at + 12)
    end_64 = at - _LOCATOR_SIZE - _END_64_SIZE
    if end_64 >= 0 and tail.startswith(_LOCATOR, at - _LOCATOR_SIZE) and tail.startswith(_END_64, end_64):
        (claimed,) = struct.unpack_from("<Q", tail, end_64 + 40)
    return int(claimed)
