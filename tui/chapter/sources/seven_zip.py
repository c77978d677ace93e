"""A 7z or cb7, unpacked once (see unpacked.py) by 7-Zip or, where that is missing, by bsdtar.

7-Zip lists the archive, and then writes all members to one stream, which the table takes apart. bsdtar turns
the archive into a tar on the fly. Both unpack solid archives in one pass.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tui.chapter.pages import PageLocation
from tui.chapter.sources import signatures
from tui.chapter.sources.base import IsCancelled, Progress, Scan, SourceError, locked, os_words
from tui.chapter.sources.folder import open_file
from tui.chapter.sources.joined import Entry, check_table, take_apart
from tui.chapter.sources.programs import Program, ProgramFailed, find_program, plain_name
from tui.chapter.sources.tar import HEADERS, PackedFeed, spool_tar
from tui.chapter.sources.tar_entries import TarDamaged
from tui.chapter.sources.unpacked import Spool, Unpacked, largest_unpacked, open_unpacked, scan_unpacked

SEVEN_ZIP = ("7zz", "7z", "7za", "7zr")
BSDTAR = ("bsdtar",)

_LARGEST_TABLE = 32 * 1024 * 1024
_NO_QUESTIONS = ("-p", "-y", "-bd", "-sccUTF-8", "-spd", "-mmt2", "-t7z")
"""An empty password, yes to all, no progress, UTF-8, no wildcards, two threads, nothing but 7z inside."""
_UNIX_MODE = re.compile("[-a-zA-Z][-rwxsStT]{9}")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")


class SevenZip:
    """A 7z or cb7 file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Unpack the archive and read the beginning and end of every member."""
        return scan_unpacked(self.path, _unpack, on_progress, cancelled)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. SourceError, OSError."""
    return open_unpacked(location, _unpack)


def table_names(path: Path) -> list[str] | None:
    """Names of the files in the archive; None when 7-Zip, which reads its table, is missing. SourceError."""
    limit = largest_unpacked(check_signature(path, signatures.SEVEN_ZIP))
    program = find_program(SEVEN_ZIP)
    if not program:
        return None
    try:
        with plain_name(path) as archive:
            return [entry.name for entry in _table(program, archive, limit, None) if not entry.skip]
    except ProgramFailed as error:
        raise locked() if error.locked else unreadable("7z", error) from error


def unreadable(what: str, reason: object) -> SourceError:
    """The archive is no `what`, or is broken."""
    return SourceError(
        f"This archive is damaged, or no {what} at all: {reason}.",
        "Open it with an archive program, and pack its pages again or choose their folder.",
    )


def check_signature(path: Path, *signatures: bytes) -> int:
    """The archive's size, when it begins as it should: no program is let loose on anything else. SourceError."""
    try:
        with open_file(path) as raw:
            first = raw.read(16)
            size = raw.seek(0, 2)
    except OSError as error:
        raise SourceError(
            f"This archive cannot be read: {os_words(error)}.", "Check its permissions, or choose another."
        ) from error
    if not first.startswith(signatures):
        raise unreadable(path.suffix.lower().lstrip("."), "it begins like something else")
    return size


def _unpack(path: Path, on_progress: Progress | None, cancelled: IsCancelled | None) -> Unpacked:
    limit = largest_unpacked(check_signature(path, signatures.SEVEN_ZIP))
    program = find_program(SEVEN_ZIP)
    bsdtar = "" if program else find_program(BSDTAR)
    if not program and not bsdtar:
        raise SourceError(
            f"Opening a {path.suffix.lower()} needs the program 7zip or bsdtar, and neither is installed.",
            "Install 7zip or bsdtar (in Debian the packages 7zip and libarchive-tools).",
        )
    spool = Spool(limit)
    try:
        with plain_name(path) as archive:
            if program:
                _by_seven_zip(program, archive, spool, on_progress, cancelled)
            else:
                _by_bsdtar(bsdtar, archive, spool, on_progress, cancelled)
        return spool.finish()
    except ProgramFailed as error:
        raise locked() if error.locked else unreadable("7z", error) from error
    finally:
        spool.close()


def _by_seven_zip(
    program: str,
    archive: str,
    spool: Spool,
    on_progress: Progress | None,
    cancelled: IsCancelled | None,
) -> None:
    entries = _table(program, archive, spool.limit, cancelled)
    with Program((program, "x", "-so", *_NO_QUESTIONS, "--", archive), cancelled=cancelled) as output:
        take_apart(output, entries, spool, on_progress, cancelled)


def _table(program: str, archive: str, limit: int, cancelled: IsCancelled | None) -> list[Entry]:
    """All members. SourceError, ProgramFailed, Cancelled."""
    arguments = (program, "l", "-slt", "-ba", *_NO_QUESTIONS, "--", archive)
    with Program(arguments, cancelled=cancelled) as listing:
        entries = list(_entries(listing.read_all(_LARGEST_TABLE).decode("utf-8", "replace")))
    check_table(entries, limit)
    return entries


def _entries(listing: str) -> Iterator[Entry]:
    """The rows of `7z l -slt`: blocks of `Key = value`, an empty line between them. SourceError when locked."""
    for block in re.split(r"\n\s*\n", listing.replace("\r\n", "\n")):
        fields = dict(line.partition(" = ")[::2] for line in block.split("\n") if " = " in line)
        name = fields.get("Path", "")
        attributes = fields.get("Attributes", "").split()
        if not name or fields.get("Folder") == "+" or (attributes and attributes[0].startswith("D")):
            continue
        if fields.get("Encrypted") == "+":
            raise locked()
        mode = next((word for word in attributes if _UNIX_MODE.fullmatch(word)), "-")
        size, checksum = fields.get("Size", ""), fields.get("CRC", "").strip()
        yield Entry(
            name,
            int(size) if size.isdecimal() else 0,
            int(checksum, 16) if re.fullmatch("[0-9A-Fa-f]{8}", checksum) else None,
            _time(fields.get("Modified", "")),
            {"-": "", "l": "a link, not a file", "p": "a pipe, not a file"}.get(
                mode[0], "a device, not a file"
            ),
        )


def _time(text: str) -> int:
    found = _TIME.match(text)
    if found is None:
        return 0
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return 0
    return calendar.timegm((year, month, day, hour, minute, second)) * 10**9


def _by_bsdtar(
    program: str,
    archive: str,
    spool: Spool,
    on_progress: Progress | None,
    cancelled: IsCancelled | None,
) -> None:
    def on_entry(number: int) -> None:
        if on_progress is not None:
            on_progress(number, number + 1)

    arguments = (program, "-cf", "-", "--format", "pax", f"@{archive}")
    with Program(arguments, cancelled=cancelled) as output:
        feed = PackedFeed(output, spool.limit + HEADERS, cancelled)
        try:
            spool_tar(feed, spool, on_entry, cancelled)
            feed.skip(spool.limit)
        except TarDamaged as error:
            output.finish()
            raise ProgramFailed(f"bsdtar: {error}") from error
        output.finish()
