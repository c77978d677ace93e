"""What a text finds in the history."""

from __future__ import annotations

import pytest

from tui.upload.wanted import matching

ROWS = [
    "Harbour Lights · Vol. 3 Ch. 12 · Depart (en) 2026-10-03 18:09:33",
    "Harbour Lights · Vol. 4 Ch. 13 · Part 3 (en) https://mangadex.org/chapter/3f-13",
    "Harbour Lights · Vol. 4 Ch. 13.5 · Part  30 (en) c003.png",
    "Mountain · oneshot [/] 03",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("part 3", [1]),
        ("PART 30", [2]),
        ("3 part", [0, 1]),
        ('"vol. 4" part', [1, 2]),
        ("“vol. 4” 13", [1]),
        ('"vol. 4', [1, 2]),
        ("harb light", [0, 1, 2]),
        ("13", [1]),
        ("13.5", [2]),
        ("5", []),
        ("3", [0, 1, 3]),
        ("03", [0, 1, 3]),
        ("0", []),
        ("10", []),  # a month
        ("2026-10-03", [0]),
        ("9", []),  # a minute
        ("[/]", [3]),
        ('""', [0, 1, 2, 3]),
        ("(en) harbour .*", []),
    ],
)
def test_what_a_text_finds(text: str, found: list[int]) -> None:
    assert matching(range(len(ROWS)), text, ROWS.__getitem__) == found
