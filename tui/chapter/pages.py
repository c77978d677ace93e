"""A page: one image file of a chapter, wherever its bytes are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ImageType(StrEnum):
    """What the bytes are, by content and never by name."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    AVIF = "avif"
    BMP = "bmp"
    TIFF = "tiff"
    HEIC = "heic"
    JXL = "jxl"
    UNKNOWN = "unknown"

    @property
    def media_type(self) -> str:
        """The type to declare; application/octet-stream for the unknown."""
        return "application/octet-stream" if self is ImageType.UNKNOWN else f"image/{self.value}"


class Metadata(StrEnum):
    """What a file tells besides its picture, as far as its beginning shows."""

    NONE = ""
    SOME = "some"
    """Camera, editing history, texts."""
    PLACE = "place"
    """Where it was taken, too."""


ACCEPTED_TYPES = frozenset({ImageType.JPEG, ImageType.PNG, ImageType.GIF})
"""What the service takes (`mangadex-api.md` 4.0)."""


@dataclass(frozen=True, slots=True)
class PageLocation:
    """Where a page's bytes are, so that they can be opened again, also by a later run."""

    source: Path
    """Absolute path of the folder or archive."""
    member: str
    """Path inside the source, `/` between its parts. For an archive the member's name as stored."""
    index: int = -1
    """Position in the archive's directory, since names there may repeat; -1 in a folder."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What a page looks like, small enough to compare each page with each."""

    bits: int
    """256 of them; few differ between pages that may be the same one."""
    grey: bytes
    """The page in 32 x 32 places, dark to bright; tells what the bits cannot."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was found. Immutable: a change on disk makes another Page."""

    location: PageLocation
    size: int
    """Bytes."""
    modified_ns: int
    """Last change, nanoseconds since the epoch (archives: what the directory says, or 0)."""
    type: ImageType = ImageType.UNKNOWN
    width: int = 0
    """Pixels; 0 when the header could not be read."""
    height: int = 0
    complete: bool = True
    """False when the end-of-image mark is missing: the file was cut."""
    animated: bool = False
    problem: str = ""
    """Why it could not be read, empty when it could."""
    bits: int = 0
    """Bits a colour channel; 0 when unknown."""
    components: int = 0
    """Colour channels: 1 grey, 3 colour, 4 colour with alpha, or CMYK in a JPEG; 0 when unknown."""
    metadata: Metadata = Metadata.NONE
    trailing: int = 0
    """Bytes behind the end of the picture that are no part of it."""
    sha256: str = ""
    """Hex digest of the bytes; empty until hashed."""
    decoded: bool = False
    """Every pixel was decoded; `problem` says if that failed."""
    looks: Looks | None = None
    """None when not known, and for blank pages."""
    made_from: tuple[str, ...] = ()
    """Keys of the pages that this one is a mended copy of; empty for an original."""
    shown_name: str = ""
    """What a mended copy is called, or a page on the server; its file has a name of its own."""
    remote_id: str = ""
    """Id of the file, in an upload session, that is this page; its bytes are on the server and cannot be read
    here. Empty for a page on this machine."""

    @property
    def key(self) -> str:
        """Identity inside a chapter; stable across scans as long as the file keeps its place."""
        mark = f"#{self.location.index}" if self.location.index >= 0 else ""
        return f"{self.location.source}::{self.location.member}{mark}"

    @property
    def is_read(self) -> bool:
        """Nothing of it is left to be read: its bytes were hashed, or are on the server."""
        return bool(self.sha256 or self.remote_id)

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def name(self) -> str:
        """The path inside the source. Not ours: pass through safe_text() before showing."""
        return self.shown_name or self.location.member
