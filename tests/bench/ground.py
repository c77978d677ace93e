"""What every section stands on: a sandbox in a process of its own, chapters of a wanted size, a profile."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
STEPS_ASIDE = ("nice", "-n", "19")
"""Before the command of what stands for another machine: it takes the time of a processor that nobody else wants."""


@dataclass(frozen=True)
class Sandbox:
    """A running `dexup sandbox`."""

    info: Mapping[str, str]
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return urlsplit(self.info["api"]).port or 0


@contextmanager
def sandbox(*options: str, before: Sequence[str] = ()) -> Iterator[Sandbox]:
    """The stand-in for the service, with the documented rate limits unless an option says else; `before` goes before
    its command."""
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "tui", "sandbox", *options],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield Sandbox(json.loads(process.stdout.readline()), process)
    finally:
        process.terminate()
        process.communicate()


def environment(info: Mapping[str, str], home: Path, port: int = 0) -> dict[str, str]:
    """Variables for a dexup that uses this sandbox, through the line on `port` if one is given."""

    def through(url: str) -> str:
        parts = urlsplit(url)
        return parts._replace(netloc=f"127.0.0.1:{port or parts.port}").geturl()

    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DEXUP_", "SSH_"))},
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "DEXUP_API_URL": through(info["api"]),
        "DEXUP_AUTH_URL": through(info["auth"]),
        "DEXUP_CLIENT_ID": info["client_id"],
        "DEXUP_CLIENT_SECRET": info["client_secret"],
        "DEXUP_USERNAME": info["username"],
        "DEXUP_PASSWORD": info["password"],
    }


def page(number: int, size: int) -> bytes:
    """A valid grey PNG of exactly `size` bytes that does not shrink; no other number makes the same."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width, height = 800, 1200
    noise = random.Random(number).randbytes(64) * 20
    pixels = b"".join(b"\0" + noise[y % 64 : y % 64 + width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    end = chunk(b"IDAT", zlib.compress(pixels, 1)) + chunk(b"IEND", b"")
    filling = size - len(start) - len(end) - 12
    assert filling >= 0, f"a page has at least {len(start) + len(end) + 12} bytes"
    # Whatever is missing to the wanted size goes into a private chunk that decoders skip.
    return start + chunk(b"duPx", random.Random(-number).randbytes(filling)) + end


def write_chapter(folder: Path, pages: int, size: int, *, other: int = 0) -> Path:
    """A folder with so many pages of so many bytes each; no two pages are the same, nor those of two chapters with
    another `other`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, pages + 1):
        (folder / f"{number:03}.png").write_bytes(page(1000 * other + number, size))
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that vanishes."""
    with tempfile.TemporaryDirectory(prefix="dexup-bench-") as folder:
        yield Path(folder)


def compile_everything() -> None:
    """Byte code for all that is imported, so that no section measures the compiler."""
    places: Sequence[str] = [
        str(ROOT / "tui"),
        str(ROOT / "tests"),
        *(p for p in sys.path if "site-packages" in p),
    ]
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "-j", "0", *places], check=False, stdout=subprocess.DEVNULL
    )
