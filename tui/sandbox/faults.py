"""Scripted faults: which requests they strike, and the list of those that are set."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.sandbox.fault_actions import ACTIONS, Action, RefuseFile, RefuseRefresh
from tui.sandbox.requests_log import LoggedRequest


@dataclass
class Fault:
    """One action and the requests it strikes.

    It strikes `times` requests (all when None) that match, from the `nth` one on, counted from 1.
    """

    action: Action
    method: str = "*"
    path: str = "*"
    """Shell pattern for the whole path, for example `/upload/*/commit`; `*` spans slashes."""
    nth: int = 1
    times: int | None = 1
    predicate: Callable[[LoggedRequest], bool] | None = None
    """Looks at the head of a request: method, path, query, headers."""
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def matches(self, request: LoggedRequest) -> bool:
        return (
            fnmatch.fnmatchcase(request.method, self.method.upper())
            and fnmatch.fnmatchcase(request.path, self.path)
            and (self.predicate is None or self.predicate(request))
        )

    def strikes(self, request: LoggedRequest) -> bool:
        """Count the request; whether the fault strikes it."""
        if self.spent or not self.matches(request):
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        self.struck += 1
        return True

    @property
    def spent(self) -> bool:
        return self.times is not None and self.struck >= self.times

    def as_document(self) -> dict[str, Any]:
        return {
            "action": self.action.name,
            **dataclasses.asdict(self.action),
            "method": self.method,
            "path": self.path,
            "nth": self.nth,
            "times": self.times,
            "seen": self.seen,
            "struck": self.struck,
        }


class Faults:
    """The faults that are set, in order. Setting them from another thread is safe."""

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(
        self,
        action: Action,
        *,
        method: str = "*",
        path: str = "*",
        nth: int = 1,
        times: int | None = 1,
        predicate: Callable[[LoggedRequest], bool] | None = None,
    ) -> Fault:
        """Set one more fault."""
        fault = Fault(action, method, path, nth, times, predicate)
        self._faults = (*self._faults, fault)
        return fault

    def add_document(self, document: Any) -> Fault:
        """A fault as `/_sandbox/faults` takes it: action, its fields, method, path, nth, times.

        Raises ValueError for what cannot be one.
        """
        if not isinstance(document, dict) or document.get("action") not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(sorted(ACTIONS))}")
        fields = dict(document)
        kind = ACTIONS[fields.pop("action")]
        where = {key: fields.pop(key) for key in ("method", "path", "nth", "times") if key in fields}
        unknown = fields.keys() - {entry.name for entry in dataclasses.fields(kind)}
        if unknown:
            raise ValueError(f"{kind.name} has no {', '.join(sorted(unknown))}")
        for key, types in (("method", str), ("path", str), ("nth", int), ("times", (int, type(None)))):
            if key in where and not isinstance(where[key], types):
                raise ValueError(f"{key} has the wrong type")
        return self.add(kind(**fields), **where)

    def clear(self) -> None:
        self._faults = ()

    def strike(self, request: LoggedRequest) -> list[Fault]:
        """The faults that strike a request. Those that wait for a file or a refresh are not among them."""
        waiting = (RefuseFile, RefuseRefresh)
        return [
            fault
            for fault in self._faults
            if not isinstance(fault.action, waiting) and fault.strikes(request)
        ]

    def refused_file(self, request: LoggedRequest, name: str, sha256: str) -> RefuseFile | None:
        """The fault that refuses this file; it counts files, not requests."""
        for fault in self._faults:
            action = fault.action
            if isinstance(action, RefuseFile) and action.refuses(name, sha256) and fault.strikes(request):
                return action
        return None

    def refuses_refresh(self, request: LoggedRequest) -> bool:
        """Whether a refresh is refused; it counts refreshes."""
        return any(
            isinstance(fault.action, RefuseRefresh) and fault.strikes(request) for fault in self._faults
        )
