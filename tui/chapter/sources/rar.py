"""A rar or cbr: rarfile reads its table, and a program unpacks all members in one pass (see unpacked.py).

unrar, unar, 7-Zip and bsdtar are tried in this order, which is how much of the format each can do, until one
of them unpacks every member with the right checksum; when none does, the best attempt counts. rarfile's own
unpacking is not used: it starts a program for each member, without a time limit.
"""

from __future__ import annotations

import calendar
import io
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from tui.chapter.cancel import Cancelled, stop_if
from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import MOST_FILES, IsCancelled, Progress, Scan, SourceError, locked
from tui.chapter.sources.folder import open_handle
from tui.chapter.sources.joined import Entry, check_table, take_apart
from tui.chapter.sources.programs import Program, ProgramFailed, find_program, plain_name
from tui.chapter.sources.seven_zip import BSDTAR, SEVEN_ZIP, check_signature, unreadable
from tui.chapter.sources.signatures import RAR
from tui.chapter.sources.unpacked import (
    Spool,
    Unpacked,
    largest_unpacked,
    open_unpacked,
    scan_unpacked,
    too_many,
)

if TYPE_CHECKING:
    from rarfile import RarInfo

_LARGEST_READ = 4 * 1024 * 1024
"""Bytes; twice the largest header."""
_MOST_READS = 10 * MOST_FILES
"""A header takes two or three."""
_BROKEN_TABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error)
"""What rarfile raises, besides its own errors, for tables that were made to do harm."""


@dataclass(frozen=True, slots=True)
class Unpacker:
    """A program that writes all members of a rar, one after another, to its output."""

    programs: tuple[str, ...]
    arguments: tuple[str, ...]
    """Between the program and the archive. None of them lets it ask for a password."""


UNPACKERS: tuple[Unpacker, ...] = (
    Unpacker(("unrar",), ("p", "-inul", "-cfg-", "-p-", "-y", "--")),
    Unpacker(("unar",), ("-q", "-nr", "-k", "skip", "-o", "-", "--")),
    Unpacker(SEVEN_ZIP, ("x", "-so", "-p", "-y", "-bd", "-spd", "-mmt2", "--")),
    Unpacker(BSDTAR, ("-xOf",)),
)


_ABLE = frozenset({"unrar", "unar"})
"""Those that know all of the format; others come without parts of it, or without all of it."""


class Rar:
    """A rar or cbr file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Unpack the archive and read the beginning and end of every member."""
        return scan_unpacked(self.path, _unpack, on_progress, cancelled)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. SourceError, OSError."""
    return open_unpacked(location, _unpack)


def _unpack(path: Path, on_progress: Progress | None, cancelled: IsCancelled | None) -> Unpacked:
    limit = largest_unpacked(check_signature(path, RAR))
    # The table comes first: an archive that is locked or damaged needs no program to be installed for it.
    entries = _table(_library(path), path, cancelled)
    found = [(unpacker, find_program(unpacker.programs)) for unpacker in UNPACKERS]
    installed = [(unpacker, program) for unpacker, program in found if program]
    if not installed:
        raise SourceError(
            f"Opening a {path.suffix.lower()} needs one of the programs unrar, unar, 7zip or bsdtar, "
            "and none is installed.",
            "Install one of them (in Debian the packages unar or libarchive-tools).",
        )
    check_table(entries, limit)
    with plain_name(path) as archive:
        best: Unpacked | None = None
        failure = ProgramFailed("")
        for unpacker, program in installed:
            try:
                attempt = _attempt(program, unpacker, archive, entries, limit, on_progress, cancelled)
            except ProgramFailed as error:
                failure = error
                continue
            if best is None or attempt.problems < best.problems:
                best = attempt
            if not attempt.problems:
                break
    if best is not None and not best.nothing:
        return best
    if failure.locked:
        raise locked()
    reason = next((member.problem for member in best.members if member.problem), "") if best else str(failure)
    tried = [Path(program).name for _, program in installed]
    if not _ABLE.intersection(tried):
        raise SourceError(
            f"This archive cannot be unpacked by {' or '.join(tried)}: {reason}.",
            "Install unrar or unar, which can unpack every rar, or unpack it and choose the folder.",
        )
    raise unreadable("rar", reason)


def table_names(path: Path) -> list[str] | None:
    """Names of the files in the archive; None when its table cannot be read here. SourceError, OSError."""
    check_signature(path, RAR)
    try:
        library = _library(path)
    except SourceError:
        return None
    return [entry.name for entry in _table(library, path, None) if not entry.skip]


def _attempt(
    program: str,
    unpacker: Unpacker,
    archive: str,
    entries: list[Entry],
    limit: int,
    on_progress: Progress | None,
    cancelled: IsCancelled | None,
) -> Unpacked:
    spool = Spool(limit)
    try:
        with Program((program, *unpacker.arguments, archive), cancelled=cancelled) as output:
            take_apart(output, entries, spool, on_progress, cancelled)
            if any(entry.checksum is None for entry in entries):
                # Then the lengths alone have to fit, and what the program says of itself.
                output.finish()
        return spool.finish()
    finally:
        spool.close()


def _library(path: Path) -> ModuleType:
    try:
        import rarfile
    except ImportError as error:
        raise SourceError(
            f"Opening a {path.suffix.lower()} needs the library rarfile, which is not installed.",
            "Install it with: pip install 'dexup[cbr]'",
        ) from error
    # For a packed comment rarfile starts unrar by itself, without a time limit; this does nothing instead.
    rarfile.UNRAR_TOOL = shutil.which("true") or "true"
    library: ModuleType = rarfile
    return library


class _Reads(io.FileIO):
    """The archive's file for rarfile, which would read a table that was made to do harm for hours."""

    def __init__(self, path: Path, cancelled: IsCancelled | None) -> None:
        super().__init__(open_handle(path)[0], "rb")
        self._cancelled = cancelled
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes. SourceError for one read too many, Cancelled."""
        stop_if(self._cancelled)
        self._reads += 1
        if self._reads > _MOST_READS:
            raise too_many()
        return super().read(_LARGEST_READ if size is None or size < 0 else min(size, _LARGEST_READ)) or b""


def _table(rarfile: ModuleType, path: Path, cancelled: IsCancelled | None) -> list[Entry]:
    """The members, folders left out. SourceError, Cancelled, OSError."""
    parts = False

    def on_header(header: RarInfo) -> None:
        nonlocal parts
        if header.type == rarfile.RAR_BLOCK_MAIN:
            parts = parts or bool(header.flags & rarfile.RAR_MAIN_VOLUME)

    raw = _Reads(path, cancelled)
    try:
        with raw, rarfile.RarFile(raw, info_callback=on_header, part_only=True) as table:
            members: list[RarInfo] = table.infolist()
            broken = table.strerror()
            secret = table.needs_password()
    except (SourceError, Cancelled):
        raise
    except (rarfile.Error, *_BROKEN_TABLE) as error:
        raise unreadable("rar", str(error) or type(error).__name__) from error
    if secret:
        raise locked()
    if parts or any(member.flags & _SPLIT for member in members):
        raise SourceError(
            "This archive is one of several parts.",
            "Unpack all parts with an archive program, and choose the folder.",
        )
    if broken:
        raise unreadable("rar", broken[:1].lower() + broken[1:])
    return [_entry(member) for member in members if not member.is_dir()]


_SPLIT = 0x01 | 0x02
"""A member that began in the part before, or goes on in the next."""


def _entry(member: RarInfo) -> Entry:
    link = member.is_symlink() or bool(getattr(member, "file_redir", None))
    checksum = member.CRC if isinstance(member.CRC, int) else None
    return Entry(
        member.filename,
        max(0, member.file_size),
        checksum,
        _time(member.date_time),
        "a link, not a file" if link else "",
    )


def _time(stated: tuple[int, ...] | None) -> int:
    """Nanoseconds since the epoch, without a zone taken as UTC; 0 if there is none, or an impossible one."""
    if stated is None or len(stated) < 6 or not (1 <= stated[1] <= 12 and 1 <= stated[2] <= 31):
        return 0
    return calendar.timegm((*stated[:6], 0, 0, 0)) * 10**9
