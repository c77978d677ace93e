"""What is found out about a terminal from its environment."""

from __future__ import annotations

import pytest

from tui.terminal import Capabilities, Colours, capabilities, locale_encoding, started_environment

UTF8 = {"LANG": "en_US.UTF-8"}


def can(**environ: str) -> Capabilities:
    return capabilities({**UTF8, **environ}, terminfo=lambda term: 52)


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm-256color"}, Colours.MANY),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Colours.TRUE),
        ({"TERM": "tmux-256color"}, Colours.MANY),
        ({"TERM": "xterm"}, Colours.SIXTEEN),
        ({"TERM": "rxvt-16color"}, Colours.SIXTEEN),
        ({"TERM": "screen"}, Colours.EIGHT),
        ({"TERM": "linux"}, Colours.EIGHT),
        ({"TERM": "vt100"}, Colours.NONE),
        # Left over from the terminal around it, which is not what GNU screen shows.
        ({"TERM": "screen.xterm-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, Colours.MANY),
        (
            {"TERM": "screen-256color", "COLORTERM": "truecolor", "TMUX": "/tmp/t", "STY": "1.pts"},
            Colours.TRUE,
        ),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, Colours.EIGHT),
        ({"TERM": "xterm-kitty"}, Colours.TRUE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Colours.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Colours.MANY),  # https://no-color.org: when not empty
        ({"TERM": "rare"}, Colours.SIXTEEN),  # what terminfo says, rounded down
    ],
)
def test_colours(environ: dict[str, str], colours: Colours) -> None:
    assert can(**environ).colours is colours


def test_the_settings_overrule_what_was_found() -> None:
    environ = {"TERM": "vt100", "LANG": "C", "NO_COLOR": "1"}
    found = capabilities(environ, colours="256", glyphs="unicode", title="on", progress="on")
    assert (found.colours, found.repertoire, found.encoding) == (Colours.MANY, "utf-8", "utf-8")
    assert found.title
    assert found.progress
    found = capabilities(
        {**UTF8, "TERM": "xterm", "WT_SESSION": "1"}, glyphs="ascii", title="off", progress="off"
    )
    assert (found.repertoire, found.title, found.progress) == ("ascii", False, False)


@pytest.mark.parametrize(
    ("environ", "encoding"),
    [
        ({}, "ascii"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "C.UTF-8"}, "utf-8"),
        ({"LANG": "C", "LC_CTYPE": "UTF-8"}, "utf-8"),  # as on macOS
        ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1"),
        ({"LANG": "de_DE@euro"}, "iso8859-1"),
        ({"LANG": "ja_JP.eucJP"}, "euc_jp"),
        ({"LANG": "xx_YY.nonsense"}, "ascii"),
    ],
)
def test_the_character_set_of_the_locale(environ: dict[str, str], encoding: str) -> None:
    assert locale_encoding(environ) == encoding


def test_what_python_asks_for_in_the_c_locale_says_nothing_about_the_terminal() -> None:
    assert started_environment({"LANG": "C", "LC_CTYPE": "C.UTF-8"}).get("LC_CTYPE") in (None, "C.UTF-8")
    assert started_environment({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"})["LC_CTYPE"] == "de_DE.UTF-8"


def test_consoles_get_the_characters_that_their_fonts_have_and_nothing_that_they_would_paint() -> None:
    assert (can(TERM="linux").repertoire, can(TERM="linux").encoding) == ("cp437", "utf-8")
    assert can(TERM="vt100").repertoire == "ascii"
    assert not can(TERM="linux").swallows
    assert not can(TERM="vt100").title
    assert can(TERM="screen").swallows


@pytest.mark.parametrize(
    ("environ", "progress", "notification", "notifies"),
    [
        ({"TERM": "xterm-256color"}, False, "9", False),  # may take OSC 9 for a notification
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, True, "9", False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, False, "9", True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7900"}, True, "777", True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6003"}, False, "777", True),
        ({"TERM": "xterm-ghostty"}, True, "9", True),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/t", "VTE_VERSION": "7900"}, False, "", False),
        ({"TERM": "foot"}, False, "777", True),
    ],
)
def test_what_shows_outside_of_the_screen(
    environ: dict[str, str], progress: bool, notification: str, notifies: bool
) -> None:
    found = can(**environ)
    assert (found.progress, found.notification, found.notifies) == (progress, notification, notifies)
