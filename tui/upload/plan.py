"""An upload plan: what will be uploaded, frozen, so that pages, order and details cannot drift under the engine."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui.chapter.details import ChapterDetails
from tui.chapter.pages import PageLocation


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """One page at its place in the chapter."""

    position: int
    """1 for the first page."""
    part_name: str
    """Name under which it is sent: unique, ASCII, made of position and hash ("0007-9f3c2ab1.png")."""
    name: str
    """The file's own name; for showing only, through safe_text()."""
    location: PageLocation
    size: int
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """A chapter ready to be uploaded."""

    id: str
    """Random, 32 hex digits."""
    source: Path
    pages: tuple[PlannedPage, ...]
    details: ChapterDetails
    created_at: datetime
    """Aware, UTC."""

    @property
    def total_bytes(self) -> int:
        return sum(page.size for page in self.pages)


def new_plan_id() -> str:
    """A plan id that no other run will make."""
    return uuid.uuid4().hex
