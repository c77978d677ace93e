"""What the engine tells: each event goes to the log and the view first, then to a queue and to listeners."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tui.mangadex.models import RequestLine
from tui.upload import events
from tui.upload.describe import describe
from tui.upload.event_log import EventLog
from tui.upload.redacting import redacted
from tui.upload.view import UploadView, fold

_MOST_EVENTS = 20_000
"""Events kept for a screen that does not drain; progress inside a request is dropped first."""
_MOST_TOLD = 4_000
"""Events kept for a screen that opens later."""


class Outbox:
    """Written to in the engine's loop; read from any thread."""

    def __init__(self, log_path: Path | None, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._log = EventLog(log_path, redact) if log_path is not None else None
        self._events: queue.Queue[events.Event] = queue.Queue()
        self._listeners: list[Callable[[events.Event], None]] = []
        self._told: deque[events.Event] = deque(maxlen=_MOST_TOLD)
        """What was told of this upload, without the steps inside a request."""
        self._view_lock = threading.Lock()
        self._view = UploadView()

    # For others

    @property
    def view(self) -> UploadView:
        """The current upload as it is now."""
        with self._view_lock:
            return self._view

    def start_view(self, view: UploadView) -> None:
        """Another upload begins. RuntimeError while one is under way."""
        with self._view_lock:
            if self._view.active:
                raise RuntimeError("an upload is under way already")
            self._view = view
            self._told.clear()

    def drain(self) -> list[events.Event]:
        """Every event since the last call."""
        found: list[events.Event] = []
        while True:
            try:
                found.append(self._events.get_nowait())
            except queue.Empty:
                return found

    def replay(self) -> list[events.Event]:
        """Everything that was told of this upload so far; :meth:`drain` goes on from there."""
        with self._view_lock:
            self.drain()
            return list(self._told)

    def wait_event(self, timeout: float) -> events.Event | None:
        """The next event, None after `timeout` seconds."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def listen(self, listener: Callable[[events.Event], None]) -> Callable[[], None]:
        """Let `listener` hear of every event, in the engine's loop, which it must not hold up. The result ends
        it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # In the engine's loop

    def put(self, event: events.Event) -> None:
        """Tell everybody."""
        if not isinstance(event, events.BytesSent):
            event = redacted(event, self._redact)
            self._write(describe(event), event.at)
        self._deliver(event)

    def log_request(self, line: RequestLine, at: float) -> None:
        """A request, for the log alone."""
        status = line.problem if line.status is None else str(line.status)
        self._write(
            f"{line.method} {line.path} {status} {line.seconds:.3f} s {line.bytes} B {line.request_id}", at
        )

    def log_fault(self, error: BaseException, at: float) -> None:
        """A fault of ours, with its place, for the log alone."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "?"
        self._write(f"fault in dexup: {type(error).__name__} at {where}", at)

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    def _write(self, line: str, at: float) -> None:
        if self._log is None or self._log.problem:
            return
        self._log.write(line, at)
        if self._log.problem:
            self._deliver(events.Note(at=at, text=self._log.problem))

    def _deliver(self, event: events.Event) -> None:
        with self._view_lock:
            self._view = fold(self._view, event)
            if not isinstance(event, events.BytesSent):
                self._told.append(event)
            elif self._events.qsize() > _MOST_EVENTS:
                return
            self._events.put(event)
        for listener in self._listeners[:]:
            listener(event)
