"""What the engine tells: one immutable event for each thing that happened.

The ledger and the log file hear of an event before a screen does. `--json` prints them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""

    at: float = 0.0
    """Epoch second at which it happened; the engine fills it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStarted(Event):
    """The engine has taken a plan."""

    plan_id: str
    pages: int
    bytes: int
    edits: str = ""
    """Id of the chapter whose pages are changed; empty for a new chapter."""
    new_pages: int = 0
    """Of an edit: how many of the pages have to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBegan(Event):
    """A new upload session was opened on the server."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFound(Event):
    """The account already has an upload session open. Nothing is done with it until somebody decides."""

    session_id: str
    belongs_to_plan: bool
    """The ledger knows it as this plan's own."""
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed(Event):
    """The plan goes on in an open session."""

    session_id: str
    kept: tuple[int, ...]
    """Positions whose pages the server already has."""
    missing: tuple[int, ...]
    strangers: int
    """Files in the session that are not in the plan; removed before commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAbandoned(Event):
    """A session was deleted on the server, as the user had decided."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStarted(Event):
    """A request with pages is under way."""

    batch: int
    """Counts from 1."""
    positions: tuple[int, ...]
    bytes: int
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesSent(Event):
    """Progress inside a request; at most a few a second."""

    batch: int
    sent: int
    """Page bytes of this batch sent so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFinished(Event):
    """A request with pages was answered (or settled by asking the server)."""

    batch: int
    accepted: tuple[int, ...]
    failed: tuple[tuple[int, str], ...]
    """(position, reason) of pages that are not on the server; reason in the server's words."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAccepted(Event):
    """The server holds this page."""

    position: int
    file_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRefused(Event):
    """The server refused this very page; it will not be sent again unless the user says so."""

    position: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """The engine waits; `retry_now` cuts it short unless the service itself set the time."""

    reason: str
    until: float
    attempt: int = 1
    attempts: int = 1
    can_retry_now: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOver(Event):
    """The wait ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling(Event):
    """An answer was lost; the server is asked what it kept."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Event):
    """The server said what it kept."""

    kept: tuple[int, ...]
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangersRemoved(Event):
    """Files that are not in the plan were deleted from the session."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllPagesIn(Event):
    """Plan, ledger and server agree: every page is there once. The commit waits for the user."""

    pages: int
    bytes: int
    listed: bool = True
    """False when the server does not list the session's files, so that its answers to the batches had to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStarted(Event):
    """The commit request is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed(Event):
    """The chapter exists."""

    chapter_id: str
    settled_by: str = "answer"
    """"answer", or "lookup" when the answer was lost and the chapter was found by asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp(Event):
    """What became of a committed chapter has changed, as the service's lists show it."""

    plan_id: str
    chapter_id: str
    standing: str
    """A word of tui.upload.proofs.proof.Standing."""
    pages: int | None
    """Pages that the service counts, when it lists the chapter."""
    pages_differ: bool = False
    name: str = ""
    """The title and number; not ours: through safe_text()."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitUnknown(Event):
    """The commit's answer was lost and nothing the server says settles it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """Nothing new is sent until the user says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOn(Event):
    """The pause is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The engine stopped before the commit, because it was asked to. The session is kept."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """The engine gave up. Unless `resumable` is false the session is kept and `dexup resume` goes on."""

    title: str
    detail: str
    remedy: str
    exit_code: int
    status: int | None = None
    request_id: str = ""
    resumable: bool = True
    conflict: bool = False
    """The chapter that was to be edited was changed by somebody meanwhile; a person has to decide."""
    account: bool = False
    """It is about the account, not about this chapter: every other one would meet it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntryBegan(Event):
    """The queue has come to an entry."""

    number: int
    what: str
    """Not ours: through safe_text()."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntryEnded(Event):
    """What became of an entry of the queue."""

    number: int
    what: str
    source: str
    state: str
    """As EntryState has it."""
    problem: str = ""
    chapter_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEnded(Event):
    """The run of the queue is over: because nothing is left to do, or for the reason in `title`."""

    committed: int
    """By this run."""
    failed: int
    left: int
    """Entries that this run did not come to."""
    exit_code: int
    title: str = ""
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """A line for the log that changes no state (token refreshed, batch made smaller ...)."""

    text: str
    details: dict[str, object] = field(default_factory=dict)
