"""Proof after the commit: what follows from an answer, when it is asked again, and that it stays polite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.clock import FakeClock
from tests.upload.conftest import MANGA
from tests.upload.test_pure import plan_of
from tui.mangadex.errors import MangaDexError, Unavailable
from tui.mangadex.models import Chapter, Collection
from tui.upload.ledger import Ledger
from tui.upload.ledger_thread import LedgerThread
from tui.upload.proofs.follow_up import FollowUp
from tui.upload.proofs.proof import (
    PATIENCE,
    Proof,
    Standing,
    first_proof,
    judge,
    pages_differ,
    proof_lines,
    state_words,
)
from tui.upload.receipts import Receipt

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START.timestamp()


def receipt_of(pages: int = 3, **values: object) -> Receipt:
    usual: dict[str, object] = {
        "plan_id": "p",
        "chapter_id": "c",
        "manga_id": "m",
        "manga_title": "Harbour Lights",
        "volume": None,
        "chapter": "1",
        "title": None,
        "language": "en",
        "group_names": (),
        "pages": pages,
        "bytes": 1000,
        "source": Path("/c"),
        "committed_at": START,
        "state": "committed",
        "account": "someone",
    }
    return Receipt(**(usual | values))  # type: ignore[arg-type]


def listed(pages: int = 3, ahead: float = -1.0, **values: object) -> Chapter:
    when = START + timedelta(seconds=ahead)
    return Chapter("c", pages=pages, publish_at=when, readable_at=when, **values)  # type: ignore[arg-type]


def after(chapter: Chapter | None, *, approval: bool | None = None, later: float = 20.0) -> Proof:
    receipt = receipt_of()
    return judge(first_proof(receipt, NOW), receipt, chapter, needs_approval=approval, now=NOW + later)


@pytest.mark.parametrize(
    ("chapter", "approval", "later", "standing", "again"),
    [
        (None, None, 20, Standing.PROCESSING, 20),
        (None, False, 20, Standing.PROCESSING, 20),
        (None, True, 20, Standing.APPROVAL, 20),
        (None, None, PATIENCE + 1, Standing.UNSEEN, None),
        (None, True, PATIENCE + 1, Standing.APPROVAL, 20),
        (listed(pages=0), None, 20, Standing.PROCESSING, 20),
        (listed(), None, 20, Standing.VISIBLE, None),
        (listed(pages=0, external_url="https://x"), None, 20, Standing.VISIBLE, 20),
        (listed(ahead=3600), None, 20, Standing.SCHEDULED, 3600 - 20 + 30),
        (listed(is_unavailable=True), None, 20, Standing.HIDDEN, None),
    ],
)
def test_what_follows_from_an_answer(
    chapter: Chapter | None, approval: bool | None, later: float, standing: Standing, again: float | None
) -> None:
    proof = after(chapter, approval=approval, later=later)
    assert proof.standing is standing
    assert (proof.next_at - NOW - later if proof.next_at else None) == again


def test_approval_is_over_when_the_service_says_so() -> None:
    waiting = after(None, approval=True)
    assert judge(waiting, receipt_of(), None, needs_approval=None, now=NOW + 60).standing is Standing.APPROVAL
    given = judge(waiting, receipt_of(), None, needs_approval=False, now=NOW + 60)
    assert given.standing is Standing.PROCESSING


def test_scheduled_chapter_in_no_list_yet() -> None:
    receipt = receipt_of(publish_at=START + timedelta(hours=2))
    first = first_proof(receipt, NOW)
    assert state_words(first, receipt, NOW) == "scheduled", "also before anybody has asked"
    proof = judge(first, receipt, None, needs_approval=None, now=NOW + 20)
    assert proof.standing is Standing.SCHEDULED
    assert any("not listed yet" in line for line in proof_lines(proof, 3, NOW))


def test_page_count_is_compared_and_looked_at_again_for_a_while() -> None:
    receipt = receipt_of()
    proof = after(listed(pages=2))
    assert pages_differ(proof, 3)
    assert proof.next_at > 0
    assert any("counts 2 pages, 3 were committed" in line for line in proof_lines(proof, 3, NOW))
    right = judge(proof, receipt, listed(), needs_approval=None, now=NOW + 60)
    assert not pages_differ(right, 3)
    assert right.next_at == 0
    late = judge(proof, receipt, listed(pages=2), needs_approval=None, now=NOW + 4000)
    assert late.next_at == 0, "it will not change any more"


def test_what_was_visible_and_vanishes_is_said() -> None:
    proof = judge(after(listed()), receipt_of(), None, needs_approval=None, now=NOW + 100)
    assert proof.standing is Standing.HIDDEN
    assert "could be seen once" in proof_lines(proof, 3, NOW)[0]


def test_backing_off() -> None:
    receipt = receipt_of()
    proof, now, waits = first_proof(receipt, NOW), NOW, []
    for _ in range(12):
        proof = judge(proof, receipt, None, needs_approval=None, now=now)
        waits.append(proof.next_at - now)
        now = proof.next_at
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (20, 1800)


# Following


async def until(true: Callable[[], object]) -> None:
    for _ in range(200_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("never")


@dataclass
class Lists:
    """The service's lists."""

    shown: dict[str, Chapter] = field(default_factory=dict)
    approval: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)
    approvals: int = 0
    trouble: list[MangaDexError] = field(default_factory=list)

    async def chapters(self, *, ids: Sequence[str] = (), limit: int = 100) -> Collection[Chapter]:
        self.asked.append(tuple(ids))
        if self.trouble:
            raise self.trouble.pop(0)
        return Collection(tuple(self.shown[one] for one in ids if one in self.shown)[:limit])

    async def approval_required(self, manga_id: str, language: str) -> bool:
        self.approvals += 1
        return self.approval


@dataclass
class Bench:
    ledger: LedgerThread
    clock: FakeClock
    lists: Lists
    told: list[Standing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.follow_up = FollowUp(
            self.ledger,
            lambda: self.lists,
            self.clock,
            lambda _receipt, proof: self.told.append(proof.standing),
        )

    def commit(self, number: int = 1, manga_id: str = MANGA) -> str:
        """A receipt of now."""
        plan = replace(plan_of(3), id=f"{number:032}")
        plan = replace(plan, details=replace(plan.details, manga_id=manga_id))
        chapter = f"chapter-{number}"
        at = self.clock.now()

        def write(ledger: Ledger) -> None:
            ledger._now = lambda: at
            ledger.finish(plan, "someone", chapter, "committed")

        self.ledger.submit(write).result(10)
        return chapter


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    ledger = LedgerThread(tmp_path / "ledger.sqlite")
    yield Bench(ledger, FakeClock(NOW), Lists())
    ledger.close()


async def test_two_looks_at_the_same_time_ask_once(bench: Bench) -> None:
    bench.commit()
    bench.clock.advance(11)
    assert sorted(await asyncio.gather(bench.follow_up.look("someone"), bench.follow_up.look("someone"))) == [
        0,
        1,
    ]
    assert len(bench.lists.asked) == 1


async def test_what_a_newer_dexup_says_of_a_chapter_is_asked_for_anew(bench: Bench) -> None:
    bench.commit()
    bench.clock.advance(11)
    await bench.follow_up.look("someone")

    def rename(ledger: Ledger) -> None:
        ledger._database.execute("UPDATE proofs SET standing = 'a word of tomorrow'")

    await bench.ledger.do(rename)
    (proof,) = (await bench.ledger.do(lambda ledger: ledger.proofs.all())).values()
    assert proof.standing is Standing.COMMITTED


async def test_approval_is_asked_for_few_titles_in_one_look_and_never_of_what_is_settled(
    bench: Bench,
) -> None:
    for number in range(1, 6):
        bench.commit(number, manga_id=f"manga-{number}")
    bench.clock.advance(11)
    await bench.follow_up.look("someone")
    assert bench.lists.approvals == 3
    bench.clock.advance(PATIENCE)
    await bench.follow_up.look("someone", everything=True)
    bench.lists.approvals = 0
    assert {proof.standing for proof in bench.follow_up.known.values()} == {Standing.UNSEEN}
    await bench.follow_up.look("someone", everything=True)
    assert bench.lists.approvals == 0


async def test_one_request_for_many_and_none_before_it_is_due(bench: Bench) -> None:
    ids = {bench.commit(number) for number in range(1, 131)}
    assert await bench.follow_up.look("someone") == 0
    assert bench.lists.asked == []
    bench.clock.advance(11)
    assert await bench.follow_up.look("someone") == 130
    assert [len(asked) for asked in bench.lists.asked] == [100, 30]
    assert {one for asked in bench.lists.asked for one in asked} == ids
    assert bench.lists.approvals == 1, "one title, one language"
    assert await bench.follow_up.look("someone") == 0
    assert await bench.follow_up.look("someone", everything=True) == 130


async def test_what_is_known_is_there_at_the_next_start(bench: Bench, tmp_path: Path) -> None:
    chapter = bench.commit()
    bench.clock.advance(15)
    bench.lists.approval = True
    await bench.follow_up.look("someone")
    again = Bench(
        LedgerThread(tmp_path / "ledger.sqlite"), bench.clock, Lists({chapter: replace(listed(), id=chapter)})
    )
    assert await again.follow_up.look("someone") == 0, "not due yet"
    (proof,) = again.follow_up.known.values()
    assert (proof.standing, proof.asks) == (Standing.APPROVAL, 1)
    again.clock.advance(25)
    assert await again.follow_up.look("someone") == 1
    assert again.told == [Standing.VISIBLE]
    again.ledger.close()


async def test_approval_is_asked_for_ones_own_account_only(bench: Bench) -> None:
    bench.commit()
    bench.clock.advance(15)
    await bench.follow_up.look("somebody else")
    assert bench.lists.approvals == 0
    assert bench.told == [Standing.PROCESSING]


async def test_it_follows_until_the_chapter_is_visible_and_then_is_silent(bench: Bench) -> None:
    """Processed after two minutes: some four requests, not one a second."""
    chapter = bench.commit()
    account = ""
    running = asyncio.create_task(bench.follow_up.run(lambda: account))
    await until(lambda: bench.clock.now() >= NOW + 30)
    assert bench.lists.asked == [], "nobody is logged in"
    account = "someone"
    await until(lambda: bench.clock.now() >= NOW + 120)
    bench.lists.shown[chapter] = replace(listed(), id=chapter)
    await until(lambda: Standing.VISIBLE in bench.told)
    assert bench.told == [Standing.PROCESSING, Standing.VISIBLE]
    asked = len(bench.lists.asked)
    assert asked <= 5
    seen_at = bench.clock.now()
    await until(lambda: bench.clock.now() >= seen_at + 7200)
    assert len(bench.lists.asked) == asked
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_trouble_is_said_backed_off_from_and_forgotten(bench: Bench) -> None:
    chapter = bench.commit()
    bench.lists.shown[chapter] = replace(listed(), id=chapter)
    bench.lists.trouble = [Unavailable("The service has trouble", "503")] * 3
    running = asyncio.create_task(bench.follow_up.run(lambda: "someone"))
    await until(lambda: bench.follow_up.problem)
    assert "503" in bench.follow_up.problem
    await until(lambda: Standing.VISIBLE in bench.told)
    assert [round(seconds) for seconds in bench.clock.slept if seconds >= 59][:3] == [60, 120, 240]
    await until(lambda: not bench.follow_up.problem)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_chapter_that_was_edited_later_is_counted_against_its_last_commit_only(bench: Bench) -> None:
    first = bench.commit()
    bench.clock.advance(5)
    later = replace(plan_of(4), id="f" * 32)
    at = bench.clock.now()

    def write(ledger: Ledger) -> None:
        ledger._now = lambda: at
        ledger.finish(later, "someone", first, "committed")

    bench.ledger.submit(write).result(10)
    bench.lists.shown[first] = replace(listed(), id=first, pages=4)
    bench.clock.advance(20)
    assert await bench.follow_up.look("someone") == 2
    proofs = bench.follow_up.known
    assert proofs[later.id].pages == 4
    (old,) = (proof for plan_id, proof in proofs.items() if plan_id != later.id)
    assert (old.standing, old.pages, old.next_at) == (Standing.VISIBLE, None, 0.0)
