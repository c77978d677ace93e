"""How long dexup takes to be there: the first frame beside that of a bare Textual app, `--version` beside an
interpreter that does nothing. Each pair is measured in turn; medians count."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench import bare
from tests.bench.ground import ROOT, environment, sandbox, scratch
from tests.bench.report import Row

_SIZE = (120, 40)
_PATIENCE = 30.0
_BARE = ([sys.executable, "-m", "tests.bench.bare"], (bare.READY.encode(), b"Quit"), b"\x1b[B")
_DEXUP = ([sys.executable, "-m", "tui"], (b"Upload session", b"Quit"), b"\x1bOP")
"""What is started, what its first frame says, and a key that it answers at any time."""


def rows(quick: bool) -> list[Row]:
    """First frames, then commands that print a line."""
    with scratch() as folder, sandbox() as server:
        environ = environment(server.info, folder)
        return [*_screens(environ, 5 if quick else 15), *_commands(environ, 15 if quick else 31)]


def _screens(environ: Mapping[str, str], rounds: int) -> list[Row]:
    frames: dict[str, list[float]] = {"bare": [], "dexup": []}
    answers: dict[str, list[float]] = {"bare": [], "dexup": []}
    for number in range(rounds + 1):
        for name, (command, words, key) in (("bare", _BARE), ("dexup", _DEXUP)):
            frame, answer = _first_frame(command, environ, words, key)
            if number:  # the first pair fills the disk's cache
                frames[name].append(frame)
                answers[name].append(answer)
    found = []
    for what, times, target in (
        ("first frame that takes keys", frames, 1.15),
        ("first frame and the answer to a key", answers, None),
    ):
        floor, ours = (statistics.median(times[name]) for name in ("bare", "dexup"))
        peer = f"dexup {ours:.0f} ms, fastest {min(times['dexup']):.0f} to {min(times['bare']):.0f}"
        found.append(Row("start", what, ours / floor, target, "x bare app", f"bare app {floor:.0f} ms", peer))
    return found


def _first_frame(
    command: Sequence[str], environ: Mapping[str, str], words: Sequence[bytes], key: bytes
) -> tuple[float, float]:
    """Milliseconds from the start of the process to a frame with these words, and to the answer to a key that
    is sent the moment the frame is there. RuntimeError when either never comes."""
    variables = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    start = time.perf_counter()
    child, handle = pty.fork()
    if not child:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", _SIZE[1], _SIZE[0], 0, 0))
        os.chdir(ROOT)
        os.execve(command[0], list(command), variables)
    try:
        painted = bytearray()
        while not all(word in painted for word in words):
            painted += _read(handle, bytes(painted))
        frame = time.perf_counter() - start
        while select.select([handle], [], [], 0)[0]:
            painted += _read(handle, bytes(painted))
        os.write(handle, key)
        _read(handle, bytes(painted))
        answer = time.perf_counter() - start
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(handle)
        os.waitpid(child, 0)
    return frame * 1000, answer * 1000


def _read(handle: int, so_far: bytes) -> bytes:
    if not select.select([handle], [], [], _PATIENCE)[0]:
        raise RuntimeError(f"nothing is painted any more, after: {so_far[-500:]!r}")
    return os.read(handle, 65536)


def _commands(environ: Mapping[str, str], rounds: int) -> list[Row]:
    script = Path(sys.executable).with_name("dexup")
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        "dexup --version": [str(script), "--version"],
        "dexup completions bash": [str(script), "completions", "bash"],
        "python -m tui --version": [sys.executable, "-m", "tui", "--version"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, env=dict(environ), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            times[name].append((time.perf_counter() - start) * 1000)
    floor = statistics.median(times.pop("pass"))
    found = []
    for name, taken in times.items():
        ours = statistics.median(taken)
        target = 2.5 if name.startswith("dexup") else None
        found.append(
            Row(
                "start",
                name,
                ours / floor,
                target,
                "x python",
                f"python -c pass {floor:.1f} ms",
                f"{ours:.1f} ms",
            )
        )
    return found
