"""What the engine tells reaches screens, listeners and the log, in bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.upload.test_pure import plan_of
from tui.upload import events, outbox
from tui.upload.outbox import Outbox
from tui.upload.view import start_view


def note(text: str) -> events.Note:
    return events.Note(text=text)


def test_progress_that_nobody_reads_is_dropped_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_MOST_EVENTS", 5)
    told = Outbox(None, str)
    for number in range(20):
        told.put(events.BytesSent(batch=1, sent=number))
    for number in range(10):
        told.put(note(f"{number}"))
    kinds = [type(event) for event in told.drain()]
    assert kinds.count(events.BytesSent) == 6
    assert kinds.count(events.Note) == 10


def test_a_screen_that_opens_late_hears_all_of_this_upload_once() -> None:
    told = Outbox(None, str)
    told.put(note("of the upload before"))
    told.drain()
    told.start_view(start_view(plan_of(1)))
    told.put(note("one"))
    told.put(events.BytesSent(batch=1, sent=1))
    told.put(note("two"))
    assert told.replay() == [note("one"), note("two")]
    assert told.drain() == []


def test_listeners_come_and_go_while_they_are_told() -> None:
    told = Outbox(None, str)
    heard: list[str] = []

    def once(event: events.Event) -> None:
        heard.append("once")
        hang_up()

    hang_up = told.listen(once)
    told.listen(lambda event: heard.append("always"))
    told.put(note("one"))
    told.put(note("two"))
    assert heard == ["once", "always", "always"]


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = Outbox(tmp_path / "file" / "dexup.log", str)
    told.put(note("one"))
    told.put(note("two"))
    texts = [event.text for event in told.drain() if isinstance(event, events.Note)]
    assert len(texts) == 3
    assert [text for text in texts if "dexup.log" in text] != []
