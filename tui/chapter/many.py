"""The chapters below a folder, for uploading many of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tui.chapter.cancel import stop_if
from tui.chapter.file_names import parse_name
from tui.chapter.natural import natural_key
from tui.chapter.places import Kind, list_folder, look_into
from tui.chapter.sources import is_archive
from tui.chapter.sources.base import IsCancelled

_DEEPEST = 3
""" "Title/Vol.2/Ch.12" below the folder of titles."""
MOST_CHAPTERS = 1000


def find_chapters(paths: Iterable[Path], *, cancelled: IsCancelled | None = None) -> tuple[Path, ...]:
    """The chapters that `paths` stand for, in natural order below each path, each once. Cancelled.

    An archive, a folder with images in it, and a path where nothing is (so that it is named later) are
    chapters themselves; another folder stands for those below it. Stops at MOST_CHAPTERS.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if is_archive(path) or not path.is_dir() or look_into(path, cancelled=cancelled).images:
            found[path] = None
        else:
            _below(path, found, _DEEPEST, cancelled)
    return tuple(found)[:MOST_CHAPTERS]


def _below(folder: Path, found: dict[Path, None], depth: int, cancelled: IsCancelled | None) -> None:
    stop_if(cancelled)
    places = list_folder(folder, cancelled=cancelled).places
    for place in sorted(places, key=lambda place: natural_key(place.name)):
        if len(found) >= MOST_CHAPTERS:
            return
        if place.kind is Kind.ARCHIVE:
            found[place.path] = None
            continue
        facts = look_into(place.path, cancelled=cancelled)
        if facts.images:
            found[place.path] = None
        elif depth > 1 and (facts.folders or facts.archives):
            _below(place.path, found, depth - 1, cancelled)
        elif parse_name(place.name).chapter:
            # The name says that it is a chapter: that its pages are missing is better named than passed over.
            found[place.path] = None
