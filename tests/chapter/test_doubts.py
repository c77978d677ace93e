"""What the names, times and shapes of pages say against their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tui.chapter.doubts import find_doubts
from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import ExcludeAll, Group, Join, Lighten, Look, Mend, MendAll, Sort
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import ImageType, Page, PageLocation

SOURCE = Path("/chapter")


def page(name: str, *, at: int = 0, width: int = 1000, height: int = 1440) -> Page:
    return Page(PageLocation(SOURCE, name), 1000, at, ImageType.PNG, width, height)


def doubts(names: str | Sequence[Page], by: SortBy = SortBy.NATURAL) -> list[Finding]:
    pages = [page(name) for name in names.split()] if isinstance(names, str) else list(names)
    return find_doubts(PageOrder.from_pages(pages, by))


def told(found: Sequence[Finding]) -> set[tuple[str, str]]:
    """(rule, name of the page) of every doubt."""
    return {(doubt.rule, (doubt.page or "").rpartition("::")[2]) for doubt in found}


def numbered(count: int, form: str = "{:03}.png") -> str:
    return " ".join(form.format(number) for number in range(1, count + 1))


@pytest.mark.parametrize(
    "names",
    [
        numbered(24),
        numbered(9, "{}.jpg"),
        numbered(12, "Harbour_v02_c012_p{:03}.png"),
        numbered(12, "第12話_{:02}.jpg"),
        "cover.png " + numbered(0) + "cover2.png",
        "000_cover.png " + numbered(10) + " zz_credits.png",
        "001.png 002.png 003-004.png 005.png 006.png",
        "a/001.png a/002.png a/003.png b/001.png b/002.png b/003.png",
        "001.png 001a.png 002.png 003.png 004.png",
        "000_Front_Cover.png " + numbered(3) + " Recruitment.png z_back_cover.png",
        numbered(3) + " 裏表紙.png",
        "01_a.png 01_b.png 02_a.png 02_b.png 03_a.png 03_b.png",
        "001v2.png 002.png 003v3.png 004.png 005.png",
        "9.15.03.png 9.15.10.png 9.59.59.png",
        numbered(6, "page_({}).png"),
        "18f3c21.png 77ab02.png 910fe99.png",
        "0b12.png 9e3a.png a3f9.png ff00.png",
        "01-02.jpg 03-04.jpg 05-06.jpg 07.jpg 08.jpg 09-10.jpg",
        "01-02.jpg 03-04.jpg 05-06.jpg",
        "IMG_20230101_115959.jpg IMG_20230101_120000.jpg IMG_20230102_000000.jpg",
        "x.png mix.png civil.png",
        "01.png 02 cut.png 03 other.png 04.png 05.png",
        "20240101120301.png 20240101120907.png 20240101130101.png 20240102090000.png",
        "",
    ],
)
def test_ordinary_names_raise_no_doubt(names: str) -> None:
    assert told(doubts(names)) == set()


@pytest.mark.parametrize(
    ("names", "rule", "where"),
    [
        (numbered(11, "{}.png"), "orders-disagree", ""),
        ("001.png 002.png 3.png 004.png", "mixed-padding", "3.png"),
        ("001.png 002.png 004.png 005.png", "number-gap", "004.png"),
        ("p-1.png p-2.png p-6.png", "number-gap", "p-6.png"),
        ("1.png 2.png 3.png 03.png 4.png", "number-twice", "3.png"),
        ("1.png 2.png 2.jpg 3.png", "two-endings", "2.png"),
        ("1e\u0301.png 1\u00e9.png 2.png", "same-name", "1\u00e9.png"),
        ("1.png 2.png 2v2.png 3.png", "number-twice", "2.png"),
        ("1_v2.png 1_v3.png 2.png 3_old.png 3.png", "number-twice", "3_old.png"),
        ("1.png 2.png 2_fixed.png 3.png", "number-twice", "2.png"),
        ("1.png 2.png 2-copy.png 3.png", "number-twice", "2-copy.png"),
        ("c1_p1.png c1_p2.png c1_p3.png c2_p1.png c2_p2.png c2_p3.png", "two-runs", "c2_p1.png"),
        ("p1.png p2.png p3.png q1.png q2.png q3.png", "two-runs", "q1.png"),
        ("001.png 002.png 003.png cover.png", "cover-not-first", "cover.png"),
        ("001.png 002.png 003.png 表紙.png", "cover-not-first", "表紙.png"),
        ("001.png 002.png 003_credits.png 004.png 005.png", "credits-inside", "003_credits.png"),
        ("１.png ２.png ４.png", "number-gap", "４.png"),
        ("01-02.jpg 03-04.jpg 07-08.jpg", "number-gap", "07-08.jpg"),
        ("i.png ii.png iii.png iv.png v.png vi.png vii.png viii.png ix.png", "roman-numbers", "i.png"),
        (
            "p i.png p ii.png p iii.png".replace(" ", "_").replace("png_", "png ") + " 1.png",
            "roman-numbers",
            "p_i.png",
        ),
        ("第一話.png 第二話.png 第四話.png", "number-gap", "第四話.png"),
    ],
)
def test_doubtful_names(names: str, rule: str, where: str) -> None:
    assert (rule, where) in told(doubts(names))


def test_numbers_in_characters_and_a_page_zero_are_not_badly_padded() -> None:
    found = told(doubts("000.png 00a.png 001.png 002.png 023.png 二十四.png 025.png"))
    assert "mixed-padding" not in {rule for rule, _ in found}
    (one,) = [one for one in doubts("1.png 02.png 003.png 4.png") if one.rule == "mixed-padding"]
    assert "3 digits (003.png), others fewer (1.png, 02.png, 4.png)" in one.message
    assert (one.severity, one.fix) == (Severity.NOTE, None)
    (one,) = [one for one in doubts("1.png 02.png 003.png", SortBy.PLAIN) if one.rule == "mixed-padding"]
    assert one.fix == Sort(SortBy.NATURAL)


@pytest.mark.parametrize("between", ["002.5.png 003.1.png 003.2.png", "002-1.png 002-2.png 003-1.png"])
def test_pages_between_two_numbers_are_no_series_of_their_own(between: str) -> None:
    assert told(doubts(numbered(4) + " " + between)) == {("orders-disagree", "")}


def test_plain_order_is_doubted_when_natural_order_differs() -> None:
    (note,) = doubts(numbered(11, "{}.png"))
    assert (note.rule, note.fix) == ("orders-disagree", None), "no key puts 10 before 2"
    (found,) = [one for one in doubts(numbered(11, "{}.png"), SortBy.PLAIN) if one.rule == "orders-disagree"]
    assert found.severity is Severity.WARNING
    assert "page 2 would be 10.png, and not 2.png" in found.message
    (nested,) = [one for one in doubts("2/1.png 2/2.png 10/1.png 10/2.png") if one.rule == "orders-disagree"]
    assert "page 1 would be 10/1.png, and not 2/1.png" in nested.message


def test_an_excluded_page_leaves_no_gap_and_is_no_double() -> None:
    order = PageOrder.from_pages([page(name) for name in ["1.png", "2.png", "02.png", "3.png", "4.png"]])
    out = order.exclude({page("3.png").key, page("02.png").key})
    assert {rule for rule, _ in told(find_doubts(out))} <= {"mixed-padding"}


def test_times_are_doubted_when_one_page_does_not_rise_with_the_others() -> None:
    pages = [page(f"{number:03}.png", at=number) for number in range(1, 21)]
    pages[11] = page("012.png", at=100)
    (stray,) = [one for one in doubts(pages) if one.rule == "time-disagrees"]
    assert stray.fix == Look(pages[11].key), "one page saved later would come last by time"
    mixed = [page(f"{number:03}.png", at=number * 7 % 20 + 1) for number in range(1, 21)]
    assert "time-disagrees" not in {rule for rule, _ in told(doubts(mixed))}
    slowly = [replace(one, modified_ns=one.modified_ns * 60 * 10**9) for one in mixed]
    (other,) = [one for one in doubts(slowly) if one.rule == "time-disagrees"]
    assert other.fix == Sort(SortBy.TIME), "written a minute apart, not just copied"


def test_a_page_from_elsewhere_may_be_called_like_one_here() -> None:
    other = Page(PageLocation(Path("/elsewhere"), "001.png"), 1000, 0, ImageType.PNG, 1000, 1440)
    assert told(doubts([*map(page, numbered(3).split()), other])) == set()


def test_a_page_zero_behind_others_is_doubted() -> None:
    names = numbered(9) + " 00a.png"
    assert ("cover-not-first", "00a.png") in told(doubts(names, SortBy.PLAIN))
    assert told(doubts("a/000.png a/001.png b/000.png b/001.png")) == set()


def test_two_series_are_put_apart_where_they_are_mixed_and_one_is_left_out_otherwise() -> None:
    pages = [page(f"{kind}{number}.png", at=number) for number in range(1, 5) for kind in "pq"]
    (mixed,) = [one for one in doubts(pages, SortBy.TIME) if one.rule == "two-runs"]
    assert isinstance(mixed.fix, Group)
    apart = mixed.fix.apply(PageOrder.from_pages(pages, SortBy.TIME))
    assert [one.name[:2] for one in apart.pages] == ["p1", "p2", "p3", "p4", "q1", "q2", "q3", "q4"]
    (found,) = [one for one in find_doubts(apart) if one.rule == "two-runs"]
    assert isinstance(found.fix, ExcludeAll)
    assert len(found.fix.apply(apart).included) == 4


def test_a_spread_a_thumbnail_and_a_page_of_another_size() -> None:
    pages = [page(f"{number:03}.png") for number in range(1, 21)]
    pages[4] = page("005.png", width=2000)
    pages[9] = page("010.png", width=300, height=432)
    pages[14] = page("015.png", width=900, height=1300)
    pages[15] = page("016.png", width=1, height=1)  # told as tiny
    assert told(doubts(pages)) == {
        ("spread", "005.png"),
        ("much-smaller", "010.png"),
        ("other-pixels", "015.png"),
    }


def test_pages_of_many_sizes_are_not_odd() -> None:
    pages = [page(f"{number:03}.png", width=1000 + number, height=1440 - number) for number in range(1, 21)]
    assert told(doubts(pages)) == set()


@pytest.mark.parametrize(
    ("names", "rule", "after"),
    [
        (
            "1_L.png 1_R.png 2.png 3_L.png 3_R.png",
            "left-before-right",
            "1_R.png 1_L.png 2.png 3_R.png 3_L.png",
        ),
        ("1right.png 1left.png 2.png 3.png", "left-before-right", "1right.png 1left.png 2.png 3.png"),
        (
            " ".join(numbered(3, f"c{chapter}_p{{}}.png") for chapter in (1, 2, 3)),
            "two-runs",
            "c1_p1.png c1_p2.png c1_p3.png",
        ),
        ("back_cover.png p1.png p2.png", "back-cover-not-last", "p1.png p2.png back_cover.png"),
        ("裏表紙.png 頁1.png 頁2.png", "back-cover-not-last", "頁1.png 頁2.png 裏表紙.png"),
        ("001.png 002.png cover.png", "cover-not-first", "cover.png 001.png 002.png"),
        (
            "001.png 002_credits.png 003.png 004.png",
            "credits-inside",
            "001.png 003.png 004.png 002_credits.png",
        ),
        ("1.png 2.png 2.jpg 3.png", "two-endings", "1.png 2.jpg 3.png"),
        (
            "i.png ii.png iii.png iv.png v.png vi.png vii.png viii.png ix.png",
            "roman-numbers",
            "i.png ii.png iii.png iv.png v.png vi.png vii.png viii.png ix.png",
        ),
        (
            "1.png 2.png i.png ii.png iii.png zz.png",
            "roman-numbers",
            "i.png ii.png iii.png 1.png 2.png zz.png",
        ),
    ],
)
def test_a_fix_settles_its_doubt_in_one_step(names: str, rule: str, after: str) -> None:
    order = PageOrder.from_pages([page(name) for name in names.split()])
    (found,) = [one for one in find_doubts(order) if one.rule == rule]
    assert found.fix is not None and not isinstance(found.fix, Mend | MendAll | Lighten | Join | Look)
    fixed = found.fix.apply(order)
    assert [one.name for one in fixed.included] == after.split()
    assert rule not in {one.rule for one in find_doubts(fixed)}
    assert fixed.undo().included == order.included
