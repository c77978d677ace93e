"""Changing what is said of a chapter, its pages excepted: one PUT, and never over what somebody else wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.chapter.details import ChapterDetails
from tui.mangadex.clock import Clock
from tui.mangadex.errors import Conflict, ConnectFailed, UnknownOutcome
from tui.mangadex.models import Chapter, ChapterMetadata
from tui.upload.service import EditService

_TRIES = 4
_PAUSE = 2.0


class ChangedMeanwhile(Exception):
    """Somebody changed the chapter after it was read. `now` is what it is; nothing was written."""

    def __init__(self, now: Chapter) -> None:
        super().__init__(f"version {now.version}")
        self.now = now


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two sides do not agree. The texts are not ours: through safe_text()."""

    field: str
    before: str
    mine: str
    theirs: str

    @property
    def is_conflict(self) -> bool:
        """Both sides changed it, and not alike."""
        return self.before not in (self.mine, self.theirs)


_FIELDS = ("volume", "chapter", "title", "language", "group_ids")
_LABELS = {"group_ids": "groups"}


def metadata_of(details: ChapterDetails) -> ChapterMetadata:
    """What a PUT would say of these details."""
    return ChapterMetadata(
        volume=details.volume,
        chapter=details.chapter,
        title=details.title,
        language=details.language,
        group_ids=details.group_ids,
        group_names=details.group_names,
    )


def compare(before: ChapterMetadata, mine: ChapterMetadata, theirs: ChapterMetadata) -> list[Difference]:
    """Field by field, wherever mine and theirs differ."""
    return [
        Difference(_LABELS.get(name, name), _shown(before, name), _shown(mine, name), _shown(theirs, name))
        for name in _FIELDS
        if _value(mine, name) != _value(theirs, name)
    ]


def merge(before: ChapterMetadata, mine: ChapterMetadata, theirs: ChapterMetadata) -> ChapterMetadata:
    """Theirs, with every field that I changed as I changed it."""
    changed = {name: getattr(mine, name) for name in _FIELDS if _value(mine, name) != _value(before, name)}
    if "group_ids" in changed:
        changed["group_names"] = mine.group_names
    return replace(theirs, **changed)


def is_same(one: ChapterMetadata, other: ChapterMetadata) -> bool:
    """Whether they say the same; the order of groups says nothing."""
    return all(_value(one, name) == _value(other, name) for name in _FIELDS)


async def save_metadata(service: EditService, clock: Clock, read: Chapter, mine: ChapterMetadata) -> Chapter:
    """Make the chapter, which was read as `read`, say `mine`; the chapter afterwards.

    Looks before it writes, since not every refusal of an old version is documented, and settles a lost answer
    by looking again. Raises ChangedMeanwhile and the kinds of MangaDexError.
    """
    for attempt in range(1, _TRIES + 1):
        now = await service.chapter(read.id)
        if now.version != read.version:
            if attempt > 1 and is_same(now.metadata, mine):
                return now  # the answer was lost, the change was not
            raise ChangedMeanwhile(now)
        try:
            return await service.update_chapter(read.id, read.version, mine)
        except (Conflict, ConnectFailed, UnknownOutcome):
            if attempt == _TRIES:
                raise
            await clock.sleep(_PAUSE * attempt)
    raise AssertionError("not reached")


def _value(side: ChapterMetadata, name: str) -> object:
    value = getattr(side, name)
    return frozenset(value) if name == "group_ids" else value


def _shown(side: ChapterMetadata, name: str) -> str:
    if name != "group_ids":
        return getattr(side, name) or "none"
    names = side.group_names or ("",) * len(side.group_ids)
    return ", ".join(name or id_ for name, id_ in zip(names, side.group_ids, strict=True)) or "no group"
