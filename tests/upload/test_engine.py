"""The engine's thread: commands from outside, events in order, one upload an account, and a clean end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.support.fake_service import FakeService, Fault
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import UnknownOutcome
from tui.upload import events, uploader
from tui.upload.account_lock import AccountBusy, AccountLock
from tui.upload.committing import look_through_gate
from tui.upload.engine import ClientHooks, Engine
from tui.upload.event_log import EventLog
from tui.upload.gate import GateVerdict
from tui.upload.options import EngineOptions
from tui.upload.plan import UploadPlan
from tui.upload.run_state import RunState
from tui.upload.view import Phase


class Service(FakeService):
    async def aclose(self) -> None:
        self.calls.append("aclose")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def engine(tmp_path: Path, service: Service) -> Iterator[Engine]:
    def make(hooks: ClientHooks) -> MangaDex:
        service.hooks = hooks  # type: ignore[attr-defined]
        return cast("MangaDex", service)

    made = Engine(
        make,
        tmp_path / "state" / "ledger.sqlite3",
        options=EngineOptions(batch_files=3),
        log_path=tmp_path / "state" / "dexup.log",
        redact=lambda text: text.replace("hunter2", "***"),
    )
    made.start()
    yield made
    made.close()


def until(engine: Engine, kind: type[events.Event], seconds: float = 20.0) -> list[events.Event]:
    """Events up to the first of this kind."""
    seen: list[events.Event] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        event = engine.wait_event(0.1)
        if event is not None:
            seen.append(event)
            if isinstance(event, kind):
                return seen
    raise AssertionError(f"no {kind.__name__}: {seen}")


def test_upload_and_commit_from_another_thread(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan]
) -> None:
    engine.start_upload(make_plan(7), account="someone")
    until(engine, events.AllPagesIn)
    assert engine.view.phase is Phase.READY
    engine.commit(terms_accepted=True)
    until(engine, events.Committed)
    assert [receipt.chapter_id for receipt in engine.records.receipts().result(5)] == [engine.view.chapter_id]
    assert engine.records.unfinished().result(5) == []


def test_no_commit_without_consent_or_before_the_gate(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan]
) -> None:
    with pytest.raises(ValueError, match="terms"):
        engine.commit(terms_accepted=False)
    engine.commit(terms_accepted=True)  # nothing is under way
    engine.submit(lambda client: client.me()).result(5)
    assert "commit" not in service.calls


def test_one_upload_at_a_time(engine: Engine, make_plan: Callable[[int], UploadPlan]) -> None:
    plan = make_plan(2)
    engine.start_upload(plan)
    with pytest.raises(RuntimeError):
        engine.start_upload(plan)
    until(engine, events.AllPagesIn)


def test_other_process_holds_the_account(
    engine: Engine, tmp_path: Path, make_plan: Callable[[int], UploadPlan]
) -> None:
    other = AccountLock(tmp_path / "state", "someone")
    other.take()
    engine.start_upload(make_plan(2), account="someone")
    failed = until(engine, events.Failed)[-1]
    assert isinstance(failed, events.Failed)
    assert "process" in failed.detail
    other.release()
    engine.start_upload(engine.view.plan or make_plan(2), account="someone")
    until(engine, events.AllPagesIn)
    with pytest.raises(AccountBusy):
        AccountLock(tmp_path / "state", "someone").take()


def test_refused_pages_are_not_sent_again_while_another_process_holds_the_account(
    engine: Engine, service: Service, tmp_path: Path, make_plan: Callable[[int], UploadPlan]
) -> None:
    plan = make_plan(2)
    service.refuse = lambda part: "no" if part.name == plan.pages[1].part_name else ""
    engine.start_upload(plan, account="someone")
    until(engine, events.Failed)
    service.refuse = lambda part: ""
    engine.submit(lambda client: client.me()).result(5)  # the account is free by now
    other = AccountLock(tmp_path / "state", "someone")
    other.take()
    sent = len(service.sent)
    engine.retry_pages((2,))
    failed = until(engine, events.Failed)[-1]
    assert isinstance(failed, events.Failed)
    assert failed.title == "The upload cannot start"
    assert len(service.sent) == sent
    other.release()
    engine.retry_pages((2,))
    until(engine, events.AllPagesIn)
    with pytest.raises(AccountBusy):
        other.take()


def test_an_account_is_the_same_in_capitals(
    engine: Engine, tmp_path: Path, make_plan: Callable[[int], UploadPlan]
) -> None:
    engine.start_upload(make_plan(2), account="Someone")
    until(engine, events.AllPagesIn)
    for name in ("someone", "SOMEONE"):
        with pytest.raises(AccountBusy):
            AccountLock(tmp_path / "state", name).take()


def test_stop_then_resume_sends_only_what_is_missing(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan]
) -> None:
    service.fail("upload", None, Fault(UnknownOutcome("lost"), done=True, keep=3))
    engine.start_upload(make_plan(9), account="someone")
    until(engine, events.Waiting)
    engine.stop()
    until(engine, events.Stopped)
    (entry,) = engine.records.unfinished().result(5)
    engine.resume(entry)
    assert engine.view.accepted_count >= len(entry.accepted) > 0  # known before the server has said anything
    until(engine, events.AllPagesIn)
    sent = [name for request in service.sent for name in request]
    assert sorted(set(sent)) == sorted(sent)


def test_a_stop_in_the_last_step_of_the_pages_is_heard(
    engine: Engine, make_plan: Callable[[int], UploadPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_then_stop(run: RunState) -> GateVerdict:
        verdict = await look_through_gate(run)
        run.control.stop()
        return verdict

    monkeypatch.setattr(uploader, "look_through_gate", look_then_stop)
    engine.start_upload(make_plan(2), account="someone")
    until(engine, events.Stopped)
    assert not engine.view.active


def test_a_stop_before_the_commit_is_final_and_frees_the_account(
    engine: Engine, service: Service, tmp_path: Path, make_plan: Callable[[int], UploadPlan]
) -> None:
    engine.start_upload(make_plan(2), account="someone")
    until(engine, events.AllPagesIn)
    engine.submit(lambda client: client.me()).result(5)  # nothing is under way any more
    engine.pause()  # nor can be held up
    engine.stop()
    (ended,) = until(engine, events.Stopped)
    assert isinstance(ended, events.Stopped)
    calls = len(service.calls)
    engine.commit(terms_accepted=True)
    engine.submit(lambda client: client.me()).result(5)
    assert service.calls[calls:] == ["me"]
    assert engine.drain() == []
    AccountLock(tmp_path / "state", "someone").take()


def test_what_is_asked_for_twice_is_done_once(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan]
) -> None:
    engine.start_upload(make_plan(2), account="someone")
    engine.commit(terms_accepted=True)  # too early
    until(engine, events.AllPagesIn)
    engine.submit(lambda client: client.me()).result(5)
    engine.commit(terms_accepted=True)
    engine.commit(terms_accepted=True)
    until(engine, events.Committed)
    engine.commit(terms_accepted=True)
    engine.submit(lambda client: client.me()).result(5)
    assert service.calls.count("commit") == 1


def test_close_stops_an_upload_and_ends_the_thread(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan]
) -> None:
    service.fail("upload", *[Fault(UnknownOutcome("lost")) for _ in range(9)])
    engine.start_upload(make_plan(5))
    until(engine, events.Waiting)
    engine.close()
    assert "dexup-engine" not in [thread.name for thread in threading.enumerate() if thread.is_alive()]
    assert service.session is not None
    assert service.calls[-1] == "aclose"


def test_fault_of_ours_is_an_event_not_silence(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan], tmp_path: Path
) -> None:
    service.fail("upload", Fault(ZeroDivisionError("ours")))
    engine.start_upload(make_plan(2))
    failed = until(engine, events.Failed)[-1]
    assert isinstance(failed, events.Failed)
    assert failed.title == "dexup has a fault"
    assert "fault in dexup" in (tmp_path / "state" / "dexup.log").read_text()


def test_fault_of_ours_during_the_commit_leaves_it_unknown(
    engine: Engine, service: Service, make_plan: Callable[[int], UploadPlan], tmp_path: Path
) -> None:
    service.fail("commit", Fault(ZeroDivisionError("ours"), done=True))
    engine.start_upload(make_plan(2))
    until(engine, events.AllPagesIn)
    engine.commit(terms_accepted=True)
    unknown = until(engine, events.CommitUnknown)[-1]
    assert isinstance(unknown, events.CommitUnknown)
    assert "ZeroDivisionError: ours" in unknown.reason
    engine.submit(lambda client: client.me()).result(5)
    assert not [event for event in engine.drain() if isinstance(event, events.Failed)]
    assert [receipt.chapter_id for receipt in engine.records.receipts().result(5)] == [""]
    assert "fault in dexup" in (tmp_path / "state" / "dexup.log").read_text()


def test_words_of_the_server_inside_an_event_are_without_secrets_too(engine: Engine) -> None:
    engine.tell(events.BatchFinished(batch=1, accepted=(1,), failed=((2, "bad client hunter2"),)))
    (told,) = until(engine, events.BatchFinished)
    assert isinstance(told, events.BatchFinished)
    assert told.failed == ((2, "bad client ***"),)
    assert told.accepted == (1,)


def test_log_is_private_bounded_and_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "dexup.log"
    log = EventLog(path, lambda text: text.replace("hunter2", "***"))
    log.write("password hunter2\nand a second line", 0.0)
    assert path.read_text() == "1970-01-01 00:00:00.000Z password *** and a second line\n"
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(50):
        log.write("x" * 100_000, 0.0)
    log.close()
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 2_200_000


def test_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = EventLog(tmp_path / "file" / "dexup.log")
    log.write("anything", 0.0)
    assert "dexup.log" in log.problem
