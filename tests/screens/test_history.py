"""What was uploaded from this machine, and what can still go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tests.support.sessions import ACCOUNT, make_plan, note_upload, put_upload
from tui.app import DexupApp
from tui.sandbox.server import SandboxServer
from tui.screens.history import HistoryScreen
from tui.screens.history_rows import LINK, history_rows
from tui.screens.session import SessionScreen
from tui.screens.upload import UploadScreen
from tui.services import Services
from tui.text import safe_text
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.plan import UploadPlan, new_plan_id
from tui.upload.receipts import Receipt
from tui.upload.view import Phase
from tui.widgets.dialogs import Message

CHAPTER = "0c6f8b2e-7d3a-4f51-9c1e-2a5b8d9e0f13"
GONE = "5f0d7c6e-2b1a-4c3d-8e9f-0a1b2c3d4e5f"

Receive = Callable[..., UploadPlan]


@pytest.fixture
def plan(server: SandboxServer, tmp_path: Path) -> UploadPlan:
    return make_plan(server, tmp_path / "chapter", 2)


@pytest.fixture
def receive(services: Services, plan: UploadPlan) -> Receive:
    """Writes a receipt for a chapter like `plan`, with other details."""

    def write(chapter_id: str, state: str = "committed", **details: object) -> UploadPlan:
        own = replace(plan, id=new_plan_id(), details=replace(plan.details, **details))  # type: ignore[arg-type]
        ledger = Ledger(services.paths.ledger_file)
        ledger.begin_upload(own, ACCOUNT)
        ledger.set_session(own.id, own.id, None)
        if state == "unknown":
            ledger.set_stage(own.id, Stage.COMMITTING)
        ledger.finish(own, ACCOUNT, chapter_id, state)
        ledger.close()
        return own

    return write


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


async def open_history(pilot: Pilot[None], app: DexupApp, words: str) -> None:
    await until(pilot, lambda: app.services.account and isinstance(app.screen, SessionScreen))
    await press(pilot, "f3")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and words in shown(app))


async def open_row(pilot: Pilot[None], app: DexupApp) -> str:
    """Enter on the row under the cursor: the words of the box, without its frame."""
    await press(pilot, "enter")
    await until(pilot, lambda: isinstance(app.screen, Message) and "Close (esc)" in shown(app))
    text = shown(app)
    await press(pilot, "escape")
    await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
    return "\n".join(line.split("│")[1].strip() for line in text.split("\n") if line.count("│") == 2)


async def test_empty_history_says_what_to_do_and_leads_back(app: DexupApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_history(pilot, app, "Nothing was uploaded yet")
        await press(pilot, "enter y r j G")  # there is nothing to act on
        assert isinstance(app.screen, HistoryScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, SessionScreen)


async def test_receipt_shows_where_it_came_from_and_its_whole_link(
    app: DexupApp, receive: Receive, plan: UploadPlan
) -> None:
    receive(CHAPTER, volume="2", title="[b]Ebb[/b]")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_history(pilot, app, "committed")
        assert "Harbour Lights · Vol. 2 Ch. 12 · [b]Ebb[/b] (en)" in shown(app)
        text = await open_row(pilot, app)
        assert LINK + CHAPTER in text.split("\n")
        assert "2 pages, 29." in text
        assert "Groups: Example Scans" in text
        assert str(plan.source) in text.replace("\n", "")
        await press(pilot, "y")
        assert app.clipboard == LINK + CHAPTER
        await until(pilot, lambda: "Sent to the terminal's clipboard" in shown(app))


async def test_unknown_outcome_is_said_and_not_called_a_failure(app: DexupApp, receive: Receive) -> None:
    receive("", "unknown")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_history(pilot, app, "outcome unknown")
        assert "interrupted  " not in shown(app), "one row for it, not two"
        text = await open_row(pilot, app)
        assert "its answer never came" in text.replace("\n", " ")
        assert "r asks the server again; nothing is sent twice." in text
        assert "https://" not in text
        app.copy_to_clipboard("before")
        await press(pilot, "y")
        assert app.clipboard == "before"


async def test_filter_stays_over_a_box_and_ends_with_escape(app: DexupApp, receive: Receive) -> None:
    for number in ("101", "102", "103"):
        receive(f"{CHAPTER[:-3]}{number}", chapter=number, title="[/]" if number == "102" else None)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_history(pilot, app, "Ch. 103")
        await press(pilot, ["slash", *"HARB 102", "enter"])
        assert "Ch. 102 · [/]" in shown(app)
        assert lines_of(app)[1].startswith("▸ ")
        assert "Ch. 101" not in shown(app)
        text = await open_row(pilot, app)
        assert f"{CHAPTER[:-3]}102" in text
        assert "Ch. 101" not in shown(app)
        await press(pilot, ["slash", *"nowhere"])
        assert "Nothing matches the filter." in shown(app)
        await press(pilot, "escape")
        assert "Ch. 101" in shown(app)
        assert isinstance(app.screen, HistoryScreen)


async def test_interrupted_upload_goes_on_from_here(
    app: DexupApp, services: Services, server: SandboxServer, plan: UploadPlan, receive: Receive
) -> None:
    session = put_upload(server, services, plan, [1])
    receive(CHAPTER, chapter="11")
    async with app.run_test(size=(120, 24), notifications=True) as pilot:
        await open_history(pilot, app, "1 of 2 pages · ")
        rows = lines_of(app)
        assert "interrupted" in rows[1], "what can go on comes first"
        assert "Ch. 11" in rows[2]
        assert "sends only what is missing" in await open_row(pilot, app)
        await press(pilot, "down r")
        await until(pilot, lambda: "Only an interrupted upload can be resumed." in shown(app))
        await press(pilot, "up r")
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))
        await until(pilot, lambda: services.engine.view.phase is Phase.READY)
    assert len(session.files) == 2


async def test_upload_of_another_account_is_not_resumed(
    app: DexupApp, services: Services, plan: UploadPlan
) -> None:
    note_upload(services, plan, GONE, {1: "x"}, account="some[b]body[/b]")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_history(pilot, app, "interrupted")
        await press(pilot, "r")
        await until(pilot, lambda: "belongs to the account some[b]body[/b]" in " ".join(shown(app).split()))
        assert services.engine.view.phase is Phase.IDLE


async def test_hostile_titles_are_shown_as_they_are(app: DexupApp, receive: Receive) -> None:
    names = [HOSTILE["action"], HOSTILE["escape"], HOSTILE["C1"], HOSTILE["bidi"], HOSTILE["300 cells"]]
    for name in names:
        receive(CHAPTER, manga_title=name, group_names=(name,), title=name[:100], chapter="1")
    async with app.run_test(size=(60, 16)) as pilot:
        await open_history(pilot, app, "committed")
        text = shown(app)
        for name in names:
            assert safe_text(name)[:20] in text, name
        assert not {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x202E)} & set(text)
        assert LINK in await open_row(pilot, app), "the link is in view, however long the title"
        await press(pilot, "G")
        assert LINK in await open_row(pilot, app)


async def test_ledger_that_cannot_be_read_says_so(app: DexupApp, services: Services) -> None:
    services.paths.ledger_file.mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_history(pilot, app, "✗ ")
        assert "ledger" in shown(app)


# Rows, without a screen

NOW = datetime.now(UTC)


def receipt(**values: object) -> Receipt:
    usual: dict[str, object] = {
        "plan_id": "p",
        "chapter_id": CHAPTER,
        "manga_id": "m",
        "manga_title": "Harbour Lights",
        "volume": None,
        "chapter": None,
        "title": None,
        "language": "en",
        "group_names": (),
        "pages": 1,
        "bytes": 1000,
        "source": Path("/chapters/a"),
        "committed_at": NOW - timedelta(hours=5),
        "state": "committed",
    }
    return Receipt(**(usual | values))  # type: ignore[arg-type]


def test_receipts_in_words() -> None:
    (row,) = history_rows([], [receipt()])
    assert (row.what, row.state, row.age) == ("Harbour Lights · oneshot (en)", "committed", "5 h ago")
    assert row.more == "1 page, 1.0 kB · no group"
    assert row.link == LINK + CHAPTER
    (row,) = history_rows([], [receipt(manga_title="", publish_at=NOW + timedelta(days=1))])
    assert (row.what, row.state) == ("m · oneshot (en)", "scheduled")
    (row,) = history_rows([], [receipt(publish_at=NOW - timedelta(days=1))])
    assert row.state == "committed"
    (row,) = history_rows([], [receipt(state="found")])
    assert row.state == "committed"
    assert any("found by asking" in line for line in row.details)
    (row,) = history_rows([], [receipt(state="unknown", chapter_id="", publish_at=NOW + timedelta(days=1))])
    assert (row.state, row.link) == ("outcome unknown", "")


def test_upload_whose_session_is_gone_cannot_be_resumed(plan: UploadPlan) -> None:
    entry = LedgerEntry(plan, GONE, {}, Stage.GONE, ACCOUNT, NOW)
    (row,) = history_rows([entry], [])
    assert row.state == "session gone"
    assert row.entry is None
    assert any("look at the title" in line for line in row.details)
    assert history_rows([entry], [], running=entry.plan.id)[0].state != "interrupted"
    (row,) = history_rows([replace(entry, stage=Stage.SENDING)], [], running=entry.plan.id)
    assert row.state == "under way"
    (row,) = history_rows([replace(entry, stage=Stage.SENDING)], [])
    assert row.state == "interrupted"
    assert row.entry is not None


async def test_what_became_of_a_chapter_is_asked_shown_and_filtered(
    app: DexupApp, services: Services, server: SandboxServer, receive: Receive
) -> None:
    there = next(c for c in server.state.chapters.values() if c.pages)
    receive(there.id, chapter="1")
    receive(CHAPTER, chapter="2")
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await open_history(pilot, app, "Ch. 2")
        await until(pilot, lambda: services.account)
        await press(pilot, "f5")
        await until(pilot, lambda: "visible" in shown(app) and "processing" in shown(app))
        await press(pilot, "s")
        await until(pilot, lambda: "Everything (2)" in shown(app))
        await press(pilot, "2")
        state = "visible" if "visible" in shown(app) else "processing"
        await until(pilot, lambda: f"only {state}" in shown(app))
        assert len([line for line in lines_of(app) if "Ch. " in line]) == 1
        await press(pilot, "s 1")
        await until(pilot, lambda: "Ch. 1" in shown(app) and "Ch. 2" in shown(app))
        await press(pilot, "down" if "Ch. 1" in lines_of(app)[2] else "up")
        text = await open_row(pilot, app)
        assert "Asked 20" in text
        assert f"MangaDex counts {len(there.pages)} pages, 2 were committed" in " ".join(text.split())
