"""Changing a published chapter: its pages through a session, the rest of it by one request."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.clock import FakeClock
from tests.support.fake_service import START, FakeService, Fault
from tests.support.faults import COMMIT, SEND, FaultBench
from tests.support.ground import Meanwhile
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.chapter.pages import Page
from tui.mangadex.errors import BadAnswer, Forbidden, UnknownOutcome
from tui.mangadex.models import Chapter, ChapterMetadata, SessionFile, UploadSession
from tui.sandbox.fault_actions import Action, Cut, CutAfter, Lost, Status, Without
from tui.sandbox.records import Chapter as StoredChapter
from tui.sandbox.records import StoredPage
from tui.sandbox.service import Service
from tui.upload.editing import OpenedEdit, OtherSession, details_of, freeze_edit, open_edit
from tui.upload.events import Committed, Failed, Stopped
from tui.upload.exits import Exit
from tui.upload.gate import check_gate
from tui.upload.ledger import Ledger
from tui.upload.metadata import ChangedMeanwhile, compare, is_same, merge, save_metadata
from tui.upload.plan import EditTarget, UploadPlan
from tui.upload.plan_json import dump_plan, load_plan

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOST = UnknownOutcome("No usable answer", "the connection was cut")


# On the sandbox


@pytest.fixture
def published(faults: FaultBench) -> StoredChapter:
    """A chapter of six pages by the account, of which nobody here has the files."""
    state = faults.ground.server.state
    then = state.now() - 1000
    chapter = StoredChapter(
        id=str(uuid.uuid4()),
        manga_id=state.manga_id,
        group_ids=[state.group_id],
        uploader_id=state.account.id,
        volume="1",
        chapter="5",
        title="Before",
        language="en",
        external_url=None,
        created_at=then,
        updated_at=then,
        publish_at=then,
        readable_at=then,
        processed_at=then,
        version=3,
        pages=[StoredPage("image/png", 0, "", "", None) for _ in range(6)],
    )
    state.chapters[chapter.id] = chapter
    return chapter


def opened(faults: FaultBench, chapter: StoredChapter) -> OpenedEdit:
    clock = faults.ground.clock
    return faults.engine.submit(lambda client: open_edit(client, clock, chapter.id)).result(30)


def new_order(edit: OpenedEdit, new: Sequence[Page]) -> list[Page]:
    """The second page comes first, two new ones follow, the fifth leaves."""
    one, two, three, four, _, six = edit.pages
    return [two, one, *new[:2], three, four, six]


def planned(faults: FaultBench, chapter: StoredChapter) -> UploadPlan:
    edit = opened(faults, chapter)
    faults.plan = freeze_edit(edit, new_order(edit, faults.ground.pages), details_of(edit.chapter), now=NOW)
    return faults.plan


def wanted(faults: FaultBench, before: Sequence[str]) -> list[str]:
    new = [page.sha256 for page in faults.ground.pages[:2]]
    return [before[1], before[0], *new, before[2], before[3], before[5]]


def check_edited(faults: FaultBench, chapter: StoredChapter, before: Sequence[str]) -> None:
    """The chapter has its new pages in their order, was committed once, and nothing was sent twice."""
    ground = faults.ground
    now = ground.server.state.chapters[chapter.id]
    assert ground.committed_digests(chapter.id) == wanted(faults, before), "\n".join(faults.said)
    assert now.version == 4
    assert (now.chapter, now.title, now.created_at) == ("5", "Before", chapter.created_at)
    assert ground.referee.chapters == [chapter.id]
    assert sum(ground.referee.came.values()) == 2
    assert not [entry for entry in ground.server.requests if entry.method == "DELETE"]
    assert ground.session is None
    (receipt,) = faults.receipts()
    assert (receipt.chapter_id, receipt.edited, receipt.pages) == (chapter.id, True, 7)
    assert faults.unfinished() == []
    faults.check_manners()


def check_untouched(faults: FaultBench, chapter: StoredChapter, before: Sequence[str]) -> None:
    assert faults.ground.server.state.chapters[chapter.id] is chapter
    assert faults.ground.committed_digests(chapter.id) == before
    assert faults.ground.referee.chapters == []


def test_pages_move_leave_and_come_and_only_new_ones_are_sent(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    planned(faults, published)
    check_untouched(faults, published, before)
    end = faults.upload()
    assert isinstance(end, Committed)
    assert end.chapter_id == published.id
    check_edited(faults, published, before)
    assert faults.heard("7 pages, 2 of them new")


@pytest.mark.parametrize("action", [Cut(), CutAfter(), Lost(502), Status(500)], ids=repr)
def test_a_commit_whose_answer_was_lost_is_settled_by_looking_at_the_chapter(
    faults: FaultBench, published: StoredChapter, action: Action
) -> None:
    before = faults.ground.committed_digests(published.id)
    planned(faults, published)
    faults.strike("POST", COMMIT, action)
    assert isinstance(faults.upload(), Committed)
    check_edited(faults, published, before)


def test_a_new_page_whose_answer_was_lost_is_not_sent_again(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    planned(faults, published)
    faults.strike("POST", SEND, CutAfter())
    assert isinstance(faults.upload(), Committed)
    check_edited(faults, published, before)


def test_another_process_goes_on_with_the_edit(faults: FaultBench, published: StoredChapter) -> None:
    before = faults.ground.committed_digests(published.id)
    planned(faults, published)
    faults.upload(commit=False)
    faults.close()
    (entry,) = faults.unfinished()
    assert entry.plan == faults.plan
    assert isinstance(faults.resume(), Committed)
    check_edited(faults, published, before)


def test_an_edit_that_is_taken_up_again_keeps_what_was_sent(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    first = planned(faults, published)
    faults.upload(commit=False)
    faults.close()
    again = planned(faults, published)  # a new plan in the session that is open
    assert again.edit is not None and first.edit is not None
    assert again.edit.session_id == first.edit.session_id
    assert [page.remote_id for page in again.pages] == [page.remote_id for page in first.pages]
    assert isinstance(faults.upload(), Committed)
    check_edited(faults, published, before)


def rename(service: Service, chapter: StoredChapter) -> None:
    chapter.title, chapter.version = "Somebody else's", chapter.version + 1


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    planned(faults, published)
    faults.strike("POST", SEND, Meanwhile(after=lambda service: rename(service, published)))
    end = faults.upload()
    assert isinstance(end, Failed)
    assert (end.conflict, end.resumable, end.exit_code) == (True, True, Exit.REFUSED)
    check_untouched(faults, published, before)
    assert faults.ground.session is not None


def test_abandoning_leaves_the_chapter_as_it_was_and_the_edit_is_over(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    plan = planned(faults, published)
    faults.upload(commit=False)
    assert plan.edit is not None
    faults.engine.stop()
    assert isinstance(faults.follow(commit=False), Stopped)
    faults.engine.abandon(plan.edit.session_id, "someone").result(30)
    check_untouched(faults, published, before)
    assert faults.unfinished() == []
    end = faults.upload()
    assert isinstance(end, Failed)
    assert (end.title, end.resumable) == ("The upload session is gone", False)
    assert "is as it was" in end.detail
    assert faults.ground.count("POST", "/upload/begin") == 0
    check_untouched(faults, published, before)


def test_pages_are_known_to_be_the_chapters_own_when_the_server_leaves_out_the_source(
    faults: FaultBench, published: StoredChapter
) -> None:
    before = faults.ground.committed_digests(published.id)
    for method, path in (("POST", "/upload/begin/{id}"), ("GET", "/upload")):
        faults.strike(method, path, Without(("source",)), times=0)
    planned(faults, published)
    assert isinstance(faults.upload(), Committed)
    check_edited(faults, published, before)


def test_a_session_that_is_not_listed_page_by_page_edits_nothing(
    faults: FaultBench, published: StoredChapter
) -> None:
    for method, path in (("POST", "/upload/begin/{id}"), ("GET", "/upload")):
        faults.strike(method, path, Without(("relationships",)), times=0)
    with pytest.raises(BadAnswer, match="does not list"):
        opened(faults, published)


# Against a service in memory


def chapter_of(pages: int = 6) -> Chapter:
    return Chapter(
        "0c0c0c0c-0000-4000-8000-000000000001",
        manga_id=MANGA,
        group_ids=(GROUP,),
        group_names=("Example Scans",),
        volume="1",
        chapter="5",
        title="Before",
        language="en",
        pages=pages,
        version=3,
    )


@pytest.fixture
def service() -> FakeService:
    made = FakeService()
    made.put_chapter(chapter_of())
    return made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START.timestamp())


@pytest.mark.parametrize("done", [True, False])
async def test_a_begin_without_an_answer_is_settled_by_asking(
    service: FakeService, clock: FakeClock, done: bool
) -> None:
    service.fail("begin_edit", Fault(LOST, done=done))
    edit = await open_edit(service, clock, chapter_of().id)
    assert len(edit.pages) == 6
    assert service.calls.count("begin_edit") == (1 if done else 2)


async def test_a_chapter_that_changed_since_it_was_read_is_read_again(
    service: FakeService, clock: FakeClock
) -> None:
    real, asked = service.chapter, []

    async def chapter(chapter_id: str) -> Chapter:
        found = await real(chapter_id)
        asked.append(chapter_id)
        return replace(found, version=found.version - 1) if len(asked) == 1 else found

    service.chapter = chapter  # type: ignore[method-assign]
    edit = await open_edit(service, clock, chapter_of().id)
    assert edit.chapter.version == 3
    assert service.calls.count("begin_edit") == 2


async def test_a_session_for_something_else_is_left_alone(service: FakeService, clock: FakeClock) -> None:
    other = await service.begin(MANGA, [GROUP])
    with pytest.raises(OtherSession) as caught:
        await open_edit(service, clock, chapter_of().id)
    assert caught.value.session == other
    assert service.session == other
    assert "begin_edit" not in service.calls


async def test_no_right_to_the_chapter_is_said_at_once(service: FakeService, clock: FakeClock) -> None:
    service.fail("begin_edit", Fault(Forbidden("The account may not edit this chapter")))
    with pytest.raises(Forbidden):
        await open_edit(service, clock, chapter_of().id)
    assert service.session is None


async def test_pages_that_are_left_out_go_first_only_when_there_is_no_room(bench: Bench) -> None:
    new = bench.plan.pages
    for pages, gone in ((6, 0), (495, 495)):
        bench.service.session = None
        bench.service.put_chapter(chapter_of(pages))
        edit = await open_edit(bench.service, bench.clock, chapter_of().id)
        target = freeze_edit(edit, edit.pages[:1], details_of(edit.chapter), now=NOW).edit
        assert target is not None
        out = tuple(page.remote_id for page in edit.pages)
        bench.plan = replace(bench.plan, id=f"plan-{pages}", edit=replace(target, left_out=out))
        uploader = bench.uploader()
        await uploader.upload()
        assert bench.service.session is not None
        assert len(bench.service.session.files) == pages - gone + len(new)
        await uploader.commit()
        assert bench.bytes_committed() == bench.bytes_planned()


async def test_a_page_of_the_chapter_that_the_session_has_lost_stops_the_edit(bench: Bench) -> None:
    bench.service.put_chapter(chapter_of())
    edit = await open_edit(bench.service, bench.clock, chapter_of().id)
    bench.plan = freeze_edit(edit, edit.pages[::-1], details_of(edit.chapter), now=NOW)
    uploader = bench.uploader()
    await uploader.upload()
    assert bench.service.session is not None
    bench.service.session = replace(bench.service.session, files=bench.service.session.files[1:])
    bench.hesitate()
    await uploader.commit()
    assert isinstance(bench.last, Failed)
    assert (bench.last.title, bench.last.resumable) == ("The session has lost pages of the chapter", False)
    assert "6 (page 001)" in bench.last.detail
    assert bench.service.committed == []


async def test_an_old_plan_is_superseded_and_the_ledger_knows_remote_pages_from_the_start(
    bench: Bench,
) -> None:
    bench.service.put_chapter(chapter_of())
    edit = await open_edit(bench.service, bench.clock, chapter_of().id)
    bench.plan = freeze_edit(edit, edit.pages[1:], details_of(edit.chapter), now=NOW)
    await bench.ledger.do(Ledger.begin_upload, bench.plan, "someone")
    entry = await bench.ledger.do(Ledger.entry, bench.plan.id)
    assert entry is not None
    assert entry.accepted == {n: page.remote_id for n, page in enumerate(edit.pages[1:], 1)}
    assert entry.plan == bench.plan


# Metadata

BEFORE = ChapterMetadata("1", "5", "Before", "en", ("g1",), ("One",))
MINE = replace(BEFORE, title="Mine", chapter="6")
THEIRS = replace(BEFORE, title="Theirs", volume="2", group_ids=("g2",), group_names=("Two",))


def test_differences_are_shown_field_by_field_and_merged_by_who_changed_what() -> None:
    found = {
        one.field: (one.before, one.mine, one.theirs, one.is_conflict)
        for one in compare(BEFORE, MINE, THEIRS)
    }
    assert found == {
        "volume": ("1", "1", "2", False),
        "chapter": ("5", "6", "5", False),
        "title": ("Before", "Mine", "Theirs", True),
        "groups": ("One", "One", "Two", False),
    }
    merged = merge(BEFORE, MINE, THEIRS)
    assert merged == ChapterMetadata("2", "6", "Mine", "en", ("g2",))
    assert merged.group_names == ("Two",)
    assert is_same(replace(BEFORE, group_ids=("a", "b")), replace(BEFORE, group_ids=("b", "a")))


@pytest.mark.parametrize("done", [True, False])
async def test_a_change_without_an_answer_is_made_once(
    service: FakeService, clock: FakeClock, done: bool
) -> None:
    service.fail("update_chapter", Fault(LOST, done=done))
    mine = replace(chapter_of().metadata, title="Mine")
    saved = await save_metadata(service, clock, chapter_of(), mine)
    assert (saved.title, saved.version) == ("Mine", 4)
    assert service.calls.count("update_chapter") == (1 if done else 2)


async def test_a_change_over_somebody_elses_is_not_even_tried(service: FakeService, clock: FakeClock) -> None:
    service.put_chapter(replace(chapter_of(), title="Theirs", version=4))
    with pytest.raises(ChangedMeanwhile) as caught:
        await save_metadata(service, clock, chapter_of(), replace(chapter_of().metadata, title="Mine"))
    assert caught.value.now.title == "Theirs"
    assert "update_chapter" not in service.calls


# Pure


def test_an_edit_survives_the_ledger_and_the_gate_knows_what_was_left_out() -> None:
    names = ("", "0002-9f3c2ab1.png", "b.png")  # none, one of ours, another
    files = tuple(
        SessionFile(f"file-{n}", name=name, size=n, source="remote") for n, name in enumerate(names, 1)
    )
    session = UploadSession("session", chapter_id="c", files=files, files_known=True)
    edit = OpenedEdit(chapter_of(3), session, files)
    assert [page.name for page in edit.pages] == ["page 001", "page 002", "page 003 · b.png"]
    assert not edit.is_changed(edit.pages)
    assert edit.is_changed(edit.pages[:2])
    plan = freeze_edit(edit, edit.pages[:2], details_of(edit.chapter), now=NOW)
    assert load_plan(dump_plan(plan)) == plan
    assert plan.edit is not None
    assert plan.edit == EditTarget(chapter_of().id, 3, "session", chapter_of().metadata, 3, ("file-3",))
    verdict = check_gate(plan, {}, session)
    assert verdict.is_open
    assert verdict.page_order(plan) == ["file-1", "file-2"]
    stranger = SessionFile("file-9", source="remote")
    unseen = check_gate(plan, {}, replace(session, files=(*files, stranger)))
    assert (unseen.is_open, unseen.unseen) == (False, ("file-9",))
