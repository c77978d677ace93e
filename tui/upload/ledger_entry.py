"""What the ledger knows of an upload that is not finished, and of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tui.upload.plan import PlannedPage, UploadPlan


class PageState(StrEnum):
    """Where a page is on its way."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Stage(StrEnum):
    """Where an upload is on its way."""

    OPENING = "opening"
    """A begin was about to be sent; whether a session is open is not known."""
    SENDING = "sending"
    COMMITTING = "committing"
    """A commit was about to be sent; whether the chapter exists is not known."""
    GONE = "gone"
    """The session vanished from the server without a commit of ours."""
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class PageRecord:
    """What the ledger knows of one page."""

    state: PageState = PageState.PLANNED
    file_id: str = ""
    reason: str = ""


def belongs_to(owner: str, account: str) -> bool:
    """Whether what the ledger notes for `owner`, "" for nobody in particular, is this account's. User names are the
    same whatever their case, as the service sees them, and one may be noted as it was typed."""
    return not owner or owner.casefold() == account.casefold()


def first_record(page: PlannedPage) -> PageRecord:
    """Before anything is done: a page of the edited chapter is on the server already."""
    if page.remote_id:
        return PageRecord(PageState.ACCEPTED, page.remote_id)
    return PageRecord()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An upload that is not finished."""

    plan: UploadPlan
    session_id: str
    """Empty when the session's id never arrived."""
    states: Mapping[int, PageRecord]
    """Position -> record."""
    stage: Stage
    account: str
    updated_at: datetime
    """Aware, UTC."""
    session_at: datetime | None = None
    """When the server says that the session began."""
    commit_at: float | None = None
    """Epoch second of the last commit that was sent, if one was that may have been heard."""

    @property
    def accepted(self) -> dict[int, str]:
        """Position -> file id of the pages that the server said it holds."""
        return {
            position: record.file_id
            for position, record in self.states.items()
            if record.state is PageState.ACCEPTED and record.file_id
        }
