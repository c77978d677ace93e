"""Natural order, the other orders, and PageOrder under long runs of changes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from natsort import natsort_keygen, ns

from tests.support.chapters import make_page
from tui.chapter.natural import natural_key, naturally_sorted
from tui.chapter.order import PageOrder, SortBy, sort_pages
from tui.chapter.pages import Page

_NAMES = st.text(st.sampled_from("aAbBzZ0123456789 ._-()[]#!éßñ９１０①②⑩話"), max_size=14)


@given(st.lists(_NAMES, max_size=12))
def test_natural_key_sorts_like_natsort_without_case(names: list[str]) -> None:
    yardstick = natsort_keygen(key=_with_single_spaces, alg=ns.IGNORECASE)
    compatible = natsort_keygen(key=_compatible, alg=ns.IGNORECASE)
    assert sorted(names, key=natural_key) == sorted(names, key=compatible)
    plain = [name for name in names if name.isascii()]
    assert sorted(plain, key=natural_key) == sorted(plain, key=yardstick)


def _compatible(name: str) -> str:
    """Full-width and circled digits as plain ones, which natsort leaves to its caller."""
    return _with_single_spaces(unicodedata.normalize("NFKC", name))


def _with_single_spaces(name: str) -> str:
    return re.sub(" +", " ", name)


@pytest.mark.parametrize(
    "names",
    [
        ["1.png", "2.png", "10.png", "11.png", "100.png"],
        ["000.png", "00a.png", "001.png", "1a.png", "2.png"],
        ["Page  1.png", "Page  9.png", "Page 10.png"],
        ["[Grp] 001.png", "[Grp] 002.png", "[Grp] 010.png"],
        ["p１.png", "p②.png", "p3.png", "P⑩.png"],
        ["第一話.png", "第2話.png", "第三話.png", "第十話.png", "第一二話.png", "第百二十話.png"],
        ["cover.png", "cover2.png", "page.png", "page (1).png", "page (2).png"],
        ["ch1/2.png", "ch1/10.png", "ch1 extra/1.png", "ch2/1.png", "ch10/1.png"],
        ["a" + "9" * 5000 + ".png", "b1.png"],
        ["001.jpg", "01.jpg", "1.jpg", "001.png", "2.jpg"],
    ],
)
def test_pages_come_in_natural_order(names: list[str]) -> None:
    pages = [make_page(name) for name in names]
    assert [page.name for page in sort_pages(pages[::-1], SortBy.NATURAL)] == names


def test_plain_order_is_the_guides() -> None:
    pages = [make_page(name) for name in ("1.png", "2.png", "10.png")]
    assert [page.name for page in sort_pages(pages, SortBy.PLAIN)] == ["1.png", "10.png", "2.png"]


@pytest.mark.parametrize(
    ("by", "values"),
    [
        (SortBy.TIME, [{"modified_ns": 5}, {"modified_ns": 3}, {"modified_ns": 3}]),
        (SortBy.SIZE, [{"size": 5}, {"size": 3}, {"size": 3}]),
        (SortBy.PIXELS, [{"width": 5, "height": 5}, {"width": 3, "height": 5}, {"width": 5, "height": 3}]),
    ],
)
def test_ties_come_in_natural_order_also_reversed(by: SortBy, values: list[dict[str, int]]) -> None:
    pages = [make_page(name, **value) for name, value in zip(("1", "2", "10"), values, strict=True)]
    assert [page.name for page in sort_pages(pages[::-1], by)] == ["2", "10", "1"]
    assert [page.name for page in sort_pages(pages[::-1], by, reverse=True)] == ["1", "2", "10"]


def _order(count: int = 8) -> PageOrder:
    return PageOrder.from_pages([make_page(f"{number}.png") for number in range(1, count + 1)])


def _key(number: int) -> str:
    return make_page(f"{number}.png").key


def _numbers(order: PageOrder) -> list[int]:
    return [int(page.name.removesuffix(".png")) for page in order.pages]


@pytest.mark.parametrize(
    ("moved", "offset", "expected"),
    [
        ([3], 1, [1, 2, 4, 3, 5, 6, 7, 8]),
        ([3], -1, [1, 3, 2, 4, 5, 6, 7, 8]),
        ([2, 5], 1, [1, 3, 2, 4, 6, 5, 7, 8]),
        ([2, 5], -3, [2, 1, 3, 5, 4, 6, 7, 8]),
        ([1], -1, [1, 2, 3, 4, 5, 6, 7, 8]),
        ([7, 8], 5, [1, 2, 3, 4, 5, 6, 7, 8]),
        ([3], 100, [1, 2, 4, 5, 6, 7, 8, 3]),
    ],
)
def test_move(moved: list[int], offset: int, expected: list[int]) -> None:
    assert _numbers(_order().move({_key(number) for number in moved}, offset)) == expected


@pytest.mark.parametrize(
    ("moved", "position", "expected"),
    [
        ([8], 1, [8, 1, 2, 3, 4, 5, 6, 7]),
        ([1], 8, [2, 3, 4, 5, 6, 7, 8, 1]),
        ([6, 2], 3, [1, 3, 2, 6, 4, 5, 7, 8]),
        ([1, 2], 99, [3, 4, 5, 6, 7, 8, 1, 2]),
        ([4], -5, [4, 1, 2, 3, 5, 6, 7, 8]),
    ],
)
def test_move_to(moved: list[int], position: int, expected: list[int]) -> None:
    order = _order().move_to({_key(number) for number in moved}, position)
    assert _numbers(order) == expected
    assert order.sort is SortBy.MANUAL


def test_what_changes_nothing_is_the_same_order() -> None:
    order = _order()
    assert order.move({_key(1)}, -1) is order
    assert order.move_to({_key(2)}, 2) is order
    assert order.exclude({"nobody"}) is order
    assert order.sorted(SortBy.NATURAL) is order
    assert order.undo() is order
    assert order.redo() is order


def test_exclude_keeps_the_place() -> None:
    order = _order(4).exclude({_key(2)})
    assert _numbers(order) == [1, 2, 3, 4]
    assert [page.name for page in order.included] == ["1.png", "3.png", "4.png"]
    assert order.toggle_excluded({_key(2), _key(3)}).excluded == {_key(2), _key(3)}
    assert order.toggle_excluded({_key(2)}).excluded == frozenset()


def test_a_new_change_ends_redo() -> None:
    order = _order(3).move({_key(1)}, 1).undo()
    assert order.can_redo
    assert not order.move({_key(3)}, -1).can_redo


def test_replace_page_keeps_order_and_history() -> None:
    order = _order(3).move({_key(1)}, 2)
    newer = make_page("1.png", sha256="newer")
    replaced = order.replace_page(newer)
    assert replaced.pages[-1] is newer
    assert replaced.undo().pages[0] is newer
    assert order.pages[-1].sha256 == "1.png"
    with pytest.raises(KeyError):
        order.replace_page(make_page("other.png"))


def test_two_pages_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        PageOrder.from_pages([make_page("1.png"), make_page("1.png")])


def test_undo_is_unlimited_and_frees_its_memory_without_recursion() -> None:
    order = start = _order(3)
    for _ in range(30_000):
        order = order.toggle_excluded({_key(1)})
    back = order
    for _ in range(30_000):
        back = back.undo()
    assert back.pages == start.pages
    assert not back.can_undo
    del order, back


_KEYS = st.sets(st.integers(0, 9).map(_key), max_size=5)
_CHANGES: st.SearchStrategy[Callable[[PageOrder], PageOrder]] = st.one_of(
    st.builds(lambda keys, by: lambda order: order.move(keys, by), _KEYS, st.integers(-12, 12)),
    st.builds(lambda keys, to: lambda order: order.move_to(keys, to), _KEYS, st.integers(-2, 14)),
    st.builds(lambda keys: lambda order: order.toggle_excluded(keys), _KEYS),
    st.builds(lambda keys: lambda order: order.exclude(keys), _KEYS),
    st.builds(lambda keys: lambda order: order.include(keys), _KEYS),
    st.builds(lambda by, back: lambda order: order.sorted(by, back), st.sampled_from(SortBy), st.booleans()),
)


def _state(order: PageOrder) -> tuple[tuple[Page, ...], frozenset[str], SortBy, bool]:
    return order.pages, order.excluded, order.sort, order.reverse


@given(st.lists(_CHANGES, max_size=25), st.data())
def test_any_run_of_changes_loses_no_page_and_can_be_undone(
    changes: list[Callable[[PageOrder], PageOrder]], data: st.DataObject
) -> None:
    order = _order(8)
    everything = sorted(page.key for page in order.pages)
    states = [_state(order)]
    for change in changes:
        changed = change(order)
        assert sorted(page.key for page in changed.pages) == everything
        assert [page for page in changed.pages if page.key not in changed.excluded] == list(changed.included)
        if changed is not order:
            assert _state(changed) != _state(order)
            states.append(_state(changed))
        order = changed
    back = data.draw(st.integers(0, len(states) - 1))
    for _ in range(back):
        order = order.undo()
    assert _state(order) == states[len(states) - 1 - back]
    for _ in range(back):
        order = order.redo()
    assert _state(order) == states[-1]
    for _ in range(len(states)):
        order = order.undo()
    assert _state(order) == states[0]


@given(_KEYS, st.integers(-12, 12), st.integers(-2, 14))
def test_moves_keep_both_relative_orders(keys: set[str], offset: int, position: int) -> None:
    order = _order(8)
    for moved in (order.move(keys, offset), order.move_to(keys, position)):
        for chosen in (True, False):
            before = [page.key for page in order.pages if (page.key in keys) is chosen]
            assert [page.key for page in moved.pages if (page.key in keys) is chosen] == before


def test_a_run_is_turned_round_in_its_own_places() -> None:
    order = PageOrder.from_pages([make_page(f"{number}.png") for number in range(1, 7)])
    keys = {page.key for page in order.pages if page.name in ("2.png", "4.png", "5.png")}
    turned = order.reverse_run(keys)
    assert [page.name[0] for page in turned.pages] == list("153426")
    assert turned.sort is SortBy.MANUAL
    assert turned.undo().pages == order.pages
    assert order.reverse_run({order.pages[0].key}) is order


@given(st.lists(_NAMES.map(lambda name: name or "x"), max_size=12), st.booleans())
def test_many_names_are_sorted_as_by_their_keys(names: list[str], alike: bool) -> None:
    names = [f"Chapter {number}" for number in range(len(names))] + names[:2] if alike else names
    assert list(map(natural_key, naturally_sorted(names))) == sorted(map(natural_key, names))
