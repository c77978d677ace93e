"""The ledger: durable, private, and never lost to damage."""

from __future__ import annotations

import errno
import itertools
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from tests.upload.conftest import NOW
from tests.upload.test_pure import plan_of
from tui.mangadex.models import ChapterMetadata
from tui.upload.before import in_doubt
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageRecord, PageState, Stage
from tui.upload.ledger_file import LedgerError
from tui.upload.plan import EditTarget


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite3"


def test_what_was_written_is_there_for_the_next_process(path: Path) -> None:
    plan = plan_of(3)
    first = Ledger(path, now=lambda: 1000.0)
    first.begin_upload(plan, "someone")
    first.set_session(plan.id, "session-1", NOW)
    first.set_pages(plan.id, {1: PageRecord(PageState.ACCEPTED, "f1"), 2: PageRecord(PageState.SENDING)})
    # No close(): a killed process closes nothing.
    (entry,) = Ledger(path).unfinished()
    assert entry.plan == plan
    assert (entry.session_id, entry.session_at, entry.account) == ("session-1", NOW, "someone")
    assert entry.accepted == {1: "f1"}
    assert entry.states[2].state is PageState.SENDING
    assert entry.states[3].state is PageState.PLANNED
    first.close()


def test_files_are_private(path: Path) -> None:
    ledger = Ledger(path)
    ledger.begin_upload(plan_of(1), "")
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    ledger.close()


def test_every_write_is_synced(path: Path) -> None:
    ledger = Ledger(path)
    pragma = ledger._database.execute("PRAGMA synchronous").fetchone()
    assert pragma == (2,)  # FULL
    ledger.close()


def test_receipt_ends_the_upload(path: Path) -> None:
    plan = plan_of(2)
    ledger = Ledger(path)
    ledger.begin_upload(plan, "someone")
    ledger.finish(plan, "someone", "chapter-1", "committed")
    assert ledger.unfinished() == []
    (receipt,) = ledger.receipts()
    assert (receipt.chapter_id, receipt.pages, receipt.bytes) == ("chapter-1", 2, 200)
    ledger.close()


def test_unknown_outcome_stays_unfinished_until_it_is_settled(path: Path) -> None:
    plan = plan_of(1)
    ledger = Ledger(path)
    ledger.begin_upload(plan, "")
    ledger.finish(plan, "", "", "unknown")
    assert len(ledger.unfinished()) == 1
    ledger.finish(plan, "", "chapter-1", "found")
    assert [receipt.state for receipt in ledger.receipts()] == ["found"]
    assert ledger.unfinished() == []
    ledger.close()


def test_abandoned_session_is_not_offered_again(path: Path) -> None:
    plan = plan_of(1)
    ledger = Ledger(path)
    ledger.begin_upload(plan, "")
    ledger.set_session(plan.id, "s", None)
    ledger.mark_abandoned("s", deleted=True)
    assert ledger.unfinished() == []
    assert ledger.entry_for_session("s") is None
    ledger.close()


def test_new_plan_for_a_session_supersedes_the_old_one(path: Path) -> None:
    old, new = plan_of(2), replace(plan_of(1), id="n" * 32)
    ledger = Ledger(path)
    for plan in (old, new):
        ledger.begin_upload(plan, "")
        ledger.set_session(plan.id, "s", None)
    assert [entry.plan.id for entry in ledger.unfinished()] == [new.id]
    ledger.close()


def test_a_plan_whose_session_was_abandoned_may_begin_once_more_and_no_other(path: Path) -> None:
    plan, ledger = plan_of(1), Ledger(path)
    ledger.begin_upload(plan, "")
    with pytest.raises(LedgerError):
        ledger.begin_upload(plan, "")
    ledger.set_session(plan.id, "s", None)  # a change that failed leaves nothing behind
    ledger.mark_abandoned("s", deleted=True)
    ledger.begin_upload(plan, "")
    (entry,) = ledger.unfinished()
    assert (entry.stage, entry.session_id) == (Stage.OPENING, "")
    ledger.close()


def test_newest_comes_first(path: Path) -> None:
    times = itertools.count(1000)
    ledger = Ledger(path, now=lambda: next(times))
    plans = [replace(plan_of(1), id=f"{number:032}") for number in range(4)]
    for plan in plans:
        ledger.begin_upload(plan, "")
    ledger.set_session(plans[1].id, "s", None)
    assert [int(entry.plan.id) for entry in ledger.unfinished()] == [1, 3, 2, 0]
    for plan in plans:
        ledger.finish(plan, "", f"chapter {int(plan.id)}", "committed")
    assert [receipt.chapter_id for receipt in ledger.receipts(2)] == ["chapter 3", "chapter 2"]
    ledger.close()


def test_a_receipt_ends_other_tries_of_the_chapter_that_never_got_a_session(path: Path) -> None:
    ledger = Ledger(path)
    details = replace(plan_of(1).details, group_ids=("g",))
    plan = replace(plan_of(1), details=details)
    before = ChapterMetadata(None, "1", None, "en", ())
    others = {
        "0" * 32: (plan, "Someone", ""),  # these two are ended
        "a" * 32: (plan, "", ""),
        "b" * 32: (plan, "somebody else", ""),
        "c" * 32: (plan, "someone", "a session"),
        "d" * 32: (replace(plan, edit=EditTarget("chapter", 1, "s", before, 1)), "someone", ""),
        "e" * 32: (replace(plan, details=replace(details, group_ids=("h",))), "someone", ""),
        "f" * 32: (replace(plan, details=replace(details, chapter="2")), "someone", ""),
    }
    for plan_id, (other, account, session_id) in others.items():
        ledger.begin_upload(replace(other, id=plan_id), account)
        if session_id:
            ledger.set_session(plan_id, session_id, None)
    ledger.begin_upload(plan, "someone")
    ledger.finish(plan, "someone", "chapter-1", "committed")
    assert sorted(entry.plan.id[0] for entry in ledger.unfinished()) == ["b", "c", "d", "e", "f"]
    ledger.close()


def test_words_of_the_server_are_kept_without_secrets(path: Path) -> None:
    plan = plan_of(1)
    ledger = Ledger(path, redact=lambda text: text.replace("hunter2", "***"))
    ledger.begin_upload(plan, "")
    ledger.set_pages(plan.id, {1: PageRecord(PageState.REFUSED, reason="bad client hunter2")})
    (entry,) = ledger.unfinished()
    assert entry.states[1].reason == "bad client ***"
    ledger.close()


def test_commit_time_is_kept(path: Path) -> None:
    plan = plan_of(1)
    ledger = Ledger(path, now=lambda: 77.0)
    ledger.begin_upload(plan, "")
    ledger.set_stage(plan.id, Stage.COMMITTING)
    ledger.set_stage(plan.id, Stage.SENDING)
    entry = ledger.entry(plan.id)
    assert entry is not None
    assert (entry.stage, entry.commit_at) == (Stage.SENDING, 77.0)
    ledger.close()


def test_a_session_that_was_gone_before_it_was_abandoned_may_have_been_committed(path: Path) -> None:
    plan = plan_of(1)
    ledger = Ledger(path)
    ledger.begin_upload(plan, "")
    ledger.set_session(plan.id, "s", None)
    ledger.set_stage(plan.id, Stage.COMMITTING)
    ledger.finish(plan, "", "", "unknown")
    assert ledger.mark_abandoned("s", deleted=False)
    assert [entry.stage for entry in ledger.unfinished()] == [Stage.COMMITTING]
    assert [receipt.state for receipt in ledger.receipts()] == ["unknown"]
    assert not ledger.mark_abandoned("s", deleted=True)
    assert not ledger.unfinished()
    assert not ledger.receipts()
    ledger.close()


def test_a_commit_without_an_outcome_is_told_apart_from_receipts(path: Path) -> None:
    cut, sending, known = (replace(plan_of(1), id=f"{number:032}") for number in range(3))
    ledger = Ledger(path, now=lambda: 77.0)
    for plan in (cut, sending, known):
        ledger.begin_upload(plan, "someone")
    ledger.set_stage(cut.id, Stage.COMMITTING)
    ledger.set_stage(known.id, Stage.COMMITTING)
    ledger.finish(known, "someone", "", "unknown")  # somebody has asked, and could not find out
    (doubted,) = ledger.doubted()
    assert (doubted.plan_id, doubted.state, doubted.chapter_id) == (cut.id, "unknown", "")
    assert doubted.committed_at.timestamp() == 77.0
    details = cut.details
    assert in_doubt(details, [doubted]) is doubted
    assert in_doubt(replace(details, chapter="99"), [doubted]) is None
    assert in_doubt(replace(details, group_ids=("other",)), [doubted]) is None
    ledger.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE uploads SET plan = '{}'",
        "UPDATE uploads SET plan = CAST(x'7bff' AS TEXT)",
        "UPDATE uploads SET stage = 'x'",
        "UPDATE pages SET state = 7",
    ],
)
def test_a_damaged_entry_takes_no_other_along(path: Path, damage: str) -> None:
    damaged, whole = (replace(plan_of(2), id=f"{number:032}") for number in range(2))
    ledger = Ledger(path)
    ledger.begin_upload(damaged, "")
    ledger._database.execute(damage)
    assert ledger.note == ""
    ledger.begin_upload(whole, "")
    assert [entry.plan.id for entry in ledger.unfinished()] == [whole.id]
    assert "damaged and left out; it stays in the file" in ledger.note
    ledger.close()


@pytest.mark.parametrize("damage", [b"this is no database at all" * 100, None])
def test_damaged_ledger_is_set_aside_never_deleted(path: Path, damage: bytes | None) -> None:
    ledger = Ledger(path)
    for number in range(30):
        ledger.begin_upload(replace(plan_of(20), id=f"{number:032}"), "")
    ledger.close()
    content = bytearray(path.read_bytes())
    if damage is None:
        content[4096:20000] = b"\xff" * (20000 - 4096)
    else:
        content = bytearray(damage)
    path.write_bytes(content)
    again = Ledger(path)
    assert again.unfinished() == []
    aside = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert [file.read_bytes() for file in aside] == [bytes(content)]
    assert aside[0].name in again.note
    again.close()


def test_a_folder_without_locks_is_said_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(LedgerError, match="can be locked: No locks available") as caught:
        Ledger(path)
    assert "another disk" in caught.value.remedy


def test_two_starts_at_once_set_a_damaged_ledger_aside_once(path: Path) -> None:
    for again in range(10):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(b"this is no database at all" * 100)
        together = Barrier(4)

        def opened(together: Barrier = together) -> Ledger:
            together.wait()
            return Ledger(path)

        with ThreadPoolExecutor(4) as pool:
            ledgers = [future.result() for future in [pool.submit(opened) for _ in range(4)]]
        assert sum(bool(ledger.note) for ledger in ledgers) == 1
        assert sum(".damaged-" in file.name for file in path.parent.iterdir()) == again + 1
        ledgers[0].begin_upload(plan_of(1), "")
        assert [len(ledger.unfinished()) for ledger in ledgers] == [1] * 4
        for ledger in ledgers:
            ledger.close()


def test_ledger_of_a_newer_dexup_is_left_alone(path: Path) -> None:
    Ledger(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LedgerError, match="newer"):
        Ledger(path)
    assert [file.name for file in path.parent.iterdir() if "damaged" in file.name] == []


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError) as caught:
        Ledger(tmp_path / "file" / "ledger.sqlite3")
    assert caught.value.remedy
