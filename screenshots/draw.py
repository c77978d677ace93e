"""Draws the pictures of the README from the running app on the sandbox: `python screenshots/draw.py`.

One SVG a screen, 120x36, made by pressing the keys a person would press. With names as arguments only those
are written ("session chapter").
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Before Textual is imported: the pictures are the same on every machine.
os.environ.update({"COLORTERM": "truecolor", "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"})
for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
    os.environ.pop(name, None)

from textual.pilot import Pilot  # noqa: E402

from tui.app import DexupApp  # noqa: E402
from tui.sandbox.options import SandboxOptions  # noqa: E402
from tui.sandbox.samples import write_samples  # noqa: E402
from tui.sandbox.server import SandboxServer  # noqa: E402
from tui.services import SandboxInfo, Services, open_services  # noqa: E402
from tui.storage.paths import Paths  # noqa: E402
from tui.storage.settings import Settings  # noqa: E402

HERE = Path(__file__).parent
SIZE = (120, 36)


class Drawer:
    """Presses keys, waits for what they bring, and saves what is shown."""

    def __init__(self, pilot: Pilot[None], wanted: set[str]) -> None:
        self._pilot = pilot
        self._wanted = wanted

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self._pilot.pause(0.1)

    async def until(self, true: Callable[[], object], what: str) -> None:
        end = time.monotonic() + 40
        while not true():
            if time.monotonic() > end:
                self._save("failed")
                raise SystemExit(f"never: {what} (see screenshots/failed.svg)")
            await self._pilot.pause(0.05)
        await self._pilot.pause(0.3)

    async def text(self, wanted: str) -> None:
        await self.until(lambda: wanted in self.shown(), wanted)

    def shown(self) -> str:
        """What is on the screen."""
        strips = self._pilot.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def save(self, name: str) -> None:
        if not self._wanted or name in self._wanted:
            self._save(name)
            print(f"screenshots/{name}.svg")

    def _save(self, name: str) -> None:
        svg = self._pilot.app.export_screenshot(title="dexup", simplify=True)
        # The ids hold a random part; without it an unchanged screen makes an unchanged file.
        svg = re.sub(r"terminal-\d+", f"terminal-{name}", svg)
        # Some viewers drop leading blanks without it.
        svg = svg.replace("<text ", '<text xml:space="preserve" ')
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


async def draw(app: DexupApp, services: Services, folder: Path, wanted: set[str]) -> None:
    """The whole way, with a picture at every station."""
    async with app.run_test(size=SIZE) as pilot:
        drawer = Drawer(pilot, wanted)
        await drawer.text("No upload session is open")
        app.show_login()
        await drawer.text("personal client")
        await drawer.press("f4")
        drawer.save("login")
        await drawer.press("escape")
        await drawer.text("No upload session is open")

        app.show_chapter(folder)
        await drawer.text("24 pages")
        await drawer.text("ctrl+n goes on")
        await drawer.press("j", "j", "j", "J", "J", "space", "space")
        await drawer.press("p")
        await pilot.pause(1.0)
        drawer.save("chapter")
        await drawer.press("p", "u", "u")

        await drawer.press("ctrl+n")
        await drawer.text("✓ Example Scans")
        await drawer.text("Ready:")
        await pilot.pause(1.0)
        drawer.save("details")

        await drawer.press("ctrl+n")
        await drawer.until(lambda: services.engine.view.accepted_count >= 10, "ten pages in")
        drawer.save("upload")
        await drawer.press("x")
        await drawer.press("y")
        await drawer.text("Stopped.")
        await drawer.press("escape")
        await drawer.text("of 24 pages there")
        drawer.save("session")
        await drawer.press("r")
        await drawer.text("c commits")
        await drawer.press("c")
        await pilot.pause(0.3)
        drawer.save("commit")
        await drawer.press("y")
        await drawer.text("✓ Committed.")
        await drawer.press("h")
        await drawer.text("committed")
        drawer.save("history")

        await drawer.press("escape")
        app.show_session()
        await drawer.text("No upload session is open")
        app.show_queue([folder.parent])
        await drawer.text("with errors")
        await drawer.until(lambda: "to be read" not in drawer.shown(), "every chapter read")
        await drawer.press("j", "right", "enter")
        drawer.save("queue")
        await drawer.press("escape")


def main() -> None:
    below = Path(tempfile.gettempdir()) / "dexup-screenshots"
    shutil.rmtree(below, ignore_errors=True)
    samples = below / "scans"
    chapters = write_samples(samples)
    folder = next(path for path in chapters if path.is_dir() and "Harbour Lights" in path.name)
    options = SandboxOptions(data=below / "data", uplink_bits_per_second=8_000_000)
    try:
        with SandboxServer(options) as server:
            sandbox = SandboxInfo.of(server.info, samples)
            services = open_services(Paths.below(below / "profile"), Settings(), {}, sandbox)
            try:
                asyncio.run(draw(DexupApp(services), services, folder, set(sys.argv[1:])))
            finally:
                services.close()
    finally:
        shutil.rmtree(below, ignore_errors=True)


if __name__ == "__main__":
    main()
