"""All members of an archive as one stream, taken apart with the archive's table and its checksums."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tui.chapter.cancel import stop_if
from tui.chapter.sources.base import MOST_FILES, IsCancelled, Progress
from tui.chapter.sources.programs import ProgramFailed
from tui.chapter.sources.unpacked import Spool, too_large, too_many, wanted

_CHUNK = 256 * 1024
_LARGEST_LINK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of an archive's table, folders left out."""

    name: str
    size: int
    checksum: int | None
    """CRC-32 of its bytes; None when the table has none."""
    modified_ns: int = 0
    skip: str = ""
    """Why it is no file that can be read: a link, say. Programs may or may not write something for it."""


class Output(Protocol):
    """The stream."""

    def read(self, size: int) -> bytes: ...


def check_table(entries: Sequence[Entry], limit: int) -> None:
    """SourceError for a table that no chapter has, before anything is unpacked."""
    if len(entries) > MOST_FILES:
        raise too_many()
    if sum(entry.size for entry in entries if not entry.skip) > limit:
        raise too_large(limit)


def take_apart(
    output: Output,
    entries: Sequence[Entry],
    spool: Spool,
    on_progress: Progress | None,
    cancelled: IsCancelled | None,
) -> None:
    """Write the members that may be pages into `spool`. What does not fit its checksum becomes a problem.

    When the stream ends early, or its program fails, the rest are problems. SourceError, Cancelled.
    """
    stream = _Stream(output)
    for number, entry in enumerate(entries):
        stop_if(cancelled)
        if on_progress is not None:
            on_progress(number, len(entries))
        if entry.skip:
            stream.pass_link(entry)
            spool.leave_out(entry.name, entry.skip)
            continue
        take = wanted(entry.name)
        checksum, left = 0, entry.size
        while left > 0:
            stop_if(cancelled)
            chunk = stream.read(min(left, _CHUNK))
            if not chunk:
                break
            checksum = zlib.crc32(chunk, checksum)
            if take:
                spool.write(chunk)
            left -= len(chunk)
        if not take:
            spool.leave_out(entry.name)
        else:
            problem = ""
            if left:
                problem = f"it cannot be unpacked ({stream.failure or 'its bytes end too early'})"
            elif entry.size and entry.checksum not in (None, checksum):
                problem = "its checksum is wrong: the bytes are damaged"
            spool.end(entry.name, modified_ns=entry.modified_ns, problem=problem, size=entry.size)


class _Stream:
    """Reads that remember a failure, and can be taken back."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._back = b""
        self.failure = ""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        if self._back:
            found, self._back = self._back[:size], self._back[size:]
            return found
        if self.failure:
            return b""
        try:
            return self._output.read(size)
        except ProgramFailed as error:
            self.failure = str(error)
            return b""

    def pass_link(self, entry: Entry) -> None:
        """Some programs write where a link leads, some write nothing: its checksum tells."""
        if not 0 < entry.size <= _LARGEST_LINK or entry.checksum is None:
            return
        found = b""
        while len(found) < entry.size and (chunk := self.read(entry.size - len(found))):
            found += chunk
        if zlib.crc32(found) != entry.checksum:
            self._back = found + self._back
