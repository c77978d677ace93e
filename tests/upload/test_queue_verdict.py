"""Parts of a run of the queue by themselves: who is to blame, what is skipped, what is asked again."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import cast

import pytest

from tests.upload.test_pure import plan_of
from tui.chapter.details import ChapterDetails
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import BadAnswer, ConnectFailed, Forbidden, MangaDexError, RateLimited, Unavailable
from tui.upload.engine import Engine
from tui.upload.events import Failed
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.queue.asking import Asker
from tui.upload.queue.control import Halt, RunControl
from tui.upload.queue.entry import EntryState, QueueEntry
from tui.upload.queue.verdict import Judge
from tui.upload.view import UploadView


class Answering:
    """The engine as far as a question needs it: answers in turn, waits that take no time."""

    now = 1000.0

    def __init__(self, *answers: str | MangaDexError) -> None:
        self.answers = list(answers)
        self.rested: list[float] = []

    def submit(self, job: object) -> Future[str]:
        answer: Future[str] = Future()
        following = self.answers.pop(0)
        if isinstance(following, MangaDexError):
            answer.set_exception(following)
        else:
            answer.set_result(following)
        return answer

    def rest(self, seconds: float) -> Future[None]:
        self.rested.append(seconds)
        over: Future[None] = Future()
        over.set_result(None)
        return over

    def tell(self, event: object) -> None: ...


def ask(engine: Answering) -> str:
    async def job(client: MangaDex) -> str:
        raise AssertionError("the answers are given")

    return Asker(cast("Engine", engine), RunControl()).ask(job)


def test_a_question_is_asked_again_while_that_may_help() -> None:
    engine = Answering(ConnectFailed("No"), Unavailable("No"), BadAnswer("No"), "answer")
    assert ask(engine) == "answer"
    assert engine.rested == sorted(engine.rested)
    assert len(engine.rested) == 3
    limited = RateLimited("Too many requests")
    limited.until = 1042.0
    engine = Answering(limited, "answer")
    assert ask(engine) == "answer"
    assert engine.rested == [42.0]


@pytest.mark.parametrize(
    ("answers", "asked"), [([Forbidden("No")] * 5, 1), ([Unavailable("No")] * 9, 5)], ids=["no use", "no end"]
)
def test_a_question_that_has_no_answer_stops_the_run(answers: list[MangaDexError], asked: int) -> None:
    engine = Answering(*answers)
    with pytest.raises(Halt, match="No"):
        ask(engine)
    assert len(answers) - len(engine.answers) == asked


def refused(status: int = 403, words: str = "not for you") -> Failed:
    return Failed(
        title="Refused", detail=words, remedy="", exit_code=int(Exit.REFUSED), status=status, resumable=True
    )


def test_the_account_is_to_blame_for_the_same_403_twice_in_a_row_only() -> None:
    def blames_the_account(*failures: Failed | None) -> bool:
        judge, verdict = Judge(), True
        for failure in failures:
            if failure is None:
                judge.worked()
            else:
                verdict = judge.of_entry(failure, UploadView())
        return not verdict

    assert blames_the_account(refused(), refused())
    assert not blames_the_account(refused(), None, refused())
    assert not blames_the_account(refused(), refused(words="nor this one"))
    assert not blames_the_account(refused(400), refused(400))


def test_only_the_entry_that_was_meant_is_skipped() -> None:
    control = RunControl()
    assert not control.skip(0)
    control.update(running=True, number=2)
    assert not control.skip(1)
    assert not control.skipping
    assert control.skip(2)
    assert control.skipping
    control.update(number=3)
    assert not control.skipping


def test_only_a_commit_that_is_sure_settles_an_entry_that_was_begun(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    details = ChapterDetails(manga_id="m", chapter="1", language="en")
    (number,) = ledger.queue.add([QueueEntry(Path("/c"), details)])
    (entry,) = ledger.queue.entries()
    plan = plan_of(1)
    ledger.queue.begin(number, plan.id, 1, 0.0, entry.fingerprint())
    ledger.begin_upload(plan, "")
    ledger.finish(plan, "", "", "unknown")
    assert ledger.queue.reconcile() == []
    ledger.finish(plan, "", "chapter-1", "found")
    assert ledger.queue.reconcile() == [number]
    (entry,) = ledger.queue.entries()
    assert (entry.state, entry.chapter_id) == (EntryState.COMMITTED, "chapter-1")
    ledger.close()
