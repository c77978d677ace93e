"""What one source says of a chapter: a file, a name, the memory of the last time."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.chapter.details import Origin

FIELDS = ("manga", "groups", "volume", "chapter", "title", "language", "publish_at", "external_url")
"""What a source may say. `manga` is a Named, `groups` a tuple of Named, `publish_at` an aware datetime, the
others texts; None where something can be said to be none (a oneshot has no chapter)."""

DETAIL_OF = {"manga": "manga_id", "groups": "group_ids"}
"""The field of ChapterDetails that findings and origins name, where it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Named:
    """A manga or a group. Without an id it is only a word to search for."""

    id: str = ""
    name: str = ""
    word: str = field(default="", compare=False)
    """What the source wrote, where the memory told which one is meant."""

    def agrees(self, other: Named) -> bool:
        """Whether both may be the same: the ids decide where both have one, else the names."""
        if self.id and other.id:
            return self.id == other.id
        return bool(self.name and other.name) and plain(self.name) == plain(other.name)


@dataclass(frozen=True, slots=True)
class Claims:
    """The fields one source speaks of; what is not in `values` it leaves open."""

    origin: Origin
    values: Mapping[str, object] = field(default_factory=dict)
    where: str = ""
    """The file, for showing, where the origin alone does not tell."""
    readings: Mapping[str, object] = field(default_factory=dict)
    """Fields that it can be read in another way: the value then."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One field as one source says it."""

    field: str
    """One of FIELDS."""
    value: object
    origin: Origin
    reading: object = None
    """The value if the source is read in another way, or None."""

    def shown(self) -> str:
        """The value in words. Not ours: pass through safe_text() before showing."""
        value = self.value
        if isinstance(value, Named):
            return value.name or value.id
        if isinstance(value, tuple):
            return ", ".join(one.name or one.id for one in value) or "no group"
        return "none" if value is None else str(value)


def same(one: Claim, other: Claim) -> bool:
    """Whether two sources say the same of a field."""
    a, b = one.value, other.value
    if isinstance(a, Named) and isinstance(b, Named):
        return a.agrees(b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(any(x.agrees(y) for y in b) for x in a)
    if one.field == "title":
        return plain(str(a or "")) == plain(str(b or ""))
    return a == b


def plain(text: str) -> str:
    """A name without case, width, blanks and punctuation, for comparing; its letters and digits."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(character for character in folded if character.isalnum())
    return kept or folded.strip()
