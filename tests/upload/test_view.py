"""The view folded from events, and the words for each event."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import fields

import pytest

from tests.support.hostile import HOSTILE
from tests.upload.test_pure import plan_of
from tui.screens.upload_words import status_line
from tui.upload import events
from tui.upload.describe import as_json, describe, page_numbers
from tui.upload.ledger_entry import PageState
from tui.upload.view import Phase, UploadView, fold, start_view


def folded(*happened: events.Event) -> UploadView:
    view = start_view(plan_of(4))
    for event in happened:
        view = fold(view, event)
    return view


def test_progress_counts_accepted_pages_and_bytes_under_way() -> None:
    view = folded(
        events.SessionBegan(at=1, session_id="s"),
        events.BatchStarted(at=1, batch=1, positions=(1, 2), bytes=200),
        events.BytesSent(at=2, batch=1, sent=150),
    )
    assert [page.sent_bytes for page in view.pages] == [100, 50, 0, 0]
    assert (view.accepted_count, view.sent_bytes, view.total_bytes) == (0, 150, 400)
    assert view.bytes_per_second == 150
    assert view.seconds_left == pytest.approx(250 / 150)
    view = fold(view, events.PageAccepted(at=3, position=1, file_id="f1"))
    view = fold(view, events.BatchFinished(at=3, batch=1, accepted=(1,), failed=((2, "bad"),)))
    assert [page.state for page in view.pages[:2]] == [PageState.ACCEPTED, PageState.PLANNED]
    assert view.sent_bytes == 100
    assert view.batches == ()


def test_end_leaves_no_page_on_its_way() -> None:
    started = events.BatchStarted(at=1, batch=1, positions=(1, 2), bytes=200)
    for end in (events.Stopped(at=2), events.Failed(at=2, title="t", detail="", remedy="", exit_code=5)):
        view = folded(started, end)
        assert not view.active
        assert {page.state for page in view.pages} == {PageState.PLANNED}
        assert view.batches == ()


def test_waiting_is_over_when_something_moves() -> None:
    wait = events.Waiting(at=1, reason="limit", until=9)
    view = folded(wait)
    assert view.phase is Phase.WAITING
    assert fold(view, events.WaitOver(at=9)).phase is Phase.SENDING
    assert fold(view, events.BatchStarted(at=2, batch=1, positions=(1,), bytes=100)).waiting is None


def test_a_wait_that_the_service_set_lasts_while_other_requests_end() -> None:
    wait = events.Waiting(at=2, reason="limit", until=9, can_retry_now=False)
    view = folded(
        events.BatchStarted(at=1, batch=1, positions=(1,), bytes=100),
        events.BatchStarted(at=1, batch=2, positions=(2,), bytes=100),
        wait,
        events.PageAccepted(at=3, position=1, file_id="f1"),
        events.BatchFinished(at=3, batch=1, accepted=(1,), failed=()),
        events.BatchStarted(at=3, batch=3, positions=(3,), bytes=100),  # it waits as well
    )
    assert (view.phase, view.waiting) == (Phase.WAITING, wait)
    assert status_line(view, 4.0).startswith("Waiting 5 s more, until 00:00:09 UTC: limit")
    view = fold(view, events.BytesSent(at=5, batch=2, sent=50))  # this one is on its way
    assert (
        status_line(view, 6.0)
        == "Waiting 3 s more, until 00:00:09 UTC: limit · Sending 2 pages in 2 requests"
    )
    assert fold(view, events.BytesSent(at=9, batch=2, sent=100)).waiting is None


def test_a_wait_of_another_request_does_not_take_away_that_all_is_in() -> None:
    wait = events.Waiting(at=2, reason="limit", until=9, can_retry_now=False)
    ready = folded(events.AllPagesIn(at=1, pages=3, bytes=300), wait)
    assert (ready.phase, ready.waiting) == (Phase.READY, wait)  # the commit would wait, too
    assert folded(events.Stopped(at=1), wait).phase is Phase.STOPPED


def test_a_wait_of_the_commit_itself_is_shown() -> None:
    wait = events.Waiting(at=2, reason="no answer", until=9, attempt=2, attempts=8)
    view = folded(events.AllPagesIn(at=1, pages=3, bytes=300), wait)
    assert (view.phase, view.waiting) == (Phase.WAITING, wait)


def test_pause_survives_what_is_under_way() -> None:
    view = folded(events.Paused(at=1), events.BatchStarted(at=1, batch=1, positions=(1,), bytes=100))
    assert view.phase is Phase.PAUSED
    assert fold(view, events.WentOn(at=2)).phase is Phase.SENDING


def test_commit_phases() -> None:
    view = folded(events.AllPagesIn(at=1, pages=4, bytes=400))
    assert view.phase is Phase.READY
    assert view.active
    view = fold(view, events.CommitStarted(at=2))
    assert fold(view, events.CommitUnknown(at=3, reason="")).phase is Phase.UNKNOWN
    done = fold(view, events.Committed(at=3, chapter_id="c"))
    assert (done.phase, done.chapter_id, done.active) == (Phase.COMMITTED, "c", False)


def test_batches_are_told_in_the_guides_terms() -> None:
    event = events.BatchFinished(
        batch=2, accepted=(1, 2, 3), failed=((4, "no image"), (5, "no image")), seconds=1.25
    )
    assert describe(event) == "Batch 2: 3 successful, 2 failed in 1.2 s; pages 4-5: no image."
    assert page_numbers((7,)) == "page 7"
    assert page_numbers((1, 2, 3, 9, 11, 10)) == "pages 1-3, 9-11"


def _examples(text: str) -> list[events.Event]:
    """One event of every kind, with `text` in every field that holds text."""
    values = {"int": 1, "float": 1.0, "bool": True, "str": text, "int | None": 1}
    values |= {"tuple[int, ...]": (1, 2), "tuple[tuple[int, str], ...]": ((1, text),)}
    values |= {"dict[str, object]": {}}
    # dataclass(slots=True) makes every class anew; only the new one is in the module.
    kinds = {getattr(events, kind.__name__) for kind in events.Event.__subclasses__()}
    return [kind(**{field.name: values[str(field.type)] for field in fields(kind)}) for kind in kinds]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_event_has_safe_words_and_json(text: str) -> None:
    for event in _examples(text):
        said = describe(event)
        assert not {unicodedata.category(character) for character in said} & {"Cc", "Cs"}, repr(said)
        assert "\u202e" not in said
        record = json.loads(json.dumps(as_json(event)))
        assert record["text"] == said
        assert record["event"].islower()


def test_when_every_byte_is_out_it_is_the_server_that_is_waited_for() -> None:
    view = folded(
        events.BatchStarted(at=1, batch=1, positions=(1,), bytes=100),
        events.BytesSent(at=1, batch=1, sent=0),
        events.BytesSent(at=2, batch=1, sent=60),
    )
    assert status_line(view, 2.0) == "Sending 1 page in 1 request"
    view = fold(view, events.BytesSent(at=3, batch=1, sent=100))
    assert status_line(view, 3.0) == "1 page sent; waiting for MangaDex's answer"
