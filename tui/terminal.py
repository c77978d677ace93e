"""What the terminal is, asked before the screen is loaded."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping


def terminal_refusal(environ: MutableMapping[str, str]) -> str:
    """Why the screen cannot be shown here, or ""."""
    headless = "The headless commands need none: see `dexup --help`."
    # The screen is drawn on standard error; standard output may go anywhere.
    for stream, name in ((sys.stdin, "standard input"), (sys.stderr, "standard error")):
        if stream is None or not stream.isatty():
            return f"the screen needs a terminal, and {name} is none. {headless}"
    if environ.get("TERM", "") in ("dumb", ""):
        shown = environ.get("TERM") or "not set"
        return f"the screen needs a terminal that can move its cursor, and TERM is {shown}. {headless}"
    return ""


def over_ssh(environ: MutableMapping[str, str]) -> bool:
    """True when the terminal is at the other end of an SSH connection."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Settings that Textual reads from the environment while it is imported."""
    # Escape sequences of keys arrive in pieces over a slow line; a longer wait keeps them together.
    environ.setdefault("ESCDELAY", "400" if over_ssh(environ) else "100")
    if over_ssh(environ):
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")
