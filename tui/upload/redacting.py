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
        text = getattr(event, each.name)
        if isinstance(text, str) and (clean := redact(text)) != text:
            changed[each.name] = clean
    return replace(event, **changed) if changed else event
