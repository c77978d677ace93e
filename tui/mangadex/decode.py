"""Lenient reading of JSON: whatever an answer holds, these give a value of the type that was asked for.

The service leaves fields out, sends `[]` for an empty map and a list for a map with the keys 0, 1, 2 ...
(`mangadex-api.md` 1.5 and 6); load balancers send HTML. None of that may raise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_LARGEST: Final = 2**63


def parse_json(body: bytes) -> object | None:
    """The document in `body`, or None when it is no JSON (HTML, cut short, nested too deep)."""
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        return None
    try:
        document: object = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return document


def mapping(value: object) -> Mapping[str, object]:
    """A map; a list becomes the map of its positions, anything else the empty map."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(position): item for position, item in enumerate(value)}
    return {}


def items(value: object) -> list[object]:
    """A list; a map gives its values, anything else the empty list."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    return []


def text(value: object) -> str:
    """A string; numbers are written out, anything else is empty. Lone surrogates, which no file or database
    takes, are replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def optional_text(value: object) -> str | None:
    """A string, or None where JSON says null or something that is no text."""
    return text(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list, without nulls and blank ones."""
    return tuple(found for item in items(value) if (found := text(item)).strip())


def whole(value: object) -> int | None:
    """A whole number, also when it came as a float or in quotes. One of more than 63 bits, which the ledger does
    not take and nothing can be counted by, is none."""
    found: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        found = value
    elif isinstance(value, float) and math.isfinite(value) and value.is_integer():
        found = int(value)
    elif isinstance(value, str) and len(value) < 20:
        try:
            found = int(value)
        except ValueError:
            return None
    return found if found is not None and abs(found) < _LARGEST else None


def flag(value: object) -> bool:
    """True for true, 1 and "1"/"true"; false for anything else."""
    return value is True or value in (1, "1", "true")


def moment(value: object) -> datetime | None:
    """A time stamp as an aware datetime in UTC; one without a zone is taken for UTC."""
    if not isinstance(value, str) or not 8 <= len(value) <= 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
