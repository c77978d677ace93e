"""What the chapter screen hands on: the pages in their order, and what is known of the chapter already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.chapter.guess import Guess
from tui.chapter.pages import Page


@dataclass(frozen=True, slots=True)
class ChapterSelection:
    """A chapter whose pages are chosen and in order."""

    source: Path
    """The folder or archive."""
    pages: tuple[Page, ...]
    """In reading order, the included ones only, every one hashed."""
    guess: Guess
    """The details, as far as what is inside and around the chapter tells them."""
