"""What the service answers, as plain values.

Every field that a source calls optional, or that was seen missing in real answers, has a default here, so
that a missing or extra field never stops an upload (`mangadex-api.md`, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class User:
    """The account that is logged in."""

    id: str
    username: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFile:
    """One file that an upload session holds on the server."""

    id: str
    name: str = ""
    """The part's file name as it was sent (`originalFileName`); may be empty for a remote page."""
    size: int | None = None
    """Bytes."""
    media_type: str = ""
    hash: str = ""
    """Opaque; 64 hex digits are taken for the SHA-256 of the bytes."""
    source: str = "local"
    """"local" for a file that was sent, "remote" for a page of the chapter that is being edited."""


@dataclass(frozen=True, slots=True)
class UploadSession:
    """The one upload session that an account may have open."""

    id: str
    manga_id: str = ""
    manga_title: str = ""
    """Empty when the answer did not include it; look the manga up by id then."""
    group_ids: tuple[str, ...] = ()
    group_names: tuple[str, ...] = ()
    """Same order as group_ids; an empty string where the name is not known."""
    manga: Manga | None = None
    """Its title; like `groups` and `user` only when the answer included it."""
    groups: tuple[Group, ...] = ()
    """Its groups, without their members."""
    user: User | None = None
    """Whose session it is."""
    chapter_id: str = ""
    """Set when the session edits an existing chapter."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int | None = None
    is_committed: bool = False
    is_processed: bool = False
    is_deleted: bool = False
    files: tuple[SessionFile, ...] = ()
    files_known: bool = False
    """True when the answer listed its files with their attributes (or clearly has none), so that an absent
    file is truly not on the server."""

    @property
    def is_open(self) -> bool:
        """Whether it takes pages: not once it is committed or deleted, though the service may list it for a
        while (`mangadex-api.md` 6)."""
        return not (self.is_committed or self.is_deleted)


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One error object of an answer."""

    status: int = 0
    title: str = ""
    detail: str = ""
    id: str = ""
    context: object = None

    def __str__(self) -> str:
        return self.detail or self.title or f"status {self.status}"


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What the server made of one request with files. Both lists may be filled at once."""

    accepted: tuple[SessionFile, ...]
    errors: tuple[ErrorDetail, ...] = ()


@dataclass(frozen=True, slots=True)
class Manga:
    """A title, as far as an uploader needs it."""

    id: str
    title: str = ""
    """The best title to show: English, romanised, original, any."""
    alt_titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None
    content_rating: str = ""
    status: str = ""
    state: str = "published"
    original_language: str = ""
    last_volume: str = ""
    last_chapter: str = ""
    available_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A scanlation group."""

    id: str
    name: str = ""
    alt_names: tuple[str, ...] = ()
    locked: bool = False
    """Only members may upload for it."""
    inactive: bool = False
    official: bool = False
    languages: tuple[str, ...] = ()
    publish_delay: str = ""
    """ISO 8601 duration or empty."""
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter on the service."""

    id: str
    manga_id: str = ""
    manga_title: str = ""
    """Empty when the answer did not include it."""
    group_ids: tuple[str, ...] = ()
    group_names: tuple[str, ...] = ()
    uploader_id: str = ""
    volume: str | None = None
    chapter: str | None = None
    title: str | None = None
    language: str = ""
    pages: int | None = None
    external_url: str | None = None
    is_unavailable: bool = False
    publish_at: datetime | None = None
    readable_at: datetime | None = None
    created_at: datetime | None = None
    version: int = 1

    @property
    def metadata(self) -> ChapterMetadata:
        """What of it can be changed without its pages."""
        return ChapterMetadata(
            volume=self.volume or None,
            chapter=self.chapter or None,
            title=self.title or None,
            language=self.language,
            group_ids=self.group_ids,
            group_names=self.group_names,
        )


@dataclass(frozen=True, slots=True)
class ChapterMetadata:
    """What a PUT says of a chapter (5.3). None means the JSON null that the service wants, never "" (5.4)."""

    volume: str | None
    chapter: str | None
    title: str | None
    language: str
    group_ids: tuple[str, ...] = ()
    group_names: tuple[str, ...] = field(default=(), compare=False)
    """Only for showing; same order as group_ids."""


@dataclass(frozen=True, slots=True)
class ChapterDraft:
    """What a commit says of the chapter. None means the JSON null that the service wants, never "" (5.4)."""

    volume: str | None
    chapter: str | None
    title: str | None
    language: str
    external_url: str | None = None
    publish_at: datetime | None = None
    """Aware, UTC; left out of the request when None (4.7)."""


@dataclass(frozen=True, slots=True)
class Collection(Generic[T]):
    """One page of a list answer."""

    items: tuple[T, ...]
    total: int = 0
    offset: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class AggregateChapter:
    """One line of a manga's aggregate: a chapter number and the ids that have it."""

    volume: str | None
    chapter: str | None
    ids: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request as it went over the wire, for the log.

    Holds no query, no body, no header: nothing secret.
    """

    method: str
    path: str
    status: int | None
    """None when no answer came."""
    seconds: float
    """From the first byte sent to the head of the answer."""
    bytes: int = 0
    """Length of the body that was to be sent."""
    request_id: str = ""
    """X-Request-ID of the answer; the service's staff ask for it."""
    problem: str = ""
    """Why no answer came, empty when one did."""
