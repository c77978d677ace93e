"""Substitutes for what a terminal cannot show."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tui
from tui.glyphs import GLYPHS, Glyphs
from tui.text import _HIDDEN, cell_width

PAINTING = ("widgets", "screens", "upload", "text.py", "app.py")
"""Where texts are written that are painted."""


def painted_characters() -> set[str]:
    """Every character beyond ASCII in a text of the modules that paint; what is said of them is no text."""
    found: set[str] = set()
    root = Path(tui.__file__).parent
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0] not in PAINTING:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                found |= {character for character in node.value if character > "\x7f"}
    return found - _HIDDEN  # what safe_text() takes out


def test_every_glyph_that_is_painted_has_a_substitute() -> None:
    painted = painted_characters()
    assert "▸" in painted
    assert painted - set(GLYPHS) == set()


def test_every_border_and_bar_of_the_library_has_a_substitute() -> None:
    from textual._border import BORDER_CHARS
    from textual.scrollbar import ScrollBarRender

    drawn = "".join("".join(row) for rows in BORDER_CHARS.values() for row in rows)
    drawn += "".join(ScrollBarRender.VERTICAL_BARS + ScrollBarRender.HORIZONTAL_BARS)
    assert {character for character in drawn if character > "\x7f"} - set(GLYPHS) == set()


def test_substitutes_are_ascii_and_as_wide() -> None:
    assert all(substitute.isascii() and len(substitute) == 1 for substitute in GLYPHS.values())
    assert {glyph: cell_width(glyph) for glyph in GLYPHS if cell_width(glyph) != 1} == {}


@pytest.mark.parametrize("text", ["▸● 1×2 … – “a”", "港の灯 e\u0301 é", "👩🏽‍🚀", "\udce9.png", "─━│╭╯▄"])
def test_columns_stay_where_they_are(text: str) -> None:
    shown = Glyphs("ascii").shown(text)
    assert re.fullmatch(r"[ -~]*", shown)
    assert len(shown) == sum(cell_width(character) for character in text)


def test_only_what_cannot_be_shown_is_replaced() -> None:
    assert Glyphs("utf-8").shown("▸ é 港") == "▸ é 港"
    assert Glyphs("iso8859-1").shown("▸ é × 港") == "> é × ??"
    assert Glyphs("cp437").shown("■ ✓ №") == "■ + #"
    assert Glyphs("ascii").shown("\x1b[1m▸\x1b[0m") == "\x1b[1m>\x1b[0m"


def test_a_key_that_has_no_sign_there_is_called_by_its_name() -> None:
    keys = ("⏎", "⌫", "^→", "J", "<", "?")
    assert [Glyphs("ascii").shown_key(key) for key in keys] == ["enter", "bksp", "^right", "J", "<", "?"]
    assert [Glyphs("utf-8").shown_key(key) for key in keys] == list(keys)
