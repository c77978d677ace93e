"""Watching an upload without a screen until it ends, is interrupted, or waits for its commit."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Protocol

from tui.commands.console import LINK, TERMS, Console
from tui.commands.seeing import wait_until_seen
from tui.services import Services
from tui.text import format_size, format_span
from tui.upload.describe import as_json, describe
from tui.upload.events import (
    AllPagesIn,
    BatchStarted,
    BytesSent,
    Committed,
    CommitUnknown,
    Event,
    Failed,
    Note,
    PageAccepted,
    Stopped,
)
from tui.upload.exits import Exit

_QUIET_SECONDS = 10.0
"""Between two progress lines in a file or pipe."""
_LIVE_SECONDS = 1.0
STOP_SECONDS = 15.0
"""How long an interrupted upload may take to write down where it is."""
_SILENT_SECONDS = 3.0
"""After which a wait for answers, when every page is in, is told of."""
_UNANSWERED = "Every page is in; MangaDex has yet to answer what it was asked about the chapter."
_GO_ON = "`dexup resume --accept-terms` goes on."
_RESUME = f"The upload session is kept; {_GO_ON}"
_RESUME_EARLY = f"No page was sent yet; {_GO_ON}"


class Interrupts:
    """Whether the user, the system or a hung-up line has asked to stop."""

    def __init__(self) -> None:
        self.count = 0
        self.last = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self.last = number


@contextlib.contextmanager
def counted_signals() -> Iterator[Interrupts]:
    """Signals only counted: the engine stops in its own order, so that the ledger explains everything."""
    interrupts = Interrupts()
    numbers = [signal.SIGINT, signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:  # nohup keeps it ignored
        numbers.append(hang_up)
    before = {number: signal.signal(number, interrupts) for number in numbers}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Progress:
    """A line now and then that says how far the upload is."""

    def __init__(self, services: Services, console: Console) -> None:
        self._services = services
        self._console = console
        self._said_at = time.monotonic()

    def say(self) -> None:
        """Print it, unless one was printed a moment ago."""
        now = time.monotonic()
        if now - self._said_at < (_LIVE_SECONDS if self._console.live else _QUIET_SECONDS):
            return
        self._said_at = now
        view = self._services.engine.view
        text = f"{view.accepted_count} of {len(view.pages)} pages, "
        text += f"{format_size(view.sent_bytes)} of {format_size(view.total_bytes)}"
        if view.bytes_per_second:
            text += f", {format_size(view.bytes_per_second)}/s"
        if view.seconds_left is not None:
            text += f", {format_span(view.seconds_left)} left"
        self._console.line(text)


class _Follower:
    def __init__(self, services: Services, console: Console, *, commit: bool) -> None:
        self._services = services
        self._console = console
        self._commit = commit
        self.all_in = False
        """Every page is in, and what comes then has not begun."""
        self._progress = Progress(services, console)

    def handle(self, event: Event) -> Exit | None:
        """Print the event; the exit code when it is the last one."""
        console = self._console
        console.record(as_json(event))
        if isinstance(event, BytesSent):
            self._progress.say()
            return None
        if isinstance(event, Failed):
            return self._failed(event)
        if not isinstance(event, PageAccepted):  # the batch's own line names its pages
            console.line(describe(event))
        match event:
            case AllPagesIn():
                self.all_in = True
            case Committed():
                console.line(LINK + event.chapter_id)
                return Exit.DONE
            case CommitUnknown():
                console.warn("dexup: whether the chapter was committed is not known yet.")
                console.warn("       Look at it on MangaDex, or run `dexup resume`, which asks again.")
                return Exit.UNKNOWN
            case Stopped():
                return Exit.INTERRUPTED
        return None

    def finish(self) -> Exit | None:
        """Commit if all is in; the exit code when there is nothing to do but that, and nobody wants it."""
        if not self.all_in:
            return None
        self.all_in = False
        if not self._commit:
            return Exit.DONE
        self._services.engine.commit(terms_accepted=True)
        return None

    def _failed(self, event: Failed) -> Exit:
        """Failed is printed to standard error; with --json its record went out already."""
        facts = [f"status {event.status}"] if event.status else []
        facts += [f"request {event.request_id}"] if event.request_id else []
        shown = f" ({', '.join(facts)})" if facts else ""
        self._console.warn(f"dexup: {event.title}" + (f": {event.detail}" if event.detail else "") + shown)
        go_on = _RESUME if self._services.engine.view.session_id else _RESUME_EARLY
        for line in (event.remedy, go_on if event.resumable else ""):
            if line:
                self._console.warn(f"       {line}")
        return Exit(event.exit_code)


class Questions(Protocol):
    """What is asked while pages go up, and must be told before the chapter is committed."""

    def begin(self) -> None: ...

    def told(self, seconds: float) -> bool: ...


def follow(
    services: Services,
    console: Console,
    *,
    commit: bool,
    start: Callable[[], None],
    wait: float = 0.0,
    beside: Questions | None = None,
) -> Exit:
    """Start the upload and print its events until it ends; with `commit`, commit when every page is in and
    what is asked `beside` is told, and then wait at most `wait` seconds until the chapter can be seen.

    SIGINT, SIGTERM and SIGHUP stop it: nothing is published, nothing deleted, the exit code is 130.
    """
    follower = _Follower(services, console, commit=commit)
    stop_by = 0.0
    silent_from = 0.0
    with counted_signals() as interrupts:
        start()
        while True:
            if interrupts.count and not stop_by:
                stop_by = time.monotonic() + STOP_SECONDS
                console.warn("dexup: stopping ...")
                services.engine.stop()
            if stop_by and (interrupts.count > 1 or time.monotonic() > stop_by):
                return _interrupted(console, services)
            event = services.engine.wait_event(0.0 if follower.all_in else 0.2)
            if beside is not None and isinstance(event, BatchStarted | AllPagesIn):
                beside.begin()
            result = follower.handle(event) if event is not None else None
            idle = event is None and follower.all_in
            if (beside is None or beside.told(0.05 if idle else 0.0)) and idle:
                result = follower.finish()
            elif idle and silent_from >= 0:
                silent_from = silent_from or time.monotonic()
                if time.monotonic() - silent_from >= _SILENT_SECONDS:
                    silent_from = -1.0  # once
                    services.engine.tell(Note(text=_UNANSWERED))
            if result is None:
                continue
            if result is Exit.INTERRUPTED:
                return _interrupted(console, services)
            if result is Exit.DONE and event is None:
                console.line("Not committed. The upload session is kept.")
                console.line(f"`dexup resume --accept-terms` commits it (terms: {TERMS}).")
            plan = services.engine.view.plan
            if wait > 0 and isinstance(event, Committed) and plan is not None:
                wait_until_seen(services, console, plan.id, wait, lambda: interrupts.count > 0)
            console.record({"event": "result", "exit": int(result)})
            return result


def _interrupted(console: Console, services: Services) -> Exit:
    if services.engine.view.commit_unanswered:
        console.warn("dexup: interrupted while the chapter was being committed: the outcome is not known.")
        console.warn("       Run `dexup resume`, which asks what became of it.")
        console.record({"event": "result", "exit": int(Exit.UNKNOWN)})
        return Exit.UNKNOWN
    begun = services.engine.view.session_id
    console.warn(f"dexup: interrupted. {_RESUME if begun else _GO_ON}")
    console.record({"event": "result", "exit": int(Exit.INTERRUPTED)})
    return Exit.INTERRUPTED
