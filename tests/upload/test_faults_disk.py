"""The disk fails: pages that are not what was checked, a ledger or log that cannot be written or read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.chapters import write_zip
from tests.support.faults import BATCH, COMMIT, SEND, FaultBench, make_plan
from tests.support.ground import PAGES, Meanwhile, noise_png
from tui.chapter.hashing import hash_pages
from tui.chapter.sources import open_source
from tui.upload.events import Committed, CommitUnknown, Event, Failed, Note, PageRefused
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.options import OnSession

BAD = 6


def failed(event: Event) -> Failed:
    assert isinstance(event, Failed), event
    return event


@pytest.fixture
def own_chapter(faults: FaultBench) -> Path:
    """A copy of the chapter that a test may spoil; the plan is made from it."""
    folder = Path(shutil.copytree(faults.ground.chapter, faults.folder / "own"))
    faults.plan = make_plan(folder, hash_pages(open_source(folder).scan().pages), faults.ground.server)
    return folder


# Pages


def rewrite(page: Path) -> None:
    page.write_bytes(noise_png(1000 + BAD))


def shrink(page: Path) -> None:
    os.truncate(page, 50_000)


def grow(page: Path) -> None:
    page.write_bytes(page.read_bytes() + b"more")


def vanish(page: Path) -> None:
    page.unlink()


def become_a_folder(page: Path) -> None:
    page.unlink()
    page.mkdir()


def become_a_pipe(page: Path) -> None:
    page.unlink()
    os.mkfifo(page)


def link_to_itself(page: Path) -> None:
    page.unlink()
    page.symlink_to(page)


WAYS = {
    rewrite: "its content is not what was checked",
    shrink: "bytes shorter than it was",
    grow: "it is longer than the",
    vanish: "it cannot be read: No such file or directory",
    become_a_folder: "it cannot be read: not a regular file",
    become_a_pipe: "it cannot be read: not a regular file",
    link_to_itself: "it cannot be read: Too many levels of symbolic links",
}


@pytest.mark.parametrize(("way", "words"), WAYS.items(), ids=[way.__name__ for way in WAYS])
def test_a_page_that_is_not_what_was_checked_never_arrives(
    faults: FaultBench, own_chapter: Path, way: Callable[[Path], None], words: str
) -> None:
    page = own_chapter / f"{BAD}.png"
    before = page.read_bytes()
    way(page)
    end = failed(faults.upload())
    faults.check_kept(end, Exit.RESUMABLE)
    (told,) = faults.of(PageRefused)
    assert (told.position, told.name) == (BAD, page.name)
    assert words in told.reason
    assert "Put the file back as it was" in told.reason
    assert page.name in end.detail
    (entry,) = faults.unfinished()
    assert sorted(entry.accepted) == [number for number in range(1, PAGES + 1) if number != BAD]
    # The other pages of the broken request went once more, nothing else did.
    assert faults.ground.referee.came.total() <= PAGES + BATCH

    if page.is_dir():
        page.rmdir()
    page.unlink(missing_ok=True)
    page.write_bytes(before)
    faults.engine.retry_pages((BAD,))
    faults.check_committed(faults.follow(commit=True))


def spoil_member(archive: Path) -> None:
    """One byte in the middle of a page's data; the directory stays right."""
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)


def test_a_page_whose_archive_was_spoilt_is_named(faults: FaultBench) -> None:
    ground = faults.ground
    archive = write_zip(
        faults.folder / "own.cbz", {page.name: page.read_bytes() for page in sorted(ground.chapter.iterdir())}
    )
    before = archive.read_bytes()
    faults.plan = make_plan(archive, hash_pages(open_source(archive).scan().pages), ground.server)
    spoil_member(archive)
    faults.check_kept(faults.upload(), Exit.RESUMABLE)
    assert len(faults.of(PageRefused)) == 1
    archive.write_bytes(before)
    faults.check_committed(faults.resume())


def test_an_archive_that_was_replaced_is_found_out_at_the_first_page(faults: FaultBench) -> None:
    ground = faults.ground
    names = [page.name for page in sorted(ground.chapter.iterdir())]
    archive = write_zip(
        faults.folder / "own.cbz", {name: (ground.chapter / name).read_bytes() for name in names}
    )
    before = archive.read_bytes()
    faults.plan = make_plan(archive, hash_pages(open_source(archive).scan().pages), ground.server)
    write_zip(archive, {name: noise_png(2000 + number) for number, name in enumerate(names)})
    end = failed(faults.upload())
    assert end.title == f"{PAGES} pages are not on the server"
    assert ground.count("POST", SEND) <= faults.options.in_flight
    archive.write_bytes(before)
    faults.check_committed(faults.resume())


def test_a_chapter_that_is_gone_from_the_disk_blames_no_page(faults: FaultBench, own_chapter: Path) -> None:
    aside = own_chapter.with_name("elsewhere")
    faults.options = replace(faults.options, in_flight=1)

    def move(service: object) -> None:
        own_chapter.rename(aside)

    faults.strike("POST", SEND, Meanwhile(after=move))
    end = failed(faults.upload())
    assert end.title == "The chapter cannot be read from the disk any more"
    assert str(own_chapter) in end.detail
    assert faults.of(PageRefused) == []
    assert faults.ground.count("POST", SEND) == 2
    faults.check_kept(end, Exit.RESUMABLE)
    assert faults.ground.referee.taken.total() == BATCH
    aside.rename(own_chapter)
    faults.check_committed(faults.resume())


# The log


def test_a_full_disk_for_the_log_is_said_once_and_stops_nothing(faults: FaultBench) -> None:
    faults.log_path = Path("/dev/full")
    faults.check_committed(faults.upload())
    told = [line for line in faults.said if "The log /dev/full is not written: No space left" in line]
    assert len(told) == 1
    faults.close()


# The ledger


def fill_up(ledger: Ledger) -> None:
    """No page more fits into the database."""
    ledger._database.execute("PRAGMA max_page_count = 1")


def write_protect(ledger: Ledger) -> None:
    ledger._database.execute("PRAGMA query_only = 1")


def free(ledger: Ledger) -> None:
    ledger._database.execute("PRAGMA query_only = 0")


def in_ledger(faults: FaultBench, act: Callable[[Ledger], None]) -> None:
    faults.engine._ledger.submit(act).result(10)


@pytest.mark.parametrize(
    ("act", "words"), [(fill_up, "database or disk is full"), (write_protect, "readonly database")]
)
def test_a_ledger_that_cannot_be_written_lets_nothing_begin(
    faults: FaultBench, act: Callable[[Ledger], None], words: str
) -> None:
    ground = faults.ground
    # A long plan, so that it takes pages of its own.
    faults.plan = make_plan(ground.chapter, ground.pages, ground.server, manga_title="x" * 20_000)
    in_ledger(faults, act)
    end = failed(faults.upload())
    assert end.exit_code == Exit.RESUMABLE
    assert not end.resumable  # the ledger does not know it
    assert faults.heard("The ledger cannot be written", words, "Free some space or make its folder writable")
    assert [entry.path for entry in faults.ground.server.requests if entry.path.startswith("/upload")] == []
    faults.close()
    faults.check_committed(faults.upload())


@pytest.mark.parametrize(
    ("method", "path", "skip"),
    [("POST", "/upload/begin", 0), ("POST", SEND, 1), ("GET", "/upload", 1), ("GET", "/upload", 2)],
)
def test_a_ledger_that_fails_on_the_way_loses_nothing(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    faults.hesitates = 3.0
    faults.strike(method, path, Meanwhile(lambda service: in_ledger(faults, write_protect)), skip=skip)
    end = faults.upload()
    faults.check_kept(end, Exit.RESUMABLE)
    assert faults.heard("The ledger cannot be written")
    faults.check_committed(faults.resume())


def test_a_receipt_that_cannot_be_written_hides_no_chapter(faults: FaultBench) -> None:
    faults.strike("POST", COMMIT, Meanwhile(after=lambda service: in_ledger(faults, write_protect)))
    end = faults.upload()
    assert isinstance(end, Committed)
    assert faults.ground.referee.chapters == [end.chapter_id]
    assert faults.heard("The chapter is committed, but its receipt could not be written")
    found = faults.resume()
    faults.check_committed(found)
    assert isinstance(found, Committed)
    assert found.settled_by == "lookup"
    assert faults.ground.count("POST", COMMIT) == 1


def test_a_commit_that_is_lost_while_the_ledger_fails_is_unknown(faults: FaultBench) -> None:
    def both(service: object) -> None:
        in_ledger(faults, write_protect)
        newest = max(faults.ground.server.state.chapters.values(), key=lambda chapter: chapter.created_at)
        newest.processed_at = faults.ground.clock.now() + 3600

    faults.strike("POST", COMMIT, Meanwhile(after=both, cut=True))
    assert isinstance(faults.upload(), CommitUnknown)
    assert faults.heard("Whether the chapter was committed is not known", "The ledger cannot be written")
    faults.ground.clock.advance(4000)
    faults.check_committed(faults.resume())


@pytest.mark.parametrize("damage", [b"this is no database", None], ids=["overwritten", "holes"])
def test_a_damaged_ledger_is_set_aside_and_its_upload_goes_on(
    faults: FaultBench, damage: bytes | None
) -> None:
    faults.upload(commit=False)
    faults.close()
    content = faults.ledger_path.read_bytes()
    spoilt = damage or content[:1024] + b"\xff" * (len(content) - 1024)
    faults.ledger_path.write_bytes(spoilt)
    end = failed(faults.upload())
    assert end.exit_code == Exit.SESSION_OPEN
    notes = [event.text for event in faults.of(Note) if "damaged" in event.text]
    (kept,) = [path for path in faults.ledger_path.parent.iterdir() if ".damaged-" in path.name]
    assert len(notes) == 1
    assert kept.name in notes[0]
    assert kept.read_bytes() == spoilt
    came = faults.ground.referee.came.total()
    faults.check_committed(faults.upload(on_session=OnSession.RESUME))
    assert faults.ground.referee.came.total() == came == PAGES
