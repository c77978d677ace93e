"""What the terminal is and what it can do, found out before the screen is loaded.

All of it is a pure choice from the environment; nothing is asked of the terminal, since over a slow line its
answers would arrive as key presses.
"""

from __future__ import annotations

import codecs
import locale
import sys
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

SMALLEST = (60, 16)
"""Columns and rows below which nothing is drawn but a sentence that says so."""


class Colours(IntEnum):
    """How many colours the terminal shows."""

    NONE = 0
    EIGHT = 8
    SIXTEEN = 16
    MANY = 256
    TRUE = 1 << 24


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be sent to the terminal."""

    colours: Colours = Colours.TRUE
    repertoire: str = "utf-8"
    """Codec whose characters can be shown."""
    encoding: str = "utf-8"
    """Codec in which text is sent."""
    swallows: bool = True
    """The terminal ignores sequences that it does not know, rather than painting them. One that does not has no
    second screen either, which would bring back what was there before."""
    erases: bool = False
    """Erasing leaves the background of the style that is set (terminfo's `bce`)."""
    title: bool = False
    progress: bool = False
    """OSC 9;4 shows a progress bar, in the tab or the task bar."""
    notification: str = ""
    """"9" or "777": the OSC sequence that shows a notification; "" where only the bell gets through."""
    notifies: bool = False
    """It is known that the terminal shows such notifications."""

    @property
    def colour_system(self) -> str:
        """What Textual calls such a terminal, in the variable TEXTUAL_COLOR_SYSTEM that it reads once."""
        return {Colours.TRUE: "truecolor", Colours.MANY: "256"}.get(self.colours, "standard")


def terminal_refusal(environ: Mapping[str, str]) -> str:
    """Why the screen cannot be shown here, or ""."""
    headless = "The headless commands need none: see `dexup --help`."
    # The screen is drawn on standard error; standard output may go anywhere.
    for stream, name in ((sys.stdin, "standard input"), (sys.stderr, "standard error")):
        if stream is None or not stream.isatty():
            return f"the screen needs a terminal, and {name} is none. {headless}"
    if environ.get("TERM", "") in ("dumb", ""):
        shown = environ.get("TERM") or "not set"
        by_line = "`dexup --screen-reader` works line by line on any terminal."
        return (
            f"the screen needs a terminal that can move its cursor, and TERM is {shown}. {by_line} {headless}"
        )
    return ""


def over_ssh(environ: Mapping[str, str]) -> bool:
    """True when the terminal is at the other end of an SSH connection."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Settings that Textual reads from the environment while it is imported."""
    # Escape sequences of keys arrive in pieces over a slow line; a longer wait keeps them together. Not every slow
    # line is SSH's: there are consoles, and terminals in browsers.
    environ.setdefault("ESCDELAY", "400" if over_ssh(environ) else "200")
    if over_ssh(environ):
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if not _ignores_unknown(environ.get("TERM", "")):
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def started_environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ` without the LC_CTYPE that Python itself set: in the C locale it asks for UTF-8 (PEP 538),
    which says nothing about the terminal."""
    if environ.get("LC_CTYPE", "") not in ("C.UTF-8", "C.utf8", "UTF-8") or environ.get("LC_ALL"):
        return environ
    try:
        with Path("/proc/self/environ").open("rb") as file:
            given = file.read(1 << 20).split(b"\0")
    except OSError:
        return environ
    if any(entry.startswith(b"LC_CTYPE=") for entry in given):
        return environ
    return {name: value for name, value in environ.items() if name != "LC_CTYPE"}


def capabilities(
    environ: Mapping[str, str],
    *,
    colours: str = "auto",
    glyphs: str = "auto",
    title: str = "auto",
    progress: str = "auto",
    terminfo: Callable[[str], int] | None = None,
) -> Capabilities:
    """What the terminal that `environ` describes can do; the settings overrule what was found.

    `terminfo` gives the number of colours of a terminal whose name says nothing.
    """
    term = environ.get("TERM", "")
    repertoire, encoding = _characters(environ, term, glyphs)
    return Capabilities(
        colours=_colours(environ, term, colours, terminfo or terminfo_colours),
        repertoire=repertoire,
        encoding=encoding,
        swallows=_ignores_unknown(term),
        erases=_erases_with_background(environ, term),
        title=title == "on" or (title == "auto" and _has_title(term)),
        progress=progress == "on" or (progress == "auto" and _has_progress(environ, term)),
        notification=_notification(environ, term),
        notifies=_notifies(environ, term),
    )


def _characters(environ: Mapping[str, str], term: str, glyphs: str) -> tuple[str, str]:
    if glyphs == "unicode":
        return "utf-8", "utf-8"
    encoding = locale_encoding(environ)
    if glyphs == "ascii" or term.startswith("vt"):
        return "ascii", encoding
    if term == "linux" and encoding == "utf-8":
        return "cp437", encoding  # the fonts of the console have 256 characters, in most cases these
    return encoding, encoding


def locale_encoding(environ: Mapping[str, str]) -> str:
    """The codec of the locale's character set: "utf-8", "ascii", "iso8859-1" ... by the variables of POSIX."""
    if sys.platform == "win32":
        return "utf-8"
    name = next((value for key in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(key))), "C")
    if name in ("C", "POSIX"):
        return "ascii"
    base = name.partition("@")[0]
    charset = base.rpartition(".")[2]
    if (
        charset == base and base != "UTF-8"
    ):  # no character set in the name: the one that the language used to have
        charset = locale.normalize(base).rpartition(".")[2]
    try:
        found = codecs.lookup(charset)
        "dexup".encode(found.name)
    except (LookupError, UnicodeError):
        return "ascii"
    return found.name


def _colours(environ: Mapping[str, str], term: str, setting: str, terminfo: Callable[[str], int]) -> Colours:
    chosen = {"none": 0, "8": 8, "16": 16, "256": 256, "true": 1 << 24}.get(setting)
    if chosen is not None:
        return Colours(chosen)
    if environ.get("NO_COLOR"):
        return Colours.NONE
    if term.startswith("vt"):
        return Colours.NONE
    if term.startswith(("linux", "cons25")):
        return Colours.EIGHT
    if term.endswith("-direct") or term.startswith(
        ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm")
    ):
        return Colours.TRUE
    # GNU screen hands on the variable of the terminal around it, but not its colours.
    in_screen = bool(environ.get("STY")) and not environ.get("TMUX")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") and not in_screen:
        return Colours.TRUE
    if term.endswith("-256color"):
        return Colours.MANY
    if term.endswith("-16color") or term in ("xterm", "tmux", "rxvt", "rxvt-unicode", "cygwin", "konsole"):
        return Colours.SIXTEEN
    if term == "screen" or term.startswith("screen."):
        return Colours.EIGHT
    known = terminfo(term)
    return max((colours for colours in Colours if colours <= known), default=Colours.NONE)


def terminfo_colours(term: str) -> int:
    """The number of colours in the system's description of `term`; 16 when there is none."""
    try:
        import curses  # late: only for terminals with rare names

        curses.setupterm(term, 2)
        return max(0, curses.tigetnum("colors"))
    except (ImportError, curses.error, ValueError):
        return 16


def _ignores_unknown(term: str) -> bool:
    """Whether the terminal swallows sequences that it does not know, rather than painting them."""
    return not term.startswith(("vt", "linux", "cons25", "ansi"))


def _erases_with_background(environ: Mapping[str, str], term: str) -> bool:
    if environ.get("STY") or environ.get("TMUX"):
        return False
    return term.startswith(
        ("xterm", "linux", "alacritty", "foot", "rxvt", "st-", "wezterm", "konsole", "vte")
    )


def _has_title(term: str) -> bool:
    names = (
        "xterm",
        "screen",
        "tmux",
        "rxvt",
        "alacritty",
        "foot",
        "konsole",
        "gnome",
        "vte",
        "st",
        "wezterm",
    )
    return term.startswith(names)


def _has_progress(environ: Mapping[str, str], term: str) -> bool:
    """Only terminals that are known for it: others take OSC 9 for a notification and show it as one."""
    if environ.get("TMUX") or environ.get("STY"):
        return False
    if environ.get("WT_SESSION") or environ.get("ConEmuANSI") == "ON":
        return True
    if term.startswith("xterm-ghostty") or environ.get("TERM_PROGRAM", "").lower() in ("ghostty", "wezterm"):
        return True
    vte = environ.get("VTE_VERSION", "")
    return vte.isascii() and vte.isdigit() and int(vte) >= 7900


def _notification(environ: Mapping[str, str], term: str) -> str:
    if environ.get("TMUX") or environ.get("STY") or not _ignores_unknown(term):
        return ""  # swallowed on the way; the bell is not
    if environ.get("VTE_VERSION") or term.startswith(("foot", "rxvt")):
        return "777"
    return "9"


def _notifies(environ: Mapping[str, str], term: str) -> bool:
    if not _notification(environ, term):
        return False
    program = environ.get("TERM_PROGRAM", "").lower()
    return (
        bool(environ.get("VTE_VERSION") or environ.get("KITTY_WINDOW_ID"))
        or program in ("iterm.app", "wezterm", "ghostty", "warpterminal")
        or term.startswith(("foot", "rxvt", "xterm-kitty", "xterm-ghostty", "wezterm"))
    )
