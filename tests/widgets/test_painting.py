"""The model of the terminal: fewer bytes, and the very same picture."""

from __future__ import annotations

import random

import pyte
import pytest

from tui.text import cell_width
from tui.widgets.painting import Painting

WIDTH, HEIGHT = 30, 6
STYLES = [
    "",
    "1",
    "7",
    "4",
    "31",
    "1;38;5;200;48;5;17",
    "38;2;1;2;3;48;2;40;50;60",
    "48;5;17",
    "1;48;5;17",
    "97;100",
    "1;2;97;100",
    "1;3;4;31",
]


def strip(rng: random.Random, width: int) -> str:
    """A run of segments as Textual writes them: each with its style from scratch, then a reset."""
    text = ""
    while width > 0:
        length = rng.randint(1, width)
        word = rng.choice(["x", " ", " ", "ab", "·", "─", "港", "の灯"])
        piece = (word * length)[:length]
        if cell_width(piece) > length:
            piece = piece[: length // 2] + " " * (length % 2)
        sgr = rng.choice(STYLES)
        text += f"\x1b[{sgr}m{piece}\x1b[0m" if sgr else piece
        width -= length
    return text


def picture(rng: random.Random) -> str:
    """An update of whole lines, or of parts of lines, and the cursor at its end."""
    rows = range(HEIGHT) if rng.random() < 0.4 else sorted(rng.sample(range(HEIGHT), 2))
    parts = []
    for row in rows:
        column = 0 if rng.random() < 0.5 else rng.randrange(WIDTH - 5)
        width = rng.randint(1, WIDTH - column)
        line = "e\u0301" + strip(rng, 3) if rng.random() < 0.1 and width > 8 else strip(rng, width)
        parts.append(f"\x1b[{row + 1};{column + 1}H{line}")
    return "\n".join(parts) + f"\x1b[{rng.randint(1, HEIGHT)};1H"


def seen(screen: pyte.Screen) -> list[object]:
    """All that can be seen: a blank shows its background, and its foreground only where there are lines."""
    cells: list[object] = [screen.cursor.y, screen.cursor.x]
    for row in range(HEIGHT):
        for column in range(WIDTH):
            char = screen.buffer[row][column]
            if char.data == " " and not (char.reverse or char.underscore):
                cells.append((" ", char.bg))
            else:
                seen = char.data != " "
                cells.append(char._replace(bold=seen and char.bold, italics=seen and char.italics))
    return cells


@pytest.mark.parametrize("erases", [False, True])
def test_the_same_picture_for_fewer_bytes(erases: bool) -> None:
    rng = random.Random(11)
    screens = [pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)]
    plain, fewer = (pyte.Stream(screen) for screen in screens)
    painting = Painting(erases=erases)
    painting.forget(WIDTH)
    before = after = 0
    for number in range(300):
        update = picture(rng)
        sent = painting.update(update)
        plain.feed(update)
        fewer.feed(sent)
        assert seen(screens[0]) == seen(screens[1]), f"update {number}: {update!r} sent as {sent!r}"
        assert painting.update(update) == ""  # the same again costs nothing
        before, after = before + len(update), after + len(sent)
        if number % 50 == 49:
            painting.forget(WIDTH if rng.random() < 0.5 else 0)
    assert after < before


def test_what_is_no_picture_passes_as_it_is() -> None:
    painting = Painting()
    for text in ("\x1b[?1049h", "\x1b]0;title\x07", "\x07", "plain"):
        assert painting.update(text) == text


def test_after_a_line_of_unsure_width_everything_there_is_sent() -> None:
    painting = Painting()
    painting.update("\x1b[1;1Habcdef\x1b[1;1H")
    odd = "\x1b[1;1H👩🏽‍🚀 cd  ef\x1b[1;1H"
    width = cell_width("👩🏽‍🚀 cd")
    sent = painting.update(odd)
    # Whatever its width is, nothing of what was there stays, and what follows has its column.
    assert sent == f"\x1b[1;1H{' ' * width}\x1b[1;1H👩🏽‍🚀 cd\x1b[1;{width + 1}H  ef\x1b[1;1H"
    assert painting.update(odd) == ""
    assert "cd" in painting.update("\x1b[1;4Hcd\x1b[1;1H")


def test_of_a_line_with_wide_characters_only_what_changes_is_sent() -> None:
    painting = Painting()
    painting.update("\x1b[1;1H▸ 第1話「干潮」 24\x1b[1;1H")
    assert painting.update("\x1b[1;1H▸ 第2話「干潮」 24\x1b[1;1H") == "\x1b[1;5H2\x1b[1;1H"
    assert painting.update("\x1b[1;1H▸ 第2夜「干潮」 24\x1b[1;1H") == "\x1b[1;6H夜\x1b[1;1H"
    # One half of it changes: the terminal has lost the other.
    assert painting.update("\x1b[1;1H▸ 第2xy「干潮」 24\x1b[1;1H") == "\x1b[1;6Hxy\x1b[1;1H"
    assert painting.update("\x1b[1;7Hz\x1b[1;1H") == "\x1b[1;7Hz\x1b[1;1H"
    assert painting.update("\x1b[1;4Hab\x1b[1;1H") == "\x1b[1;4Hab\x1b[1;1H"
    assert painting.update("\x1b[1;1H▸ 第bxz「干潮」 24\x1b[1;1H") == "\x1b[1;3H第\x1b[1;1H"


def test_blanks_up_to_the_end_of_a_line_are_erased() -> None:
    painting = Painting()
    painting.forget(20)
    blank = " " * 20
    assert painting.update(f"\x1b[1;1H{blank}\x1b[1;1H") == "\x1b[1;1H\x1b[K\x1b[1;1H"
    painting.update(f"\x1b[1;1Hsome words{blank[10:]}\x1b[1;1H")
    assert painting.update(f"\x1b[1;1Hsome{blank[4:]}\x1b[1;1H") == "\x1b[1;6H\x1b[K\x1b[1;1H"
    coloured = f"\x1b[2;1H\x1b[44m{blank}\x1b[0m\x1b[1;1H"
    assert "\x1b[K" not in painting.update(coloured)  # there it would be erased without the colour
    colours = Painting(erases=True)
    colours.forget(20)
    assert colours.update(coloured) == "\x1b[2;1H\x1b[44m\x1b[K\x1b[m\x1b[1;1H"


def test_a_style_is_sent_once_for_all_lines_of_a_picture_and_ended_alone() -> None:
    painting = Painting()
    look = "\x1b[38;5;253;48;5;17m"
    bold = "\x1b[1;38;5;253;48;5;17m"
    sent = painting.update(f"\x1b[1;1H{look}ab\x1b[0m\n\x1b[2;1H{bold}c\x1b[0m{look}d\x1b[0m\n\x1b[1;1H")
    assert sent == f"\x1b[1;1H{look}ab\x1b[2;1H\x1b[1mc\x1b[22md\x1b[m\x1b[1;1H"
    # A terminal without colours need know no more than a VT100 does.
    assert painting.update("\x1b[3;1H\x1b[1mab\x1b[0mcd\x1b[1;1H") == "\x1b[3;1H\x1b[1mab\x1b[0mcd\x1b[1;1H"
