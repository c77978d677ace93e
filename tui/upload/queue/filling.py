"""New entries from folders and archives: what their names tell, what was used last, what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.guess import guess_details
from tui.chapter.sources import SourceError, open_source
from tui.chapter.sources.base import IsCancelled
from tui.storage.memory import SeriesMemory
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.fields import set_field


def new_entry(
    source: Path,
    *,
    series: Callable[[Path], SeriesMemory | None],
    language: str = "",
    typed: Mapping[str, str] | None = None,
    cancelled: IsCancelled | None = None,
) -> QueueEntry:
    """An entry for the chapter at `source`. Reads its headers; Cancelled.

    `series` knows what was chosen last for chapters in the same folder, `language` is the settings', `typed`
    holds fields that win over everything (ValueError when one is wrong).
    """
    source = source.absolute()
    try:
        comic_info = open_source(source).scan(cancelled=cancelled).comic_info
    except SourceError:
        comic_info = None  # why it cannot be read is found, and named, when it is its turn
    entry = with_memory(QueueEntry(source), guess_details(source, comic_info), series(source), language)
    for name, text in (typed or {}).items():
        entry = set_field(entry, name, text)
    return entry


def with_memory(
    entry: QueueEntry, guessed: ChapterDetails, known: SeriesMemory | None, language: str
) -> QueueEntry:
    """The entry with what was guessed; ids come from what was used last for this series.

    A group that was guessed and is not among those used last stays as unknown: it is never dropped, nor
    are others put in its place.
    """
    origins = dict(guessed.origins)
    details = replace(guessed, group_ids=(), group_names=(), manga_title=guessed.manga_title)
    unknown = guessed.group_names
    if known is not None and known.manga_id:
        if not details.manga_id:
            details = replace(details, manga_id=known.manga_id, manga_title=known.manga_title)
            origins["manga_id"] = Origin.LAST_TIME
        ids = {
            name.casefold(): (id_, name)
            for id_, name in zip(known.group_ids, known.group_names, strict=False)
        }
        named = [ids[name.casefold()] for name in guessed.group_names if name.casefold() in ids]
        chosen = named if guessed.group_names else list(zip(known.group_ids, known.group_names, strict=False))
        unknown = tuple(name for name in guessed.group_names if name.casefold() not in ids)
        details = replace(
            details,
            group_ids=tuple(id_ for id_, _ in chosen),
            group_names=tuple(name for _, name in chosen),
        )
        if chosen:
            origins["group_ids"] = Origin.LAST_TIME
        if not details.language and known.language:
            details = replace(details, language=known.language)
            origins["language"] = Origin.LAST_TIME
    if not details.language and language:
        details = replace(details, language=language)
        origins["language"] = Origin.DEFAULT
    return replace(entry, details=replace(details, origins=origins), unknown_groups=unknown)
