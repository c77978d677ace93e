"""Scripted faults: which requests they strike, and when."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.fault_actions import Action
from tui.sandbox.routing import path_pattern


@dataclass
class Fault:
    """One scripted fault."""

    method: str
    """Upper case; * strikes all."""
    path: str
    """{id} stands for an id, * for anything: /upload/{id}, /realms/*."""
    action: Action
    skip: int = 0
    """Requests that pass before the first is struck."""
    times: int = 1
    """Requests that are struck; 0 for all that come."""
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._pattern = path_pattern(self.path)

    def strikes(self, method: str, path: str) -> bool:
        """Count a request; whether it is struck."""
        if self.method not in ("*", method) or not self._pattern.fullmatch(path):
            return False
        if self.times and self.struck >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults of a running sandbox; of several that fit a request, the one added first strikes.

    May be used from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._faults))

    async def strike(self, call: Call, proceed: Callable[[], Awaitable[Response]]) -> Response | None:
        """The answer of `proceed`, or what a fault makes of it; None cuts the connection."""
        with self._lock:
            fitting = (fault for fault in self._faults if fault.strikes(call.entry.method, call.entry.path))
            fault = next(fitting, None)
        if fault is None:
            return await proceed()
        call.entry.fault = type(fault.action).__name__
        return await fault.action.strike(call, proceed)
