"""Events without secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from tui.upload.events import Event


def redacted(event: Event, redact: Callable[[str], str]) -> Event:
    """The event without the secrets that a server may have said back in its words."""
    changed: dict[str, Any] = {}
    for each in fields(event):
        value = getattr(event, each.name)
        if (clean := _clean(value, redact)) != value:
            changed[each.name] = clean
    return replace(event, **changed) if changed else event


def _clean(value: object, redact: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, tuple):
        return tuple(_clean(part, redact) for part in value)
    return value
