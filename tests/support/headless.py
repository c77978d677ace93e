"""Real `dexup` processes against a sandbox on a real socket, and chapters to give them."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.killing import Forge
from tests.support.leaks import check_no_secret
from tui.sandbox.server import SandboxServer


def png(seed: int, kilobytes: int = 2) -> bytes:
    """A valid grey PNG of about so many kilobytes that no other seed makes."""
    width, height = 128, max(128, kilobytes * 8)
    noise = bytearray()
    state = seed * 2654435761 % 2**32 or 1
    for _ in range(height):
        row = bytearray(b"\0")
        for _ in range(width // 4):
            state = (state * 1664525 + 1013904223) % 2**32
            row += state.to_bytes(4, "big")
        noise += row

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(noise), 1))
        + chunk(b"IEND", b"")
    )


def write_chapter(folder: Path, pages: int = 12, kilobytes: int = 2) -> list[bytes]:
    """`folder` with 1.png ... N.png; their bytes in reading order."""
    folder.mkdir(parents=True)
    contents = [png(number, kilobytes) for number in range(1, pages + 1)]
    for number, content in enumerate(contents, 1):
        (folder / f"{number}.png").write_bytes(content)
    return contents


@dataclass
class Done:
    """A process that has ended."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        check_no_secret(self.out + self.err)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def kinds(self) -> list[str]:
        return [str(record["event"]) for record in self.records]


@dataclass
class Dexup:
    """The command, with a profile of its own and a sandbox to talk to."""

    home: Path
    server: SandboxServer
    data: Path
    environ: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    forge: Forge | None = None
    """Forks a process in milliseconds, where an interpreter takes a second to start; waiting costs no time."""

    def __post_init__(self) -> None:
        info = self.server.info
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DEXUP_")},
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "DEXUP_API_URL": info["api"],
            "DEXUP_AUTH_URL": info["auth"],
            "DEXUP_CLIENT_ID": info["client_id"],
            "DEXUP_CLIENT_SECRET": info["client_secret"],
            "DEXUP_USERNAME": info["username"],
            "DEXUP_PASSWORD": info["password"],
        }

    @property
    def manga(self) -> str:
        return str(self.server.info["manga"])

    @property
    def group(self) -> str:
        return str(self.server.info["group"])

    def start(self, *arguments: str | Path, **environ: str | None) -> subprocess.Popen[str]:
        """A running process; a variable given as None is not set."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._variables(environ),
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str | Path, **environ: str | None) -> Done:
        """The same, until it has ended."""
        if self.forge is None:
            return finish(self.start(*arguments, **environ))
        words = [str(word) for word in arguments]
        ended = self.forge.run(self.home.with_name("child"), self._variables(environ), words)
        return Done(ended.code, ended.out, ended.err)

    def _variables(self, changed: dict[str, str | None]) -> dict[str, str]:
        variables = {**self.environ, **{name: value for name, value in changed.items() if value is not None}}
        return {name: value for name, value in variables.items() if changed.get(name, value) is not None}

    def upload(self, source: Path, *arguments: str) -> Done:
        """`dexup upload` with the details that every upload needs."""
        return self.run("upload", source, *self.details(), *arguments)

    def details(self) -> tuple[str, ...]:
        return ("--manga", self.manga, "--group", self.group, "--chapter", "5", "--lang", "en")

    def committed(self) -> list[list[bytes]]:
        """The pages of every committed chapter, in reading order."""
        root = self.data / "chapters"
        folders = sorted(root.iterdir(), key=lambda folder: folder.stat().st_mtime) if root.is_dir() else []
        return [
            [page.read_bytes() for page in sorted(folder.iterdir()) if page.suffix != ".json"]
            for folder in folders
        ]

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for the end of a process."""
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)
