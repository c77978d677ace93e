"""Pages and answers go wrong: refused files and requests, sizes, answers in disorder."""

from __future__ import annotations

import pytest

from tests.support.faults import BATCH, SEND, FaultBench, make_plan
from tests.support.ground import PAGES, noise_png
from tui.chapter.hashing import hash_pages
from tui.chapter.sources import open_source
from tui.sandbox.fault_actions import (
    Action,
    Bare,
    HugeMessage,
    RefuseFiles,
    RefuseRequest,
    SameNames,
    Shuffle,
    TooLargeFrom,
    Without,
    WrongTypes,
)
from tui.upload.events import Committed, Event, Failed, PageRefused
from tui.upload.exits import Exit
from tui.upload.options import OnSession

BAD = 6
WORDS = "The file is corrupt, says the server"
BAD_NAME = f"^{BAD:04d}-"

REFUSALS: list[Action] = [
    RefuseFiles(BAD_NAME, detail=WORDS),
    RefuseFiles(BAD_NAME, detail=WORDS, named=False),
    RefuseRequest(BAD_NAME, detail=WORDS),
]
by_kind = pytest.mark.parametrize("action", REFUSALS, ids=["named", "not named", "whole batch"])


def refused(faults: FaultBench, end: Event) -> list[tuple[int, str, str]]:
    """The pages that the user was told of, after everything else was kept."""
    assert isinstance(end, Failed), end
    faults.check_kept(end, Exit.REFUSED)
    (entry,) = faults.unfinished()
    told = [(event.position, event.name, event.reason) for event in faults.of(PageRefused)]
    assert sorted(entry.accepted) == sorted({*range(1, PAGES + 1)} - {position for position, _, _ in told})
    return told


@by_kind
def test_a_bad_page_is_found_and_named_in_the_servers_words(faults: FaultBench, action: Action) -> None:
    faults.strike("POST", SEND, action, times=0)
    end = faults.upload()
    ((position, name, reason),) = refused(faults, end)
    assert (position, name) == (BAD, f"{BAD}.png")
    assert WORDS in reason
    assert isinstance(end, Failed)
    assert end.title == "1 page is not on the server"
    assert f"page {BAD} ({BAD}.png)" in end.detail
    assert "Every other page is kept." in end.remedy
    # Halving four pages takes three requests more; good pages went at most that often and were kept once.
    assert faults.ground.count("POST", SEND) <= PAGES // BATCH + 4
    assert max(faults.ground.referee.came.values()) <= 3

    faults.fair()
    faults.engine.retry_pages((BAD,))
    faults.check_committed(faults.follow(commit=True))


def test_a_bad_page_can_be_left_out(faults: FaultBench) -> None:
    faults.strike("POST", SEND, REFUSALS[0], times=0)
    refused(faults, faults.upload())
    ground = faults.ground
    pages = [page for number, page in enumerate(ground.pages, 1) if number != BAD]
    faults.plan = make_plan(ground.chapter, pages, ground.server)
    came = ground.referee.came.total()
    faults.check_committed(faults.upload(on_session=OnSession.RESUME))
    assert ground.referee.came.total() == came


def test_a_bad_page_can_be_replaced(faults: FaultBench) -> None:
    faults.strike("POST", SEND, REFUSALS[2], times=0)
    refused(faults, faults.upload())
    faults.fair()
    ground = faults.ground
    other = faults.folder / "mended"
    other.mkdir()
    (other / "6.png").write_bytes(noise_png(1006))
    pages = list(ground.pages)
    (pages[BAD - 1],) = hash_pages(open_source(other).scan().pages)
    faults.plan = make_plan(ground.chapter, pages, ground.server)
    came = ground.referee.came.total()
    faults.check_committed(faults.upload(on_session=OnSession.RESUME))
    assert ground.referee.came.total() == came + 1


def test_several_bad_pages_are_all_named(faults: FaultBench) -> None:
    faults.strike("POST", SEND, RefuseRequest("^000(2|3|9)-", detail=WORDS), times=0)
    assert sorted(position for position, _, _ in refused(faults, faults.upload())) == [2, 3, 9]


def test_a_session_that_takes_nothing_blames_no_page(faults: FaultBench) -> None:
    fault = faults.strike("POST", SEND, RefuseRequest("", detail="Uploads are closed"), times=0)
    end = faults.upload()
    faults.check_kept(end, Exit.REFUSED)
    assert isinstance(end, Failed)
    assert "Uploads are closed" in end.detail
    assert faults.of(PageRefused) != []  # a few were tried alone, not all
    assert fault.struck < PAGES + BATCH
    faults.fair()
    faults.check_committed(faults.resume())


# Sizes


def test_413_makes_requests_smaller_until_they_pass(faults: FaultBench) -> None:
    faults.strike("POST", SEND, TooLargeFrom(150_000), times=0)
    faults.check_committed(faults.upload())
    assert faults.heard("The request is too large for the server", "sent again in halves")
    assert faults.ground.count("POST", SEND, 413) <= 6  # two at once, and their halves; then it is known


def test_413_for_every_page_is_no_pages_fault(faults: FaultBench) -> None:
    faults.strike("POST", SEND, TooLargeFrom(1_000), times=0)
    end = faults.upload()
    faults.check_kept(end, Exit.REFUSED)
    assert isinstance(end, Failed)
    assert "too large" in end.title
    assert faults.ground.count("POST", SEND) < PAGES + BATCH


def test_an_endless_refusal_is_shown_in_one_line(faults: FaultBench) -> None:
    faults.strike("POST", SEND, HugeMessage(), skip=1)
    faults.check_committed(faults.upload())
    assert max(map(len, faults.said)) <= 2_001


# Answers


ALL_NAMES = ("originalFileName", "fileHash")


@pytest.mark.parametrize(
    "action",
    [
        Shuffle(),
        Shuffle(7),
        SameNames(),
        Without(),
        Without(("originalFileName",)),
        Without(("fileHash", "fileSize", "mimeType")),
        WrongTypes(),
        Bare(),
    ],
    ids=repr,
)
def test_answers_in_disorder_change_nothing(faults: FaultBench, action: Action) -> None:
    faults.strike("*", "/upload*", action, times=0)
    faults.check_committed(faults.upload())
    assert faults.ground.referee.came.total() == PAGES


@pytest.mark.parametrize(
    "action", [Without(ALL_NAMES), SameNames(ALL_NAMES)], ids=["missing", "all the same"]
)
def test_files_that_an_answer_does_not_tell_apart_are_asked_for(faults: FaultBench, action: Action) -> None:
    faults.strike("POST", SEND, action, times=0)
    faults.check_committed(faults.upload())
    assert faults.ground.referee.came.total() == PAGES


def test_pages_that_the_server_never_tells_apart_go_one_by_one(faults: FaultBench) -> None:
    faults.strike("*", "/upload*", Without(ALL_NAMES), times=0)
    end = faults.upload()
    assert isinstance(end, Committed), faults.said
    assert faults.ground.committed_digests(end.chapter_id) == [page.sha256 for page in faults.plan.pages]
    assert faults.ground.referee.left_over == [0]
    # Only what was under way when it became known had to be sent again.
    assert faults.ground.referee.came.total() <= PAGES + 2 * BATCH
    assert faults.heard("The answer does not say which pages were kept. Asking the server")
