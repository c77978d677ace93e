"""An App on terminals that are small, or show few colours or none."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.color import Color
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Input

from tests.support.screens import until
from tui.terminal import Capabilities, Colours
from tui.widgets.dialogs import Message
from tui.widgets.few_colours import EightColours, NoColours
from tui.widgets.terminal_app import TerminalApp, TooSmall
from tui.widgets.themes import ADAPTED_THEMES, CHOICES, HIGH_CONTRAST, OWN_THEMES, theme_for

KNOWN = BUILTIN_THEMES | {theme.name: theme for theme in (*OWN_THEMES, *ADAPTED_THEMES)}
BLACK = Color(0, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "colours", "theme"),
    [
        ("dark", Colours.TRUE, "textual-dark"),
        ("light", Colours.MANY, "textual-light"),
        ("light", Colours.SIXTEEN, "ansi-light"),
        ("nord", Colours.EIGHT, "ansi-dark"),
        (HIGH_CONTRAST, Colours.SIXTEEN, HIGH_CONTRAST),
        (HIGH_CONTRAST, Colours.NONE, "ansi-dark"),
        ("ansi-light", Colours.TRUE, "ansi-light"),
        ("no-such-theme", Colours.TRUE, ""),
    ],
)
def test_the_theme_that_a_terminal_gets(wanted: str, colours: Colours, theme: str) -> None:
    assert theme_for(wanted, KNOWN, colours) == theme


def test_every_theme_offered_first_is_there() -> None:
    assert {name for name, _ in CHOICES} <= set(KNOWN)


@pytest.mark.parametrize("theme", OWN_THEMES, ids=lambda theme: theme.name)
def test_high_contrast_is_high(theme: object) -> None:
    made = KNOWN[theme.name]  # type: ignore[attr-defined]
    ground = Color.parse(made.background or "")
    for name in ("foreground", "primary", "secondary", "accent", "success", "warning", "error"):
        text = Color.parse(getattr(made, name))
        assert _contrast(text, ground) >= 7, name  # WCAG 2.2, 1.4.6


def _contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_without_colours_what_stood_out_is_reversed() -> None:
    styles = [Style(color="red"), Style(bold=True, bgcolor="white"), Style(bgcolor="#101010"), None]
    out = NoColours().apply([Segment("x", style) for style in styles], BLACK)
    assert [(s.style.color, s.style.bgcolor) for s in out if s.style] == [(None, None)] * 3
    assert [s.style.reverse if s.style else None for s in out] == [None, True, None, None]
    assert out[1].style is not None
    assert out[1].style.bold


def test_of_sixteen_colours_the_bright_eight_become_bold() -> None:
    bright = Style(color=RichColor.parse("bright_red"), bgcolor=RichColor.parse("bright_blue"))
    (out,) = EightColours().apply([Segment("x", bright)], BLACK)
    assert out.style is not None
    assert (out.style.color.number, out.style.bgcolor.number, out.style.bold) == (1, 4, True)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("style", "number"),
    [
        ("#404040 on white", 0),
        ("#404040 on black", 7),
        ("bright_blue on blue", 7),
        ("bright_green on green", 0),
    ],
)
def test_of_eight_colours_a_shade_is_never_on_its_own(style: str, number: int) -> None:
    (out,) = EightColours().apply([Segment("x", Style.parse(style))], BLACK)
    assert out.style is not None
    assert out.style.color is not None
    assert out.style.color.number == number


def test_black_on_a_colour_is_never_bold_there() -> None:
    """Such terminals show bold black as a dark grey."""
    (out,) = EightColours().apply([Segment("x", Style(color="black", bgcolor="yellow", bold=True))], BLACK)
    assert out.style is not None
    assert not out.style.bold


@pytest.mark.parametrize("theme", ADAPTED_THEMES[1:], ids=lambda theme: theme.name)
def test_the_terminals_own_colours_can_be_read(theme: Theme) -> None:
    """On a PC's console and on xterm, whose colours are the extremes."""
    look = theme.to_color_system().generate()
    ground = "ansi_black" if theme.dark else "ansi_bright_white"
    pairs = [(look[name], ground) for name in ("primary", "success", "error", "warning", "accent")]
    pairs += [
        (look[f"{name}-foreground"], look[f"{name}-background"])
        for name in ("input-selection", "screen-selection", "block-cursor")
    ]
    pairs += [(ground, look["primary"])]  # a button that has the focus
    pairs += [("ansi_white" if theme.dark else "ansi_black", look["primary-muted"])]
    for colours in (_CONSOLE, _XTERM):
        for front, back in pairs:
            assert _contrast(colours[front], colours[back]) >= 2.5, (front, back)


@pytest.mark.parametrize("name", ["textual-dark", "textual-light"])
def test_words_of_colour_can_be_read_on_every_ground(name: str) -> None:
    look = KNOWN[name].to_color_system().generate() | KNOWN[name].variables
    for ground in ("background", "surface", "panel"):
        for word in ("text-accent", "text-warning", "text-error", "text-success", "foreground"):
            found = _contrast(Color.parse(look[word]), Color.parse(look[ground]))
            assert found >= 4.5, (word, ground)  # WCAG 2.2, 1.4.3


def _palette(normal: str, bright: str) -> dict[str, Color]:
    names = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
    found = {
        f"ansi_{name}": Color.parse(f"#{code}") for name, code in zip(names, normal.split(), strict=True)
    }
    return found | {
        f"ansi_bright_{name}": Color.parse(f"#{code}")
        for name, code in zip(names, bright.split(), strict=True)
    }


_CONSOLE = _palette(
    "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa",
    "555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
)
_XTERM = _palette(
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5",
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
)


class SmallApp(TerminalApp[None]):
    def compose(self) -> ComposeResult:
        yield Input(id="field")


async def test_a_terminal_too_small_says_so_until_it_is_larger() -> None:
    app = SmallApp(Capabilities())
    async with app.run_test(size=(59, 16)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TooSmall)
        await pilot.resize_terminal(60, 15)
        await pilot.press("x")  # goes nowhere
        assert isinstance(app.screen, TooSmall)
        app.push_screen(Message("Something happened meanwhile"))
        await pilot.resize_terminal(60, 16)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, TooSmall)
        await pilot.press("y")
        assert app.query_one(Input).value == "y"
        for width, height in ((300, 100), (20, 5), (1, 1), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert isinstance(app.screen, TooSmall) == (width < 60)


class Worked(Screen[None]):
    """Has something done in a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.done = threading.Event()

    def on_mount(self) -> None:
        self._look()

    @work(thread=True)
    def _look(self) -> None:
        self.done.set()


async def test_a_screen_that_was_left_is_not_kept_by_the_thread_that_worked_for_it() -> None:
    app = SmallApp(Capabilities())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Worked()
        left = weakref.ref(screen)
        await app.push_screen(screen)
        await until(pilot, screen.done.is_set)
        app.pop_screen()
        del screen
        await until(pilot, lambda: gc.collect() >= 0 and left() is None)
