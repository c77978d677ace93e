from itertools import product

import pytest

from tui.widgets.queue_columns import COLUMNS, EDITABLE, laid_out

ALWAYS = {"number", "source", "chapter", "found", "state"}


@pytest.mark.parametrize(("width", "at"), list(product((55, 57, 58, 78, 98, 124, 200), EDITABLE)))
def test_what_tells_how_a_chapter_stands_is_in_view_wherever_the_cursor_is(width: int, at: str) -> None:
    columns = laid_out(width, at)
    assert {column.name for column, _ in columns} >= ALWAYS | {at}
    assert all(own >= column.width for column, own in columns)
    assert sum(own for _, own in columns) + len(columns) - 1 == width


def test_columns_give_way_where_there_is_little_room() -> None:
    every = [column.name for column in COLUMNS]

    def missing(width: int, at: str = "chapter") -> list[str]:
        shown = {column.name for column, _ in laid_out(width, at)}
        return [name for name in every if name not in shown]

    assert missing(140) == []
    assert missing(78) == ["manga", "publish_at"]
    assert missing(58) == ["manga", "title", "publish_at", "pages"]
    assert missing(58, "title") == ["manga", "language", "groups", "publish_at", "pages"]
