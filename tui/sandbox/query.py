"""Query strings in the service's dialect: name[], order[field], 0 and 1 for flags (`mangadex-api.md` 1.3, 1.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from starlette.datastructures import QueryParams

from tui.sandbox.replies import ValidationError
from tui.sandbox.validation import LANGUAGE, UTC_TIME, UUID, Id, Rule, Text, Whole, matches

RATINGS = ("safe", "suggestive", "erotica", "pornographic")
DEFAULT_RATINGS = RATINGS[:3]
WINDOW = 10_000
"""No result past this many can be asked for."""

T = TypeVar("T")


class Query:
    """Reads parameters and gathers everything wrong with them; :meth:`done` raises it all at once.

    Parameters that nobody knows are ignored.
    """

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._found: list[str] = []

    def done(self) -> None:
        if self._found:
            raise ValidationError(self._found)

    def page(self, *, default: int = 10, most: int = 100, least: int = 0) -> tuple[int, int]:
        """limit and offset."""
        limit = self._whole("limit", default, least, most)
        offset = self._whole("offset", 0, 0, None)
        if offset + limit > WINDOW:
            self._found.append(
                f"Error validating /offset: Result window is too large, must be at most {WINDOW}"
            )
        return limit, offset

    def text(self, name: str) -> str | None:
        return self._params.get(name)

    def texts(self, name: str) -> list[str]:
        """A parameter that is sent as `name` or as `name[]`, once or often."""
        return self._params.getlist(f"{name}[]") + self._params.getlist(name)

    def choices(self, name: str, allowed: Sequence[str]) -> list[str]:
        return self._checked(name, Text(choices=tuple(allowed)))

    def languages(self, name: str) -> list[str]:
        return self._checked(name, Text(pattern=LANGUAGE))

    def ids(self, name: str, most: int = 100) -> list[str]:
        values = self.texts(name)
        if len(values) > most:
            self._found.append(
                f"Error validating /{name}: There must be a maximum of {most} items in the array"
            )
        return [value.lower() for value in self._checked(name, Id())]

    def ids_or_none(self, name: str) -> list[str]:
        """Ids; the word none may stand among them."""
        values = self.texts(name)
        for position, value in enumerate(values):
            if value != "none":
                Id().check(value, f"/{name}/{position}", self._found)
        return [value.lower() for value in values]

    def one_id(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None and not UUID.fullmatch(value):
            Id().check(value, f"/{name}", self._found)
        return value.lower() if value is not None else None

    def flag(self, name: str, default: bool) -> bool:
        """0 or 1; true and false are understood too."""
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in ("0", "1", "true", "false"):
            Text(choices=("0", "1")).check(value, f"/{name}", self._found)
        return value.lower() in ("1", "true")

    def moment(self, name: str) -> float | None:
        """A UTC time as an epoch second."""
        value = self.text(name)
        if value is None:
            return None
        if not matches(UTC_TIME, value):
            self._found.append(f"Error validating /{name}: Does not match the regex pattern {UTC_TIME}")
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
        except ValueError:
            self._found.append(f"Error validating /{name}: There is no such date")
            return None

    def order(self, keys: Sequence[str], default: str) -> tuple[str, bool]:
        """The field to sort by, and whether the largest comes first."""
        for name, value in self._params.multi_items():
            found = re.fullmatch(r"order\[(\w+)\]", name)
            if found is None:
                continue
            key = found.group(1)
            if key not in keys:
                Text(choices=tuple(keys)).check(key, "/order", self._found)
            Text(choices=("asc", "desc")).check(value.lower(), f"/order/{key}", self._found)
            return key, value.lower() == "desc"
        return default, True

    def _checked(self, name: str, rule: Rule) -> list[str]:
        values = self.texts(name)
        for position, value in enumerate(values):
            rule.check(value, f"/{name}/{position}", self._found)
        return values

    def _whole(self, name: str, default: int, least: int, most: int | None) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d{1,9}", value):
            self._found.append(f"Error validating /{name}: String value found, but an integer is required")
            return default
        before = len(self._found)
        Whole(least, most).check(int(value), f"/{name}", self._found)
        return int(value) if len(self._found) == before else default


def sliced(items: Sequence[T], limit: int, offset: int) -> Sequence[T]:
    return items[offset : offset + limit]


def sort_by(items: list[T], key: Callable[[T], object], reverse: bool) -> list[T]:
    """Sorted by a key that may be None; None comes last either way."""
    known = [item for item in items if key(item) is not None]
    unknown = [item for item in items if key(item) is None]
    return sorted(known, key=key, reverse=reverse) + unknown  # type: ignore[arg-type]


def relevance(wanted: str, names: Sequence[str]) -> float:
    """How well a search text fits a thing with these names; 0 is not at all."""
    words = _words(wanted)
    if not words:
        return 1.0
    best = 0.0
    for name in names:
        folded = name.casefold()
        if folded == wanted.casefold().strip():
            return 100.0
        parts = _words(name)
        hits = sum(any(part.startswith(word) for part in parts) or word in folded for word in words)
        if hits == len(words):
            best = max(best, 10.0 + 10.0 * len(wanted) / max(len(name), 1))
        elif 2 * hits >= len(words):
            best = max(best, hits / len(words))
    return best


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
