"""What every source of pages has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.chapter.pages import Page
from tui.chapter.source_error import SourceError as SourceError

MOST_FILES = 20_000
"""Files looked at in one source: forty times what a session takes."""
COMIC_INFO = "comicinfo.xml"
SIDECAR = "dexup.toml"
DESCRIPTIONS = frozenset({COMIC_INFO, SIDECAR})
"""Names, lower case, of files that are no pages but speak of the chapter."""
LARGEST_DESCRIPTION = 1024 * 1024
"""Bytes that are read of one; real files have a few thousand."""

Progress = Callable[[int, int], None]
"""Called with files done and files in all."""
IsCancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file in the source that does not become a page."""

    name: str
    """Path inside the source. Not ours: pass through safe_text() before showing."""
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a source holds."""

    pages: tuple[Page, ...]
    """In natural order."""
    skipped: tuple[Skipped, ...]
    """In natural order."""
    comic_info: bytes | None = None
    """ComicInfo.xml as it stands in the source, when there is one that can be read."""
    sidecar: bytes | None = None
    """dexup.toml as it stands in the source."""


class Source(Protocol):
    """A folder or archive whose images are the pages of a chapter."""

    @property
    def path(self) -> Path:
        """Absolute."""
        ...

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Read the headers of all files. Blocking. SourceError, Cancelled."""
        ...


def locked() -> SourceError:
    """The archive has a password, which is never asked for."""
    return SourceError(
        "This archive is locked with a password.",
        "Unpack it with an archive program, and choose the folder.",
    )


def os_words(error: OSError) -> str:
    """An operating system error as a clause: "permission denied"."""
    words = error.strerror or str(error) or type(error).__name__
    return words[:1].lower() + words[1:]
