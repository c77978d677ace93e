"""What the sandbox's service knows: users, titles, groups, chapters, upload sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Document = dict[str, Any]


@dataclass
class User:
    """An account."""

    id: str
    username: str
    roles: list[str]
    version: int = 1


@dataclass
class Author:
    """Who wrote or drew a title."""

    id: str
    name: str


@dataclass
class Manga:
    """A title."""

    id: str
    attributes: Document
    """As the service sends them, without availableTranslatedLanguages and latestUploadedChapter."""
    author_ids: list[str]
    artist_ids: list[str]

    @property
    def names(self) -> list[str]:
        """The title under all its names."""
        titles = list(self.attributes["title"].values())
        return titles + [name for entry in self.attributes["altTitles"] for name in entry.values()]


@dataclass
class Group:
    """A scanlation group."""

    id: str
    attributes: Document
    leader_id: str | None
    member_ids: list[str]

    def has_member(self, user_id: str) -> bool:
        return user_id == self.leader_id or user_id in self.member_ids


@dataclass
class StoredPage:
    """A page of a committed chapter."""

    mime_type: str
    size: int
    sha256: str
    name: str
    """File name it was uploaded under."""
    path: Path | None
    """None for chapters that were there from the start: their pages are drawn when asked for."""


@dataclass
class Chapter:
    """A committed chapter."""

    id: str
    manga_id: str
    group_ids: list[str]
    uploader_id: str
    volume: str | None
    chapter: str | None
    title: str | None
    language: str
    external_url: str | None
    created_at: float
    updated_at: float
    publish_at: float
    readable_at: float
    processed_at: float
    """Until this epoch second it is in the processing queue."""
    approved: bool = True
    approved_at: float | None = None
    """Epoch second at which staff approves it by itself; None leaves that to /_sandbox/approve."""
    unavailable: bool = False
    version: int = 1
    pages: list[StoredPage] = field(default_factory=list)


@dataclass
class SessionFile:
    """A file in an upload session."""

    id: str
    name: str
    sha256: str
    size: int
    mime_type: str
    path: Path
    remote: bool = False
    """A page that the edited chapter had before."""
    version: int = 1


@dataclass
class UploadSession:
    """An open upload session. A committed or abandoned one is no longer kept."""

    id: str
    user_id: str
    manga_id: str
    group_ids: list[str]
    created_at: float
    updated_at: float
    chapter_id: str | None = None
    """The chapter that is edited."""
    version: int = 1
    files: dict[str, SessionFile] = field(default_factory=dict)
    committing: bool = False
    """A commit has begun; a second one does not find the session."""

    @property
    def total_bytes(self) -> int:
        return sum(file.size for file in self.files.values())
