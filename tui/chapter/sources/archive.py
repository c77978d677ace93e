"""A zip or cbz. Members are read one at a time and never written to disk; their names only serve to sort."""

from __future__ import annotations

import calendar
import io
import stat
import zipfile
from pathlib import Path
from typing import BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.images import Header, read_header
from tui.chapter.pages import ImageType, PageLocation
from tui.chapter.sources.assemble import Gathering
from tui.chapter.sources.base import DESCRIPTIONS, LARGEST_DESCRIPTION, IsCancelled, Progress, Scan, locked
from tui.chapter.sources.names import OUTSIDE, junk_reason, leads_outside, promised_type
from tui.chapter.sources.zip_directory import open_archive
from tui.chapter.sources.zip_parts import (
    READ_ERRORS,
    StoredPart,
    is_locked,
    member_name,
    open_part,
    read_problem,
    refuse_unreadable,
)

_LARGEST_READ = 32 * 1024 * 1024
"""Bytes of one packed member read by the scan; of a larger one only the beginning is looked at."""
_BEGINNING = 256 * 1024


class ZipArchive:
    """A zip or cbz file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Read the beginning and end of every member; packed members are unpacked for it, in memory."""
        found = Gathering()
        raw, members = open_archive(self.path)
        with raw:
            if {is_locked(info) for info in members if not info.filename.endswith("/")} == {True}:
                raise locked()
            for index, info in enumerate(members):
                stop_if(cancelled)
                if on_progress is not None:
                    on_progress(index, len(members))
                self._look_at(raw, PageLocation(self.path, member_name(info), index), info, found)
        if on_progress is not None:
            on_progress(len(members), len(members))
        return found.finish()

    def _look_at(
        self, raw: BinaryIO, location: PageLocation, info: zipfile.ZipInfo, found: Gathering
    ) -> None:
        name = location.member
        if name.endswith("/"):
            return
        reason = OUTSIDE if leads_outside(name) else junk_reason(name)
        if reason is None and stat.S_ISLNK(info.external_attr >> 16):
            reason = "a link, not a file"
        if reason is not None:
            found.skip(name, reason)
            return
        size, changed = info.file_size, _time_of(info)
        try:
            if name.rpartition("/")[2].casefold() in DESCRIPTIONS:
                with open_part(raw, info) as stream:
                    found.add_description(name, stream.read(LARGEST_DESCRIPTION + 1))
                return
            header = _header_of(raw, info, named_image=promised_type(name) is not None)
        except READ_ERRORS as error:
            found.refuse(location, read_problem(error), size=size, modified_ns=changed)
            return
        found.add(location, header, size=size, modified_ns=changed)


def table_names(path: Path) -> list[str]:
    """Names of the files in the archive. SourceError."""
    raw, members = open_archive(path)
    raw.close()
    return [member_name(info) for info in members]


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page in an archive, as a stream of its own. One of READ_ERRORS."""
    raw, members = open_archive(location.source)
    try:
        index = location.index
        if not 0 <= index < len(members) or member_name(members[index]) != location.member:
            raise zipfile.BadZipFile("it is no longer at its place in the archive")
        return io.BufferedReader(open_part(raw, members[index], close=True))
    except BaseException:
        raw.close()
        raise


def _header_of(raw: BinaryIO, info: zipfile.ZipInfo, *, named_image: bool) -> Header:
    """The header of a member: straight from the file where it is stored unpacked, else unpacked in memory."""
    if info.compress_type == zipfile.ZIP_STORED:
        refuse_unreadable(info)
        return read_header(StoredPart(raw, info), info.file_size)
    if info.file_size > _LARGEST_READ or not named_image:
        with open_part(raw, info) as stream:
            beginning = stream.read(_BEGINNING)
        header = read_header(io.BytesIO(beginning), info.file_size, whole=False)
        if info.file_size > _LARGEST_READ or header.type is ImageType.UNKNOWN:
            return header
    with open_part(raw, info) as stream:
        # Read to the end, so that the checksum is compared too.
        return read_header(io.BytesIO(stream.read()), info.file_size)


def _time_of(info: zipfile.ZipInfo) -> int:
    """Nanoseconds since the epoch as the archive states them (no zone: taken as UTC); 0 if impossible."""
    year, month, day, hour, minute, second = info.date_time
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return 0
    return calendar.timegm((year, month, day, hour, minute, second)) * 10**9
