"""Before an upload starts: duplicates, other releases, our own receipts, approval, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.upload.test_proofs import receipt_of
from tui.chapter.details import ChapterDetails
from tui.mangadex.errors import Banned, MangaDexError, Unavailable
from tui.mangadex.models import Chapter, Collection, Group, User
from tui.upload.before import Before, cost_of, look_before
from tui.upload.before_words import same_lines, sent_lines
from tui.upload.options import EngineOptions
from tui.upload.proofs.proof import Proof, Standing
from tui.upload.receipts import Receipt
from tui.upload.sent_before import page_marks

PAST = datetime(2026, 1, 2, tzinfo=UTC)
DETAILS = ChapterDetails(manga_id="m", group_ids=("g1", "g2"), chapter="12", language="en")


def chapter(number: int = 1, groups: tuple[str, ...] = ("g1",), **values: object) -> Chapter:
    usual: dict[str, object] = {"chapter": "12", "language": "en", "pages": 20, "created_at": PAST}
    names = tuple(name.upper() for name in groups)
    return Chapter(f"c{number}", "m", group_ids=groups, group_names=names, **(usual | values))  # type: ignore[arg-type]


@dataclass
class Lists:
    """The service's lists; it filters nothing, as one client saw it."""

    all: list[Chapter] = field(default_factory=list)
    approval: bool = False
    known: tuple[Group, ...] = (Group("g1", "G1"), Group("g2", "G2"))
    trouble: MangaDexError | None = None
    requests: int = 0

    async def chapters(
        self, *, manga_id: str = "", chapter: str | None = None, language: str = "", limit: int, offset: int
    ) -> Collection[Chapter]:
        self.requests += 1
        if self.trouble is not None:
            raise self.trouble
        return Collection(tuple(self.all[offset : offset + limit]), total=len(self.all))

    async def me(self) -> User:
        return User("me", "someone")

    async def groups(self, group_ids: Sequence[str]) -> tuple[Group, ...]:
        return tuple(group for group in self.known if group.id in group_ids)

    async def approval_required(self, manga_id: str, language: str) -> bool:
        return self.approval


async def look(
    *chapters: Chapter, details: ChapterDetails = DETAILS, receipts: tuple[Receipt, ...] = ()
) -> Before:
    return await look_before(Lists(list(chapters)), details, receipts, {})


@pytest.mark.parametrize(
    ("found", "duplicate"),
    [
        (chapter(), True),
        (chapter(groups=("g2", "g9")), True),
        (chapter(groups=("g9",)), False),
        (chapter(groups=()), False),
        (chapter(volume="3"), True),
        (chapter(chapter="13"), None),
        (chapter(chapter=None), None),
        (chapter(language="fr"), None),
    ],
)
async def test_what_is_a_duplicate(found: Chapter, duplicate: bool | None) -> None:
    before = await look(found)
    assert [one.chapter_id for one in before.same] == (["c1"] if duplicate else [])
    assert [one.chapter_id for one in before.others] == (["c1"] if duplicate is False else [])


async def test_no_group_is_a_group_of_its_own() -> None:
    alone = replace(DETAILS, group_ids=())
    before = await look(chapter(1, ()), chapter(2, ("g1",)), details=alone)
    assert [one.chapter_id for one in before.same] == ["c1"]
    assert [one.chapter_id for one in before.others] == ["c2"]


async def test_oneshot_is_looked_for_in_every_page_of_the_list() -> None:
    lists = Lists([chapter(n, chapter=str(n)) for n in range(250)] + [chapter(999, chapter=None)])
    before = await look_before(lists, replace(DETAILS, chapter=None), (), {})
    assert [one.chapter_id for one in before.same] == ["c999"]
    assert lists.requests == 3
    whole = Lists([chapter(number) for number in range(100)])
    assert len((await look_before(whole, DETAILS, (), {})).same) == 100
    assert whole.requests == 1, "there are no more"


async def test_states_and_words() -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    before = await look(
        chapter(1, volume="2", title="[b]Ebb\x1b[0m"),
        chapter(2, publish_at=ahead),
        chapter(3, is_unavailable=True),
        chapter(4, pages=0),
    )
    assert [one.state for one in before.same] == ["", "scheduled", "unavailable", "without pages"]
    lines = same_lines(before.same)
    assert lines[0] == "volume 2, by G1, “[b]Ebb␛[0m”, 20 pages, 2026-01-02"
    assert lines[1] == "  https://mangadex.org/chapter/c1"


async def test_our_own_receipts_count_while_the_lists_do_not_show_them() -> None:
    own = receipt_of(manga_id="m", chapter="12", group_ids=("g1",), group_names=("G1",), chapter_id="new")
    lost = replace(own, plan_id="q", chapter_id="", state="unknown")
    listed = replace(own, plan_id="r", chapter_id="c1")
    other = replace(own, plan_id="s", chapter="13")
    edited = replace(own, plan_id="t", edited=True)
    before = await look(chapter(), receipts=(own, lost, listed, other, edited))
    assert [(one.chapter_id, one.own, one.state) for one in before.same] == [
        ("c1", True, ""),
        ("new", True, "committed"),
        ("", True, "outcome unknown"),
    ]
    assert "answer was lost" in same_lines(before.same)[-1]
    gone = {"p": Proof("p", Standing.HIDDEN, asks=3, was_visible=True)}
    assert (await look_before(Lists(), DETAILS, (own,), gone)).same == ()


async def test_pages_that_were_committed_as_another_chapter_are_told_wherever_they_stand() -> None:
    hashes = [f"{page:064x}"[::-1] for page in range(1, 9)]
    values: dict[str, object] = {"manga_id": "m", "group_ids": ("g1",), "chapter": "11"}
    earlier = receipt_of(8, page_marks=page_marks(hashes[:6]), source=Path("/raws/c011\x1b"), **values)
    same = replace(earlier, plan_id="q", chapter="12")
    few = replace(earlier, plan_id="r", page_marks=page_marks(hashes[:3]))
    edited = replace(earlier, plan_id="s", edited=True)
    other_group = replace(earlier, plan_id="t", chapter="12", group_ids=("g9",), chapter_id="c9")
    receipts = (earlier, same, few, edited, other_group)
    before = await look_before(Lists(), DETAILS, receipts, {}, hashes=hashes)
    assert before.sent == (earlier, other_group)
    assert before.others == ()  # told once
    assert sent_lines(before.sent)[:2] == [
        "These pages were committed before: chapter 11 of Harbour Lights (en), 8 pages, "
        f"{earlier.committed_at:%Y-%m-%d}, from c011␛",
        "  https://mangadex.org/chapter/c",
    ]
    gone = {"p": Proof("p", Standing.HIDDEN, asks=3, was_visible=True)}
    assert (await look_before(Lists(), DETAILS, (earlier,), gone, hashes=hashes)).sent == ()
    assert (await look_before(Lists(), DETAILS, (earlier,), {})).sent == ()


async def test_what_cannot_be_asked_stops_nothing_unless_nothing_would_work() -> None:
    before = await look_before(Lists(trouble=Unavailable("Trouble", "503"), approval=True), DETAILS, (), {})
    assert isinstance(before.lists_failed, Unavailable)
    assert before.needs_approval is True
    assert "503" in before.problems[0]
    with pytest.raises(Banned):
        await look_before(Lists(trouble=Banned("Shut out")), DETAILS, (), {})


async def test_groups_that_take_no_upload_of_ours_are_named() -> None:
    locked = Group("g1", "Closed[/]", locked=True, member_ids=("me",))
    lists = Lists(known=(locked,))
    before = await look_before(lists, DETAILS, (), {}, "someone")
    assert before.group_doubts == (
        "MangaDex knows no group with the id g2.",
        "The group Closed[/] is locked: only its members may upload for it.",
    )
    for own_id in ("me", ""):  # who is logged in is asked for
        mine = await look_before(lists, replace(DETAILS, group_ids=("g1",)), (), {}, own_id)
        assert mine.group_doubts == ()


def test_cost() -> None:
    options = EngineOptions(batch_files=10, batch_bytes=8_000_000)
    assert cost_of([100] * 25, options).requests == 3 + 4
    assert cost_of([9_000_000] * 2, options).requests == 2 + 4
    assert cost_of([1000] * 10, options).bytes == pytest.approx(10_000, rel=0.3)
