"""Where pages come from: a folder or an archive.

A new kind of archive is one more row in OPENERS: a class with the methods of Source, and a function that
opens one of its pages.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tui.chapter.pages import PageLocation
from tui.chapter.sources.archive import ZipArchive
from tui.chapter.sources.archive import open_member as open_in_zip
from tui.chapter.sources.base import Scan, Skipped, Source, SourceError, os_words
from tui.chapter.sources.folder import Folder, page_of_file
from tui.chapter.sources.folder import open_member as open_in_folder
from tui.chapter.sources.zip_parts import READ_ERRORS, read_problem

__all__ = [
    "OPENERS",
    "READ_ERRORS",
    "Opener",
    "Scan",
    "Skipped",
    "Source",
    "SourceError",
    "is_archive",
    "open_page",
    "open_source",
    "page_of_file",
    "read_problem",
]


@dataclass(frozen=True, slots=True)
class Opener:
    """How one kind of archive is opened."""

    endings: tuple[str, ...]
    """Endings of its names, lower case, with the dot."""
    source: Callable[[Path], Source]
    open_member: Callable[[PageLocation], BinaryIO]


OPENERS: tuple[Opener, ...] = (Opener((".zip", ".cbz"), ZipArchive, open_in_zip),)

_BY_ENDING = {ending: opener for opener in OPENERS for ending in opener.endings}
_NOT_YET = frozenset({".rar", ".cbr", ".7z", ".cb7", ".tar", ".cbt", ".gz", ".xz", ".pdf", ".epub"})


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive that can be opened. The file itself is not looked at."""
    return path.suffix.lower() in _BY_ENDING


def open_source(path: Path) -> Source:
    """The folder or archive at `path`, not yet read. SourceError for what cannot be a chapter."""
    path = Path(os.path.abspath(path))  # noqa: PTH100  # keeps links, so that the path is the one that was chosen
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise SourceError(f"There is no file or folder {path}.", "Check the path.") from error
    except (OSError, ValueError) as error:
        words = os_words(error) if isinstance(error, OSError) else str(error)
        raise SourceError(
            f"{path} cannot be read: {words}.", "Check its permissions, or choose another."
        ) from error
    if stat.S_ISDIR(mode):
        return Folder(path)
    if not stat.S_ISREG(mode):
        raise SourceError(f"{path.name} is neither a folder nor a file.", "Choose a folder, a zip or a cbz.")
    opener = _BY_ENDING.get(path.suffix.lower())
    if opener is not None:
        return opener.source(path)
    if path.suffix.lower() in _NOT_YET:
        raise SourceError(
            f"dexup cannot open {path.suffix.lower()} archives.",
            "Unpack it and choose the folder, or make a zip.",
        )
    raise SourceError(
        f"{path.name} is not an archive that dexup can open.",
        "Choose the folder with the pages, a zip or a cbz.",
    )


def open_page(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. Blocking; works in a later run too, and from any thread.

    Raises one of READ_ERRORS, which `read_problem()` puts into words, also while the stream is read.
    """
    opener = _BY_ENDING.get(location.source.suffix.lower()) if location.index >= 0 else None
    return opener.open_member(location) if opener is not None else open_in_folder(location)
