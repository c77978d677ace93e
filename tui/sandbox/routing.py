"""Which function answers which path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.responses import Response

from tui.sandbox.replies import ApiError, not_found

ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
Handler = Callable[..., Awaitable[Response]]


def path_pattern(template: str) -> re.Pattern[str]:
    """A path in which {name} stands for an id and * for anything."""
    parts = re.split(r"(\{\w+\}|\*)", template)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if part == "*":
        return ".*"
    if part.startswith("{"):
        return f"(?P<{part[1:-1]}>{ID})"
    return re.escape(part)


@dataclass(frozen=True)
class Route:
    """An endpoint; the ids in its path become keyword arguments of `handler`, in lower case."""

    method: str
    path: str
    handler: Handler

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return path_pattern(self.path)


def find_route(routes: Iterable[Route], method: str, path: str) -> tuple[Handler, dict[str, Any]]:
    """The handler and its ids. A malformed id is an unknown route, as on the service (`mangadex-api.md` 1.6)."""
    allowed = []
    for route in routes:
        match = route.pattern.fullmatch(path)
        if match and route.method == method:
            return route.handler, {name: value.lower() for name, value in match.groupdict().items()}
        if match:
            allowed.append(route.method)
    if allowed:
        listed = ", ".join(allowed)
        detail = f'No route found for "{method} {path}": Method Not Allowed (Allow: {listed})'
        raise ApiError(405, detail, headers={"Allow": listed})
    raise not_found(f'No route found for "{method} {path}"')
