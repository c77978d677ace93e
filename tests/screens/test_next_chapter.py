"""The way that is gone most often: the next chapter of a series, from the start to the commit, in at most ten keys."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.support.headless import png
from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.sandbox.server import SandboxServer
from tui.screens.kept_chapters import kept_chapters
from tui.services import SandboxInfo, Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import Settings

MOST_KEYS = 10


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


def write_chapter(folder: Path, number: int) -> None:
    below = folder / f"Harbour Lights c{number}"
    below.mkdir(parents=True)
    for page in (1, 2):
        (below / f"{page}.png").write_bytes(png(number * 10 + page, 17))


class Person:
    """Presses keys when the screen shows what they are for, and counts them."""

    def __init__(self, pilot: Pilot[None], app: DexupApp) -> None:
        self._pilot, self._app = pilot, app
        self.pressed = 0

    async def sees(self, words: str) -> None:
        await until(self._pilot, lambda: words in shown(self._app), 20)

    async def press(self, keys: str) -> None:
        self.pressed += len(keys.split())
        await press(self._pilot, keys)

    async def commit(self) -> None:
        await self.sees("Ready: ctrl+n starts the upload")
        await self.press("ctrl+n")
        await self.sees("c commits")
        await self.press("c")
        await self.sees("Publish this chapter?")
        await self.press("y")
        await self.sees("Committed")


async def test_the_next_chapter_of_a_series_takes_at_most_ten_keys(
    services: Services, server: SandboxServer, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Harbour Lights"
    write_chapter(folder, 71)
    before = set(server.state.chapters)
    app = DexupApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        person = Person(pilot, app)
        await person.sees("No upload session is open")
        app.show_chapter(folder / "Harbour Lights c71")
        await person.sees("Ready: ctrl+n goes on")
        await person.press("ctrl+n")
        await person.sees("Harbour Lights")
        await person.press("tab")
        await person.press(" ".join("example"))
        await person.sees("Example Scans")
        await person.press("enter")
        app.screen.query_one("#language").focus()
        await person.press("e n")
        await person.commit()
        assert kept_chapters(app).prepared is None, "nothing is left to do with it"
    services.close()

    write_chapter(folder, 72)
    known = SandboxInfo.of(server.info, samples)
    again = open_services(Paths.below(tmp_path / "profile"), Settings(), {}, known)
    app = DexupApp(again)
    async with app.run_test(size=(80, 24)) as pilot:
        person = Person(pilot, app)
        await person.sees("No upload session is open")
        await person.press("n")
        await person.sees("Harbour Lights c72")
        if "▸ Harbour Lights c72" not in shown(app):
            await person.press("j")
        await person.press("enter")
        await person.sees("Ready: ctrl+n goes on")
        await person.press("ctrl+n")
        await person.commit()
    again.close()
    assert person.pressed <= MOST_KEYS
    made = [chapter for id_, chapter in server.state.chapters.items() if id_ not in before]
    assert [chapter.chapter for chapter in made] == ["71", "72"]
    assert len({(chapter.manga_id, chapter.language, tuple(chapter.group_ids)) for chapter in made}) == 1
