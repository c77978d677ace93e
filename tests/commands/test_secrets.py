"""Secrets stay secret, also when the server says them back, and when dexup has a fault."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from starlette.responses import Response

from tests.support.command import Command
from tests.support.faults import COMMIT, SEND, TOKEN, FaultBench, open_bench
from tests.support.ground import Ground, Nameless
from tests.support.leaks import check_no_secret, leaks_below
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import MangaDexError
from tui.sandbox.call import Call
from tui.sandbox.fault_actions import Action, Proceed, Status
from tui.sandbox.replies import error_object, error_reply


@dataclass(frozen=True)
class Echo(Action):
    """The server says back what it was told: the token, the password, the body."""

    status: int

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        body = (await call.request.body())[:3000].decode("latin-1")
        head = call.request.headers.get("authorization", "")
        options = call.service.options
        words = f"{head} {options.password} {quote_plus(options.client_secret)} {body}"
        headers = {"X-Request-ID": call.bearer or options.password}
        if "openid-connect" in call.entry.path:
            answer = {"error": "invalid_grant", "error_description": words}
            return Response(json.dumps(answer), self.status, headers, media_type="application/json")
        return error_reply([error_object(self.status, words, title=words)], self.status, headers)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("ground"), kilobytes=4)
    with made.server:
        yield made


@pytest.fixture
def command(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    ground.clean()
    return Command(ground, tmp_path / "home", monkeypatch, capsys)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize(
    ("method", "path", "skip"),
    [
        ("POST", TOKEN, 0),
        ("GET", "/user/me", 0),
        ("POST", "/upload/begin", 0),
        ("POST", SEND, 0),
        ("POST", COMMIT, 0),
    ],
    ids=["login", "me", "begin", "pages", "commit"],
)
def test_a_server_that_says_secrets_back_is_not_repeated(
    command: Command, method: str, path: str, skip: int, status: int
) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)  # so that it is asked who is logged in
    fault = command.strike(method, path, Echo(status), times=0)
    done = command.upload("--json")  # its output is looked at when it ends
    assert (done.code == 0) == (path == "/user/me")  # who that is stops nothing: it is asked beside the pages
    assert fault.struck
    command.ground.server.faults.clear()
    command.run("session")
    command.run("history", "--json")
    assert list(leaks_below(command.home)) == []
    assert (command.state / "dexup.log").stat().st_size > 0


def test_a_fault_of_ours_is_a_sentence_and_a_report_without_secrets(command: Command) -> None:
    password = command.ground.server.info["password"]

    def broken(details: object) -> None:
        raise RuntimeError(f"no such thing: {password}")

    command.monkeypatch.setattr("tui.commands.uploading.describe_details", broken)
    done = command.upload("--json")
    assert done.code == 5
    assert "dexup has a fault (RuntimeError)" in done.err
    (report,) = command.state.glob("crash-*.txt")
    assert str(report) in done.err
    assert report.stat().st_mode & 0o777 == 0o600
    assert done.records[-1]["event"] == "error"
    assert "no such thing: (hidden)" in report.read_text()


@pytest.fixture
def bench(ground: Ground, tmp_path: Path) -> Iterator[FaultBench]:
    with open_bench(ground, tmp_path) as made:
        yield made


def test_no_exception_text_holds_a_secret(bench: FaultBench) -> None:
    """Whatever a caller prints of an error: its text, its repr, its traceback."""

    async def ask(client: MangaDex) -> object:
        return await client.me()

    for action in (Status(500), Status(401), Status(403), Status(404), Status(429)):
        bench.strike("GET", "/user/me", action, times=0)
        with pytest.raises(MangaDexError) as caught:
            bench.engine.submit(ask).result(30)
        check_no_secret("".join(traceback.format_exception(caught.value)) + repr(caught.value))
        check_no_secret(repr(vars(caught.value)))
        bench.fair()
        bench.close()
