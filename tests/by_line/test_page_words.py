"""The page list in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.by_line.page_words import NotUnderstood, change, describe_page, summary
from tui.chapter.order import PageOrder
from tui.chapter.pages import ImageType, Page, PageLocation


def pages_of(count: int) -> PageOrder:
    return PageOrder.from_pages(
        [
            Page(PageLocation(Path("/c"), f"{n}.png"), 1000, 0, type=ImageType.PNG, width=800, height=1200)
            for n in range(1, count + 1)
        ]
    )


def names(order: PageOrder) -> list[str]:
    return [page.name.removesuffix(".png") for page in order.included]


@pytest.mark.parametrize(
    ("typed", "order", "said"),
    [
        ("move 1 3", "2 3 1 4 5", "1.png is now page 3, after 3.png and before 4.png."),
        ("move 4-5 1", "4 5 1 2 3", "4.png to 5.png are now pages 1 to 2, at the beginning."),
        ("move 2 5", "1 3 4 5 2", "2.png is now page 5, at the end."),
        ("move 2 2", "1 2 3 4 5", "It is there already."),
        ("UP 3", "1 3 2 4 5", "3.png is now page 2, after 1.png and before 2.png."),
        ("down 5", "1 2 3 4 5", "It is there already."),
        ("out 2-3", "1 4 5", "2.png to 3.png: left out. 3 pages will be uploaded."),
        ("sort natural reversed", "5 4 3 2 1", "Sorted. The first page is 5.png, the last 1.png."),
    ],
)
def test_a_change_is_said_as_one_line(typed: str, order: str, said: str) -> None:
    done = change(pages_of(5), typed)
    assert (" ".join(names(done.order)), done.lines) == (order, (said,))


def test_undo_says_what_is_different_now() -> None:
    moved = change(pages_of(5), "move 1 3").order
    undone = change(moved, "undo")
    assert undone.lines == ("Taken back. Page 1 is now 1.png.",)
    assert change(undone.order, "redo").lines == ("Done again. Page 1 is now 2.png.",)
    out = change(pages_of(3), "out 2").order
    assert change(out, "undo").lines == ("Taken back. 2.png is in again.",)
    assert change(change(out, "undo").order, "redo").lines == ("Done again. 2.png is left out again.",)


def test_pages_are_listed_with_all_that_is_known() -> None:
    order = change(pages_of(3), "out 2").order
    assert change(order, "list 2-3").lines == (
        "2, left out: 2.png, png, 800 by 1200, 1.0 kB",
        "3: 3.png, png, 800 by 1200, 1.0 kB",
    )
    assert len(change(order, "list").lines) == 3
    assert change(order, "find 3.P").lines == (describe_page(order, order.pages[2]),)
    assert summary(order) == "2 pages, 2.0 kB, in natural order, 1 left out."


@pytest.mark.parametrize(
    "typed",
    ["frob", "move 3", "move x 2", "move 0 2", "move 2 6", "move 3-2 1", "out", "sort", "sort by", "undo", "redo",
     "up ٣", "list 9999999"],
)  # fmt: skip
def test_what_is_not_understood_is_said_and_changes_nothing(typed: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        change(pages_of(5), typed)
    assert str(caught.value).endswith((".", "?"))
