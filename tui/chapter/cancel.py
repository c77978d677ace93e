"""Stopping long reads from another thread."""

from __future__ import annotations

from collections.abc import Callable


class Cancelled(Exception):
    """Somebody asked to stop; nothing was changed."""


def stop_if(cancelled: Callable[[], bool] | None) -> None:
    """Raise Cancelled when `cancelled` says so."""
    if cancelled is not None and cancelled():
        raise Cancelled
