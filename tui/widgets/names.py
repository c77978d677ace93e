"""Names and messages that are not ours, in lists whose columns must stay straight."""

from __future__ import annotations

from tui.text import safe_text

# Joiners and picture selectors: terminals disagree on how wide what they join is.
_UNSTEADY = {0x200D: None, 0xFE0E: None, 0xFE0F: None}


def steady_text(value: object) -> str:
    """`value` as safe_text() makes it, and of the same width on every terminal."""
    return safe_text(value).translate(_UNSTEADY)
