"""What a name was found to tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameGuess:
    """What a name tells; None and empty for what it does not."""

    manga_title: str = ""
    volume: str | None = None
    chapter: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    language: str = ""
    manga_id: str = ""
    oneshot: bool = False
    """It says that the chapter has no number."""
    whole: str = ""
    """What the chapter's number is if a part is none of its own: "21", where "Ch.21 Part 1" was read as 21.1."""
