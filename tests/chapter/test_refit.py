"""A kept order for files that are not the same any more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.chapters import SOURCE, image_bytes, make_page, write_files, write_zip
from tui.chapter.kept_order import dump_order, restore_order
from tui.chapter.mending.recipes import BY_NAME
from tui.chapter.mending.workshop import Workshop
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.chapter.reading import REFITTED, read_chapter
from tui.chapter.refit import refit
from tui.chapter.sources import open_source
from tui.storage.kept_orders import KeptOrders


def pages(*names: str) -> list[Page]:
    return [make_page(name) for name in names]


def names(order: PageOrder) -> list[str]:
    return [page.name for page in order.pages]


def key(name: str) -> str:
    return make_page(name).key


BY_HAND = PageOrder.from_pages(pages("1", "2", "3", "4", "cover")).move_to({key("cover")}, 1)


@pytest.mark.parametrize(
    ("now", "becomes"),
    [
        (["1", "2", "3", "4", "cover"], ["cover", "1", "2", "3", "4"]),
        (["1", "2", "2a", "3", "4", "cover"], ["cover", "1", "2", "2a", "3", "4"]),
        (["0", "1", "2", "3", "4", "cover"], ["cover", "0", "1", "2", "3", "4"]),
        (["1", "2", "3", "4", "5", "6", "cover"], ["cover", "1", "2", "3", "4", "5", "6"]),
        (["1", "3", "4", "cover"], ["cover", "1", "3", "4"]),
        (["1", "2b", "3", "4"], ["1", "2b", "3", "4"]),
    ],
)
def test_known_pages_keep_their_order_and_new_ones_find_their_place(
    now: list[str], becomes: list[str]
) -> None:
    refitted = refit(BY_HAND, pages(*now), {SOURCE})
    assert refitted is not None
    assert names(refitted.order) == becomes
    assert refitted.is_other == bool(refitted.told) == (set(now) != {"1", "2", "3", "4", "cover"})


def test_what_came_and_went_is_told() -> None:
    refitted = refit(BY_HAND, pages("1", "3", "4", "5", "6", "7", "8", "cover"), {SOURCE})
    assert refitted is not None
    assert refitted.told == (
        "4 pages new: 5 (page 5), 6 (page 6), 7 (page 7) and 1 more; 1 page gone: 2. "
        "The others keep their order."
    )
    assert refit(BY_HAND, pages("a", "b"), {SOURCE}) is None


def test_undo_and_redo_lead_through_the_same_changes() -> None:
    order = (
        PageOrder.from_pages(pages("1", "2", "3", "4"))
        .move({key("1")}, 1)
        .exclude({key("3"), key("4")})
        .undo()
    )
    refitted = refit(order, pages("1", "2", "4", "5"), {SOURCE})
    assert refitted is not None
    now = refitted.order
    assert names(now) == ["2", "1", "4", "5"]
    assert now.redo().excluded == {key("4")}
    assert names(now.undo()) == ["1", "2", "4", "5"]
    assert not now.undo().can_undo


def test_a_sorted_order_stays_sorted() -> None:
    sized = [replace(page, size=100 - place) for place, page in enumerate(pages("1", "2", "3"))]
    order = PageOrder.from_pages(sized, SortBy.SIZE, reverse=True)
    refitted = refit(order, [*sized, replace(make_page("9"), size=99)], {SOURCE})
    assert refitted is not None
    assert names(refitted.order) == ["1", "2", "9", "3"]
    assert (refitted.order.sort, refitted.order.reverse) == (SortBy.SIZE, True)


def test_a_page_of_an_archive_is_known_at_another_place_in_it(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.cbz", {f"{n}.png": image_bytes(seed=n) for n in (2, 3)})
    before = open_source(path).scan().pages
    order = PageOrder.from_pages(before, reverse=True).exclude({before[0].key})
    stored = dump_order(order)
    write_zip(path, {f"{n}.png": image_bytes(seed=n) for n in (1, 2, 3)})
    refitted = restore_order(stored, path, open_source(path).scan().pages)
    assert refitted is not None
    assert names(refitted.order) == ["3.png", "2.png", "1.png"]
    assert [page.name for page in refitted.order.included] == ["3.png", "1.png"]
    assert [page.name for page in refitted.added] == ["1.png"]
    assert not refitted.gone


def test_a_mended_copy_counts_while_its_original_is_as_it_was(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {"1.png": image_bytes(), "2.webp": image_bytes("WEBP", seed=1)})
    found = open_source(folder).scan().pages
    workshop = Workshop(tmp_path / "mended")
    copy = workshop.mend(found[1], BY_NAME["convert"]).pages[0]
    copy_of_copy = workshop.mend(copy, BY_NAME["strip"]).pages[0]
    order = (
        PageOrder.from_pages(found).substitute([found[1].key], [copy]).substitute([copy.key], [copy_of_copy])
    )
    stored = dump_order(order)

    def restored() -> tuple[list[str], str]:
        refitted = restore_order(stored, folder, open_source(folder).scan().pages)
        assert refitted is not None
        return names(refitted.order), refitted.told

    assert restored() == (["1.png", "2.jpg"], "")
    write_files(folder, {"3.png": image_bytes(seed=3)})
    assert restored()[0] == ["1.png", "2.jpg", "3.png"]
    (folder / "2.webp").write_bytes(image_bytes("WEBP", seed=2, quality=30))
    assert restored()[0] == ["1.png", "2.webp", "3.png"]
    assert "1 page as before mending, since its file changed: 2.jpg" in restored()[1]
    (folder / "2.webp").unlink()
    assert restored() == (
        ["1.png", "3.png"],
        "1 page new: 3.png (page 2); 1 page gone: 2.webp. The others keep their order.",
    )


def test_what_was_joined_is_found_again_and_missed_when_it_is_gone(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {f"{n}.png": image_bytes(seed=n) for n in (1, 2)})
    extra = write_files(tmp_path / "credits", {"zz.png": image_bytes(seed=9)})
    found = open_source(folder).scan().pages
    order = PageOrder.from_pages(found).append(open_source(extra).scan().pages)
    stored = dump_order(order.move({found[0].key}, 1))
    again = restore_order(stored, folder, found)
    assert again is not None
    assert names(again.order) == ["2.png", "1.png", "zz.png"]
    (extra / "zz.png").unlink()
    extra.rmdir()
    without = restore_order(stored, folder, found)
    assert without is not None
    assert names(without.order) == ["2.png", "1.png"]
    assert "1 page gone: zz.png" in without.told


def test_which_pages_came_and_went_is_said_until_it_was_said(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "c", {f"{n}.png": image_bytes(seed=n) for n in (1, 2)})
    kept = KeptOrders(tmp_path / "orders")
    kept.put(folder, dump_order(PageOrder.from_pages(open_source(folder).scan().pages, reverse=True)))

    def said() -> list[str]:
        chapter = read_chapter(folder, "natural", kept=kept.get)
        return [finding.message for finding in chapter.findings if finding.rule == REFITTED]

    assert said() == []
    write_files(folder, {"3.png": image_bytes(seed=3)})
    (text,) = said()
    assert said() == [text]
    kept.note_told(folder, text)
    assert said() == []
    order = read_chapter(folder, "natural", kept=kept.get)
    assert [page.name for page in order.pages] == ["3.png", "2.png", "1.png"]
    write_files(folder, {"4.png": image_bytes(seed=4)})
    assert "2 pages new" in said()[0]
    kept.note_told(tmp_path / "never kept", text)
    assert kept.get(tmp_path / "never kept") is None
