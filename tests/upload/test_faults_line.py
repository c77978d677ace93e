"""The line and the service fail: 5xx, cut connections, silence. On every endpoint, once and for good."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support.faults import BATCH, COMMIT, SEND, FaultBench
from tests.support.ground import PAGES
from tui.mangadex.requester import SAFE_TRIES
from tui.sandbox.fault_actions import Action, Cut, CutAfter, Hang, Lost, Status
from tui.upload import events
from tui.upload.exits import Exit

NOT_DONE: list[Action] = [
    Status(500),
    Status(502, "html"),
    Status(503, "empty"),
    Cut(0.01),
    Cut(0.5),
    Cut(0.99),
]
DONE: list[Action] = [Lost(502), CutAfter()]


def names(action: object) -> str:
    return repr(action) if isinstance(action, Action) else ""


@pytest.mark.parametrize("action", [*NOT_DONE, *DONE], ids=names)
def test_pages_whose_answer_was_lost_are_asked_for_and_never_sent_blindly(
    faults: FaultBench, action: Action
) -> None:
    fault = faults.strike("POST", SEND, action, skip=1)
    faults.check_committed(faults.upload())
    assert fault.struck == 1
    again = 0 if action in DONE else 1
    assert faults.ground.referee.came.total() <= PAGES + BATCH * again
    assert faults.heard("No usable answer", "Asking the server what it kept.")
    lost = [position for event in faults.of(events.Reconciled) for position in event.lost]
    assert len(lost) == again * BATCH
    (wait,) = faults.waits()
    assert (wait.attempt, wait.attempts) == (2, faults.options.attempts)
    assert wait.can_retry_now


@pytest.mark.parametrize("action", [Status(500), Status(502, "html"), Cut()], ids=names)
def test_a_question_that_fails_is_asked_again(faults: FaultBench, action: Action) -> None:
    fault = faults.strike("GET", "/upload", action, times=2)
    faults.check_committed(faults.upload())
    assert fault.struck == 2


@pytest.mark.parametrize(
    "action", [Status(500), Status(503, "html"), Cut(), Lost(502), CutAfter()], ids=names
)
def test_a_begin_whose_answer_was_lost_begins_no_second_session(faults: FaultBench, action: Action) -> None:
    faults.strike("POST", "/upload/begin", action)
    faults.check_committed(faults.upload())
    assert faults.ground.count("POST", "/upload/begin") == (1 if action in DONE else 2)
    assert faults.heard("The answer to the begin was lost. Asking the server")


@pytest.mark.parametrize("action", [Status(500), Status(502, "html"), Cut(), Cut(0.5)], ids=names)
def test_a_commit_that_was_not_done_is_done_once(faults: FaultBench, action: Action) -> None:
    faults.strike("POST", COMMIT, action)
    end = faults.upload()
    faults.check_committed(end)
    assert isinstance(end, events.Committed)
    assert end.settled_by == "answer"
    assert faults.ground.count("POST", COMMIT) == 2
    assert faults.heard("The answer to the commit was lost", "Asking the server")
    assert [receipt.state for receipt in faults.receipts()] == ["committed"]


@pytest.mark.parametrize("action", DONE, ids=names)
def test_a_commit_that_was_done_is_found_and_not_sent_again(faults: FaultBench, action: Action) -> None:
    faults.strike("POST", COMMIT, action)
    end = faults.upload()
    faults.check_committed(end)
    assert faults.ground.count("POST", COMMIT) == 1
    assert faults.heard("Committed", "its answer was lost; found by asking")
    assert [receipt.state for receipt in faults.receipts()] == ["found"]


@pytest.mark.parametrize(
    ("method", "path", "skip", "each"),
    [
        ("GET", "/upload", 0, SAFE_TRIES),
        ("POST", "/upload/begin", 0, 1),
        ("POST", SEND, 1, 2),
        ("POST", COMMIT, 0, 1),
    ],
)
@pytest.mark.parametrize("action", [Status(503, "html"), Cut(0.5)], ids=names)
def test_for_good_it_is_given_up_in_good_time_and_goes_on_later(
    faults: FaultBench, method: str, path: str, skip: int, each: int, action: Action
) -> None:
    """`each`: requests that one failure may stand for."""
    faults.strike(method, path, action, skip=skip, times=0)
    end = faults.upload()
    faults.check_kept(end, Exit.RESUMABLE, most_requests=120)
    assert faults.ground.count(method, path) <= skip + each * faults.options.attempts
    waits = faults.waits()
    assert [wait.attempt for wait in waits] == list(range(2, faults.options.attempts + 1))
    spans = [wait.until - wait.at for wait in waits]
    assert all(later > earlier * 1.1 for earlier, later in pairwise(spans)), spans
    faults.fair()
    faults.check_committed(faults.resume(), most_requests=150)


@pytest.mark.parametrize("when", ["head", "body", "processed"])
def test_silence_has_an_end(faults: FaultBench, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """The server stops reading, or reads all and says nothing, or does all and says nothing."""
    monkeypatch.setattr(
        "tui.mangadex.requester.total_seconds", lambda seconds, length: 0.5 if seconds == 180 else 30.0
    )
    fault = faults.strike("POST", SEND, Hang(when), skip=1)  # type: ignore[arg-type]
    faults.check_committed(faults.upload())
    assert fault.struck == 1
    assert faults.ground.referee.came.total() <= PAGES + BATCH * (when != "processed")
    assert faults.heard("no answer within")
