"""New entries from folders and archives: what is inside and around them tells, what was used last, what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.chapter.sources import SourceError, open_source
from tui.chapter.sources.base import IsCancelled
from tui.upload.known import Known
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.fields import set_field


def new_entry(
    source: Path,
    *,
    known: Known,
    typed: Mapping[str, str] | None = None,
    cancelled: IsCancelled | None = None,
) -> QueueEntry:
    """An entry for the chapter at `source`. Reads its headers and the dexup.toml files around it; Cancelled.

    `known` is what this machine knows (`Services.known()`, once for all entries), `typed` holds fields that win
    over everything (ValueError when one is wrong). A group whose id is not known stays as unknown: it is never
    dropped, nor are others put in its place.
    """
    source = source.absolute()
    try:
        scan = open_source(source).scan(cancelled=cancelled)
    except SourceError:
        scan = None  # why it cannot be read is found, and named, when it is its turn
    guess = known.guess(source, scan)
    entry = QueueEntry(source, details=guess.details, unknown_groups=guess.unknown_groups)
    for name, text in (typed or {}).items():
        entry = set_field(entry, name, text)
    return entry
