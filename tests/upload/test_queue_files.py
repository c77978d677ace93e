"""The queue as .csv and .toml: what was saved comes back, and what is wrong is named by its line."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails, Origin
from tui.upload.queue.entry import MOST_ENTRIES, EntryState, QueueEntry
from tui.upload.queue.files import LARGEST_FILE, QueueFileError, load_queue, merge, save_queue
from tui.upload.queue.naming import with_names

MANGA = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
GROUP, OTHER = "5fed0576-8b94-4f9a-b6a7-08eecd69800d", "145f9110-0a6c-4b71-8737-6acb1a3c5da5"
WHEN = datetime(2026, 12, 24, 17, 0, tzinfo=UTC)


def bare(source: Path) -> QueueEntry:
    """Nothing can be guessed."""
    return QueueEntry(source)


def guessed(source: Path) -> QueueEntry:
    details = ChapterDetails(MANGA, "Ebb", (GROUP,), ("Tide",), "9", "99", "Guessed", "fr")
    return QueueEntry(source, details, unknown_groups=("Lost",))


def entries(folder: Path) -> list[QueueEntry]:
    full = ChapterDetails(
        MANGA, "Ebb, “the” Tide", (GROUP, OTHER), ("Tide; Co", "Faro"), "2", "10.5a", 'A "quoted", = title; \\',
        "pt-br", WHEN, "https://example.org/1", {"chapter": Origin.TYPED, "group_ids": Origin.TYPED},
    )  # fmt: skip
    return [
        QueueEntry(folder / "Ch, 1; [x]", full),
        QueueEntry(folder / "Ch 港 2", replace(full, volume=None, chapter=None, title=None, publish_at=None)),
        QueueEntry(folder / "Ch 3", replace(full, group_ids=(), group_names=(), external_url=None)),
    ]


def essence(entry: QueueEntry) -> tuple[object, ...]:
    details = replace(entry.details, origins={}, group_names=(), manga_title="")
    return entry.source, details, entry.unknown_groups, entry.again, entry.state


@pytest.mark.parametrize("name", ["q.csv", "q.toml"])
def test_what_was_saved_comes_back_whatever_can_be_guessed(tmp_path: Path, name: str) -> None:
    before = entries(tmp_path)
    save_queue(tmp_path / name, before)
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    for make in (bare, guessed):
        after = load_queue(tmp_path / name, make)
        assert [essence(entry) for entry in after] == [essence(entry) for entry in before]
    titles = {entry.details.manga_title for entry in load_queue(tmp_path / name, bare)}
    assert titles == {"Ebb, “the” Tide"}


@pytest.mark.parametrize("name", ["q.csv", "q.toml"])
def test_what_nobody_said_is_not_said_by_a_file(tmp_path: Path, name: str) -> None:
    """Neither that a chapter without a number is a oneshot, nor that a group that is not known is none."""
    before = QueueEntry(
        tmp_path / "c3-4", ChapterDetails(MANGA, group_ids=(GROUP,)), unknown_groups=("Lost; Ones",)
    )
    save_queue(tmp_path / name, [before, QueueEntry(tmp_path / "x")])
    first, second = load_queue(tmp_path / name, bare)
    assert [one.replace(";", "").split() for one in first.unknown_groups] == [["Lost", "Ones"]]
    assert first.details.group_ids == (GROUP,)
    assert not {"chapter"} & first.details.origins.keys()
    assert not {"chapter", "group_ids"} & second.details.origins.keys()
    assert load_queue(tmp_path / name, guessed)[1].unknown_groups == ("Lost",)


def test_csv_keeps_states_and_names_that_are_not_utf8(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\xfe"))
    before = [
        replace(entries(tmp_path)[0], source=odd, state=EntryState.COMMITTED, chapter_id=OTHER, again=True),
        replace(entries(tmp_path)[1], state=EntryState.PAUSED),
        replace(entries(tmp_path)[2], state=EntryState.FAILED, problem="it, broke"),
    ]
    save_queue(tmp_path / "q.csv", before)
    after = load_queue(tmp_path / "q.csv", bare)
    assert [entry.state for entry in after] == [EntryState.COMMITTED, EntryState.PAUSED, EntryState.WAITING]
    assert (after[0].source, after[0].chapter_id, after[0].again) == (odd, OTHER, True)
    with pytest.raises(QueueFileError, match="UTF-8"):
        save_queue(tmp_path / "q.toml", [replace(before[1], source=odd)])


def test_toml_leaves_out_what_is_committed(tmp_path: Path) -> None:
    first, second, _ = entries(tmp_path)
    save_queue(tmp_path / "q.toml", [replace(first, state=EntryState.COMMITTED), second])
    assert [entry.source for entry in load_queue(tmp_path / "q.toml", bare)] == [second.source]


def test_a_spreadsheets_semicolons_few_columns_and_relative_paths_are_taken(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes("\ufeffsource;chapter;groups\r\nCh 1;007;none\r\n\r\n".encode())
    (entry,) = load_queue(tmp_path / "q.csv", guessed)
    assert entry.source == tmp_path / "Ch 1"
    assert (entry.details.chapter, entry.details.title) == ("7", "Guessed")
    assert (entry.details.group_ids, entry.unknown_groups) == ((), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,chapter\nCh 1,x1\nCh 2,2\nCh 3,1.2.3\n", ["line 2: chapter", "line 4: chapter"]),
        ("source,language,publish_at\nCh 1,english!,2026-12-24 18:00\n", ["language", "publish_at", "zone"]),
        ("source,manga,groups\nCh 1,https://example.org/1,1/2\n", ["manga: Paste", "groups: “1/2”"]),
        (f"source,manga\nCh 1,{MANGA[:-1]}\n", ["line 2: manga: Paste"]),
        ("source,groups\nCh 1,?\n", ["line 2: groups: Behind a question mark"]),
        ("source,chapter\nCh 1,1,2\n", ["line 2: 3 cells"]),
        ("source,chapter\nCh 1,1\nCh 1,2\n", ["line 3: source", "twice"]),
        ("source,chapter\n,1\n", ["line 2: source", "empty"]),
        ("source,chaptr\nCh 1,1\n", ["line 1", "Did you mean chapter?"]),
        ("chapter\n1\n", ["line 1", "source"]),
        ('source,title\nCh 1,"open\n', ["line"]),
        ('source,title\nCh 1,"two\nlines"\n', ["line 3: title", "line end"]),
        ("source,chapter\n", ["names no chapter"]),
        ("", ["line 1"]),
        ("source\n" + "".join(f"c{n}\n" for n in range(MOST_ENTRIES + 1)), [f"more than {MOST_ENTRIES}"]),
    ],
)
def test_what_is_wrong_in_a_csv_is_named_and_nothing_is_taken(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    (tmp_path / "q.csv").write_text(text)
    with pytest.raises(QueueFileError) as raised:
        load_queue(tmp_path / "q.csv", bare)
    assert "q.csv" in raised.value.title
    for word in words:
        assert word in raised.value.title


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[chapters]]\nsource = "a"\nchapter = "x"\n', ["line 3", "chapter"]),
        ('[[chapters]]\nsource = "a"\nchaptr = 1\n', ["line 3", "chaptr"]),
        ("chapters = 3\n", ["chapters"]),
        ("[[chapters]\n", ["line 1"]),
        ('language = "en"\n', ["names no chapter"]),
    ],
)
def test_what_is_wrong_in_a_toml_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "q.toml").write_text(text)
    with pytest.raises(QueueFileError) as raised:
        load_queue(tmp_path / "q.toml", bare)
    assert all(word in str(raised.value) + raised.value.remedy for word in words), raised.value.title


def test_what_stands_above_the_chapters_is_for_all_of_them(tmp_path: Path) -> None:
    text = f'manga = "{MANGA}"\nlanguage = "en"\ngroups = ["{GROUP}", "Nobody Knows"]\n'
    text += '[[chapters]]\nsource = "a"\nchapter = 5\n[[chapters]]\nsource = "b"\noneshot = true\nlanguage = "fr"\n'
    (tmp_path / "q.toml").write_text(text)
    one, two = load_queue(tmp_path / "q.toml", bare)
    assert (one.details.manga_id, one.details.language, one.details.chapter) == (MANGA, "en", "5")
    assert (two.details.manga_id, two.details.language, two.details.chapter) == (MANGA, "fr", None)
    assert (one.details.group_ids, one.unknown_groups) == ((GROUP,), ("Nobody Knows",))


def test_a_file_that_is_missing_too_large_or_called_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QueueFileError, match="no file"):
        load_queue(tmp_path / "none.csv", bare)
    (tmp_path / "big.csv").write_bytes(b"x" * (LARGEST_FILE + 1))
    with pytest.raises(Exception, match="larger"):
        load_queue(tmp_path / "big.csv", bare)
    with pytest.raises(QueueFileError, match=r"\.csv"):
        save_queue(tmp_path / "q.txt", entries(tmp_path))


def test_merging_changes_by_source_and_leaves_alone_what_was_begun(tmp_path: Path) -> None:
    one, two, three = entries(tmp_path)
    there = [replace(one, number=4), replace(two, number=5, state=EntryState.RUNNING)]
    merged = merge(there, [replace(one, details=ChapterDetails(chapter="8")), two, three])
    assert [(entry.number, entry.details.chapter) for entry in merged.changed] == [(4, "8")]
    assert (merged.added, merged.kept) == ((three,), 1)


def test_a_file_may_name_title_and_groups(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(f"source,manga,groups\na,Ebb & Flow,Tide Scans; {GROUP}\nb,{MANGA},{GROUP} {OTHER}\n")
    first, second = load_queue(path, bare)
    assert (first.details.manga_id, first.details.manga_title) == ("", "Ebb & Flow")
    assert (first.details.group_ids, first.unknown_groups) == ((GROUP,), ("Tide Scans",))
    found = with_names(first, {"Ebb & Flow": Named(MANGA, "Ebb")}, {"Tide Scans": Named(OTHER, "Tide")})
    assert (found.details.manga_id, found.details.group_ids) == (MANGA, (GROUP, OTHER))
    assert found.unknown_groups == ()
    assert with_names(first, {"Ebb & Flow": None}, {"Tide Scans": None}) == first
    bare_id = replace(first, details=replace(first.details, group_names=()))
    assert with_names(bare_id, {}, {"Tide Scans": Named(OTHER)}).details.group_ids == (GROUP, OTHER)
    assert (second.details.manga_id, second.details.group_ids) == (MANGA, (GROUP, OTHER))
