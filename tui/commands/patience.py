"""Asking the service before an upload starts, again while the line or the service has trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tui.commands.console import Console
from tui.mangadex.errors import MangaDexError
from tui.services import Services
from tui.upload.describe import as_json, describe
from tui.upload.events import Event
from tui.upload.retry import wait_after

T = TypeVar("T")


def patiently(services: Services, console: Console, question: Callable[[], T]) -> T:
    """What `question` gives. Each wait is said, also those that the service asks for; the last MangaDexError is
    raised when waiting does not help."""

    def say(event: Event) -> None:
        console.record(as_json(event))
        console.line(describe(event))

    end = services.engine.listen(say)
    try:
        return _asked(services, question, say)
    finally:
        end()
        services.engine.drain()  # said already


def _asked(services: Services, question: Callable[[], T], say: Callable[[Event], None]) -> T:
    failures = 0
    while True:
        try:
            return question()
        except MangaDexError as error:
            failures += 1
            waiting = wait_after(error, failures, services.engine.now)
            if waiting is None:
                raise
        say(waiting)
        services.engine.rest(waiting.until - waiting.at).result()
