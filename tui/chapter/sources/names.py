"""What a name inside a source tells before the file is opened."""

from __future__ import annotations

from tui.chapter.images import EXTENSIONS
from tui.chapter.pages import ImageType

_SYSTEM_FILES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", ".ds_store", "$recycle.bin"}
)

ARCHIVES = frozenset(
    {"zip", "cbz", "rar", "cbr", "7z", "cb7", "tar", "cbt", "tgz", "txz", "gz", "xz", "epub"}
)
"""Endings of archives that may lie beside the pages."""


def member_path(name: str) -> str:
    """A name as an archive states it, as a path inside the archive: `/` between its parts, none empty or ".".

    One from the root of a disk is left to be seen as such: it is a name, and nothing is ever opened by it."""
    name = name if "/" in name else name.replace("\\", "/")
    path = "/".join(part for part in name.split("/") if part not in ("", "."))
    return ("/" + path if name.startswith("/") else path) or name


OUTSIDE = "its name leads outside the archive"
"""The reason for skipping such a member."""


def is_absolute(name: str) -> bool:
    """Whether the name, taken as a path, would start at the root of a disk."""
    return name.startswith(("/", "\\")) or (name[1:2] == ":" and name[2:3] in ("/", "\\"))


def leads_outside(name: str) -> bool:
    """Whether the name, taken as a path, would climb out of the archive."""
    return ".." in name.replace("\\", "/").split("/")


def junk_reason(name: str) -> str | None:
    """Why nothing under this path (`/` between its parts) can be a page; None when it may be one."""
    folded = name.casefold()
    if "/" not in folded:
        return _junk(folded)
    return next((reason for part in folded.split("/") if (reason := _junk(part))), None)


def _junk(part: str) -> str | None:
    if part in _SYSTEM_FILES:
        return "left there by the operating system"
    if part[:1] == ".":
        return "macOS leftovers" if part[1:2] == "_" else "hidden"
    return "macOS leftovers" if part == "__macosx" else None


def extension(name: str) -> str:
    """The ending of a name, lower case without the dot; "" when it has none."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return ending.lower() if dot and stem else ""


def promised_type(name: str) -> ImageType | None:
    """The image type that the ending of a name promises; None when it promises none."""
    return EXTENSIONS.get(extension(name))


def no_page_reason(name: str) -> str:
    """Why a file that is no image by name and content is skipped."""
    return "an archive inside the source" if extension(name) in ARCHIVES else "not an image"
