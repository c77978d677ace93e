"""Colours for terminals that have eight of them, or none."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_DISTANCE = 0.25
"""Difference in brightness from which on a background is one that says something."""
_LIGHT = frozenset({2, 3, 6, 7})
"""Green, yellow, cyan and white, on which black can be read."""
_DARK, _BRIGHT = 0, 7


class EightColours(LineFilter):
    """The bright ones become bold, which such terminals show bright."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(text, _eight(style) if style else style) for text, style, _ in segments]


class NoColours(LineFilter):
    """No colour at all: what stood out by its background is reversed, and text styles stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        base = background.brightness if background.ansi is None else None
        return [Segment(text, _none(style, base) if style else style) for text, style, _ in segments]


@lru_cache(1024)
def _eight(style: Style) -> Style:
    bold: bool | None
    color, bold = _low(style.color)
    back, _ = _low(style.bgcolor)
    if color is style.color and back is style.bgcolor:
        return style
    if color is not None and back is not None and color.number == back.number is not None:
        # Shades of one colour, or grey on white.
        number = _DARK if color.number in _LIGHT else _BRIGHT
        color = RichColor(f"color({number})", ColorType.STANDARD, number)
    if color is not None and color.number == 0:
        bold = False  # bold black is a dark grey there, which cannot be read
    elif not bold:
        bold = None
    return style + Style(color=color, bgcolor=back, bold=bold)


def _low(color: RichColor | None) -> tuple[RichColor | None, bool]:
    """The colour among the first eight, and whether it was a bright one."""
    if color is None or color.is_default:
        return color, False
    from rich.color import ColorSystem

    plain = color.downgrade(ColorSystem.STANDARD)
    if plain.number is None:
        return color, False
    bright = plain.number >= 8
    number = plain.number - 8 if bright else plain.number
    if plain.number == 8:
        number = 7  # grey, which is "bright black": in black it could not be read
    return RichColor(f"color({number})", ColorType.STANDARD, number), bright and plain.number != 8


@lru_cache(1024)
def _none(style: Style, base: float | None) -> Style:
    stands_out = False
    back = style.bgcolor
    if back is not None and not back.is_default:
        brightness = Color.from_rich_color(back).brightness
        stands_out = back.type is ColorType.STANDARD or base is None or abs(brightness - base) > _DISTANCE
    plain = style.without_color
    return plain + Style(reverse=not style.reverse) if stands_out else plain
