"""Opening the screen: on the user's own account, or on the embedded sandbox with a throw-away profile."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from tui.allocator import return_memory, spare_memory
from tui.services import SandboxInfo, Services, open_services
from tui.storage.errors import StorageError
from tui.storage.paths import Paths
from tui.storage.settings import SandboxSettings, Settings, load
from tui.terminal import Capabilities, capabilities, over_ssh, started_environment
from tui.text import safe_text
from tui.upload.exits import Exit
from tui.upload.unattended import finish_unattended


def launch(path: Path | None, *, by_line: bool = False, refusal: str = "") -> int:
    """The screen, or the lines, on the user's own files; the result is the exit code.

    `refusal` says why the screen cannot be shown; line by line everything goes on any terminal.
    """
    spare_memory()
    paths = Paths.default()
    try:
        settings = load(paths.settings_file, os.environ)
        by_line = by_line or settings.screen.screen_reader
        if refusal and not by_line:
            return _refuse(refusal)
        services = open_services(paths, settings, os.environ)
    except StorageError as error:
        return _say(error)
    return _run(services, path, by_line=by_line)


def launch_sandbox(
    path: Path | None,
    *,
    data: Path | None,
    uplink_kbit: int | None,
    by_line: bool = False,
    refusal: str = "",
) -> int:
    """The screen on a sandbox of its own; `data` keeps the committed chapters.

    Everything else lives below one temporary folder, which is deleted at the end.
    """
    try:
        settings = load(Paths.default().settings_file, {})
    except StorageError as error:
        return _say(error)
    by_line = by_line or settings.screen.screen_reader
    if refusal and not by_line:
        return _refuse(refusal)
    if uplink_kbit is not None:
        settings = replace(settings, sandbox=SandboxSettings(uplink_kbit))
    from tui.sandbox.options import SandboxOptions  # late: few starts are on the sandbox
    from tui.sandbox.samples import write_samples
    from tui.sandbox.unavailable import SandboxUnavailable

    try:
        from tui.sandbox.server import SandboxServer
    except SandboxUnavailable as error:
        return _say(StorageError(str(error)))
    with tempfile.TemporaryDirectory(prefix="dexup-sandbox-") as folder:
        below = Path(folder)
        samples = below / "samples"
        chapters = write_samples(samples)
        options = SandboxOptions(
            uplink_bits_per_second=settings.sandbox.uplink_kbit * 1000,
            data=data.absolute() if data is not None else below / "data",
        )
        with SandboxServer(options) as server:
            sandbox = SandboxInfo.of(server.info, samples)
            try:
                services = open_services(Paths.below(below / "profile"), settings, {}, sandbox)
                for chapter in reversed(chapters):
                    services.memory.remember_place(chapter)  # so that the file browser opens there
            except StorageError as error:
                return _say(error)
            return _run(services, path, by_line=by_line)


def _run(services: Services, path: Path | None, *, by_line: bool) -> int:
    can = terminal_of(services.settings)
    if over_ssh(os.environ):
        services.pace.keep_free = services.settings.upload.keep_free / 100
    if by_line:
        gc.enable()
        return _run_by_line(services, path, can)
    # Read by the screen's library while it is imported.
    os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", can.colour_system)
    if can.colours:
        os.environ.pop("NO_COLOR", None)  # the settings file overruled it
    from tui.app import DexupApp

    try:
        app = DexupApp(services, path, can, when_painted=gc.enable, when_quiet=_settle_memory)
        app.run(mouse=mouse_wanted(services.settings))
        if app.hung_up and services.sandbox is None:
            _finish_unattended(services)
        return app.return_code or 0
    finally:
        services.close()


def _settle_memory(at_home: bool) -> None:
    """Drop what the start, or a screen that is gone, left behind. What the imports brought is not looked at again: a
    collection during a key would. Nor is what else there is by then, so that it waits until no screen is there that
    will be left."""
    gc.collect()
    if at_home and not gc.get_freeze_count():
        gc.freeze()
    return_memory()


def _run_by_line(services: Services, path: Path | None, can: Capabilities) -> int:
    from tui.by_line.home import run
    from tui.by_line.talk import Talk

    try:
        return run(services, path, Talk(can.repertoire, redact=services.redact))
    finally:
        services.close()


def _refuse(refusal: str) -> int:
    sys.stderr.write(f"dexup: {refusal}\n")
    return Exit.USAGE


def _finish_unattended(services: Services) -> None:
    """The same process goes on without its terminal; SIGTERM ends it, the session is kept. A queue, whose commits
    were all confirmed when it was started, goes on to its end, unless it is paused."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    while services.queue.running and not services.queue.status.paused and not stop.is_set():
        services.queue.join(1.0)
    finish_unattended(services.engine, stop)


def terminal_of(settings: Settings) -> Capabilities:
    """What this terminal can do, by the environment and the settings."""
    screen = settings.screen
    return capabilities(
        started_environment(os.environ),
        colours=screen.colours,
        glyphs=screen.glyphs,
        title=screen.title,
        progress=screen.progress,
    )


def mouse_wanted(settings: Settings) -> bool:
    """Whether the terminal shall report the mouse; every motion costs bytes on a line."""
    if settings.screen.mouse == "auto":
        return not over_ssh(os.environ)
    return settings.screen.mouse == "on"


def _say(error: StorageError) -> int:
    sys.stderr.write(f"dexup: {safe_text(error.title)}\n")
    if error.remedy:
        sys.stderr.write(f"       {safe_text(error.remedy)}\n")
    return Exit.USAGE
