"""The looks of dexup: the library's themes, two of high contrast, and which one a terminal gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

from tui.terminal import Colours

HIGH_CONTRAST = "high-contrast"
HIGH_CONTRAST_LIGHT = "high-contrast-light"

_SELECTED = {
    f"{where}-selection-{what}": colour
    for where in ("input", "screen")
    for what, colour in (("background", "ansi_cyan"), ("foreground", "ansi_black"))
}

OWN_THEMES = (
    Theme(
        name=HIGH_CONTRAST,
        primary="#ffff00", secondary="#00ffff", accent="#ffff00", foreground="#ffffff", background="#000000",
        surface="#000000", panel="#000000", boost="#000000", success="#00ff00", warning="#ffff00",
        error="#ff8080", dark=True, luminosity_spread=0.0, text_alpha=1.0,
        variables={
            "block-cursor-background": "#ffff00", "block-cursor-foreground": "#000000",
            "block-cursor-text-style": "bold", "text-muted": "#ffffff", "foreground-muted": "#ffffff",
            "text-disabled": "#c0c0c0", "primary-muted": "#00005f", "warning-muted": "#5f0000",
            "border": "#ffffff", "border-blurred": "#ffffff", "scrollbar": "#ffffff",
            "scrollbar-background": "#000000", "input-cursor-background": "#ffff00",
            "input-cursor-foreground": "#000000",
        },
    ),
    Theme(
        name=HIGH_CONTRAST_LIGHT,
        primary="#0000c0", secondary="#005f5f", accent="#0000c0", foreground="#000000", background="#ffffff",
        surface="#ffffff", panel="#ffffff", boost="#ffffff", success="#005f00", warning="#5f3f00",
        error="#af0000", dark=False, luminosity_spread=0.0, text_alpha=1.0,
        variables={
            "block-cursor-background": "#000000", "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "bold", "text-muted": "#000000", "foreground-muted": "#000000",
            "text-disabled": "#404040", "primary-muted": "#c0e0ff", "warning-muted": "#ffe0a0",
            "border": "#000000", "border-blurred": "#000000", "scrollbar": "#000000",
            "scrollbar-background": "#ffffff", "input-cursor-background": "#000000",
            "input-cursor-foreground": "#ffffff",
        },
    ),
)  # fmt: skip
"""Of high contrast."""

ADAPTED_THEMES = (
    # Its words of colour are too light for its grounds.
    replace(
        BUILTIN_THEMES["textual-light"],
        variables=BUILTIN_THEMES["textual-light"].variables
        | {"text-accent": "#6b4100", "text-warning": "#6b4100", "text-success": "#235b25"},
    ),
    # Blue and red cannot be read on black, nor black on blue, in the colours of most terminals.
    replace(
        BUILTIN_THEMES["ansi-dark"],
        primary="ansi_cyan",
        error="ansi_bright_red",
        variables=BUILTIN_THEMES["ansi-dark"].variables
        | _SELECTED
        | {"primary-muted": "ansi_blue", "scrollbar": "ansi_cyan"},
    ),
    # Nor green, or a bright blue, on white.
    replace(
        BUILTIN_THEMES["ansi-light"],
        success="ansi_blue",
        variables=BUILTIN_THEMES["ansi-light"].variables
        | _SELECTED
        | {"primary-muted": "ansi_cyan", "scrollbar": "ansi_blue"},
    ),
)
"""In place of the library's themes of the same names; the last two are the terminal's own colours."""

CHOICES = (
    ("textual-dark", "Dark"),
    ("textual-light", "Light"),
    (HIGH_CONTRAST, "High contrast, dark"),
    (HIGH_CONTRAST_LIGHT, "High contrast, light"),
    ("ansi-dark", "The terminal's own colours, dark"),
    ("ansi-light", "The terminal's own colours, light"),
)
"""What stands first when a theme is chosen: name, label."""

_SHORT = {"dark": "textual-dark", "light": "textual-light"}


def theme_for(wanted: str, known: Mapping[str, Theme], colours: Colours) -> str:
    """The theme to use for the setting `wanted`, or "" when there is none of that name.

    With sixteen colours or fewer shades cannot be told apart; the terminal's own palette is used then.
    """
    name = _SHORT.get(wanted, wanted)
    theme = known.get(name)
    if theme is None:
        return ""
    if colours is Colours.NONE or (colours <= Colours.SIXTEEN and theme not in OWN_THEMES and not theme.ansi):
        return "ansi-dark" if theme.dark else "ansi-light"
    return name
