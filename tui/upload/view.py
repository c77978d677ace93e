"""What an upload looks like now: a value folded from the engine's events, for screens to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from tui.upload import events
from tui.upload.ledger_entry import PageState
from tui.upload.plan import UploadPlan

_SPEED_SECONDS = 10.0
"""Span over which the speed is measured."""


class Phase(StrEnum):
    """What the engine is doing."""

    IDLE = "idle"
    CHECKING = "checking"
    SENDING = "sending"
    WAITING = "waiting"
    PAUSED = "paused"
    RECONCILING = "reconciling"
    READY = "ready"
    COMMITTING = "committing"
    COMMITTED = "committed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    FAILED = "failed"


ENDED = frozenset({Phase.IDLE, Phase.COMMITTED, Phase.UNKNOWN, Phase.STOPPED, Phase.FAILED})
"""Phases in which nothing is under way."""


@dataclass(frozen=True, slots=True)
class PageView:
    """One page."""

    position: int
    name: str
    """Not ours: through safe_text()."""
    size: int
    state: PageState = PageState.PLANNED
    sent_bytes: int = 0
    """Of the request under way; all of it once accepted."""
    file_id: str = ""
    reason: str = ""
    """Why it was refused, in the server's words."""


@dataclass(frozen=True, slots=True)
class UploadView:
    """The whole upload."""

    phase: Phase = Phase.IDLE
    plan: UploadPlan | None = None
    session_id: str = ""
    pages: tuple[PageView, ...] = ()
    accepted_count: int = 0
    sent_bytes: int = 0
    """Bytes of accepted pages and of pages under way."""
    total_bytes: int = 0
    waiting: events.Waiting | None = None
    found: events.SessionFound | None = None
    """The session that was in the way."""
    failure: events.Failed | None = None
    chapter_id: str | None = None
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    paused: bool = False
    committing: bool = False
    """A commit went out, and nobody has found out yet what became of it."""
    batches: tuple[events.BatchStarted, ...] = ()
    """Requests under way."""
    samples: tuple[tuple[float, int], ...] = ()
    """(epoch second, sent_bytes) of the last seconds, for the speed."""

    @property
    def active(self) -> bool:
        """True while the engine works or waits for the user's commit."""
        return self.phase not in ENDED

    @property
    def commit_unanswered(self) -> bool:
        """Whether a commit is out whose answer was not seen: leaving now means not to know."""
        return self.committing and self.phase in (Phase.COMMITTING, Phase.RECONCILING)


def start_view(plan: UploadPlan, accepted: Iterable[tuple[int, str]] = ()) -> UploadView:
    """The view of an upload that is about to begin."""
    pages = tuple(PageView(page.position, page.name, page.size) for page in plan.pages)
    view = UploadView(phase=Phase.CHECKING, plan=plan, pages=pages, total_bytes=plan.total_bytes)
    remote = [(page.position, page.remote_id) for page in plan.pages if page.remote_id]
    for position, file_id in (*remote, *accepted):
        view = _set(view, position, state=PageState.ACCEPTED, file_id=file_id)
    return _count(view, 0.0)


def fold(view: UploadView, event: events.Event) -> UploadView:
    """The view after `event`. Pure: the same events always make the same view."""
    match event:
        case events.SessionFound():
            return replace(view, found=event)
        case events.SessionBegan(session_id=session_id):
            return replace(view, session_id=session_id, phase=_working(view))
        case events.SessionResumed():
            view = replace(view, session_id=event.session_id, phase=_working(view))
            for position in event.missing:
                view = _set(view, position, state=PageState.PLANNED, file_id="", sent_bytes=0)
            for position in event.kept:
                view = _set(view, position, state=PageState.ACCEPTED)
            return _count(replace(view, samples=()), event.at)
        case events.BatchStarted():
            for position in event.positions:
                view = _set(view, position, state=PageState.SENDING, sent_bytes=0, reason="")
            waiting = _set_by_service(view, event.at)
            phase = view.phase if waiting is not None else _working(view)
            view = replace(
                view, waiting=waiting, committing=False, phase=phase, batches=(*view.batches, event)
            )
            return _count(view, event.at)
        case events.BytesSent():
            return _bytes_sent(view, event)
        case events.BatchFinished():
            return _batch_finished(view, event)
        case events.PageAccepted():
            view = _set(view, event.position, state=PageState.ACCEPTED, file_id=event.file_id, reason="")
            return _count(view, event.at)
        case events.PageRefused():
            view = _set(
                view, event.position, state=PageState.REFUSED, reason=event.reason, sent_bytes=0, file_id=""
            )
            return _count(view, event.at)
        case events.Waiting():
            if view.phase in ENDED:
                return view  # a request of somebody else waits
            if view.phase is Phase.READY and not event.can_retry_now:
                return replace(view, waiting=event)  # whoever asked: a commit can be asked for all the same
            return replace(view, waiting=event, phase=Phase.PAUSED if view.paused else Phase.WAITING)
        case events.WaitOver():
            return replace(
                view, waiting=None, phase=_working(view) if view.phase is Phase.WAITING else view.phase
            )
        case events.Reconciling():
            return replace(view, phase=Phase.RECONCILING, waiting=None)
        case events.Reconciled():
            for position in event.lost:
                view = _set(view, position, state=PageState.PLANNED, file_id="", sent_bytes=0)
            return _count(replace(view, phase=_working(view)), event.at)
        case events.AllPagesIn():
            return replace(view, phase=Phase.READY, committing=False, waiting=None, seconds_left=None)
        case events.CommitStarted():
            return replace(view, phase=Phase.COMMITTING, committing=True, waiting=None, failure=None)
        case events.Committed(chapter_id=chapter_id):
            return replace(view, phase=Phase.COMMITTED, chapter_id=chapter_id, waiting=None, failure=None)
        case events.CommitUnknown():
            return replace(view, phase=Phase.UNKNOWN, waiting=None)
        case events.Paused():
            return replace(view, paused=True, phase=Phase.PAUSED)
        case events.WentOn():
            return replace(
                view, paused=False, phase=Phase.SENDING if view.phase is Phase.PAUSED else view.phase
            )
        case events.Stopped():
            return _ended(view, Phase.STOPPED, event.at)
        case events.Failed():
            return replace(_ended(view, Phase.FAILED, event.at), failure=event)
    return view


def _set_by_service(view: UploadView, at: float) -> events.Waiting | None:
    """A wait that the service has set and that lasts, whatever becomes of other requests meanwhile."""
    waiting = view.waiting
    return waiting if waiting is not None and not waiting.can_retry_now and waiting.until > at else None


def _working(view: UploadView) -> Phase:
    return Phase.PAUSED if view.paused else Phase.SENDING


def _ended(view: UploadView, phase: Phase, at: float) -> UploadView:
    for page in view.pages:
        if page.state is PageState.SENDING:
            view = _set(view, page.position, state=PageState.PLANNED, sent_bytes=0)
    view = replace(view, phase=phase, waiting=None, batches=(), seconds_left=None, paused=False)
    return replace(_count(view, at), bytes_per_second=0.0)


def _bytes_sent(view: UploadView, event: events.BytesSent) -> UploadView:
    batch = next((batch for batch in view.batches if batch.batch == event.batch), None)
    if batch is None:
        return view
    left = event.sent
    for position in batch.positions:
        page = view.pages[position - 1]
        part = min(left, page.size)
        left -= part
        if part != page.sent_bytes and page.state is PageState.SENDING:
            view = _set(view, position, sent_bytes=part)
    return _count(replace(view, waiting=_set_by_service(view, event.at), phase=_working(view)), event.at)


def _batch_finished(view: UploadView, event: events.BatchFinished) -> UploadView:
    batch = next((batch for batch in view.batches if batch.batch == event.batch), None)
    if batch is not None:
        for position in batch.positions:
            page = view.pages[position - 1]
            if page.state is PageState.SENDING and position not in event.accepted:
                view = _set(view, position, state=PageState.PLANNED, sent_bytes=0)
    batches = tuple(batch for batch in view.batches if batch.batch != event.batch)
    return _count(replace(view, batches=batches, waiting=_set_by_service(view, event.at)), event.at)


def _set(
    view: UploadView,
    position: int,
    *,
    state: PageState | None = None,
    sent_bytes: int | None = None,
    file_id: str | None = None,
    reason: str | None = None,
) -> UploadView:
    if not 1 <= position <= len(view.pages):
        return view
    page = view.pages[position - 1]
    page = replace(
        page,
        state=page.state if state is None else state,
        sent_bytes=page.sent_bytes if sent_bytes is None else sent_bytes,
        file_id=page.file_id if file_id is None else file_id,
        reason=page.reason if reason is None else reason,
    )
    if page.state is PageState.ACCEPTED:
        page = replace(page, sent_bytes=page.size)
    return replace(view, pages=(*view.pages[: position - 1], page, *view.pages[position:]))


def _count(view: UploadView, at: float) -> UploadView:
    """Sums, speed and time left."""
    accepted = sum(page.state is PageState.ACCEPTED for page in view.pages)
    sent = sum(page.sent_bytes for page in view.pages)
    samples = (*view.samples, (at, sent)) if at else view.samples
    samples = tuple(sample for sample in samples if at - sample[0] <= _SPEED_SECONDS)[-64:]
    speed = view.bytes_per_second
    if len(samples) >= 2 and samples[-1][0] > samples[0][0]:
        speed = max(0.0, (samples[-1][1] - samples[0][1]) / (samples[-1][0] - samples[0][0]))
    left = (view.total_bytes - sent) / speed if speed > 0 and sent < view.total_bytes else None
    return replace(
        view,
        accepted_count=accepted,
        sent_bytes=sent,
        samples=samples,
        bytes_per_second=speed,
        seconds_left=left,
    )
