"""Entries, their fields, changes to many of them, and their table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.chapters import image_bytes, write_files, write_zip
from tui.chapter.details import ChapterDetails
from tui.chapter.many import find_chapters
from tui.patterns import parse_pattern
from tui.upload.ledger import Ledger
from tui.upload.queue.edits import count_up, fill_down, moved, moved_to, shift, shifted, take_pattern
from tui.upload.queue.entry import (
    MOST_ENTRIES,
    EntryState,
    QueueEntry,
    entry_findings,
    in_words,
    same_chapter,
    twins,
)
from tui.upload.queue.fields import FIELDS, field_text, set_field
from tui.upload.queue.table import QueueFull

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MANGA = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
GROUP, OTHER = "5fed0576-8b94-4f9a-b6a7-08eecd69800d", "145f9110-0a6c-4b71-8737-6acb1a3c5da5"


def entry(number: int, chapter: str | None = None, **values: object) -> QueueEntry:
    details = ChapterDetails(MANGA, "Ebb", (GROUP,), ("Tide",), None, chapter, None, "en")
    return replace(QueueEntry(Path(f"/in/c{number}"), details, number=number), **values)  # type: ignore[arg-type]


# Fields


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("chapter", " 005 ", "5"),
        ("chapter", "", ""),
        ("chapter", "Oneshot", "oneshot"),
        ("volume", "2", "2"),
        ("title", "  Low Tide ", "Low Tide"),
        ("language", "Indonesian", "id"),
        ("manga", f"https://mangadex.org/title/{MANGA}/ebb", MANGA),
        ("groups", f"{GROUP}, https://mangadex.org/group/{OTHER}/x", f"{GROUP} {OTHER}"),
        ("groups", "none", "none"),
        ("groups", f"?The Lost; {GROUP}", f"{GROUP}; ?The Lost"),
        ("publish_at", "2026-12-24T18:00+01:00", "2026-12-24T17:00+00:00"),
        ("publish_at", "2026-12-24 18:00 Europe/Berlin", "2026-12-24T17:00+00:00"),
        ("publish_at", "2026-12-24 18:00 UTC", "2026-12-24T18:00+00:00"),
        ("again", "yes", "yes"),
        ("external_url", "https://example.org", "https://example.org"),
    ],
)
def test_a_field_is_read_and_written(name: str, typed: str, text: str) -> None:
    changed = set_field(QueueEntry(Path("/x")), name, typed)
    assert field_text(changed, name) == text
    assert set_field(changed, name, text) == changed


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("chapter", "five"), ("volume", "1.2.3"), ("title", "x" * 256), ("title", "a\nb"), ("language", "klingon!"),
        ("manga", "Ebb"), ("groups", "Tide"), ("publish_at", "2026-12-24 18:00"), ("publish_at", "tomorrow"),
        ("again", "perhaps"), ("colour", "red"),
    ],
)  # fmt: skip
def test_a_field_that_the_service_would_not_take_is_refused_in_words(name: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"\S+ \S+"):
        set_field(QueueEntry(Path("/x")), name, typed)


def test_groups_typed_settle_those_that_were_unknown() -> None:
    lost = replace(entry(1, "1"), unknown_groups=("Nobody",))
    assert "Nobody" in in_words(entry_findings(lost, NOW))
    assert in_words(entry_findings(set_field(lost, "groups", "none"), NOW)) == ""


def test_an_entry_without_manga_or_language_is_an_error() -> None:
    said = in_words(entry_findings(QueueEntry(Path("/x")), NOW))
    assert "which chapter" in said
    assert "(and 2 more)" in said
    numbered = in_words(entry_findings(set_field(QueueEntry(Path("/x")), "chapter", "oneshot"), NOW))
    assert "No manga is chosen" in numbered
    assert "(and 1 more)" in numbered


def test_the_fingerprint_tells_every_change() -> None:
    one = entry(1, "1")
    others = [set_field(one, "chapter", "2"), set_field(one, "title", "x"), set_field(one, "again", "yes")]
    prints = {candidate.fingerprint() for candidate in (one, replace(one, source=Path("/y")), *others)}
    assert len(prints) == 5
    assert replace(one, state=EntryState.FAILED, problem="x").fingerprint() == one.fingerprint()


def test_twins_share_manga_number_language_and_a_group() -> None:
    one, same = entry(1, "1"), entry(2, "1")
    group = replace(entry(3, "1"), details=replace(one.details, group_ids=(OTHER,)))
    language = set_field(entry(4, "1"), "language", "fr")
    assert twins([one, same, group, language, entry(5, "2"), entry(6, "1")]) == {2: 1, 6: 1}
    shot, other_shot = entry(7), set_field(entry(8), "title", "Another")
    assert not same_chapter(shot.details, other_shot.details)
    assert twins([shot, other_shot, entry(9)]) == {9: 7}


# Changes to many


def numbers(entries: list[QueueEntry], name: str = "chapter") -> dict[int, str]:
    return {one.number: field_text(one, name) for one in entries}


@pytest.fixture
def many() -> list[QueueEntry]:
    done = replace(entry(3, "3"), state=EntryState.COMMITTED)
    return [entry(1, "1"), entry(2, "2.5a"), done, entry(4, None), entry(5, "10")]


def test_numbers_shift_from_here_on_or_of_the_marked_only(many: list[QueueEntry]) -> None:
    assert numbers(shift(many, 2, "chapter", 1, ())) == {2: "3.5a", 5: "11"}
    assert numbers(shift(many, 2, "chapter", -1, {1, 5})) == {1: "0", 5: "9"}


@pytest.mark.parametrize(
    ("text", "by", "result"), [("9", 1, "10"), ("10.50", -1, "9.50"), ("7b", 3, "10b"), ("0", 0, "0")]
)
def test_a_number_is_moved_with_all_that_is_behind_it(text: str, by: int, result: str) -> None:
    assert shifted(text, by) == result


@pytest.mark.parametrize(("text", "by"), [("0.5", -1), ("99999999", 1)])
def test_a_number_that_cannot_be_moved_says_why(text: str, by: int) -> None:
    with pytest.raises(ValueError, match=r"0\.5 cannot|100000000 has"):
        shifted(text, by)


def test_a_cell_is_filled_down_into_all_below_or_the_marked(many: list[QueueEntry]) -> None:
    many[0] = set_field(set_field(many[0], "volume", "4"), "publish_at", "2026-12-24 18:00 UTC")
    assert numbers(fill_down(many, 1, "volume", ()), "volume") == {2: "4", 4: "4", 5: "4"}
    assert numbers(fill_down(many, 1, "publish_at", {5}), "publish_at") == {5: "2026-12-24T18:00+00:00"}
    assert fill_down(many, 1, "groups", ()) == []
    other = [replace(one, details=replace(one.details, group_ids=(), group_names=())) for one in many[1:]]
    filled = fill_down([many[0], *other], 1, "groups", ())
    assert {one.details.group_names for one in filled} == {("Tide",)}
    lost = replace(many[0], unknown_groups=("Lost",))
    assert {one.unknown_groups for one in fill_down([lost, *other], 1, "groups", ())} == {("Lost",)}


def test_chapters_are_counted_up_past_those_that_are_done(many: list[QueueEntry]) -> None:
    assert numbers(count_up(many, 2, "chapter", 20, ())) == {2: "20", 4: "21", 5: "22"}


def test_a_pattern_reads_the_names_that_it_fits() -> None:
    named = replace(entry(1, "1"), source=Path("/in/v02_013 - Undertow [Faro].cbz"))
    changed, unfit = take_pattern(
        [named, entry(2, "2")], parse_pattern("v{volume} {chapter} - {title} [{groups}]")
    )
    assert unfit == 1
    (read,) = changed
    assert (read.details.volume, read.details.chapter, read.details.title) == ("2", "13", "Undertow")
    assert (read.details.group_ids, read.unknown_groups) == ((), ("Faro",))
    assert (read.details.manga_id, read.details.language) == (MANGA, "en")


def test_order_moves_keep_the_block_together() -> None:
    order = [1, 2, 3, 4, 5]
    assert moved(order, {2, 4}, -1) == [2, 1, 4, 3, 5]
    assert moved(order, {2, 4}, 1) == [1, 3, 2, 5, 4]
    assert moved(order, {1, 4}, -1) == order
    assert moved(order, {5}, 1) == order
    assert moved_to(order, {2, 4}, 1) == [2, 4, 1, 3, 5]
    assert moved_to(order, {1}, 99) == [2, 3, 4, 5, 1]


# The table


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def test_the_table_keeps_everything_over_a_restart(tmp_path: Path, ledger: Ledger) -> None:
    odd = QueueEntry(Path("/in/\udcff [b]"), entry(1, "1").details, ("Nobody",), again=True)
    assert ledger.queue.add([odd, entry(0, "2")]) == [1, 2]
    ledger.queue.settle(2, EntryState.FAILED, problem="broken", pages=3)
    ledger.close()
    again = Ledger(tmp_path / "ledger.sqlite")
    first, second = again.queue.entries()
    assert first == replace(odd, number=1)
    assert (second.state, second.problem, second.pages) == (EntryState.FAILED, "broken", 3)
    again.close()


def test_a_ledger_of_before_gets_the_table(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE queue")
    database.close()
    ledger = Ledger(path)
    assert ledger.queue.entries() == []
    ledger.close()


def test_what_was_begun_or_committed_is_not_changed_paused_or_removed(ledger: Ledger) -> None:
    queue = ledger.queue
    queue.add([entry(0, "1"), entry(0, "2"), entry(0, "3")])
    first, second, third = queue.entries()
    assert queue.begin(1, "plan", 3, 5.0, first.fingerprint())
    assert not queue.begin(1, "other", 3, 5.0, first.fingerprint())
    queue.settle(2, EntryState.COMMITTED, chapter_id="c")
    assert queue.change([set_field(one, "chapter", "9") for one in (first, second, third)]) == [3]
    assert queue.pause([1, 2, 3], paused=True) == [3]
    assert queue.remove([1, 2]) == [2]
    begun = queue.entry(1)
    assert begun is not None
    assert (begun.plan_id, begun.pages, begun.begun_at, begun.details.chapter) == ("plan", 3, 5.0, "1")


def test_an_entry_that_changed_after_the_consent_is_not_begun(ledger: Ledger) -> None:
    ledger.queue.add([entry(0, "1")])
    (seen,) = ledger.queue.entries()
    ledger.queue.change([set_field(seen, "chapter", "2")])
    assert not ledger.queue.begin(1, "plan", 3, 0.0, seen.fingerprint())
    ledger.queue.pause([1], paused=True)
    (paused,) = ledger.queue.entries()
    assert not ledger.queue.begin(1, "plan", 3, 0.0, paused.fingerprint())


def test_a_change_makes_a_failed_entry_wait_and_a_paused_one_stay(ledger: Ledger) -> None:
    ledger.queue.add([entry(0, "1"), entry(0, "2")])
    ledger.queue.settle(1, EntryState.FAILED, problem="broken")
    ledger.queue.pause([2], paused=True)
    ledger.queue.change([set_field(one, "title", "x") for one in ledger.queue.entries()])
    states = [(one.state, one.problem) for one in ledger.queue.entries()]
    assert states == [(EntryState.WAITING, ""), (EntryState.PAUSED, "")]
    assert ledger.queue.pause([2], paused=False) == [2]


def test_order_and_numbers_are_two_things(ledger: Ledger) -> None:
    queue = ledger.queue
    queue.add([entry(0, str(number)) for number in range(1, 5)])
    queue.arrange([4, 2, 99])
    assert [one.number for one in queue.entries()] == [4, 2, 1, 3]
    queue.remove([4])
    assert queue.add([entry(0, "5")]) == [5]
    assert [one.number for one in queue.entries()] == [2, 1, 3, 5]


def test_the_queue_is_bounded(ledger: Ledger) -> None:
    with pytest.raises(QueueFull):
        ledger.queue.add([entry(0, "1")] * (MOST_ENTRIES + 1))
    assert ledger.queue.entries() == []


# Finding chapters


def test_a_folder_stands_for_the_chapters_below_it(tmp_path: Path) -> None:
    page = image_bytes("PNG", (200, 300))
    write_files(tmp_path / "Title", {f"Vol.{v}/Ch.{c}/1.png": page for v, c in ((1, 2), (1, 10), (2, 11))})
    write_zip(tmp_path / "Title" / "Ch.1.cbz", {"1.png": page})
    (tmp_path / "Title" / "Vol.2" / "Ch.12").mkdir()
    (tmp_path / "Title" / "notes.txt").write_text("no chapter")
    found = find_chapters([tmp_path / "Title", tmp_path / "Title" / "Ch.1.cbz", tmp_path / "gone"])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "Title/Ch.1.cbz", "Title/Vol.1/Ch.2", "Title/Vol.1/Ch.10", "Title/Vol.2/Ch.11", "Title/Vol.2/Ch.12", "gone",
    ]  # fmt: skip
    assert find_chapters([tmp_path / "Title" / "Vol.1" / "Ch.2"]) == (tmp_path / "Title" / "Vol.1" / "Ch.2",)


def test_every_field_can_be_said() -> None:
    assert all(isinstance(field_text(entry(1, "1"), name), str) for name in FIELDS)
