"""The details of a chapter: what the service wants to know besides its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Origin(StrEnum):
    """Where the value of a field came from."""

    TYPED = "typed"
    SIDECAR = "dexup.toml"
    """Of the chapter itself."""
    COMIC_INFO = "ComicInfo.xml"
    PATTERN = "your pattern"
    """The name, read by a pattern of the settings."""
    FILE_NAME = "file name"
    FOLDER_NAME = "folder name"
    """Of a folder above."""
    FOLDER = "dexup.toml above"
    LAST_TIME = "last time"
    NEXT = "last chapter + 1"
    DEFAULT = "default"
    SESSION = "upload session"


@dataclass(frozen=True, slots=True)
class ChapterDetails:
    """Everything a commit says of the chapter besides the page order. None stands for the service's null."""

    manga_id: str = ""
    manga_title: str = ""
    """Only for showing."""
    group_ids: tuple[str, ...] = ()
    group_names: tuple[str, ...] = ()
    """Only for showing; same order as group_ids."""
    volume: str | None = None
    chapter: str | None = None
    title: str | None = None
    language: str = ""
    publish_at: datetime | None = None
    """Aware (with a zone); None publishes at once."""
    external_url: str | None = None
    origins: dict[str, Origin] = field(default_factory=dict)
    """Field name -> where its value came from."""


def groups_overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Some group is in both, or neither has any."""
    return bool(set(one) & set(other)) or not (one or other)
