"""Where pages come from: a folder or an archive.

A new kind of archive is one more row in KINDS and a function that loads its opener: a class with the methods of
Source, and a function that opens one of its pages. A reader of archives is loaded with the first archive it is for.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import Scan, Skipped, Source, SourceError, os_words
from tui.chapter.sources.folder import Folder, open_file, page_of_file
from tui.chapter.sources.folder import open_member as open_in_folder
from tui.chapter.sources.names import junk_reason, promised_type
from tui.chapter.sources.signatures import PDF, RAR, SEVEN_ZIP, TAR, TAR_AT, ZIP
from tui.chapter.sources.zip_parts import READ_ERRORS, read_problem

__all__ = [
    "READ_ERRORS",
    "Scan",
    "Skipped",
    "Source",
    "SourceError",
    "archive_ending",
    "count_pages",
    "is_archive",
    "is_archive_name",
    "open_page",
    "open_source",
    "page_of_file",
    "read_problem",
]


@dataclass(frozen=True, slots=True)
class Opener:
    """How one kind of archive is opened."""

    source: Callable[[Path], Source]
    open_member: Callable[[PageLocation], BinaryIO]
    names: Callable[[Path], list[str] | None]
    """The names in an archive, where its table tells them at once; None where it does not. SourceError, OSError."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of archive is known."""

    endings: tuple[str, ...]
    """Endings of its names, lower case, with the dot."""
    opener: Callable[[], Opener]
    signature: bytes
    """Bytes that nothing else has there."""
    signature_at: int = 0


def _zip() -> Opener:
    from tui.chapter.sources.archive import ZipArchive, open_member, table_names

    return Opener(ZipArchive, open_member, table_names)


def _tar() -> Opener:
    from tui.chapter.sources.tar import Tar, open_member, table_names

    return Opener(Tar, open_member, table_names)


def _rar() -> Opener:
    from tui.chapter.sources.rar import Rar, open_member, table_names

    return Opener(Rar, open_member, table_names)


def _seven_zip() -> Opener:
    from tui.chapter.sources.seven_zip import SevenZip, open_member, table_names

    return Opener(SevenZip, open_member, table_names)


def _pdf() -> Opener:
    from tui.chapter.sources.pdf import Pdf, open_member, page_names

    return Opener(Pdf, open_member, page_names)


_TAR_ENDINGS = (
    ".tar",
    ".cbt",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz2",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tzst",
)

KINDS: tuple[Kind, ...] = (
    Kind((".zip", ".cbz"), _zip, ZIP),
    Kind(_TAR_ENDINGS, _tar, TAR, TAR_AT),
    Kind((".rar", ".cbr"), _rar, RAR),
    Kind((".7z", ".cb7"), _seven_zip, SEVEN_ZIP),
    Kind((".pdf",), _pdf, PDF),
)

_BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}
_ENDING_PARTS = frozenset(f".{ending.rpartition('.')[2]}" for ending in _BY_ENDING)
_NOT_YET = frozenset({".gz", ".bz2", ".xz", ".zst", ".epub", ".lzh", ".ace"})
_REMEDY = "Choose the folder with the pages, or a cbz, cbt, cbr, cb7 or pdf."


def archive_ending(path: Path) -> str:
    """The ending by which `path` is an archive that can be opened, lower case: ".tar.gz"; "" when it is none."""
    return _ending_of(path.name)


def _ending_of(name: str) -> str:
    stem, dot, last = name.lower().rpartition(".")
    ending = dot + last
    if ending not in _ENDING_PARTS or not stem.strip("."):
        return ""
    if "." not in stem:
        return ending if ending in _BY_ENDING else ""
    before, other_dot, other = stem.rpartition(".")
    endings = (other_dot + other + dot + last if before else "", dot + last)
    return next((ending for ending in endings if ending in _BY_ENDING), "")


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive that can be opened. The file itself is not looked at."""
    return archive_ending(path) != ""


def is_archive_name(name: str) -> bool:
    """The same for the last part of a path."""
    return _ending_of(name) != ""


def _opener_of(path: Path) -> Opener | None:
    """How an archive is opened: by its content, since many a cbr is a zip, else by its ending."""
    by_ending = _BY_ENDING.get(archive_ending(path))
    if by_ending is None:
        return None
    try:
        with open_file(path) as raw:
            first = raw.read(512)
    except OSError:
        return by_ending.opener()  # whoever opens it next says why it cannot be read
    known = (kind for kind in KINDS if first.startswith(kind.signature, kind.signature_at))
    return next(known, by_ending).opener()


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
        raise SourceError(f"{path.name} is neither a folder nor a file.", _REMEDY)
    opener = _opener_of(path)
    if opener is not None:
        return opener.source(path)
    if path.suffix.lower() in _NOT_YET:
        raise SourceError(
            f"dexup cannot open {path.suffix.lower()} archives.",
            "Unpack it and choose the folder, or make a cbz of its pages.",
        )
    raise SourceError(
        f"{path.name} is not an archive that dexup can open.",
        _REMEDY,
    )


def count_pages(path: Path) -> int | None:
    """Images in an archive as far as the names in its table tell; None when it would have to be unpacked for that.

    Blocking, but quick. SourceError, OSError.
    """
    opener = _opener_of(path)
    names = opener.names(path) if opener is not None else None
    if names is None:
        return None
    return sum(promised_type(name) is not None and junk_reason(name) is None for name in names)


def open_page(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. Blocking; works in a later run too, and from any thread.

    Raises one of READ_ERRORS, which `read_problem()` puts into words, also while the stream is read.
    """
    opener = _opener_of(location.source) if location.index >= 0 else None
    return opener.open_member(location) if opener is not None else open_in_folder(location)
