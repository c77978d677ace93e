"""A receipt: what was committed, from where, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Receipt:
    """One committed chapter."""

    plan_id: str
    chapter_id: str
    """Empty while the outcome of the commit is not known."""
    manga_id: str
    manga_title: str
    volume: str | None
    chapter: str | None
    title: str | None
    language: str
    group_names: tuple[str, ...]
    pages: int
    bytes: int
    source: Path
    committed_at: datetime
    """Aware, UTC."""
    state: str
    """"committed" (the service answered), "found" (the answer was lost, the chapter was found by asking)
    or "unknown"."""
    account: str = ""
    publish_at: datetime | None = None
    edited: bool = False
    """The pages of a chapter that was there before were changed."""
    group_ids: tuple[str, ...] = ()
    page_marks: str = ""
    """Beginnings of the pages' hashes (`sent_before.py`)."""
