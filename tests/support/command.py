"""Headless commands in this process, against the shared sandbox, in time that needs no time."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.ground import MOST_REQUESTS, Ground
from tests.support.headless import Done
from tui.cli import main
from tui.mangadex.clock import SystemClock
from tui.sandbox.fault_actions import Action
from tui.sandbox.server import Fault
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.receipts import Receipt

_NUMBERS = itertools.count(1000)
_LOOK_UPS = 20
"""What a command asks before and besides the upload: the account, the title, the groups, what is there."""


@dataclass
class Command:
    """`dexup` with a profile of its own: arguments and environment go in, the exit code and what it prints
    come out. Each run is the whole command, from its arguments to its exit code."""

    ground: Ground
    home: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    chapter: Path = field(init=False)
    number: str = field(default_factory=lambda: str(next(_NUMBERS)))
    """Of the chapter; no other test has it."""
    said: list[str] = field(default_factory=list)
    """Everything that was printed so far."""

    def __post_init__(self) -> None:
        self.chapter = self.ground.chapter
        info, clock = self.ground.server.info, self.ground.clock
        for name, value in {
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "DEXUP_API_URL": info["api"],
            "DEXUP_AUTH_URL": info["auth"],
            "DEXUP_CLIENT_ID": info["client_id"],
            "DEXUP_CLIENT_SECRET": info["client_secret"],
            "DEXUP_USERNAME": info["username"],
            "DEXUP_PASSWORD": info["password"],
        }.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setattr(SystemClock, "now", lambda _: clock.now())
        self.monkeypatch.setattr(SystemClock, "monotonic", lambda _: clock.monotonic())
        self.monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: clock.sleep(seconds))
        settings = self.home / "config" / "dexup" / "settings.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text("[upload]\nbatch_files = 4\n")

    @property
    def state(self) -> Path:
        return self.home / "state" / "dexup"

    def strike(self, method: str, path: str, action: Action, *, skip: int = 0, times: int = 1) -> Fault:
        """Script a fault."""
        return self.ground.server.faults.add(Fault(method, path, action, skip=skip, times=times))

    def run(self, *arguments: str | Path) -> Done:
        """One command, to its end."""
        self.capsys.readouterr()
        code = main([str(word) for word in arguments])
        out, err = self.capsys.readouterr()
        self.said += [*out.splitlines(), *err.splitlines()]
        assert "Traceback" not in err, err
        return Done(code, out, err)

    def upload(self, *options: str) -> Done:
        info = self.ground.server.info
        details = (
            "--manga",
            info["manga"],
            "--group",
            info["group"],
            "--chapter",
            self.number,
            "--lang",
            "en",
        )
        return self.run("upload", self.chapter, *details, "--accept-terms", *options)

    def resume(self) -> Done:
        return self.run("resume", "--accept-terms")

    def unfinished(self) -> list[LedgerEntry]:
        ledger = Ledger(self.state / "ledger.sqlite")
        try:
            return ledger.unfinished()
        finally:
            ledger.close()

    def receipts(self) -> list[Receipt]:
        ledger = Ledger(self.state / "ledger.sqlite")
        try:
            return ledger.receipts()
        finally:
            ledger.close()

    def check_committed(
        self, done: Done, *, most_requests: int = MOST_REQUESTS, errors: tuple[int, ...] = ()
    ) -> None:
        """Exit 0, and the chapter is the folder, once; nothing was done twice on the way."""
        said = "\n".join(self.said)
        assert done.code == 0, said
        self.ground.check_only_chapter([page.sha256 for page in self.ground.pages], self.number)
        assert [receipt.chapter_id for receipt in self.receipts()] == self.ground.referee.chapters
        assert self.unfinished() == []
        self.ground.check_manners(said, most_requests=most_requests + _LOOK_UPS, errors=errors)

    def check_kept(
        self, done: Done, code: int, *, most_requests: int = MOST_REQUESTS, errors: tuple[int, ...] = ()
    ) -> None:
        """It ended with this exit code, nothing is published or deleted, and it is said how to go on."""
        said = "\n".join(self.said)
        assert done.code == code, said
        assert self.ground.referee.chapters == [], said
        assert "dexup resume" in done.err, said
        (entry,) = self.unfinished()
        if entry.session_id:
            assert self.ground.session is not None, said
            assert self.ground.session.id == entry.session_id
            assert set(entry.accepted.values()) <= set(self.ground.session.files)
        self.ground.check_manners(said, most_requests=most_requests + _LOOK_UPS, errors=errors)
