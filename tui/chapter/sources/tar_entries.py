"""The headers of a tar, one after another, each of a bounded size.

The blocks are read here and understood by tarfile. Its own loop reads whatever length a header of names or of
sparse parts claims, into memory, which an archive made to do harm would use.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_BLOCK = 512
_LONGEST_NAMES = 64 * 1024
"""Bytes of one header of names; the longest path that systems take has 4096."""
_MOST_HEADERS = 16
"""Headers of names in front of one member; writers use two at most."""
_MOST_BLOCKS = 100_000
"""Headers in one tar, those of folders and of names included."""

_LINKS = frozenset({tarfile.SYMTYPE, tarfile.LNKTYPE})
_DEVICES = frozenset({tarfile.CHRTYPE, tarfile.BLKTYPE})
_FILES = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_PAX = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE})


class TarDamaged(Exception):
    """The archive cannot be read further; the text says why."""


class Feed(Protocol):
    """The bytes of a tar from front to end."""

    @property
    def at(self) -> int:
        """Bytes read or skipped so far."""
        ...

    def read(self, size: int) -> bytes:
        """`size` bytes, fewer at the end only."""
        ...

    def skip(self, size: int) -> None:
        """Go on by `size` bytes; past the end is for the next `read` to notice."""
        ...


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One file, link or device in a tar."""

    name: str
    offset: int
    """Where its bytes begin."""
    size: int
    modified_ns: int
    skip: str = ""
    """Why it is no file that can be read."""


@dataclass(slots=True)
class _Names:
    """What the headers in front of a member say in place of its own."""

    path: str | None = None
    size: int | None = None
    mtime: float | None = None
    sparse: bool = False


def tar_entries(feed: Feed) -> Iterator[TarEntry]:
    """All entries but folders; TarDamaged. The feed stands at an entry's bytes when it is given, and the
    reader may take as many of them as it likes before it asks for the next."""
    names = _Names()
    headers = 0
    for _ in range(_MOST_BLOCKS):
        at = feed.at
        block = feed.read(_BLOCK)
        if not block or block == bytes(_BLOCK):
            return
        info = _header(block, at)
        following = -(-info.size // _BLOCK) * _BLOCK
        if info.type in _PAX or info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            headers += 1
            if info.size > _LONGEST_NAMES or headers > _MOST_HEADERS:
                raise TarDamaged("a name in it is longer than any system takes")
            content = feed.read(following)[: info.size]
            if len(content) < info.size:
                raise TarDamaged("it ends inside a header: it was cut short")
            if info.type in _PAX:
                _read_pax(content, names)
            elif info.type == tarfile.GNUTYPE_LONGNAME:
                names.path = _text(content.partition(b"\0")[0])
            continue
        if info.type == tarfile.XGLTYPE:
            feed.skip(following)
            continue
        size = info.size if names.size is None else names.size
        sparse = names.sparse or info.type == tarfile.GNUTYPE_SPARSE
        if info.type == tarfile.GNUTYPE_SPARSE:
            _skip_sparse_map(feed, block)
        if info.type in _LINKS or info.type in _DEVICES or info.type in (tarfile.DIRTYPE, tarfile.FIFOTYPE):
            size = 0
        start = feed.at
        if info.type != tarfile.DIRTYPE:
            yield TarEntry(
                info.name if names.path is None else names.path,
                start,
                size,
                _nanoseconds(float(info.mtime) if names.mtime is None else names.mtime),
                "a sparse file" if sparse else _no_file(info.type),
            )
        feed.skip(start + -(-size // _BLOCK) * _BLOCK - feed.at)
        names, headers = _Names(), 0
    raise TarDamaged("it holds more folders and names than any chapter")


def _header(block: bytes, at: int) -> tarfile.TarInfo:
    if len(block) < _BLOCK:
        raise TarDamaged("it ends inside a header: it was cut short" if at else "it is no tar")
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError) as error:
        raise TarDamaged(f"the header at byte {at:,} is wrong" if at else "it is no tar") from error
    if not 0 <= info.size < 2**62:
        raise TarDamaged("a size in it is impossible")
    return info


def _no_file(kind: bytes) -> str:
    if kind in _FILES:
        return ""
    if kind in _LINKS:
        return "a link, not a file"
    if kind in _DEVICES:
        return "a device, not a file"
    return "a pipe, not a file" if kind == tarfile.FIFOTYPE else "not a regular file"


def _read_pax(content: bytes, names: _Names) -> None:
    """Records of `length key=value`, the length that of the whole record with its line end."""
    at = 0
    while at < len(content) and content[at]:
        digits, blank, _ = content[at : at + 9].partition(b" ")
        if not blank or not digits.isdigit():
            raise TarDamaged("a header of names in it is damaged")
        end = at + int(digits)
        record = content[at + len(digits) + 1 : end]
        key, equals, value = record.partition(b"=")
        if end > len(content) or not equals or not record.endswith(b"\n"):
            raise TarDamaged("a header of names in it is damaged")
        _take_pax(key, value[:-1], names)
        at = end


def _take_pax(key: bytes, value: bytes, names: _Names) -> None:
    try:
        if key == b"path":
            names.path = _text(value)
        elif key == b"size":
            names.size = int(value)
            if not 0 <= names.size < 2**62:
                raise ValueError(names.size)
        elif key == b"mtime":
            names.mtime = float(value)
        elif key.startswith(b"GNU.sparse."):
            names.sparse = True
    except ValueError as error:
        raise TarDamaged("a header of names in it is damaged") from error


def _skip_sparse_map(feed: Feed, block: bytes) -> None:
    """Blocks of a sparse file's map, behind its header, before its bytes."""
    more = block[482]
    while more:
        block = feed.read(_BLOCK)
        if len(block) < _BLOCK:
            raise TarDamaged("it ends inside a header: it was cut short")
        more = block[504]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _nanoseconds(seconds: float) -> int:
    """0 for times that no system states."""
    return int(seconds * 10**9) if -(2**33) < seconds < 2**33 else 0
