"""The account and its limits: tokens that die, 429, bans, captchas, missing rights."""

from __future__ import annotations

import pytest

from tests.support.faults import COMMIT, SEND, TOKEN, FaultBench
from tests.support.ground import PAGES
from tui.mangadex.auth import REFRESH_TRIES
from tui.mangadex.limits import WAIT_WITHOUT_HEADERS
from tui.mangadex.requester import LIMITED_TRIES
from tui.sandbox.fault_actions import Action, Banned, Captcha, ExpireTokens, RefreshRefused, Status, TooMany
from tui.upload.events import Event, Failed
from tui.upload.exits import Exit

EVERYWHERE = [
    ("GET", "/upload", 0),
    ("POST", "/upload/begin", 0),
    ("POST", SEND, 1),
    ("POST", COMMIT, 0),
]
LOGIN = 1
"""Requests to the token endpoint before any upload."""


def failed(event: Event) -> Failed:
    assert isinstance(event, Failed), event
    return event


# Tokens


@pytest.mark.parametrize(("method", "path", "skip"), EVERYWHERE)
def test_a_token_that_dies_is_refreshed_once_and_the_request_replayed(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    fault = faults.strike(method, path, ExpireTokens(), skip=skip)
    end = faults.upload()
    assert fault.struck == 1
    assert faults.ground.count("POST", TOKEN) == LOGIN + 1
    assert 1 <= len([entry for entry in faults.ground.server.requests if entry.status == 401]) <= 2
    assert faults.heard("access token refreshed")
    assert faults.waits() == []
    _allow_401(faults)
    faults.check_committed(end)


def test_tokens_that_die_all_the_time_hold_nothing_up(faults: FaultBench) -> None:
    for method, path, skip in EVERYWHERE:
        faults.strike(method, path, ExpireTokens(), skip=skip)
    end = faults.upload()
    assert faults.ground.count("POST", TOKEN) == LOGIN + len(EVERYWHERE)
    _allow_401(faults)
    faults.check_committed(end)


@pytest.mark.parametrize("same_process", [True, False])
def test_a_dead_login_stops_and_goes_on_after_the_next(faults: FaultBench, same_process: bool) -> None:
    faults.strike("POST", SEND, ExpireTokens(refresh_too=True), skip=1)
    end = failed(faults.upload())
    _allow_401(faults, 400)
    faults.check_kept(end, Exit.LOGIN)
    assert faults.ground.count("POST", TOKEN) == LOGIN + 1
    assert faults.heard(
        "Log in again (`dexup login`); the upload session is kept and goes on where it stopped."
    )
    if same_process:
        faults.log_in_again()
    faults.check_committed(faults.resume(same_process=same_process))


def test_a_refused_refresh_is_not_tried_again(faults: FaultBench) -> None:
    faults.strike("POST", SEND, ExpireTokens(), skip=1)
    refused = faults.strike("POST", TOKEN, RefreshRefused(), times=0, skip=LOGIN)
    end = failed(faults.upload())
    _allow_401(faults)
    faults.check_kept(end, Exit.LOGIN)
    assert refused.struck == 1
    faults.fair()
    faults.check_committed(faults.resume())


def test_a_refresh_answered_503_is_tried_again(faults: FaultBench) -> None:
    faults.strike("POST", SEND, ExpireTokens(), skip=1)
    faults.strike("POST", TOKEN, Status(503, "html"), skip=LOGIN, times=REFRESH_TRIES - 1)
    end = faults.upload()
    assert faults.ground.count("POST", TOKEN) == LOGIN + REFRESH_TRIES
    assert faults.heard("token refresh", "trying again")
    _allow_401(faults)
    faults.check_committed(end)


def test_an_auth_server_that_stays_away_is_given_up_on(faults: FaultBench) -> None:
    faults.strike("POST", SEND, ExpireTokens(), skip=1)
    faults.strike("POST", TOKEN, Status(503, "html"), skip=LOGIN, times=0)
    end = faults.upload()
    _allow_401(faults)
    faults.check_kept(end, Exit.RESUMABLE, most_requests=100)
    faults.fair()
    faults.check_committed(faults.resume(), most_requests=120)


def test_401_whatever_the_token_asks_for_a_login(faults: FaultBench) -> None:
    faults.strike("POST", SEND, Status(401), times=0)
    faults.check_kept(faults.upload(), Exit.LOGIN)
    assert (
        faults.ground.count("POST", TOKEN) <= LOGIN + 2
    )  # two in flight, each replayed once with a fresh token
    assert faults.ground.count("POST", SEND) <= 4
    faults.fair()
    faults.check_committed(faults.resume())


def _allow_401(faults: FaultBench, *others: int) -> None:
    """What a dead token brings about was provoked."""
    for entry in faults.ground.server.requests:
        if entry.status in (401, *others):
            entry.fault = entry.fault or "dead token"


# Limits


@pytest.mark.parametrize(("method", "path", "skip"), EVERYWHERE)
def test_a_limit_is_waited_out_to_the_stated_second(
    faults: FaultBench, method: str, path: str, skip: int
) -> None:
    faults.strike(method, path, TooMany(42.0), skip=skip)
    faults.check_committed(faults.upload())
    (limited,) = faults.ground.requests(method, path, 429)
    stated = int(limited.at + 42)
    heard = limited.ended_at + 0.2  # what was on its way by then could not know
    early = [e.at for e in faults.ground.requests(method, path) if heard < e.at < stated]
    # The one request with pages that goes beside another may be on its way already.
    assert len(early) <= (path == SEND), "a request ran into the limit"
    (wait,) = faults.waits()
    assert stated <= wait.until <= stated + 2
    assert not wait.can_retry_now  # the service has set the time
    assert faults.heard("MangaDex limits", "Waiting")


@pytest.mark.parametrize(
    ("action", "seconds"),
    [
        (TooMany(None), WAIT_WITHOUT_HEADERS),
        (Status(429, "html"), WAIT_WITHOUT_HEADERS),
        (Status(429, "text", headers={"Retry-After": "20"}), 20.0),
    ],
    ids=["bare", "html", "retry-after"],
)
def test_the_global_limit_holds_everybody(faults: FaultBench, action: Action, seconds: float) -> None:
    faults.strike("POST", SEND, action, skip=1)
    faults.check_committed(faults.upload())
    (limited,) = faults.ground.requests("POST", SEND, 429)
    early = [e.path for e in faults.ground.server.requests if limited.ended_at < e.at < limited.at + seconds]
    assert early == []
    assert faults.heard("MangaDex asks for a pause", "Waiting")


def test_limits_without_end_are_given_up_on(faults: FaultBench) -> None:
    fault = faults.strike("POST", SEND, TooMany(10.0), times=0)
    end = faults.upload()
    tries = 2 * LIMITED_TRIES * faults.options.attempts
    faults.check_kept(end, Exit.RESUMABLE, most_requests=tries + 10)
    assert fault.struck <= tries
    seconds = sorted(entry.at for entry in faults.ground.requests("POST", SEND))
    assert seconds[-1] - seconds[0] >= 10 * (LIMITED_TRIES - 1)  # no hot loop
    faults.fair()
    faults.check_committed(faults.resume(), most_requests=tries + 30)


# Shut out


@pytest.mark.parametrize(("method", "path", "skip"), EVERYWHERE)
def test_nothing_is_sent_after_a_ban(faults: FaultBench, method: str, path: str, skip: int) -> None:
    faults.strike(method, path, Banned(), skip=skip)
    end = failed(faults.upload())
    faults.check_kept(end, Exit.RESUMABLE)
    assert "shut this address out" in end.title
    assert faults.heard("Send nothing until ", " UTC. The upload session is kept; run `dexup resume` then.")
    asked = list(faults.ground.server.requests)
    position = next(i for i, entry in enumerate(asked) if entry.status == 403)
    # What came after it was under way already: its head came in the same instant, or it is the one request with
    # pages that goes beside another.
    after = [entry.path for entry in asked[position + 1 :] if entry.at > asked[position].at]
    assert len(after) <= (path == SEND), after
    again = failed(faults.resume(same_process=True))
    assert again.title == end.title
    assert len(faults.ground.server.requests) == len(asked)
    faults.check_committed(faults.resume())  # another day, another process


@pytest.mark.parametrize(("method", "path", "skip"), EVERYWHERE)
@pytest.mark.parametrize(
    ("action", "title"),
    [(Captcha(), "MangaDex asks for a captcha"), (Status(403), "The account may not do this")],
    ids=["captcha", "forbidden"],
)
def test_a_refusal_to_the_account_stops_at_once_and_says_which_it_is(
    faults: FaultBench, method: str, path: str, skip: int, action: Action, title: str
) -> None:
    faults.strike(method, path, action, skip=skip, times=0)
    end = failed(faults.upload())
    assert end.title == title
    faults.check_kept(end, Exit.REFUSED)
    assert faults.ground.count(method, path, 403) <= 2  # two requests are in flight
    assert faults.waits() == []
    assert faults.heard("Solve a captcha on the MangaDex website" if "captcha" in title else "server's words")
    faults.fair()
    faults.check_committed(faults.resume())
    assert faults.ground.referee.came.total() <= PAGES + 8
