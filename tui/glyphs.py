"""Every character beyond ASCII that dexup paints, and what stands for it where the terminal cannot show it.

The choice is made once, at the start, and applied where text leaves for the terminal (`widgets/driver.py`), so
that nothing that is painted can forget it: our marks, the borders and bars of the screen library, names of
files and texts of the service alike. Each substitute is as wide as what it stands for.
"""

from __future__ import annotations

import codecs

from tui.text import cell_width

GLYPHS = {
    # Marks
    "▸": ">", "●": "*", "★": "+", "✓": "+", "✗": "x", "■": "#", "·": "-", "№": "#",
    # Punctuation of our sentences
    "…": "~", "–": "-", "—": "-", "×": "x", "“": '"', "”": '"', "‘": "'", "’": "'", "−": "-",
    # Arrows
    "→": ">", "←": "<", "↑": "^", "↓": "v", "⭘": "o", "▶": ">", "▼": "v", "▲": "^",
    "⏎": "<", "⌫": "<",  # the key line writes words for them, see KEYS
    # Pictures of control characters, which safe_text() puts in the place of the characters
    "␡": "?", **{chr(0x2400 + code): "?" for code in range(0x20)},
    # Lines and boxes
    "─": "-", "━": "=", "│": "|", "┃": "|", "═": "=", "║": "|", "╌": "-", "╍": "=", "╎": "|", "╏": "|",
    **dict.fromkeys("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬╭╮╰╯╸╺╴╶╷╵╹╻", "+"),
    "╱": "/", "╲": "\\", "╳": "x",
    # Bars and blocks; an empty block is a blank whose colours still show
    **dict.fromkeys("▀▄▌▐▁▂▃▅▆▇▏▎▍▋▊▉▔▕▖▗▘▝▙▛▜▟▚▞", " "), "█": "#", "░": ".", "▒": ":", "▓": "#",
    "◢": " ", "◣": " ", "◤": " ", "◥": " ", "🭻": "-", "🭶": "-", "⎯": "-", "╼": "=", "╾": "=",
}  # fmt: skip
"""What dexup paints -> its substitute, one column each."""

KEYS = {"⏎": "enter", "⌫": "bksp", "↑": "up", "↓": "down", "←": "left", "→": "right"}
"""Signs that the screen library writes for keys -> their names. A substitute would be the name of another key."""
UNKNOWN = "?"
"""Stands for a character that is not ours and cannot be shown: one for each column that it takes."""


class Glyphs(dict[int, str]):
    """A translation of text for a terminal that shows the characters of `repertoire` (a codec's name).

    `str.translate` asks for each character once; what was found out is kept.
    """

    def __init__(self, repertoire: str) -> None:
        super().__init__()
        self.repertoire = codecs.lookup(repertoire).name
        self.everything = self.repertoire == "utf-8"
        """True when nothing need be replaced."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = character
        if not self.shows(character):
            shown = GLYPHS.get(character, "")
            if not shown or not self.shows(shown):
                shown = UNKNOWN * cell_width(character)
        self[code] = shown
        return shown

    def shows(self, character: str) -> bool:
        """Whether the terminal can show this character."""
        try:
            character.encode(self.repertoire)
        except UnicodeEncodeError:
            return False
        return True

    def shown(self, text: str) -> str:
        """`text` as this terminal can show it, in the same columns."""
        return text if self.everything or text.isascii() else text.translate(self)

    def shown_key(self, text: str) -> str:
        """The sign of a key as this terminal can show it, or its name."""
        for sign, name in KEYS.items():
            if sign in text and not self.shows(sign):
                text = text.replace(sign, name)
        return text
