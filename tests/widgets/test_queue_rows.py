"""What a row of the queue says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.upload.test_proofs import receipt_of
from tui.chapter.details import ChapterDetails
from tui.upload.queue.entry import QueueEntry
from tui.widgets.queue_rows import Checked, queue_rows

ONE = "0123abcd-0123-4567-89ab-0123456789ab"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_pages_that_were_committed_before_are_told_until_somebody_wants_them_again() -> None:
    details = ChapterDetails(manga_id=ONE, group_ids=(ONE,), chapter="12", language="en")
    entry = QueueEntry(Path("/c12"), details, number=1)
    checked = {1: Checked(8, sent=receipt_of(8, chapter="11"))}
    (row,) = queue_rows([entry], checked, 0, NOW)
    assert row.text("found") == "!1"
    assert row.problems[0].startswith("A uploads them again. The same pages were committed as chapter 11, ")
    assert "https://mangadex.org/chapter/c" in row.problems[0]
    (row,) = queue_rows([replace(entry, again=True)], checked, 0, NOW)
    assert row.problems == ()
