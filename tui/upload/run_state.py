"""One upload's working state, shared by the steps that open, send and commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tui.mangadex.clock import Clock
from tui.mangadex.errors import Banned, CaptchaRequired, LoginFailed, LoginRequired, MangaDexError
from tui.mangadex.models import UploadSession
from tui.text import plural
from tui.upload.control import Control
from tui.upload.events import Event, Failed, PageRefused, Waiting, WaitOver
from tui.upload.exits import Exit
from tui.upload.gate import GateVerdict
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageRecord, PageState, first_record
from tui.upload.ledger_thread import LedgerThread
from tui.upload.options import EngineOptions
from tui.upload.plan import PlannedPage, UploadPlan
from tui.upload.retry import retry_delay
from tui.upload.service import Service


class GivenUp(Exception):
    """The upload cannot go on now. Carries what the user is told; nothing on the server was undone."""

    def __init__(
        self,
        title: str,
        detail: str,
        remedy: str,
        exit_code: Exit,
        *,
        status: int | None = None,
        request_id: str = "",
        resumable: bool = True,
        conflict: bool = False,
        account: bool = False,
    ) -> None:
        super().__init__(title)
        self.event = Failed(
            title=title,
            detail=detail,
            remedy=remedy,
            exit_code=int(exit_code),
            status=status,
            request_id=request_id,
            resumable=resumable,
            conflict=conflict,
            account=account,
        )

    @classmethod
    def because(
        cls, error: MangaDexError, exit_code: Exit, *, before: str = "", resumable: bool = True
    ) -> GivenUp:
        """The service's error as it is; `before` is said before the remedy."""
        return cls(
            error.title,
            error.detail,
            before + error.remedy,
            exit_code,
            status=error.status,
            request_id=error.request_id,
            resumable=resumable,
            account=isinstance(error, LoginRequired | LoginFailed | Banned | CaptchaRequired),
        )


@dataclass
class RunState:
    """Everything the steps share. Lives in the engine's loop."""

    plan: UploadPlan
    account: str
    service: Service
    ledger: LedgerThread
    clock: Clock
    options: EngineOptions
    emit_raw: Callable[[Event], None]
    control: Control
    session: UploadSession | None = None
    session_at: datetime | None = None
    records: dict[int, PageRecord] = field(default_factory=dict)
    failures: int = 0
    """Failures in a row, over all requests."""
    changed_on_disk: set[int] = field(default_factory=set)
    """Positions of refused pages that are to blame on this machine and not on the service."""
    unsettled_commit: float | None = None
    """Epoch second at which a commit went out whose outcome is not known."""
    doubted_commit: float | None = None
    """Epoch second of a commit by an earlier process that had not happened when somebody looked last; it may
    still arrive late."""
    gate: tuple[float, GateVerdict] | None = None
    """When the gate was found open (by the monotonic clock), and what was seen, until a commit is tried."""
    own_id: str = ""
    """The account's id on the service, once it was asked for."""

    def __post_init__(self) -> None:
        for page in self.plan.pages:
            self.records.setdefault(page.position, first_record(page))

    @property
    def session_id(self) -> str:
        return self.session.id if self.session is not None else ""

    def page(self, position: int) -> PlannedPage:
        """The page at a position, from 1."""
        return self.plan.pages[position - 1]

    def emit(self, event: Event) -> None:
        """Tell the world, with the time."""
        self.emit_raw(replace(event, at=self.clock.now()))

    def positions(self, state: PageState) -> tuple[int, ...]:
        """Positions of the pages in this state, in the plan's order."""
        return tuple(position for position, record in sorted(self.records.items()) if record.state is state)

    @property
    def accepted(self) -> dict[int, str]:
        """Position -> file id."""
        return {
            position: record.file_id
            for position, record in self.records.items()
            if record.state is PageState.ACCEPTED
        }

    async def record(self, changes: Mapping[int, PageRecord]) -> None:
        """Write what became of pages, first to the ledger, then here."""
        await self.ledger.do(Ledger.set_pages, self.plan.id, dict(changes))
        self.records.update(changes)

    async def refuse(self, position: int, words: str) -> None:
        """This page is not sent again unless the user says so."""
        await self.record({position: PageRecord(PageState.REFUSED, reason=words)})
        self.emit(PageRefused(position=position, name=self.page(position).name, reason=words))

    async def plan_again(self, positions: Sequence[int]) -> None:
        """These pages are not on the server and wait to be sent."""
        self.changed_on_disk.difference_update(positions)
        await self.record({position: PageRecord() for position in positions})

    def worked(self) -> None:
        """A request succeeded: failures are not in a row any more."""
        self.failures = 0

    async def back_off(self, error: MangaDexError, *, until: float = 0.0) -> None:
        """Wait before another attempt, visibly. Raises GivenUp after too many failures in a row."""
        self.failures += 1
        delay = retry_delay(self.failures, self.options.attempts)
        if delay is None:
            tried = f"{plural(self.failures, 'attempt')} failed. " if self.failures > 1 else ""
            raise GivenUp.because(error, Exit.RESUMABLE, before=tried)
        now = self.clock.now()
        end = max(until, now + delay)
        reason = error.detail or error.title
        if error.detail and error.title:
            reason = f"{error.title}: {error.detail}"
        self.emit(
            Waiting(
                reason=reason,
                until=end,
                attempt=self.failures + 1,
                attempts=self.options.attempts,
                can_retry_now=not until,
            )
        )
        try:
            if until:
                await self.control.sleep_through(end - now)
            else:
                await self.control.sleep(end - now)
        finally:
            self.emit(WaitOver())
