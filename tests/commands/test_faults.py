"""The fault table once more, through `dexup upload` and `dexup resume`: exit codes, one plain line, and the way on.

The engine's own tests beside this (`tests/upload/test_faults_*.py`) look closer; these are the whole command.
"""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.command import Command
from tests.support.faults import COMMIT, SEND, TOKEN
from tests.support.ground import PAGES, Attributes, Ground, Meanwhile, Nameless
from tests.support.tls import tls_server
from tui.mangadex.auth import REFRESH_TRIES
from tui.sandbox.fault_actions import (
    Action,
    Banned,
    Bare,
    Captcha,
    Cut,
    CutAfter,
    ExpireTokens,
    Hang,
    HugeMessage,
    Lost,
    Pretend,
    RefreshRefused,
    RefuseFiles,
    RefuseRequest,
    SameNames,
    Shuffle,
    Status,
    TooLargeFrom,
    TooMany,
    Without,
    WrongTypes,
)
from tui.sandbox.records import UploadSession
from tui.sandbox.service import Service
from tui.upload import ledger_file
from tui.upload.account_lock import AccountLock
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import Stage

LOOK = ("GET", "/upload", 0)
BEGIN = ("POST", "/upload/begin", 0)
PAGES_GO = ("POST", SEND, 1)
PUBLISH = ("POST", COMMIT, 0)
ENDPOINTS = {"look": LOOK, "begin": BEGIN, "pages": PAGES_GO, "commit": PUBLISH}
GATE = ("GET", "/upload", 1)
WORDS = "The file is corrupt, says the server"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("ground"), kilobytes=16)
    with made.server:
        yield made


@pytest.fixture
def command(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    ground.clean()
    return Command(ground, tmp_path / "home", monkeypatch, capsys)


# What passes is sat out


PASSES: dict[str, tuple[tuple[str, str, int], Action]] = {
    "500, look": (LOOK, Status(500)),
    "502, begin": (BEGIN, Status(502, "html")),
    "503, pages": (PAGES_GO, Status(503, "empty")),
    "500, commit": (PUBLISH, Status(500)),
    "not sent, look": (LOOK, Cut(0.0)),
    "not sent, commit": (PUBLISH, Cut(0.0)),
    "lost, begin": (BEGIN, Lost(502)),
    "lost, pages": (PAGES_GO, Lost(502)),
    "lost, commit": (PUBLISH, Lost(502)),
    "closed, begin": (BEGIN, CutAfter()),
    "closed, pages": (PAGES_GO, CutAfter()),
    "closed, commit": (PUBLISH, CutAfter()),
    **{f"cut at {share:.0%}": (PAGES_GO, Cut(share)) for share in (0.01, 0.5, 0.99)},
    **{
        type(action).__name__: (PAGES_GO, action)
        for action in (Shuffle(), SameNames(), Without(), WrongTypes(), Bare(), HugeMessage())
    },
}


@pytest.mark.parametrize(("endpoint", "action"), PASSES.values(), ids=PASSES)
def test_what_passes_is_sat_out(command: Command, endpoint: tuple[str, str, int], action: Action) -> None:
    method, path, skip = endpoint
    fault = command.strike(method, path, action, skip=skip)
    done = command.upload()
    assert fault.struck == 1
    command.check_committed(done)
    assert max(map(len, command.said)) <= 2_100
    if endpoint is PUBLISH and isinstance(action, (Lost, CutAfter)):
        assert "found by asking" in done.out
        assert command.ground.count("POST", COMMIT) == 1
    if isinstance(action, (Status, Cut, Lost, CutAfter)) and endpoint is not LOOK:
        assert "sking the server" in done.out  # Asking, asking


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/user/me", Cut(0.0)),
        ("/manga/{id}", Status(502, "html")),
        ("/group", Cut(0.0)),
        ("/chapter", Status(500)),
        ("/upload/check-approval-required", Status(503, "empty")),
    ],
)
def test_questions_before_the_upload_are_asked_again(command: Command, path: str, action: Action) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)
    fault = command.strike("*", path, action, times=2)
    command.check_committed(command.upload())
    assert fault.struck == 2


@pytest.mark.parametrize("when", ["head", "body", "processed"])
def test_silence_has_an_end(command: Command, when: Any) -> None:
    command.monkeypatch.setattr(
        "tui.mangadex.requester.total_seconds", lambda seconds, length: 0.5 if seconds == 180 else 30.0
    )
    command.strike(*PAGES_GO[:2], Hang(when), skip=1)
    done = command.upload()
    command.check_committed(done)
    assert "no answer within" in done.out


def test_a_commit_cut_by_a_kill_is_settled_before_the_same_chapter_goes_up_again(command: Command) -> None:
    assert command.upload("--no-commit").code == 0
    (entry,) = command.unfinished()
    ledger = Ledger(command.state / "ledger.sqlite")
    ledger.set_stage(entry.plan.id, Stage.COMMITTING)  # where a kill while the commit was under way leaves it
    ledger.close()
    before = len(command.ground.server.requests)
    again = command.upload()
    assert (again.code, "Run `dexup resume`" in again.err) == (6, True)
    assert not [r for r in list(command.ground.server.requests)[before:] if r.path.startswith("/upload")]
    command.check_committed(command.resume())


# What does not pass is given up, and can go on


class End(NamedTuple):
    endpoint: tuple[str, str, int]
    action: Action
    code: int
    words: str


GIVEN_UP = {
    **{f"503 for good, {name}": End(endpoint, Status(503, "html"), 5, "503") for name, endpoint in ENDPOINTS.items()},
    "cut for good, pages": End(PAGES_GO, Cut(0.5), 5, "No usable answer"),
    **{f"ban, {name}": End(endpoint, Banned(), 5, "shut this address out") for name, endpoint in ENDPOINTS.items()},
    "captcha, begin": End(BEGIN, Captcha(), 7, "a captcha"),
    "captcha, pages": End(PAGES_GO, Captcha(), 7, "a captcha"),
    "forbidden, begin": End(BEGIN, Status(403), 7, "The account may not do this"),
    "forbidden, commit": End(PUBLISH, Status(403), 7, "The account may not do this"),
    "429 for good": End(PAGES_GO, TooMany(10.0), 5, "limit"),
    "401 for good": End(PAGES_GO, Status(401), 3, "Log in again"),
    "a dead login": End(PAGES_GO, ExpireTokens(refresh_too=True), 3, "Log in again"),
    "a bad page, named": End(PAGES_GO, RefuseFiles("^0006-", detail=WORDS), 7, WORDS),
    "a bad page, not named": End(PAGES_GO, RefuseFiles("^0006-", detail=WORDS, named=False), 7, WORDS),
    "a bad page, whole request": End(PAGES_GO, RefuseRequest("^0006-", detail=WORDS), 7, WORDS),
    "413 for every page": End(PAGES_GO, TooLargeFrom(1_000), 7, "too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN_UP)
def test_what_lasts_is_given_up_and_goes_on_later(command: Command, name: str) -> None:
    end = GIVEN_UP[name]
    method, path, skip = end.endpoint
    if end.endpoint is PAGES_GO and not isinstance(end.action, (Banned, ExpireTokens, Status, Cut, TooMany)):
        skip = 0
    lasts = 1 if isinstance(end.action, (Banned, ExpireTokens)) else 0
    command.strike(method, path, end.action, skip=skip, times=lasts)
    done = command.upload()
    allowed = (401, 400) if end.code == 3 else ()
    command.check_kept(done, end.code, most_requests=150, errors=allowed)
    assert any(end.words in line for line in done.err.splitlines()), done.err
    if "bad page" in name:
        assert "page 6 (6.png)" in done.err
    if isinstance(end.action, Banned):
        asked = command.ground.server.requests
        banned_at = next(
            entry.ended_at for entry in asked if entry.status == 403
        )  # what was out by then was out
        assert [entry.path for entry in asked if entry.at > banned_at] == []
    command.ground.server.faults.clear()
    command.check_committed(command.resume(), most_requests=220, errors=allowed)


# Tokens and limits


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
@pytest.mark.parametrize("action", [ExpireTokens(), TooMany(42.0)], ids=["expired", "429"])
def test_dead_tokens_and_limits_stop_nothing(
    command: Command, endpoint: tuple[str, str, int], action: Action
) -> None:
    method, path, skip = endpoint
    command.strike(method, path, action, skip=skip)
    done = command.upload()
    command.check_committed(done, errors=(401,))
    if isinstance(action, ExpireTokens):
        assert command.ground.count("POST", TOKEN) == 2
        assert "access token refreshed" in done.out
    else:
        (limited,) = command.ground.requests(method, path, 429)
        stated = int(limited.at + 42)
        heard = limited.ended_at + 0.2  # what was on its way by then could not know
        assert not [e.at for e in command.ground.requests(method, path) if heard < e.at < stated]
        assert "MangaDex limits" in done.out


@pytest.mark.parametrize(
    ("action", "times", "code"),
    [(Status(503, "html"), REFRESH_TRIES - 1, 0), (Status(503, "html"), 0, 5), (RefreshRefused(), 0, 3)],
    ids=["503", "503 for good", "refused"],
)
def test_a_refresh_that_fails(command: Command, action: Action, times: int, code: int) -> None:
    command.strike(*PAGES_GO[:2], ExpireTokens(), skip=1)
    command.strike("POST", TOKEN, action, skip=1, times=times)
    done = command.upload()
    if code:
        command.check_kept(done, code, most_requests=120, errors=(401, 400))
        command.ground.server.faults.clear()
        done = command.resume()
    command.check_committed(done, most_requests=150, errors=(401, 400))


def test_413_makes_requests_smaller(command: Command) -> None:
    command.strike("POST", SEND, TooLargeFrom(30_000), times=0)
    done = command.upload()
    command.check_committed(done)
    assert "sent again in halves" in done.out


# No way to the service


def nobody() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def test_nobody_listens(command: Command) -> None:
    command.monkeypatch.setenv("DEXUP_API_URL", nobody())
    done = command.upload()
    assert done.code == 5
    assert "No connection to MangaDex: Connection refused" in done.err, done.err
    assert "/user/me" not in {entry.path for entry in command.ground.server.requests}


def test_no_name_server(command: Command) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    command.monkeypatch.setattr(socket, "getaddrinfo", fail)
    command.monkeypatch.setenv("DEXUP_AUTH_URL", "https://auth.example.org/realms/x")
    done = command.upload()
    assert done.code == 5
    assert "No connection to MangaDex: Temporary failure in name resolution" in done.err, done.err


def test_a_certificate_that_nobody_vouches_for(command: Command) -> None:
    for name, value in (
        ("PYTHONHTTPSVERIFY", "0"),
        ("CURL_CA_BUNDLE", ""),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
    ):
        command.monkeypatch.setenv(name, value)
    with tls_server() as (port, heard):
        command.monkeypatch.setenv("DEXUP_AUTH_URL", f"https://localhost:{port}/realms/mangadex")
        done = command.upload()
    assert done.code == 5
    assert "the certificate is not valid: self-signed certificate" in done.err, done.err
    assert heard == []
    assert list(command.ground.server.requests) == []


# The disk


def spoil(command: Command, act: Callable[[Path], None]) -> Path:
    """A chapter of its own, of which the sixth page is spoilt after everything was checked."""
    own = Path(shutil.copytree(command.ground.chapter, command.home / "own"))
    command.chapter = own
    page = own / "6.png"
    command.strike(*BEGIN[:2], Meanwhile(lambda _: act(page)))
    return page


def replace_by_pipe(page: Path) -> None:
    page.unlink()
    os.mkfifo(page)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda page: page.write_bytes(b"\x00" * page.stat().st_size), "its content is not what was checked"),
        (lambda page: os.truncate(page, 5_000), "shorter than it was"),
        (lambda page: page.write_bytes(page.read_bytes() + b"more"), "longer than"),
        (Path.unlink, "No such file"),
        (replace_by_pipe, "not a regular file"),
    ],
    ids=["changed", "shrank", "grew", "vanished", "unreadable"],
)
def test_a_page_that_is_not_what_was_checked(
    command: Command, act: Callable[[Path], None], words: str
) -> None:
    page = spoil(command, act)
    done = command.upload()
    command.check_kept(done, 5)
    assert words in done.out
    assert "page 6 (6.png)" in done.err
    page.unlink(missing_ok=True)
    page.write_bytes((command.ground.chapter / page.name).read_bytes())
    command.check_committed(command.resume())


def test_a_damaged_ledger_is_set_aside_and_said(command: Command) -> None:
    command.state.mkdir(parents=True, mode=0o700)
    (command.state / "ledger.sqlite").write_bytes(b"this is no database")
    done = command.upload()
    command.check_committed(done)
    (kept,) = [path for path in command.state.iterdir() if ".damaged-" in path.name]
    assert kept.read_bytes() == b"this is no database"
    assert kept.name in done.err + done.out


def test_a_full_disk_for_the_ledger_begins_nothing(command: Command) -> None:
    opening = ledger_file.open_database

    def full(path: Path) -> Any:
        found = opening(path)
        found[0].execute("PRAGMA max_page_count = 1")
        return found

    with command.monkeypatch.context() as patch:
        patch.setattr("tui.upload.ledger.open_database", full)
        done = command.upload()
    assert done.code == 5
    assert "database or disk is full" in done.err
    assert "Free some space" in done.err
    assert command.ground.count("POST", "/upload/begin") == 0
    command.check_committed(command.upload())


def test_a_ledger_that_cannot_be_made(command: Command) -> None:
    command.state.parent.mkdir(parents=True)
    command.state.write_text("in the way")
    done = command.upload()
    assert done.code != 0
    assert str(command.state) in done.err
    assert command.ground.count("POST", "/upload/begin") == 0


def test_a_full_disk_for_the_log_stops_nothing(command: Command) -> None:
    command.state.mkdir(parents=True, mode=0o700)
    (command.state / "dexup.log").symlink_to("/dev/full")
    done = command.upload()
    command.check_committed(done)
    assert "is not written" in done.out + done.err


def test_another_process_holds_the_account(command: Command) -> None:
    command.state.mkdir(parents=True, mode=0o700)
    lock = AccountLock(command.state, command.ground.server.info["username"])
    lock.take()
    done = command.upload()
    assert done.code == 4
    assert f"process {os.getpid()}" in done.err
    assert command.ground.count("POST", "/upload/begin") == 0
    lock.release()
    command.check_committed(command.upload())


# The session


def begin_other(service: Service) -> None:
    manga = next(manga for manga in service.manga if manga != service.manga_id)
    session = UploadSession(str(uuid.uuid4()), service.account.id, manga, [], service.now(), service.now())
    service.sessions[session.id] = session


def drop_and_begin_other(service: Service) -> None:
    service.drop_sessions()
    begin_other(service)


@pytest.mark.parametrize("endpoint", [PAGES_GO, GATE], ids=["pages", "gate"])
@pytest.mark.parametrize(
    "action",
    [Meanwhile(Service.drop_sessions), Meanwhile(drop_and_begin_other)],
    ids=["vanished", "replaced"],
)
def test_a_session_that_is_gone_is_said_and_never_replaced(
    command: Command, endpoint: tuple[str, str, int], action: Action
) -> None:
    method, path, skip = endpoint
    command.strike(method, path, action, skip=skip)
    done = command.upload()
    assert done.code == 7
    assert "The upload session is gone" in done.err
    again = command.resume()
    assert again.code in (4, 7), again.out  # it is gone, or there is another one
    assert "Look at the title on MangaDex" in again.err or "not started on this machine" in again.err
    assert command.ground.count("POST", "/upload/begin") == 1
    assert not [entry for entry in command.ground.server.requests if entry.method == "DELETE"]
    assert command.ground.referee.chapters == []
    command.ground.check_manners("\n".join(command.said), most_requests=100, errors=(404,))


def test_a_chapter_sent_again_after_its_session_was_gone_is_nothing_to_resume(command: Command) -> None:
    command.strike(*PAGES_GO[:2], Meanwhile(Service.drop_sessions))
    assert command.upload().code == 7
    assert command.resume().code == 7
    command.ground.clock.advance(60)
    assert command.upload().code == 0
    assert command.resume().code == 0


def test_a_session_that_somebody_else_committed(command: Command) -> None:
    command.strike(*GATE[:2], Attributes({"isCommitted": True}), skip=GATE[2])
    done = command.upload()
    assert done.code == 7
    assert "committed meanwhile, and not by this upload" in done.err
    assert command.ground.count("POST", COMMIT) == 0


def test_a_session_begun_by_another_client_in_that_moment(command: Command) -> None:
    command.strike(*BEGIN[:2], Meanwhile(begin_other))
    done = command.upload()
    assert done.code == 4
    assert "Another upload session is open" in done.err
    assert command.ground.count("POST", SEND) == 0


@pytest.mark.parametrize("action", [Status(500), Lost(502)], ids=["500", "lost"])
def test_an_abandon_whose_answer_was_lost(command: Command, action: Action) -> None:
    begin_other(command.ground.server.state)
    command.strike("DELETE", SEND, action)
    command.check_committed(command.upload("--on-session", "abandon"))


def test_an_abandoned_session_that_still_answers(command: Command) -> None:
    begin_other(command.ground.server.state)
    command.strike("DELETE", SEND, Pretend(), times=0)
    done = command.upload("--on-session", "abandon")
    assert done.code == 4
    assert "still there" in done.err
    assert command.ground.count("DELETE", SEND) == 1
    assert command.ground.count("POST", "/upload/begin") == 0


# The commit


@pytest.mark.parametrize(
    "field",
    [
        "volume",
        "chapter",
        "title",
        "translatedLanguage",
        "publishAt",
        "externalUrl",
        "pageOrder/3",
        "termsAccepted",
    ],
)
def test_a_commit_refused_for_a_field(command: Command, field: str) -> None:
    words = f"Error validating /{field}: not like this"
    command.strike(*PUBLISH[:2], Status(400, title="validation_exception", detail=words))
    done = command.upload()
    command.check_kept(done, 7)
    assert any(words in line for line in done.err.splitlines())
    assert command.receipts() == []
    came = command.ground.referee.came.total()
    command.check_committed(command.resume())
    assert command.ground.referee.came.total() == came == PAGES


def hide_chapter(service: Service) -> None:
    newest = max(service.chapters.values(), key=lambda chapter: chapter.created_at)
    newest.processed_at = service.now() + 3600


def test_a_commit_of_which_nothing_is_known_exits_6_until_it_is(command: Command) -> None:
    command.strike(*PUBLISH[:2], Meanwhile(after=hide_chapter, cut=True))
    done = command.upload()
    assert done.code == 6
    assert "dexup resume" in done.err
    assert [receipt.state for receipt in command.receipts()] == ["unknown"]
    assert command.resume().code == 6
    command.ground.clock.advance(4000)
    command.check_committed(command.resume(), most_requests=100)
    assert [receipt.state for receipt in command.receipts()] == ["found"]
    assert command.ground.count("POST", COMMIT) == 1


def test_a_session_that_vanishes_under_the_commit_is_not_published_again(command: Command) -> None:
    command.strike(*PUBLISH[:2], Meanwhile(Service.drop_sessions, cut=True))
    assert command.upload().code == 6
    assert command.resume().code == 6
    assert command.ground.count("POST", COMMIT) == command.ground.count("POST", "/upload/begin") == 1
    assert command.ground.referee.chapters == []


# Before the upload


BEFORE = {"token": ("POST", TOKEN), "account": ("GET", "/user/me"), "title": ("GET", "/manga/*")}


@pytest.mark.parametrize(("method", "path"), BEFORE.values(), ids=BEFORE)
def test_trouble_before_the_upload_is_sat_out_and_said(command: Command, method: str, path: str) -> None:
    fault = command.strike(method, path, Status(503, "html"), times=4)
    done = command.upload("--on-duplicate", "fail")
    assert fault.struck == 4
    command.check_committed(done)
    assert "attempt 2 of 5: MangaDex does not answer as it should: status 503" in done.out


def test_trouble_while_a_group_is_looked_up_by_its_name_is_sat_out(command: Command, tmp_path: Path) -> None:
    named = shutil.copytree(command.chapter, tmp_path / "[Example Scans] c1")
    fault = command.strike("GET", "/group", Status(503, "html"), times=4)
    details = ("--manga", command.ground.server.info["manga"], "--chapter", command.number, "--lang", "en")
    done = command.run("upload", named, *details, "--accept-terms")
    assert fault.struck == 4
    command.check_committed(done)


def test_a_limit_before_the_upload_is_said_while_it_lasts(command: Command) -> None:
    command.strike("GET", "/user/me", TooMany(42.0))
    done = command.upload("--on-duplicate", "fail")
    command.check_committed(done)
    assert done.out.index("MangaDex limits") < done.out.index("Manga:")


def test_without_the_list_of_chapters_no_duplicate_can_be_ruled_out(command: Command) -> None:
    command.strike("GET", "/chapter", Status(503), times=0)
    done = command.upload("--on-duplicate", "fail")
    assert done.code == 5
    assert "whether the chapter is there already could not be looked up" in done.err
    assert command.ground.requests("POST", "/upload/begin") == []
