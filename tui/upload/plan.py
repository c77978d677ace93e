"""An upload plan: what will be uploaded, frozen, so that nothing can drift under the engine."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tui.chapter.checks import check_details, check_pages
from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding, Severity
from tui.chapter.pages import ImageType, Page, PageLocation
from tui.mangadex.models import ChapterMetadata

PART_NAME = re.compile(r"\d{4,}-([0-9a-f]{8,})\.[a-z]+")
"""Names that parts are sent under: the position, and a piece of the page's SHA-256."""
_ENDINGS = {ImageType.JPEG: "jpg", ImageType.PNG: "png", ImageType.GIF: "gif"}


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
    """Bytes; 0 for a page on the server whose size it does not say."""
    media_type: str
    sha256: str
    remote_id: str = ""
    """Id of the file in the edit session that is this page already; empty for one that has to be sent."""


@dataclass(frozen=True, slots=True)
class EditTarget:
    """The published chapter whose pages a plan changes, as it was when its session began."""

    chapter_id: str
    version: int
    session_id: str
    """The upload session that was begun for it; no other one will do."""
    before: ChapterMetadata
    pages_before: int
    left_out: tuple[str, ...] = ()
    """Ids of the session's files that are pages of the chapter now, and will not be."""


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
    edit: EditTarget | None = None
    """None for a new chapter."""

    @property
    def new_pages(self) -> tuple[PlannedPage, ...]:
        """Those that have to be sent."""
        return tuple(page for page in self.pages if not page.remote_id)

    @property
    def total_bytes(self) -> int:
        return sum(page.size for page in self.pages)


def new_plan_id() -> str:
    """A plan id that no other run will make."""
    return uuid.uuid4().hex


class PlanRefused(Exception):
    """The chapter has errors, so that no plan can be frozen. `findings` holds every finding, errors first."""

    def __init__(self, findings: list[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        super().__init__(f"{len(errors)} errors: " + "; ".join(finding.message for finding in errors[:5]))
        self.findings = findings


def freeze_plan(
    source: Path,
    pages: Sequence[Page],
    details: ChapterDetails,
    *,
    now: datetime,
    edit: EditTarget | None = None,
) -> UploadPlan:
    """The plan for these pages, in this order, with these details; with `edit`, for a chapter that is there.

    Every page that has to be sent must have been hashed. Raises PlanRefused when a page or a detail breaks a
    rule of the service.
    """
    findings = [*check_pages(pages), *check_details(details, now=now)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise PlanRefused(findings)
    unread = [page.name for page in pages if not page.is_read]
    if unread:
        raise ValueError(f"{len(unread)} pages have no hash yet: {unread[0]!r} ...")
    planned = tuple(_planned(position, page) for position, page in enumerate(pages, 1))
    return UploadPlan(new_plan_id(), source, planned, details, now, edit)


def _planned(position: int, page: Page) -> PlannedPage:
    sent_as = f"{page.sha256[:8]}.{_ENDINGS[page.type]}" if not page.remote_id else page.remote_id[:8]
    return PlannedPage(
        position=position,
        part_name=f"{position:04}-{sent_as}",
        name=page.name,
        location=page.location,
        size=page.size,
        media_type=page.type.media_type,
        sha256=page.sha256,
        remote_id=page.remote_id,
    )


def plan_without(plan: UploadPlan, positions: Collection[int], *, now: datetime) -> UploadPlan:
    """The same chapter without the pages at `positions`, as a new plan. ValueError when none would be left.

    The pages that stay keep the hash in their names, so that those on the server already are found again.
    """
    left = [page for page in plan.pages if page.position not in positions]
    if not left:
        raise ValueError("no page would be left")
    pages = tuple(
        replace(
            page, position=position, part_name=f"{position:04}{page.part_name[page.part_name.index('-') :]}"
        )
        for position, page in enumerate(left, 1)
    )
    return replace(plan, id=new_plan_id(), pages=pages, created_at=now)
