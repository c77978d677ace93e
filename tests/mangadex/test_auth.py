from __future__ import annotations

import asyncio
import traceback

import httpx
import pytest

from tests.support.bench import API, AUTH, ID, Bench, entity, error, ok, token_answer
from tui.mangadex.auth import MARGIN, REFRESH_TRIES, TokenAuth
from tui.mangadex.credentials import Credentials, Tokens
from tui.mangadex.errors import (
    BadAnswer,
    Banned,
    ConnectFailed,
    LoginFailed,
    LoginProblem,
    LoginRequired,
    MangaDexError,
    RateLimited,
    Unavailable,
    UnsafeAddress,
)
from tui.mangadex.token_answers import is_token
from tui.secret import Secret


def refusal(status: int, kind: str, words: str = "") -> httpx.Response:
    return httpx.Response(status, json={"error": kind, "error_description": words})


def bearer(request: httpx.Request) -> str | None:
    value: str | None = request.headers.get("authorization")
    return value


def by_token(good: str) -> object:
    """Accepts one access token and answers 401 to any other."""

    def reply(request: httpx.Request) -> httpx.Response:
        return ok(entity(username="a")) if bearer(request) == f"Bearer {good}" else error(401, "unauthorized")

    return reply


async def test_log_in_sends_the_password_grant_and_saves_the_tokens(bench: Bench) -> None:
    bench.reply_token(token_answer("access-9", "refresh-9", expires_in=100))
    tokens = await bench.auth.log_in("some one", Secret("p&ss=wörd"))
    assert bench.network.token_forms == [
        {
            "grant_type": "password",
            "username": "some one",
            "password": "p&ss=wörd",
            "client_id": "personal-client-x",
            "client_secret": "client-secret",
        }
    ]
    assert tokens == Tokens(Secret("access-9"), Secret("refresh-9"), bench.clock.now() + 100)
    assert bench.saved == [tokens]
    bench.reply(by_token("access-9"))  # type: ignore[arg-type]
    await bench.client.me()


@pytest.mark.parametrize("life", [{}, {"expires_in": 0}, {"expires_in": -5}, {"expires_in": "soon"}], ids=str)
async def test_a_token_answer_may_hold_nothing_but_the_access_token(
    bench: Bench, life: dict[str, object]
) -> None:
    bench.reply_token(httpx.Response(200, json={"access_token": "a", **life}))
    assert await bench.auth.log_in("u", Secret("p")) == Tokens(Secret("a"), None, bench.clock.now() + 900)


@pytest.mark.parametrize(
    ("status", "kind", "words", "problem"),
    [
        (401, "invalid_grant", "Invalid user credentials", LoginProblem.PASSWORD),
        (400, "invalid_grant", "Account is not fully set up", LoginProblem.ACCOUNT),
        (400, "invalid_grant", "Account disabled", LoginProblem.ACCOUNT),
        (401, "invalid_client", "Invalid client or Invalid client credentials", LoginProblem.CLIENT),
        (401, "unauthorized_client", "Invalid client secret", LoginProblem.CLIENT),
        (401, "invalid_client", "Client disabled", LoginProblem.CLIENT),
        (400, "unauthorized_client", "Client not allowed for direct access grants", LoginProblem.GRANT),
        (400, "unauthorized_client", "", LoginProblem.GRANT),
        (400, "unsupported_grant_type", "", LoginProblem.GRANT),
        (403, "access_denied", "", LoginProblem.OTHER),
        (404, "Realm does not exist", "", LoginProblem.ADDRESS),
        (400, "invalid_request", "Missing form parameter", LoginProblem.OTHER),
    ],
)
async def test_a_refused_login_says_which_part_is_wrong(
    bench: Bench, status: int, kind: str, words: str, problem: LoginProblem
) -> None:
    bench.reply_token(refusal(status, kind, words))
    with pytest.raises(LoginFailed) as caught:
        await bench.auth.log_in("u", Secret("p"))
    assert caught.value.problem is problem
    assert caught.value.detail == (words or kind)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx.Response(503, html="<title>Maintenance</title>"), Unavailable),
        (httpx.Response(429), RateLimited),
        (httpx.Response(403, html="blocked"), Banned),
        (httpx.Response(200, html="<p>hello"), BadAnswer),
        (httpx.Response(200, json={"access_token": "two\nlines"}), BadAnswer),
        (httpx.ConnectError("refused"), ConnectFailed),
        (httpx.ReadTimeout("slow"), Unavailable),
    ],
)
async def test_trouble_that_says_nothing_of_the_password_is_no_refusal(
    bench: Bench, reply: httpx.Response | Exception, kind: type[MangaDexError]
) -> None:
    bench.reply_token(reply)
    with pytest.raises(kind):
        await bench.auth.log_in("u", Secret("p"))
    assert bench.saved == []


async def test_a_ban_by_the_auth_server_stops_the_api_too(bench: Bench) -> None:
    bench.reply_token(httpx.Response(403, html="blocked"))
    with pytest.raises(Banned) as caught:
        await bench.auth.log_in("u", Secret("p"))
    assert caught.value.until > bench.clock.now()
    with pytest.raises(Banned):
        await bench.client.me()
    assert bench.network.seen == []


async def test_a_token_about_to_end_is_refreshed_before_it_is_used(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(token_answer())
    bench.clock.advance(900 - MARGIN + 1)
    await bench.client.me()
    assert bench.network.token_forms[0]["grant_type"] == "refresh_token"
    assert bench.network.token_forms[0]["refresh_token"] == "refresh-1"
    assert [bearer(request) for request in bench.network.seen] == ["Bearer access-2"]
    assert [tokens.refresh for tokens in bench.saved] == [Secret("refresh-2")]
    assert bench.notes == ["access token refreshed"]


async def test_tokens_that_live_shorter_than_the_margin_are_not_refreshed_every_time(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(token_answer(expires_in=8))
    bench.clock.advance(900)
    for _ in range(3):
        await bench.client.me()
    assert len(bench.network.token_forms) == 1
    bench.clock.advance(6.5)
    await bench.client.me()
    assert len(bench.network.token_forms) == 2


async def test_401_means_one_refresh_and_one_replay_of_the_same_request(bench: Bench) -> None:
    bench.reply(by_token("access-2"))  # type: ignore[arg-type]
    bench.reply_token(token_answer())
    session = await bench.client.begin(ID, ["a", "b"])
    assert session.id == ID
    assert [bearer(request) for request in bench.network.seen] == ["Bearer access-1", "Bearer access-2"]
    assert len({request.content for request in bench.network.seen}) == 1
    assert [line.status for line in bench.lines] == [401, 200, 200]


async def test_401_with_a_fresh_token_asks_for_a_login_and_not_for_another_refresh(bench: Bench) -> None:
    bench.reply(error(401, "unauthorized_http_exception", "User not found"))
    bench.reply_token(token_answer())
    with pytest.raises(LoginRequired, match="User not found"):
        await bench.client.me()
    assert len(bench.network.token_forms) == 1


async def test_twenty_requests_share_one_refresh(bench: Bench) -> None:
    bench.reply(by_token("access-2"))  # type: ignore[arg-type]
    bench.reply_token(token_answer())
    users = await asyncio.gather(*(bench.client.me() for _ in range(20)))
    assert len(users) == 20
    assert len(bench.network.token_forms) == 1
    assert len(bench.saved) == 1


async def test_a_401_that_comes_after_another_request_has_refreshed_takes_the_new_token(bench: Bench) -> None:
    bench.reply(by_token("access-2"))  # type: ignore[arg-type]
    bench.reply_token(token_answer())
    late = bench.auth.async_auth_flow(httpx.Request("GET", f"{API}/user/me"))
    assert bearer(await anext(late)) == "Bearer access-1"
    await bench.client.me()
    assert bearer(await late.asend(httpx.Response(401))) == "Bearer access-2"
    await late.aclose()
    assert len(bench.network.token_forms) == 1


async def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(token_answer(refresh=None))
    bench.clock.advance(890)
    await bench.client.me()
    assert bench.saved[0].refresh == Secret("refresh-1")


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_dead_refresh_token_asks_for_a_login_at_once_and_is_not_tried_again(
    bench: Bench, status: int
) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(refusal(status, "invalid_grant", "Token is not active"))
    bench.clock.advance(901)
    for _ in range(3):
        with pytest.raises(LoginRequired, match="Token is not active"):
            await bench.client.me()
    assert len(bench.network.token_forms) == 1
    assert bench.network.seen == []
    bench.reply_token(token_answer())
    await bench.auth.log_in("u", Secret("p"))
    await bench.client.me()
    bench.clock.advance(901)
    await bench.client.me()  # the new login is renewed as any other
    assert len(bench.network.token_forms) == 3


@pytest.mark.parametrize(
    ("kept", "good", "sent"),
    [
        (["refresh-8"], "refresh-8", ["refresh-8"]),  # renewed by another dexup before we look
        (["refresh-1", "refresh-8"], "refresh-8", ["refresh-1", "refresh-8"]),  # ... and while we refresh
        (["refresh-1", "refresh-8"], "", ["refresh-1", "refresh-8"]),
        (["refresh-1", "refresh-1", "refresh-1", "refresh-8"], "refresh-8", ["refresh-1", "refresh-8"]),
        (["refresh-1"] * 4, "", ["refresh-1"]),
        ([None] * 4, "", ["refresh-1"]),  # logged out
    ],
)
async def test_the_refresh_token_that_another_dexup_kept_is_used_instead_of_a_used_up_one(
    bench: Bench, kept: list[str | None], good: str, sent: list[str]
) -> None:
    looks = iter(kept)

    async def look() -> Secret | None:
        token = next(looks)
        return Secret(token) if token else None

    stale = Tokens(Secret("access-1"), Secret("refresh-1"), bench.clock.now())
    bench.client.use_auth(TokenAuth(AUTH, "c", Secret("s"), tokens=stale, kept_token=look, clock=bench.clock))
    bench.reply(ok(entity()))
    bench.reply_token(
        *(token_answer() if token == good else refusal(400, "invalid_grant", "used up") for token in sent)
    )
    for _ in range(2):
        if good:
            await bench.client.me()
        else:
            with pytest.raises(LoginRequired, match="used up"):
                await bench.client.me()
    assert [form["refresh_token"] for form in bench.network.token_forms] == sent


async def test_a_refresh_that_the_server_cannot_answer_is_tried_a_few_times(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(httpx.Response(503, html="down"), httpx.ReadTimeout("slow"), token_answer())
    bench.clock.advance(901)
    await bench.client.me()
    assert len(bench.network.token_forms) == 3


async def test_a_refresh_that_stays_unanswered_is_unavailable_and_keeps_the_login(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(httpx.Response(503, html="down"))
    bench.clock.advance(901)
    with pytest.raises(Unavailable):
        await bench.client.me()
    assert len(bench.network.token_forms) == REFRESH_TRIES
    bench.reply_token(token_answer())
    await bench.client.me()
    assert bench.network.token_forms[-1]["refresh_token"] == "refresh-1"


async def test_a_token_that_is_still_good_is_used_while_the_auth_server_is_down(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(httpx.ConnectError("refused"))
    bench.clock.advance(900 - MARGIN + 1)
    await bench.client.me()
    assert [bearer(request) for request in bench.network.seen] == ["Bearer access-1"]


async def test_a_kept_login_without_an_access_token_begins_with_a_refresh(bench: Bench) -> None:
    kept = Tokens(Secret(""), Secret("kept"), 0.0)
    bench.client.use_auth(TokenAuth(AUTH, "c", Secret("s"), tokens=kept, clock=bench.clock))
    bench.reply(ok(entity()))
    bench.reply_token(token_answer())
    await bench.client.me()
    assert bench.network.token_forms[0]["refresh_token"] == "kept"


async def test_cancelling_a_request_does_not_cancel_the_refresh_it_started(bench: Bench) -> None:
    bench.reply(ok(entity()))
    bench.reply_token(httpx.Response(503), token_answer())
    bench.clock.advance(901)
    asking = asyncio.create_task(bench.client.me())
    for _ in range(10):  # until the refresh is under way
        await asyncio.sleep(0)
    assert bench.network.token_forms
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await bench.client.aclose()
    assert [tokens.access for tokens in bench.saved] == [Secret("access-2")]


async def test_tokens_that_cannot_be_saved_are_used_and_noted(bench: Bench) -> None:
    def full(tokens: Tokens) -> None:
        raise OSError(28, "No space left on device")

    auth = TokenAuth(AUTH, "c", Secret("s"), on_tokens=full, clock=bench.clock)
    bench.client.use_auth(auth)
    bench.reply_token(token_answer())
    bench.reply(ok(entity()))
    await auth.log_in("u", Secret("p"))
    await bench.client.me()
    assert "No space left" in bench.notes[0]


async def test_logging_out_forgets_at_once_and_tells_the_auth_server_if_it_can(bench: Bench) -> None:
    bench.reply_token(httpx.ConnectError("refused"))
    await bench.auth.log_out()
    assert not bench.auth.logged_in
    assert bench.network.token_forms[0]["token"] == "refresh-1"
    assert "could not be told" in bench.notes[0]
    with pytest.raises(LoginRequired):
        await bench.client.me()


async def test_nobody_logged_in_sends_lookups_without_a_token_and_nothing_else(bench: Bench) -> None:
    bench.client.use_auth(None)
    bench.reply(ok(entity()))
    await bench.client.manga(ID)
    with pytest.raises(LoginRequired):
        await bench.client.current_session()
    assert [bearer(request) for request in bench.network.seen] == [None]


async def test_the_token_goes_to_the_apis_origin_alone(bench: Bench) -> None:
    for url in ("https://api.example.org:444/x", "http://api.example.org/x", "https://evil.example.org/x"):
        flow = bench.auth.async_auth_flow(httpx.Request("GET", url))
        assert bearer(await anext(flow)) is None
        await flow.aclose()


@pytest.mark.parametrize("address", ["http://auth.example.org", "ftp://x", "https://u:p@auth.example.org"])
def test_secrets_are_not_sent_to_an_unsafe_address(address: str) -> None:
    with pytest.raises(UnsafeAddress):
        TokenAuth(address, "c", Secret("s"))


async def test_no_secret_is_in_any_text_even_of_a_traceback_with_locals(bench: Bench) -> None:
    secrets = ["pass-word-1", "client-secret", "access-1", "refresh-1"]
    bench.clock.advance(901)
    texts = [
        repr(Credentials("c", Secret("client-secret"), "u", Secret("pass-word-1"))),
        repr(bench.auth.tokens),
    ]
    for reply in (httpx.ReadError("cut"), httpx.Response(500), refusal(400, "invalid_grant", "no")):
        bench.reply_token(reply)
        for attempt in (bench.auth.log_in("u", Secret("pass-word-1")), bench.client.me()):
            with pytest.raises(MangaDexError) as caught:
                await attempt
            shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
            texts.append("".join(line for line in shown.format() if "test_auth.py" not in line))
    texts += [*map(repr, bench.lines), *bench.notes]
    for secret in secrets:
        assert not [text for text in texts if secret in text]


async def test_a_token_that_no_header_takes_never_reaches_an_error_text(bench: Bench) -> None:
    broken = Tokens(Secret("acc\ness"), Secret("re fresh"), bench.clock.now() + 900)
    bench.client.use_auth(TokenAuth(AUTH, "c", Secret("s"), tokens=broken, clock=bench.clock))
    with pytest.raises(LoginRequired) as caught:
        await bench.client.me()
    assert "fresh" not in str(caught.value).replace("refresh token", "")


@pytest.mark.parametrize("value", ["", "two words", "line\nend", "ünlikely", "x" * 40_000], ids=len)
def test_what_no_header_takes_is_no_token(value: str) -> None:
    assert not is_token(value)
    assert is_token("x" * 4_000)
