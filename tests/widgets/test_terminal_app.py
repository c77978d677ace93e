"""An App on terminals that are small, or show few colours or none."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.color import Color
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input

from tui.terminal import Capabilities, Colours
from tui.widgets.dialogs import Message
from tui.widgets.few_colours import EightColours, NoColours
from tui.widgets.terminal_app import TerminalApp, TooSmall
from tui.widgets.themes import CHOICES, HIGH_CONTRAST, OWN_THEMES, theme_for

KNOWN = BUILTIN_THEMES | {theme.name: theme for theme in OWN_THEMES}
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
        lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 7, name  # WCAG 2.2, 1.4.6


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
