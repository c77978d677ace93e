"""What of a long name is cut last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import cell_width, fit_around, safe_text
from tui.widgets.names import telling_part, telling_parts

TAGGED = "[Some Group] A Very Long Title of a Manga - c012 (v03) - p{:03} [dig] [en] [HQ].png"


@pytest.mark.parametrize(
    ("pattern", "width", "expected"),
    [
        (TAGGED, 16, "[Some …p010….png"),
        (TAGGED, 40, "[Some Group] A …p010 [dig] [en] [HQ].png"),
        ("A Very Long Title of a Manga, chapter 12, page {:03}.png", 20, "A Very Lon…e 010.png"),
        ("とても長い題名の漫画だった件について　第十二話　{:03}ページ.png", 20, "とても…010ページ.png"),
        ("{:03} of a chapter with a name that is very long.png", 20, "010 of a c… long.png"),
        ("A short name {:03}.png", 23, "A short name 010.png   "),
    ],
)
def test_the_number_of_a_page_and_its_ending_stay_readable(pattern: str, width: int, expected: str) -> None:
    names = [pattern.format(number) for number in (1, 9, 10, 11, 100)]
    name = names[2]
    assert fit_around(name, width, telling_parts([*names, "zz credits.png"])[name]) == expected


def test_what_a_name_differs_in_from_the_one_most_like_it() -> None:
    assert telling_part("c1 p10.png", ["c1 p09.png", "c2 p01.png"]) == (3, 6)
    assert telling_part("cover.png", []) == (0, 0)
    assert telling_parts(["same.png"]) == {"same.png": (0, 0)}


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.integers(0, 40))
def test_it_takes_exactly_its_columns(raw: list[str], width: int) -> None:
    names = [safe_text(name) for name in raw]
    for name, part in telling_parts(names).items():
        assert cell_width(fit_around(name, width, part)) == width
