"""The live upload: what it shows in each state, and the decisions that are left to the person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tests.support.sessions import ACCOUNT, make_plan, put_session
from tui.app import DexupApp
from tui.sandbox.fault_actions import CutAfter, Delay, ExpireTokens, Hang, RefuseFiles, Status
from tui.sandbox.records import Chapter
from tui.sandbox.server import Fault, SandboxServer
from tui.screens.chapter import ChapterScreen
from tui.screens.login import LoginScreen
from tui.screens.session import SessionScreen
from tui.screens.upload import UploadScreen
from tui.services import Services
from tui.text import safe_text
from tui.upload.ledger_entry import PageState
from tui.upload.options import OnSession
from tui.upload.plan import UploadPlan
from tui.upload.view import Phase
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm

READY = "Every page is in. Nothing is published yet: c commits."
UPLOAD = "/upload/*"


class Upload:
    """An upload that was begun, looked at."""

    def __init__(self, pilot: Pilot[None], app: DexupApp, server: SandboxServer) -> None:
        self.pilot, self.app, self.server = pilot, app, server
        self.engine = app.services.engine
        self._before = frozenset(server.state.chapters)

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self.app))

    async def sees(self, *words: str) -> None:
        await until(self.pilot, lambda: all(word in self.text for word in words))

    async def press(self, keys: str) -> None:
        await press(self.pilot, keys)

    async def commit(self) -> None:
        await self.sees(READY)
        await self.press("c")
        assert isinstance(self.app.screen, Confirm)
        await self.press("left enter")

    def requests(self, method: str, path: str) -> int:
        return sum(one.method == method and path in one.path for one in self.server.requests)

    @property
    def chapters(self) -> list[Chapter]:
        """What was committed."""
        return [one for one in self.server.state.chapters.values() if one.id not in self._before]


@asynccontextmanager
async def uploading(
    app: DexupApp,
    server: SandboxServer,
    plan: UploadPlan,
    on_session: OnSession = OnSession.FAIL,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Upload]:
    """The upload screen, with an upload of `plan` begun."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and app.services.account == ACCOUNT)
        app.services.engine.start_upload(plan, on_session=on_session, account=ACCOUNT)
        app.show_upload()
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))
        yield Upload(pilot, app, server)


@pytest.fixture
def plan(server: SandboxServer, tmp_path: Path) -> UploadPlan:
    return make_plan(server, tmp_path / "chapter", 12, title="The Tide")


async def test_the_log_tells_each_batch_and_nothing_is_published_without_a_yes(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    async with uploading(app, server, plan, size=(120, 36)) as upload:
        await upload.sees(READY, "12 of 12 pages", "100 %", "■" * 12)
        assert "Batch 1: 10 successful, 0 failed" in upload.text
        assert "Batch 2: 2 successful, 0 failed" in upload.text
        facts = ("Harbour Lights", "Example Scans", "chapter 12", "The Tide", "en (English)", "at once")
        await upload.sees(*facts)
        await upload.press("c")
        assert isinstance(upload.app.screen, Confirm)
        await upload.press("enter")  # the safe answer has the focus
        assert upload.engine.view.phase is Phase.READY
        assert not upload.requests("POST", "/commit")
        await upload.commit()
        await upload.sees("✓ Committed.", "https://mangadex.org/chapter/", "n begins the next chapter")
        (chapter,) = upload.chapters
        committed = [page.path.read_bytes() for page in chapter.pages if page.path]
        assert committed == [(plan.source / page.name).read_bytes() for page in plan.pages]
        await upload.press("n")
        assert isinstance(upload.app.screen, ChapterScreen)


async def test_paused_sends_nothing_new_and_goes_on(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    first = server.faults.add(Fault("POST", UPLOAD, Delay(0.4), times=2))
    async with uploading(app, server, plan) as upload:
        await until(upload.pilot, lambda: first.struck)
        await upload.press("p")
        await upload.sees("Paused: nothing new is sent. p goes on.")
        await until(upload.pilot, lambda: not upload.engine.view.batches)
        assert upload.engine.view.phase is Phase.PAUSED
        await upload.press("p")
        await upload.sees(READY)


async def test_stopping_asks_and_keeps_the_session_and_r_goes_on_in_it(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    hanging = server.faults.add(Fault("POST", UPLOAD, Hang("processed"), skip=1, times=1))
    async with uploading(app, server, plan) as upload:
        await until(upload.pilot, lambda: hanging.struck and upload.engine.view.accepted_count)
        await upload.press("x")
        assert isinstance(upload.app.screen, Confirm)
        await upload.press("enter")
        assert upload.engine.view.active
        await upload.press("x left enter")
        await upload.sees("Stopped. The upload session is kept.", "r goes on")
        assert len(server.state.sessions) == 1
        await upload.press("r")
        await upload.sees(READY)
        assert upload.requests("POST", "/upload/begin") == 1
        (session,) = server.state.sessions.values()
        assert len(session.files) == 12


async def test_leaving_the_screen_does_not_stop_the_upload(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    server.faults.add(Fault("POST", UPLOAD, Delay(0.4), times=2))
    async with uploading(app, server, plan) as upload:
        await until(upload.pilot, lambda: upload.engine.view.phase is Phase.SENDING)
        await upload.press("escape")
        await until(upload.pilot, lambda: isinstance(upload.app.screen, SessionScreen))
        await until(upload.pilot, lambda: upload.engine.view.phase is Phase.READY)
        await upload.sees("r goes on with this upload")
        await upload.press("r")
        await upload.sees(READY, "Upload of 12 pages", "server agree")  # the log from its beginning


async def test_pausing_has_no_effect_once_all_is_in(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    async with uploading(app, server, plan) as upload:
        await upload.sees(READY)
        await upload.press("p p")
        upload.engine.pause()
        await upload.press("c")
        await until(upload.pilot, lambda: isinstance(upload.app.screen, Confirm))


async def test_a_retry_counts_down_and_r_does_not_wait(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    fault = server.faults.add(Fault("POST", "/upload/begin", Status(503, "html"), times=2))
    async with uploading(app, server, plan) as upload:
        await until(upload.pilot, lambda: fault.struck >= 1)
        for struck in range(1, 3):

            def again(least: int = struck) -> bool:
                return fault.struck >= least

            await until(upload.pilot, again)
            await upload.sees(" UTC, attempt", " of 5")
            await upload.press("r")
        await upload.sees(READY)


@pytest.mark.parametrize("choice", ["leave", "resume", "abandon"])
async def test_a_session_in_the_way_is_a_decision(
    app: DexupApp, server: SandboxServer, plan: UploadPlan, choice: str
) -> None:
    old = (plan.source / "1.png").read_bytes()
    session = put_session(server, [("0001.png", old), ("stranger.png", b"not of this chapter")])
    async with uploading(app, server, plan) as upload:
        await until(upload.pilot, lambda: isinstance(upload.app.screen, Choose))
        await upload.sees(
            "Harbour Lights · Example Scans", "2 files on the server", "not begun on this machine"
        )
        if choice == "leave":
            await upload.press("enter")
            await until(upload.pilot, lambda: isinstance(upload.app.screen, UploadScreen))
            assert upload.engine.view.phase is Phase.FAILED
            assert len(session.files) == 2
        elif choice == "resume":
            await upload.sees("Resume it: 1 file there to be deleted, for no page")
            await upload.press("down enter")
            await upload.sees("Delete 1 file of that upload session?")
            assert "stranger.png" in {file.name for file in session.files.values()}
            await upload.press("left enter")
            await upload.sees(READY)
            assert session.id in server.state.sessions
            assert "stranger.png" not in {file.name for file in session.files.values()}
            assert upload.engine.view.sent_bytes == plan.total_bytes
            assert "sending pages 2-11" in upload.text
        else:
            await upload.press("down down enter")
            assert isinstance(upload.app.screen, Confirm)
            await upload.press("enter")
            assert session.id in server.state.sessions
            await upload.sees("r asks again")
            await upload.press("r")
            await until(upload.pilot, lambda: isinstance(upload.app.screen, Choose))
            await upload.press("down down enter")
            await upload.press("left enter")
            await upload.sees(READY)
            assert session.id not in server.state.sessions


async def test_a_refused_page_is_named_with_the_servers_words_and_can_be_left_out(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    words = "[/] never \x1b[31msaid"
    server.faults.add(Fault("POST", UPLOAD, RefuseFiles(plan.pages[4].part_name, detail=words), times=0))
    async with uploading(app, server, plan, size=(120, 36)) as upload:
        await upload.sees("[/] never ␛[31msaid", "e leaves these pages out", "✗")
        assert upload.engine.view.pages[4].state is PageState.REFUSED
        await upload.press("e")
        assert isinstance(upload.app.screen, Confirm)
        await upload.sees("page 5: 5.png")
        await upload.press("left enter")
        await upload.sees(READY)
        await upload.commit()
        await upload.sees("✓ Committed.")
        (chapter,) = upload.chapters
        assert len(chapter.pages) == 11


async def test_a_refused_page_can_be_tried_again(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    fault = server.faults.add(Fault("POST", UPLOAD, RefuseFiles(plan.pages[4].part_name), times=0))
    async with uploading(app, server, plan) as upload:
        await upload.sees("r tries them once more")
        fault.times = fault.struck
        await upload.press("r")
        await upload.sees(READY)


async def test_a_dead_login_asks_for_a_new_one_and_goes_on_where_it_stopped(
    app: DexupApp, server: SandboxServer, tmp_path: Path
) -> None:
    plan = make_plan(server, tmp_path / "chapter", 25)
    # Two requests are under way at a time: when the third is struck, one was answered.
    server.faults.add(Fault("POST", UPLOAD, ExpireTokens(refresh_too=True), skip=3, times=1))
    async with uploading(app, server, plan) as upload:
        await upload.sees("l logs in; then r goes on where it stopped")
        accepted = upload.engine.view.accepted_count
        assert 0 < accepted < 25
        await upload.press("l")
        await until(upload.pilot, lambda: isinstance(upload.app.screen, LoginScreen))
        sandbox = app.services.sandbox
        assert sandbox is not None
        await app.services.accounts.log_in(sandbox.credentials, stay=False)
        app.show_upload()
        await upload.press("r")
        await upload.sees(READY)
        assert upload.requests("POST", "/upload/begin") == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Status(400, detail="The chapter [/] is locked"), "The chapter [/] is locked"),
        (Status(403, detail="Not allowed for you"), "Not allowed for you"),
    ],
)
async def test_a_refused_commit_keeps_the_session(
    app: DexupApp, server: SandboxServer, plan: UploadPlan, answer: Status, words: str
) -> None:
    server.faults.add(Fault("POST", "/upload/*/commit", answer, times=1))
    async with uploading(app, server, plan, size=(120, 36)) as upload:
        await upload.commit()
        await upload.sees(words, "✗")
        assert len(server.state.sessions) == 1
        assert not upload.chapters


async def test_a_lost_answer_to_the_commit_is_looked_up_never_sent_again(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    server.faults.add(Fault("POST", "/upload/*/commit", CutAfter(), times=1))
    async with uploading(app, server, plan) as upload:
        await upload.commit()
        await upload.sees("✓ Committed.")
        assert upload.requests("POST", "/commit") == 1
        assert len(upload.chapters) == 1


async def test_hostile_names_change_nothing_but_their_own_cells(
    app: DexupApp, server: SandboxServer, tmp_path: Path
) -> None:
    title = HOSTILE["escape"] + HOSTILE["action"]
    plan = make_plan(server, tmp_path / "chapter", 2, title=title, manga_title=HOSTILE["brackets"])
    async with uploading(app, server, plan, size=(120, 36)) as upload:
        await upload.sees(READY, safe_text(title), HOSTILE["brackets"])
        await upload.press("c")
        await upload.sees(safe_text(title))


async def test_the_log_can_be_filtered_and_saved_for_its_owner_alone(
    app: DexupApp, services: Services, server: SandboxServer, plan: UploadPlan
) -> None:
    async with uploading(app, server, plan, size=(120, 36)) as upload:
        await upload.sees(READY)
        await upload.press("slash B e g u n")
        await until(upload.pilot, lambda: "pages 1-10" not in upload.text)
        assert re.search(r"Upload session \S+ begun", upload.text)
        await upload.press("escape")
        await upload.sees("pages 1-10")
        await upload.press("w")
        await upload.sees("The log is in")
        (saved,) = services.paths.state.glob("upload-*.log")
        assert saved.stat().st_mode & 0o777 == 0o600
        assert "Batch 2: 2 successful" in saved.read_text()


async def test_b_caps_the_bandwidth_and_lifts_the_cap(
    app: DexupApp, server: SandboxServer, plan: UploadPlan
) -> None:
    async with uploading(app, server, plan, size=(80, 24)) as upload:
        await upload.sees(READY)
        await upload.press("b 5 0 x enter")
        await upload.sees("a whole number of kilobits")
        await upload.press("backspace 0 enter")
        await upload.sees("The bandwidth is capped at 500 kbit/s now.")
        assert upload.app.services.pace.limit == 62_500
        await upload.press("b")
        await upload.sees("It is capped at 500 kbit/s.")
        await upload.press("enter")
        await upload.sees("The bandwidth is not capped now.")
        assert upload.app.services.pace.limit == 0
