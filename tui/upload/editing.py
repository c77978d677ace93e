"""Beginning to change the pages of a published chapter: its session, and its pages as pages of a plan.

Whoever changes pages decides about each of them, so the session is begun first and shown: only it lists the
chapter's files (`mangadex-api.md` 4.3). Until a commit the chapter stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tui.chapter.details import ChapterDetails
from tui.chapter.pages import ImageType, Page, PageLocation
from tui.mangadex.clock import Clock
from tui.mangadex.errors import (
    BadAnswer,
    Conflict,
    ConnectFailed,
    Forbidden,
    MangaDexError,
    Refused,
    UnknownOutcome,
)
from tui.mangadex.models import Chapter, ChapterMetadata, SessionFile, UploadSession
from tui.text import plural
from tui.upload.plan import PART_NAME, EditTarget, UploadPlan, freeze_plan, new_plan_id
from tui.upload.reconcile import REMOTE
from tui.upload.service import EditService

_TRIES = 4
_PAUSE = 2.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


class OtherSession(MangaDexError):
    """An upload session that is not for this chapter is open; what becomes of it is for a person to decide."""

    remedy = "Finish it or abandon it first; then edit the chapter."

    def __init__(self, session: UploadSession) -> None:
        super().__init__(
            "Another upload session is open", f"session {session.id}, {plural(len(session.files), 'file')}"
        )
        self.session = session


@dataclass(frozen=True, slots=True)
class OpenedEdit:
    """A chapter whose pages can be changed now."""

    chapter: Chapter
    """As it was read after the session was there."""
    session: UploadSession
    files: tuple[SessionFile, ...]
    """The chapter's pages, in the order in which the server lists them."""
    resumed: bool = False
    """The session was open before; it may hold new pages already."""

    @property
    def place(self) -> Path:
        """Stands where other chapters have their folder or archive; nothing on this machine is called so."""
        return edit_place(self.chapter.id)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The chapter's pages. Their names are made here: the server may have none."""
        return tuple(_page(self.place, number, file) for number, file in enumerate(self.files, 1))

    def is_changed(self, pages: Sequence[Page]) -> bool:
        """Whether these pages, in this order, are anything else than the chapter as it is."""
        return [page.remote_id for page in pages] != [file.id for file in self.files]


def edit_place(chapter_id: str) -> Path:
    """See OpenedEdit.place."""
    return Path("/mangadex.org/chapter") / chapter_id


def details_of(chapter: Chapter) -> ChapterDetails:
    """What the service says of a chapter, as details."""
    found = chapter.metadata
    return ChapterDetails(
        manga_id=chapter.manga_id,
        manga_title=chapter.manga_title,
        group_ids=found.group_ids,
        group_names=found.group_names or ("",) * len(found.group_ids),
        volume=found.volume,
        chapter=found.chapter,
        title=found.title,
        language=found.language,
    )


def freeze_edit(
    opened: OpenedEdit, pages: Sequence[Page], details: ChapterDetails, *, now: datetime
) -> UploadPlan:
    """The plan that makes these the chapter's pages and details. Raises PlanRefused.

    A commit says nothing of groups (4.7), so they stay those of the chapter.
    """
    kept = {page.remote_id for page in pages}
    target = EditTarget(
        chapter_id=opened.chapter.id,
        version=opened.chapter.version,
        session_id=opened.session.id,
        before=opened.chapter.metadata,
        pages_before=len(opened.files),
        left_out=tuple(file.id for file in opened.files if file.id not in kept),
    )
    return freeze_plan(opened.place, pages, details, now=now, edit=target)


def rebase_edit(plan: UploadPlan, now: Chapter, details: ChapterMetadata) -> UploadPlan:
    """The same pages for the chapter as somebody else has left it meanwhile, with these details."""
    if plan.edit is None:
        raise ValueError("the plan edits no chapter")
    return replace(
        plan,
        id=new_plan_id(),
        details=replace(
            plan.details,
            volume=details.volume,
            chapter=details.chapter,
            title=details.title,
            language=details.language,
            group_ids=now.group_ids,
            group_names=now.group_names,
        ),
        edit=replace(plan.edit, version=now.version, before=now.metadata),
    )


async def open_edit(service: EditService, clock: Clock, chapter_id: str) -> OpenedEdit:
    """Begin an edit session for the chapter, or take up the one that is open for it already.

    A lost answer is settled by asking. Raises OtherSession, Forbidden and the other MangaDexError kinds; the
    chapter is as it was in any case.
    """
    chapter = await service.chapter(chapter_id)
    session = await _open_session(service)
    if session is not None:
        return await _opened(service, _for_chapter(session, chapter_id), resumed=True)
    begun: UploadSession | None = None
    for attempt in range(1, _TRIES + 1):
        try:
            begun = await service.begin_edit(chapter_id, chapter.version)
            break
        except Conflict:
            if attempt == _TRIES:
                raise
            chapter = await service.chapter(chapter_id)  # changed since it was read: the newest counts
        except (ConnectFailed, UnknownOutcome):
            if attempt == _TRIES:
                raise
            await clock.sleep(_PAUSE * attempt)
        except Forbidden:
            raise
        except Refused:
            session = await _open_session(service)
            if session is None:
                raise
            begun = _for_chapter(session, chapter_id)  # a begin without an answer came late
            break
        session = await _open_session(service)
        if session is not None:
            begun = _for_chapter(session, chapter_id)
            break
    assert begun is not None
    return await _opened(service, begun, resumed=False)


async def _open_session(service: EditService) -> UploadSession | None:
    session = await service.current_session()
    return session if session is not None and session.is_open else None


def _for_chapter(session: UploadSession, chapter_id: str) -> UploadSession:
    if session.chapter_id != chapter_id:
        raise OtherSession(session)
    return session


async def _opened(service: EditService, session: UploadSession, *, resumed: bool) -> OpenedEdit:
    if not session.files or not session.files_known:
        listed = await _open_session(service)
        if listed is not None and listed.id == session.id:
            session = listed
    # Nothing was sent yet in a session that was begun just now, whatever it says of its files.
    files = tuple(file for file in session.files if file.source == REMOTE or not resumed)
    if not files:
        error = BadAnswer("The server does not list the chapter's pages", f"session {session.id}")
        error.remedy = (
            "Abandon the session (the chapter stays as it is), and edit the chapter on the website."
        )
        raise error
    # Beginning may count as a change of the chapter; what somebody else does comes after this version.
    return OpenedEdit(await service.chapter(session.chapter_id), session, files, resumed)


def _page(place: Path, number: int, file: SessionFile) -> Page:
    # What dexup called it when it was sent tells nobody anything.
    told = file.name and not PART_NAME.fullmatch(file.name)
    name = f"page {number:03}" + (f" · {file.name}" if told else "")
    kind = file.media_type.removeprefix("image/")
    return Page(
        PageLocation(place, file.id),
        size=file.size or 0,
        modified_ns=0,
        type=_TYPES.get(kind, ImageType.UNKNOWN),
        sha256=file.hash if _SHA256.fullmatch(file.hash) else "",
        decoded=True,
        shown_name=name,
        remote_id=file.id,
    )


_TYPES = {"jpg": ImageType.JPEG, "jpeg": ImageType.JPEG, "png": ImageType.PNG, "gif": ImageType.GIF}
