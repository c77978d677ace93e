"""A sandbox on a real socket that many tests share, and a referee who reads its record.

The record says which pages came, which the session held already when they came, what was in the session when
it was committed, and what was asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import Response

from tests.support.clock import FakeClock
from tui.chapter.hashing import hash_pages
from tui.chapter.sources import open_source
from tui.sandbox.call import Call
from tui.sandbox.fault_actions import Action, Proceed, Rewrite
from tui.sandbox.link import Message, Receive
from tui.sandbox.options import SandboxOptions
from tui.sandbox.records import SessionFile, StoredPage, UploadSession
from tui.sandbox.requests_log import LoggedRequest
from tui.sandbox.server import SandboxServer
from tui.sandbox.service import Service

PAGES = 12
PAGE_KILOBYTES = 100
"""Large enough that a request comes in many pieces, so that it can be cut in the middle."""

MOST_REQUESTS = 60
"""More than that for one chapter of so many pages would be a hot loop."""

_PART = re.compile(rb'filename="(\d{4,}-[0-9a-f]+\.[a-z]+)"')
_LONGEST_HEAD = 200


def noise_png(seed: int, kilobytes: int = PAGE_KILOBYTES) -> bytes:
    """A valid grey PNG of so many kilobytes that cannot be packed, another one for each seed."""
    width, height = 256, kilobytes * 4
    noise = random.Random(seed).randbytes(width * height)
    rows = b"".join(b"\0" + noise[start : start + width] for start in range(0, len(noise), width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    picture = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + picture


def write_noise(folder: Path, pages: int = PAGES, kilobytes: int = PAGE_KILOBYTES) -> Path:
    """`folder` with 1.png, 2.png ..."""
    folder.mkdir(parents=True)
    for number in range(1, pages + 1):
        (folder / f"{number}.png").write_bytes(noise_png(number, kilobytes))
    return folder


@dataclass(frozen=True)
class Meanwhile(Action):
    """Something else happens on the server, before or after the request is processed."""

    before: Callable[[Service], None] | None = None
    after: Callable[[Service], None] | None = None
    cut: bool = False
    """The answer is lost."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        if self.before is not None:
            self.before(call.service)
        response = await proceed()
        if self.after is not None:
            self.after(call.service)
        return None if self.cut else response


@dataclass(frozen=True)
class Held(Action):
    """The request is not looked at until it is released; with `done` it is, and its answer waits."""

    done: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        response = await proceed() if self.done else None
        self.reached.set()
        await asyncio.to_thread(self.released.wait, 60)
        return response or await proceed()


@dataclass(frozen=True)
class Attributes(Rewrite):
    """An entity's attributes say something else."""

    values: dict[str, Any] = field(default_factory=dict)

    def rewrite(self, document: Any) -> Any:
        document["data"]["attributes"].update(self.values)
        return document


@dataclass(frozen=True, slots=True)
class Untitled(Rewrite):
    """A session's answer that leaves out for which title and groups it is."""

    def rewrite(self, document: Any) -> Any:
        data = document.get("data")
        if data:
            data["relationships"] = [
                one for one in data["relationships"] if one["type"] not in ("manga", "scanlation_group")
            ]
        return document


@dataclass(frozen=True, slots=True)
class Nameless(Rewrite):
    """A session's answer with the ids alone of its title, its groups and its user."""

    def rewrite(self, document: Any) -> Any:
        for one in (document.get("data") or {}).get("relationships", []):
            if one["type"] != "upload_session_file":
                one.pop("attributes", None)
        return document


@dataclass
class Referee:
    """What the sandbox was sent and took since the test began."""

    taken: Counter[str] = field(default_factory=Counter)
    """SHA-256 -> how often such a page was accepted."""
    came: Counter[str] = field(default_factory=Counter)
    """Name of a part -> how often its head came."""
    resent: list[str] = field(default_factory=list)
    """Names of parts that came although the session held them."""
    left_over: list[int] = field(default_factory=list)
    """For each commit, how many files of the session were no page of the chapter."""
    chapters: list[str] = field(default_factory=list)


class Ground:
    """A running sandbox that many tests share, one after the other; each gets a clock of its own."""

    def __init__(self, folder: Path, kilobytes: int = PAGE_KILOBYTES) -> None:
        self.clock = FakeClock()
        self.referee = Referee()
        self.data = folder / "data"
        self.server = SandboxServer(SandboxOptions(data=self.data, clock=lambda: self.clock.now()))
        self.chapter = write_noise(folder / "chapter", kilobytes=kilobytes)
        self.pages = hash_pages(open_source(self.chapter).scan().pages)
        self._watch()

    def _watch(self) -> None:
        store, link = self.server.state.store, self.server.link
        spool, commit, throttled = store.spool, store.commit, link.throttled

        def spooled(content: bytes) -> Path:
            self.referee.taken[hashlib.sha256(content).hexdigest()] += 1
            return spool(content)

        def committed(
            chapter_id: str, files: Sequence[SessionFile], document: dict[str, Any]
        ) -> list[StoredPage]:
            self.referee.left_over.append(len(self.session.files) - len(files) if self.session else -1)
            self.referee.chapters.append(chapter_id)
            return commit(chapter_id, files, document)

        def tapped(receive: Receive) -> Receive:
            inner = throttled(receive)
            tail = b""

            async def pieces() -> Message:
                nonlocal tail
                message = await inner()
                data = tail + message.get("body", b"")
                end = 0
                for found in _PART.finditer(data):
                    end = found.end()
                    self._comes(found[1].decode())
                tail = data[max(end, len(data) - _LONGEST_HEAD) :]
                return message

            return pieces

        store.spool = spooled  # type: ignore[method-assign]
        store.commit = committed  # type: ignore[method-assign]
        link.throttled = tapped  # type: ignore[method-assign]

    def _comes(self, name: str) -> None:
        self.referee.came[name] += 1
        if self.session is not None and name in {file.name for file in self.session.files.values()}:
            self.referee.resent.append(name)

    @property
    def session(self) -> UploadSession | None:
        """The session that is open on the server."""
        return next(iter(self.server.state.sessions.values()), None)

    def committed_digests(self, chapter_id: str) -> list[str]:
        """SHA-256 of each page of a chapter, from the bytes that the sandbox keeps."""
        count = len(self.server.state.chapters[chapter_id].pages)
        contents = (self.server.state.page_bytes(chapter_id, number) for number in range(1, count + 1))
        return [hashlib.sha256(content).hexdigest() for content in contents]

    def clean(self) -> None:
        """Nothing is left of the test before."""
        self.server.faults.clear()
        self.server.state.drop_sessions()
        self.server.requests.clear()
        self.server.mistakes.clear()
        self.referee = Referee()
        self.clock = FakeClock(self.clock.now() + 100_000)

    def settle(self) -> None:
        """Wait until the server is at rest: time stands still here, so that what was cut off a moment ago would
        come in after what a later process asks. (tests/upload/test_late_requests.py is about that.)"""
        end = time.monotonic() + 10
        while any(not entry.ended_at for entry in self.server.requests):
            assert time.monotonic() < end, "the server does not come to rest"
            time.sleep(0.005)

    def count(self, method: str, path: str, status: int | None = None) -> int:
        """How many requests of a kind there were so far."""
        return len(self.requests(method, path, status))

    def requests(self, method: str, path: str, status: int | None = None) -> list[LoggedRequest]:
        """Requests so far, oldest first; `path` as faults have it."""
        pattern = re.compile(re.escape(path).replace(r"\{id\}", "[0-9a-f-]{36}").replace(r"\*", ".*"))
        return [
            entry
            for entry in self.server.requests
            if entry.method == method and pattern.fullmatch(entry.path) and status in (None, entry.status)
        ]

    # What the record must show

    def check_only_chapter(self, digests: Sequence[str], number: str | None) -> None:
        """One chapter was committed, it is these pages in this order, and nothing else was in the session."""
        (chapter_id,) = self.referee.chapters
        assert self.server.state.chapters[chapter_id].chapter == number
        assert self.committed_digests(chapter_id) == list(digests)
        assert self.referee.left_over == [0], "files that are no page were in the session at the commit"
        assert self.session is None

    def check_manners(
        self, said: str, *, most_requests: int = MOST_REQUESTS, errors: Iterable[int] = ()
    ) -> None:
        """Nothing that a careful client would not ask; `errors` are unscripted statuses that are in order."""
        assert self.referee.resent == [], f"accepted pages were sent again\n{said}"
        twice = [digest for digest, times in self.referee.taken.items() if times > 1]
        assert twice == [], f"pages were accepted twice\n{said}"
        unprovoked = [
            (entry.method, entry.path, entry.status)
            for entry in self.server.requests
            if entry.status >= 400
            and not entry.fault
            and entry.status not in errors
            and (entry.method, entry.path, entry.status) != ("GET", "/upload", 404)
        ]
        assert unprovoked == [], said
        assert len(self.server.requests) <= most_requests, said
        assert self.server.mistakes == [], said
