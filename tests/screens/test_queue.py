"""The queue's screen: chapters from the browser, corrected with keys, published after one consent."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.support.headless import png
from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.sandbox.fault_actions import Status
from tui.sandbox.server import Fault, SandboxServer
from tui.screens.chapter import ChapterScreen
from tui.screens.queue import QueueScreen
from tui.screens.session import SessionScreen
from tui.services import Services
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.table import QueueTable


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


def write_chapters(folder: Path, group: str = "Example Scans") -> None:
    for number in (71, 72, 73):
        below = folder / f"[{group}] Harbour Lights - c{number:03} (en)"
        below.mkdir(parents=True)
        for page in (1, 2):
            (below / f"{page}.png").write_bytes(png(number * 10 + page, 17))
    (folder / "[Nobody Knows] Harbour Lights - c074 (en)").mkdir()


def entries(services: Services) -> list[QueueEntry]:
    return services.engine.queue.do(QueueTable.entries)


async def type_text(pilot: Pilot[None], text: str) -> None:
    await press(pilot, list(text))


async def test_many_chapters_from_the_browser_to_published_with_keys_only(
    app: DexupApp, services: Services, server: SandboxServer, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    write_chapters(folder)
    services.memory.remember_place(folder)
    before = set(server.state.chapters)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: services.account and isinstance(app.screen, SessionScreen))
        assert "b Queue" in shown(app)
        await press(pilot, "b")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen) and "The queue is empty" in shown(app))
        await press(pilot, "a")
        await until(pilot, lambda: isinstance(app.screen, ChapterScreen) and "in/" in shown(app))
        await press(pilot, "Q")
        await until(pilot, lambda: isinstance(app.screen, QueueScreen) and len(entries(services)) == 4)
        await until(pilot, lambda: "1 with errors" in shown(app) and "to be read" not in shown(app))
        assert all(entry.details.manga_id for entry in entries(services))
        assert "? Nobo" in shown(app)

        # 71 becomes 70.5 and is filled into the volume: 2; the others count one less.
        await press(pilot, "enter")
        await type_text(pilot, "x")
        assert "Use digits" in shown(app)
        await press(pilot, "backspace")
        await type_text(pilot, "70.5")
        await press(pilot, "enter minus k left enter 2 enter d")
        await until(pilot, lambda: [e.details.volume for e in entries(services)] == ["2"] * 4)
        numbers = [entry.details.chapter for entry in entries(services)]
        assert numbers == ["70.5", "71", "72", "73"]
        # A wrong step and back, the last one to the front, the third left out.
        await press(pilot, "plus u G K K K g j j p")
        await until(pilot, lambda: [e.number for e in entries(services)] == [4, 1, 2, 3])
        await until(pilot, lambda: "paused" in shown(app))
        paused = [entry.details.chapter for entry in entries(services) if entry.state == "paused"]
        assert paused == ["71"]
        assert "p Take up" in lines_of(app)[-1]
        await press(pilot, "k")
        await until(pilot, lambda: "p Leave out" in lines_of(app)[-1])

        await press(pilot, "s")
        await until(pilot, lambda: "Publish 2 chapters" in shown(app))
        assert "https://mangadex.org/compliance" in shown(app)
        await press(pilot, "enter")  # the safe answer
        assert not services.queue.running
        await press(pilot, "s")
        await until(pilot, lambda: "Publish 2 chapters" in shown(app))
        await press(pilot, "y")
        await until(pilot, lambda: "The queue is done: 2 committed, 0 failed" in shown(app), 30)
        made = [chapter.chapter for id_, chapter in server.state.chapters.items() if id_ not in before]
        assert made == ["70.5", "72"]
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))


async def open_queue(pilot: Pilot[None], app: DexupApp, folder: Path, count: int) -> None:
    """The queue with all chapters in `folder`, every one read."""
    await until(pilot, lambda: app.services.account and isinstance(app.screen, SessionScreen))
    app.show_queue([folder])
    await until(pilot, lambda: len(entries(app.services)) == count)
    await until(pilot, lambda: isinstance(app.screen, QueueScreen) and app.screen.table.row_count == count)
    await until(pilot, lambda: "Reading" not in shown(app) and "to be read" not in shown(app))


async def test_a_locked_group_is_told_in_the_table_and_before_the_start(
    app: DexupApp, server: SandboxServer, tmp_path: Path
) -> None:
    write_chapters(tmp_path / "in", "Locked Door Translations")
    # The names of two groups are looked up first, then what is to be known of the one that was found.
    server.faults.add(Fault("GET", "/group", Status(400, detail="[/] no groups"), skip=2))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_queue(pilot, app, tmp_path / "in", 4)
        locked = "The group Locked Door Translations is locked: only its members may"
        await until(pilot, lambda: "f5 asks for the groups again: [/] no groups" in shown(app))
        await press(pilot, "f5")
        await until(pilot, lambda: shown(app).count("!3") == 3)
        await until(pilot, lambda: locked in shown(app))
        assert "f5 asks" not in shown(app)
        await press(pilot, "s")
        await until(pilot, lambda: "Publish 3 chapters" in shown(app))
        assert "! The group Locked Door Translations is locked" in shown(app)


async def test_the_queue_is_saved_and_loaded_with_keys(
    app: DexupApp, services: Services, tmp_path: Path
) -> None:
    write_chapters(tmp_path / "in")
    file = tmp_path / "queue.csv"
    async with app.run_test(size=(80, 24)) as pilot:
        await open_queue(pilot, app, tmp_path / "in", 4)
        await press(pilot, "a")
        await until(pilot, lambda: "▸ [Example Scans] Harbour Lights - c071" in shown(app))
        await press(pilot, "escape")
        await press(pilot, "w")
        await until(pilot, lambda: "Save the queue as" in shown(app))
        await type_text(pilot, "q.txt")
        await press(pilot, "enter")
        assert "It must end in .csv or .toml." in shown(app)
        await press(pilot, "ctrl+u")
        await type_text(pilot, str(file))
        await press(pilot, "enter")
        # That is said until names were looked up.
        await until(
            pilot, lambda: "4 chapters saved in" in shown(app) or "Names found on MangaDex" in shown(app)
        )
        await until(pilot, file.exists)

        file.write_text(file.read_text("utf-8").replace(",72,", ",80.5,"), "utf-8")
        await press(pilot, "x")
        await until(pilot, lambda: "Take 1 chapter out" in shown(app))
        await press(pilot, "y")
        await until(pilot, lambda: len(entries(services)) == 3)
        await press(pilot, "i")
        await until(pilot, lambda: "Load a .csv or .toml file" in shown(app))
        assert file.name in shown(app)  # what was typed last
        await press(pilot, "enter")
        await until(pilot, lambda: len(entries(services)) == 4)
        # What was loaded is said until names were looked up for it.
        await until(pilot, lambda: "1 added" in shown(app) or "Names found on MangaDex" in shown(app))
        numbers = sorted(entry.details.chapter or "" for entry in entries(services))
        assert numbers == ["71", "73", "74", "80.5"]

        before = file.read_text("utf-8")
        await press(pilot, "w enter")
        await until(pilot, lambda: "Replace queue.csv?" in shown(app))
        await press(pilot, "enter")  # the safe answer
        assert file.read_text("utf-8") == before
        file.write_text("what,ever\n1,2\n", "utf-8")
        await press(pilot, "i enter")
        await until(pilot, lambda: "The file was not loaded" in shown(app))
