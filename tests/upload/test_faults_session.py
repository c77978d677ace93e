"""The session goes away or is another one; the commit is refused, lost, or cannot be settled."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.faults import COMMIT, SEND, FaultBench
from tests.support.ground import Attributes, Meanwhile, Untitled
from tui.sandbox.fault_actions import Action, Cut, CutAfter, Lost, Pretend, Status
from tui.sandbox.records import UploadSession
from tui.sandbox.service import Service
from tui.upload.errors import InUse, StillThere
from tui.upload.events import AllPagesIn, Committed, CommitUnknown, Event, Failed, SessionAbandoned
from tui.upload.exits import Exit
from tui.upload.ledger_entry import Stage
from tui.upload.options import OnSession
from tui.upload.plan import plan_without

GATE = ("GET", "/upload", 1)
"""The look at the session after all pages were sent; the one before asks which session is open."""
GATE_OF_COMMIT = ("GET", "/upload", 2)
"""The look before a commit that does not follow at once."""


def begin_other(service: Service) -> None:
    """Another client of the account opens a session for another title."""
    manga = next(manga for manga in service.manga if manga != service.manga_id)
    session = UploadSession(str(uuid.uuid4()), service.account.id, manga, [], service.now(), service.now())
    service.sessions[session.id] = session


def drop_and_begin_other(service: Service) -> None:
    service.drop_sessions()
    begin_other(service)


def failed(event: Event) -> Failed:
    assert isinstance(event, Failed), event
    return event


def check_gone(faults: FaultBench, end: Event) -> Failed:
    """Said, not resumable, and nothing was done about it behind the user's back."""
    gone = failed(end)
    assert (gone.title, gone.exit_code, gone.resumable) == (
        "The upload session is gone",
        Exit.REFUSED,
        False,
    )
    assert "Look at the title on MangaDex" in gone.remedy
    ground = faults.ground
    assert ground.count("POST", "/upload/begin") == 1
    assert not [entry for entry in ground.server.requests if entry.method == "DELETE"]
    assert ground.referee.chapters == []
    (entry,) = faults.unfinished()
    assert entry.stage is Stage.GONE
    faults.check_manners(errors=[404])
    return gone


@pytest.mark.parametrize(("method", "path", "skip"), [("POST", SEND, 1), GATE, GATE_OF_COMMIT])
def test_a_session_that_vanishes_is_never_replaced(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    faults.hesitates = 3.0
    faults.strike(method, path, Meanwhile(Service.drop_sessions), skip=skip)
    check_gone(faults, faults.upload())
    # Nor later: a resume finds out once more and begins nothing.
    check_gone(faults, faults.resume())


@pytest.mark.parametrize(("method", "path", "skip"), [("POST", SEND, 1), GATE_OF_COMMIT])
def test_a_session_in_the_place_of_ours_is_left_alone(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    faults.hesitates = 3.0
    faults.strike(method, path, Meanwhile(drop_and_begin_other), skip=skip)
    gone = check_gone(faults, faults.upload())
    other = faults.ground.session
    assert other is not None
    assert other.id in gone.detail
    assert other.files == {}


@pytest.mark.parametrize(("method", "path", "skip"), [GATE, GATE_OF_COMMIT])
def test_a_session_that_somebody_else_committed_is_said_to_be(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    faults.hesitates = 3.0
    faults.strike(method, path, Attributes({"isCommitted": True}), skip=skip)
    gone = check_gone(faults, faults.upload())
    assert "committed meanwhile, and not by this upload" in gone.detail


def test_a_session_in_the_place_of_ours_is_left_alone_at_the_next_start_too(faults: FaultBench) -> None:
    faults.strike("POST", SEND, Status(403, detail="Not now"), skip=1)
    failed(faults.upload())
    drop_and_begin_other(faults.ground.server.state)
    other = faults.ground.session
    assert other is not None
    before = faults.ground.count("POST", SEND)
    end = failed(faults.resume())
    assert (end.title, end.exit_code) == ("Another upload session is open", Exit.SESSION_OPEN)
    assert other.id in end.detail
    assert faults.ground.session is other
    assert other.files == {}
    assert faults.ground.count("POST", SEND) == before


def test_a_session_begun_by_another_client_in_that_moment_is_left_alone(faults: FaultBench) -> None:
    faults.strike("POST", "/upload/begin", Meanwhile(begin_other))
    end = failed(faults.upload())
    assert (end.title, end.exit_code) == ("Another upload session is open", Exit.SESSION_OPEN)
    assert faults.ground.count("POST", "/upload/begin") == 1
    assert faults.ground.count("POST", SEND) == 0
    assert faults.unfinished() == []
    assert faults.ground.session is not None
    faults.check_manners(errors=[400])


# Going on in a session that is open


@pytest.mark.parametrize("groups", [[], ["11111111-2222-4333-8444-555555555555"]], ids=["none", "others"])
def test_a_session_for_other_groups_or_none_is_no_session_of_this_chapter(
    faults: FaultBench, groups: list[str]
) -> None:
    """The service takes a chapter's groups from the session: in a session for none it would have none."""
    state = faults.ground.server.state
    session = UploadSession(
        str(uuid.uuid4()), state.account.id, faults.plan.details.manga_id, groups, state.now(), state.now()
    )
    state.sessions[session.id] = session
    end = failed(faults.upload(on_session=OnSession.RESUME))
    assert (end.title, end.exit_code) == (
        "The open upload session is for another title, other groups, or edits a chapter",
        Exit.SESSION_OPEN,
    )
    assert faults.ground.count("POST", SEND) == 0


def test_a_session_of_which_the_server_says_no_title_is_not_filled_unless_it_was_begun_here(
    faults: FaultBench,
) -> None:
    begin_other(faults.ground.server.state)
    faults.strike("GET", "/upload", Untitled(), times=0)
    end = failed(faults.upload(on_session=OnSession.RESUME))
    assert (end.title, end.exit_code) == (
        "The server does not say for which title the open upload session is",
        Exit.SESSION_OPEN,
    )
    assert faults.ground.count("POST", SEND) == 0
    faults.ground.server.state.drop_sessions()
    assert isinstance(faults.upload(commit=False), AllPagesIn)
    faults.close()
    faults.plan = plan_without(faults.plan, [12], now=datetime.now(UTC))
    assert isinstance(faults.upload(commit=False, on_session=OnSession.RESUME), AllPagesIn)


def test_files_that_do_not_go_away_end_the_upload_and_no_chapter_is_published(faults: FaultBench) -> None:
    """As when a server goes on listing what it has deleted."""
    assert isinstance(faults.upload(commit=False), AllPagesIn)
    faults.close()
    faults.plan = plan_without(faults.plan, [1, 2], now=datetime.now(UTC))
    faults.strike("DELETE", "/upload/{id}/batch", Pretend(), times=0)
    end = failed(faults.upload(on_session=OnSession.RESUME))
    assert end.title == "Files that are no pages of this chapter do not leave the upload session"
    assert end.detail.startswith("2: ")
    assert faults.ground.count("DELETE", "/upload/{id}/batch") == 5
    assert faults.ground.referee.chapters == []


# Abandoning


def test_a_session_that_is_committed_already_is_never_offered_to_be_abandoned(faults: FaultBench) -> None:
    assert isinstance(faults.upload(commit=False), AllPagesIn)
    assert faults.engine.submit(lambda client: client.open_session()).result(30) is not None
    for said in ("isCommitted", "isDeleted"):
        faults.strike("GET", "/upload", Attributes({said: True}))
        assert faults.engine.submit(lambda client: client.open_session()).result(30) is None


def test_a_session_that_another_process_fills_is_not_abandoned(faults: FaultBench) -> None:
    assert isinstance(faults.upload(commit=False), AllPagesIn)
    session = faults.ground.session
    assert session is not None
    other = FaultBench(faults.ground, faults.folder, faults.plan)
    try:
        with pytest.raises(InUse, match=r"Another dexup is uploading with this account \(process \d+\)"):
            other.engine.abandon(session.id, "someone").result(30)
    finally:
        other.close()
    assert faults.ground.count("DELETE", SEND) == 0
    faults.engine.abandon(session.id, "someone").result(30)  # who holds the account may
    assert faults.ground.count("DELETE", SEND) == 1


@pytest.mark.parametrize("action", [Status(500), Cut(), Lost(502), CutAfter()], ids=repr)
def test_an_abandon_whose_answer_was_lost_is_settled_by_asking(faults: FaultBench, action: Action) -> None:
    begin_other(faults.ground.server.state)
    faults.strike("DELETE", SEND, action)
    end = faults.upload(on_session=OnSession.ABANDON)
    faults.check_committed(end)
    done = isinstance(action, (Lost, CutAfter))
    assert faults.ground.count("DELETE", SEND) == (1 if done else 2)
    assert len(faults.of(SessionAbandoned)) == 1


def test_an_abandoned_session_that_lingers_is_waited_for(faults: FaultBench) -> None:
    begin_other(faults.ground.server.state)
    faults.strike("DELETE", SEND, Pretend())
    faults.strike("GET", "/upload", Meanwhile(Service.drop_sessions), skip=3)
    faults.check_committed(faults.upload(on_session=OnSession.ABANDON))
    assert faults.ground.count("DELETE", SEND) == 1


def test_an_abandoned_session_that_stays_is_said_and_nothing_is_sent_into_it(faults: FaultBench) -> None:
    begin_other(faults.ground.server.state)
    faults.strike("DELETE", SEND, Pretend(), times=0)
    end = failed(faults.upload(on_session=OnSession.ABANDON))
    assert (end.title, end.exit_code) == ("The abandoned upload session is still there", Exit.SESSION_OPEN)
    assert faults.ground.count("DELETE", SEND) == 1
    assert faults.ground.count("POST", "/upload/begin") == faults.ground.count("POST", SEND) == 0
    session = faults.ground.session
    assert session is not None
    with pytest.raises(StillThere):
        faults.engine.abandon(session.id, "someone").result(30)
    faults.check_manners()


# The commit

FIELDS = {
    "volume": "This value should be either a number or null",
    "chapter": "Does not match the regex pattern",
    "title": "Must be at most 255 characters long",
    "translatedLanguage": "Invalid language",
    "publishAt": "The date must be in the future",
    "externalUrl": "Invalid URL",
}
REFUSALS = [f"Error validating /chapterDraft/{name}: {words}" for name, words in FIELDS.items()]
REFUSALS += [
    "Error validating /pageOrder/3: The file is not in this upload session",
    "Error validating /termsAccepted: The terms must be accepted",
]


@pytest.mark.parametrize("words", REFUSALS)
def test_a_commit_refused_for_a_field_says_which_and_keeps_everything(faults: FaultBench, words: str) -> None:
    faults.strike("POST", COMMIT, Status(400, title="validation_exception", detail=words))
    end = failed(faults.upload())
    faults.check_kept(end, Exit.REFUSED)
    assert words in end.detail
    assert end.request_id
    assert faults.receipts() == []
    assert faults.ground.count("POST", COMMIT) == 1
    came = faults.ground.referee.came.total()
    faults.check_committed(faults.resume())
    assert faults.ground.referee.came.total() == came


def hide_chapter(service: Service) -> None:
    """The new chapter is processed for an hour, and in no list as long."""
    newest = max(service.chapters.values(), key=lambda chapter: chapter.created_at)
    newest.processed_at = service.now() + 3600


def test_a_lost_commit_that_made_a_hidden_chapter_is_unknown_until_it_is_seen(faults: FaultBench) -> None:
    faults.strike("POST", COMMIT, Meanwhile(after=hide_chapter, cut=True))
    end = faults.upload()
    assert isinstance(end, CommitUnknown)
    assert faults.heard("Whether the chapter was committed is not known", "Look at the title on MangaDex")
    assert [(receipt.state, receipt.chapter_id) for receipt in faults.receipts()] == [("unknown", "")]
    again = faults.resume()
    assert isinstance(again, CommitUnknown)
    faults.ground.clock.advance(4000)
    found = faults.resume()
    faults.check_committed(found)
    assert isinstance(found, Committed)
    assert found.settled_by == "lookup"
    assert [receipt.state for receipt in faults.receipts()] == ["found"]
    assert faults.ground.count("POST", COMMIT) == faults.ground.count("POST", "/upload/begin") == 1


@pytest.mark.parametrize("cut", [True, False], ids=["answer lost", "404"])
def test_a_session_that_vanishes_under_the_commit_is_not_published_again(
    faults: FaultBench, cut: bool
) -> None:
    faults.strike("POST", COMMIT, Meanwhile(Service.drop_sessions, cut=cut))
    assert isinstance(faults.upload(), CommitUnknown)
    assert isinstance(faults.resume(), CommitUnknown)
    assert [receipt.state for receipt in faults.receipts()] == ["unknown"]
    assert faults.ground.count("POST", COMMIT) == faults.ground.count("POST", "/upload/begin") == 1
    assert faults.ground.referee.chapters == []
    faults.check_manners(errors=[404])


def lose_a_page(service: Service) -> None:
    (session,) = service.sessions.values()
    service.store.forget(session.files.pop(next(iter(session.files))))


def add_a_stranger(service: Service) -> None:
    (session,) = service.sessions.values()
    file = next(iter(session.files.values()))
    path = file.path.with_name("cat")
    path.write_bytes(b"cat")
    copy = replace(file, id=str(uuid.uuid4()), name="cat.png", sha256="ab" * 32, size=3, path=path)
    session.files[copy.id] = copy


@pytest.mark.parametrize("act", [lose_a_page, add_a_stranger])
def test_the_gate_sees_what_changed_in_the_session_since_the_last_look(
    faults: FaultBench, act: Callable[[Service], None]
) -> None:
    faults.strike(*GATE[:2], Meanwhile(act), skip=GATE[2])
    end = faults.upload()
    assert isinstance(end, Committed), faults.said
    assert faults.ground.committed_digests(end.chapter_id) == [page.sha256 for page in faults.plan.pages]
    assert faults.ground.referee.left_over == [0]
    assert faults.ground.referee.resent == []
    removed = faults.ground.count("DELETE", "/upload/{id}/batch")
    assert removed == (act is add_a_stranger)
    assert faults.ground.referee.came.total() == len(faults.plan.pages) + (act is lose_a_page)
