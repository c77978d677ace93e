"""The dexup.toml files around a chapter: its own, and those of the folders above."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tui.chapter.sidecar import LARGEST_SIDECAR
from tui.chapter.sources import archive_ending
from tui.chapter.sources.base import SIDECAR, os_words
from tui.chapter.sources.folder import open_handle

HIGHEST = 3
"""Folders above a chapter that are looked into: volume, series, shelf."""


@dataclass(frozen=True, slots=True)
class SidecarFile:
    """A dexup.toml as it stands there."""

    path: Path
    content: bytes = b""
    problem: str = ""
    """Why it cannot be read, or empty."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around one chapter."""

    own: tuple[SidecarFile, ...] = ()
    """In the folder, or beside the archive."""
    above: tuple[SidecarFile, ...] = ()
    """In the folders above, the nearest first."""


def own_sidecar(source: Path) -> Path:
    """Where the chapter's own dexup.toml stands, or would: in the folder, or beside the archive."""
    ending = archive_ending(source)
    if ending and not source.is_dir():
        return source.with_name(f"{source.name[: -len(ending)]}.{SIDECAR}")
    return source / SIDECAR


def look_around(source: Path) -> Surroundings:
    """Read them. Blocking, a few small files; what is missing is nothing, what cannot be read is said."""
    source = source.absolute()
    own = _read(own_sidecar(source))
    above = (_read(folder / SIDECAR) for folder in source.parents[:HIGHEST])
    return Surroundings((own,) if own is not None else (), tuple(one for one in above if one is not None))


def _read(path: Path) -> SidecarFile | None:
    try:
        handle, _ = open_handle(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        return SidecarFile(path, problem=os_words(error) if isinstance(error, OSError) else str(error))
    try:
        with os.fdopen(handle, "rb") as stream:
            return SidecarFile(path, stream.read(LARGEST_SIDECAR + 1))
    except OSError as error:
        return SidecarFile(path, problem=os_words(error))
