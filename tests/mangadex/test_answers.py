from __future__ import annotations

import asyncio
import errno
import gzip
import io
from itertools import pairwise

import httpx
import pytest

from tests.support.bench import ID, Bench, entity, error, ok, token_answer
from tui.mangadex import errors
from tui.mangadex.answers import of_exception
from tui.mangadex.endpoints import BEGIN
from tui.mangadex.errors import MangaDexError
from tui.mangadex.limits import BAN_SECONDS, GLOBAL_RATE
from tui.mangadex.models import ChapterDraft, ChapterMetadata
from tui.mangadex.multipart import FilePart
from tui.mangadex.requester import LIMITED_TRIES, SAFE_TRIES
from tui.secret import Secret

DRAFT = ChapterDraft("1", "2", None, "en")
METADATA = ChapterMetadata("1", "2", None, "en")


def page(name: str = "0001.png", data: bytes = b"data") -> FilePart:
    return FilePart(name, "image/png", len(data), lambda: io.BytesIO(data))


CHANGING = {
    "begin": lambda client: client.begin(ID, []),
    "begin_edit": lambda client: client.begin_edit(ID, 3),
    "upload": lambda client: client.upload(ID, [page()]),
    "delete_files": lambda client: client.delete_files(ID, [ID]),
    "delete_file": lambda client: client.delete_file(ID, ID),
    "abandon": lambda client: client.abandon(ID),
    "update_chapter": lambda client: client.update_chapter(ID, 3, METADATA),
    "commit": lambda client: client.commit(ID, DRAFT, [ID], terms_accepted=True),
}
SAFE = {
    "me": lambda client: client.me(),
    "current_session": lambda client: client.current_session(),
    "approval_required": lambda client: client.approval_required(ID, "en"),
    "search_manga": lambda client: client.search_manga("x"),
    "chapter": lambda client: client.chapter(ID),
    "aggregate": lambda client: client.aggregate(ID),
}
NO_ANSWER = [
    httpx.Response(500, json={"result": "error", "errors": []}),
    httpx.Response(502, html="<html><head><title>502 Bad Gateway</title>"),
    httpx.Response(503, text="maintenance"),
    httpx.Response(504),
    httpx.Response(408),
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError(""),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
]


@pytest.mark.parametrize("reply", NO_ANSWER, ids=repr)
@pytest.mark.parametrize("call", CHANGING.values(), ids=CHANGING)
async def test_a_change_without_an_answer_is_unknown_and_is_never_sent_again(
    bench: Bench, call: object, reply: httpx.Response | Exception
) -> None:
    bench.reply(reply)
    with pytest.raises(errors.UnknownOutcome):
        await call(bench.client)  # type: ignore[operator]
    assert len(bench.network.seen) == 1


@pytest.mark.parametrize("reply", NO_ANSWER, ids=repr)
async def test_a_lookup_without_an_answer_is_tried_a_few_times(
    bench: Bench, reply: httpx.Response | Exception
) -> None:
    bench.reply(reply)
    with pytest.raises(errors.Unavailable):
        await bench.client.me()
    assert len(bench.network.seen) == SAFE_TRIES
    first, second = (later - earlier for earlier, later in pairwise(bench.network.at))
    assert first > 0.2
    assert second > 0.4
    bench.reply(reply, ok(entity(username="a")))
    assert (await bench.client.me()).username == "a"


@pytest.mark.parametrize("call", SAFE.values(), ids=SAFE)
async def test_every_call_that_changes_nothing_is_tried_again(bench: Bench, call: object) -> None:
    bench.reply(httpx.Response(502))
    with pytest.raises(errors.Unavailable):
        await call(bench.client)  # type: ignore[operator]
    assert len(bench.network.seen) == SAFE_TRIES


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")])
async def test_a_connection_that_was_never_made_sent_nothing(bench: Bench, failure: Exception) -> None:
    bench.reply(failure)
    with pytest.raises(errors.ConnectFailed):
        await bench.client.commit(ID, DRAFT, [ID], terms_accepted=True)
    assert len(bench.network.seen) == 1
    with pytest.raises(errors.ConnectFailed):
        await bench.client.me()
    assert len(bench.network.seen) == 1 + SAFE_TRIES


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "validation_exception"), errors.Refused),
        (error(409, "conflict"), errors.Conflict),
        (error(413), errors.TooLarge),
        (httpx.Response(413, html="<h1>Request Entity Too Large"), errors.TooLarge),
        (error(404), errors.NotFound),
        (httpx.Response(404, html="<p>nothing"), errors.NotFound),
        (error(403, "access_denied_http_exception"), errors.Forbidden),
        (error(403, "captcha_required_exception"), errors.CaptchaRequired),
        (httpx.Response(403, html="<title>Blocked</title>"), errors.Banned),
        (httpx.Response(403, json={"result": "error"}), errors.Banned),
        (httpx.Response(403), errors.Banned),
        (httpx.Response(301, headers={"Location": "https://elsewhere.example/"}), errors.Refused),
    ],
)
async def test_each_refusal_has_its_error_with_everything_the_server_said(
    bench: Bench, reply: httpx.Response, kind: type[MangaDexError]
) -> None:
    reply.headers["X-Request-ID"] = "req-1"
    bench.reply(reply)
    with pytest.raises(MangaDexError) as caught:
        await bench.client.upload(ID, [page()])
    found = caught.value
    assert type(found) is kind
    assert (found.status, found.request_id) == (reply.status_code, "req-1")
    assert (found.method, found.path) == ("POST", f"/upload/{ID}")
    if "errors" in reply.text:
        assert found.detail == "words" == found.errors[0].detail
    assert len(bench.network.seen) == 1


async def test_several_errors_are_all_told_and_a_web_page_by_its_title(bench: Bench) -> None:
    bench.reply(
        httpx.Response(
            400, json={"errors": [{"detail": "first"}, {"title": "second", "detail": None}, "junk", None]}
        )
    )
    with pytest.raises(errors.Refused) as caught:
        await bench.client.begin(ID, [])
    assert caught.value.detail == "first; second"
    bench.reply(httpx.Response(400, html="<html><TITLE>\n Bad   Request </TITLE>"))
    with pytest.raises(errors.Refused, match=r"Bad Request$"):
        await bench.client.begin(ID, [])


async def test_a_captcha_is_known_by_its_header_alone(bench: Bench) -> None:
    bench.reply(error(403, "forbidden", X_Captcha_Sitekey="key-1"))
    with pytest.raises(errors.CaptchaRequired) as caught:
        await bench.client.me()
    assert caught.value.site_key == "key-1"


async def test_a_captcha_tells_its_site_key(bench: Bench) -> None:
    bench.reply(error(403, "captcha_required_exception", X_Captcha_Sitekey="key-1"))
    with pytest.raises(errors.CaptchaRequired) as caught:
        await bench.client.begin(ID, [])
    assert caught.value.site_key == "key-1"


async def test_after_a_ban_nothing_is_sent_until_it_has_cooled_down(bench: Bench) -> None:
    bench.reply(httpx.Response(403, html="blocked"), ok(entity(username="a")))
    with pytest.raises(errors.Banned) as caught:
        await bench.client.me()
    assert caught.value.until == bench.clock.now() + BAN_SECONDS
    attempts = (
        CHANGING["begin"](bench.client),
        SAFE["me"](bench.client),
        bench.auth.log_in("u", Secret("p")),
    )
    for attempt in attempts:
        with pytest.raises(errors.Banned):
            await attempt
    assert len(bench.network.seen) == 1
    assert bench.network.token_forms == []
    bench.reply_token(token_answer())
    bench.clock.advance(BAN_SECONDS + 1)
    assert (await bench.client.me()).username == "a"


async def test_429_waits_for_the_stated_second_and_sends_the_same_body_again(bench: Bench) -> None:
    until = int(bench.clock.now() + 17)
    limited = error(
        429, X_RateLimit_Limit="250", X_RateLimit_Remaining="0", X_RateLimit_Retry_After=str(until)
    )
    accepted = httpx.Response(200, json={"result": "ok", "data": [entity(originalFileName="0001.png")]})
    bench.reply(limited, accepted)
    heard: list[int] = []
    answer = await bench.client.upload(ID, [page()], on_progress=lambda sent, total: heard.append(sent))
    assert [file.name for file in answer.accepted] == ["0001.png"]
    assert bench.network.at[1] == pytest.approx(18, abs=0.1)
    assert bench.network.seen[0].content == bench.network.seen[1].content != b""
    assert heard == [0, 4, 0, 4]
    assert bench.waits == [("MangaDex limits sending and removing pages", until + 1)]


async def test_429_that_does_not_end_gives_up_with_the_second_to_wait_for(bench: Bench) -> None:
    bench.reply(httpx.Response(429, text="slow down"))
    with pytest.raises(errors.RateLimited) as caught:
        await bench.client.commit(ID, DRAFT, [ID], terms_accepted=True)
    assert len(bench.network.seen) == LIMITED_TRIES
    assert caught.value.until > bench.clock.now()


async def test_a_limit_that_is_sat_out_is_no_failed_try(bench: Bench) -> None:
    limited, broken = httpx.Response(429), httpx.Response(503)
    bench.reply(limited, limited, *[broken] * (SAFE_TRIES - 1), ok(entity(username="a")))
    assert (await bench.client.me()).username == "a"


async def test_what_got_no_answer_may_be_seen_by_the_server_a_little_later(bench: Bench) -> None:
    bench.reply(httpx.ConnectError("refused"))
    for _ in range(6):
        with pytest.raises(errors.ConnectFailed):
            await bench.client.begin(ID, [])
    assert bench.network.at[5] - bench.network.at[0] >= GLOBAL_RATE.seconds


async def test_401_without_words_of_an_edit_asks_for_a_login(bench: Bench) -> None:
    bench.reply(httpx.Response(401))
    bench.reply_token(token_answer())
    with pytest.raises(errors.LoginRequired):
        await bench.client.begin_edit(ID, 1)


def test_the_words_of_a_broken_request_or_line_are_the_systems_and_quote_no_header() -> None:
    quoting = httpx.LocalProtocolError("Illegal header value b'Bearer hunter2'")
    assert "hunter2" not in str(of_exception(quoting, BEGIN, "/upload/begin"))
    several = httpx.ConnectError("All connection attempts failed")
    several.__cause__ = ExceptionGroup("all failed", [OSError(errno.ECONNREFUSED, "Connect call failed")])
    assert "Connection refused" in str(of_exception(several, BEGIN, "/upload/begin"))


async def test_401_of_an_edit_that_a_fresh_token_does_not_mend_is_a_missing_right(bench: Bench) -> None:
    bench.reply(error(401, "unauthorized_http_exception", "not yours"))
    bench.reply_token(httpx.Response(200, json={"access_token": "a2"}))
    with pytest.raises(errors.Forbidden, match="not yours"):
        await bench.client.begin_edit(ID, 1)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"null", b"[]", b'{"result":"ok"}', b'{"data":{"id":""}}', b"{" * 99]
)
async def test_a_success_without_a_usable_body_is_unknown_for_a_change_and_bad_for_a_lookup(
    bench: Bench, body: bytes
) -> None:
    bench.reply(httpx.Response(200, content=body))
    for name in ("begin", "begin_edit", "upload", "commit"):
        with pytest.raises(errors.UnknownOutcome):
            await CHANGING[name](bench.client)
    for name in ("me", "chapter"):
        with pytest.raises(errors.BadAnswer):
            await SAFE[name](bench.client)


@pytest.mark.parametrize("body", [b"", b'{"result":"ok"}', b'{"response":"ok"}', b"<html>"])
@pytest.mark.parametrize("status", [200, 204])
async def test_any_success_will_do_for_a_deletion(bench: Bench, status: int, body: bytes) -> None:
    bench.reply(httpx.Response(status, content=body))
    await bench.client.delete_file(ID, ID)
    await bench.client.delete_files(ID, [ID])
    await bench.client.abandon(ID)


async def test_a_success_that_says_error_is_a_refusal(bench: Bench) -> None:
    bench.reply(httpx.Response(200, json={"result": "error", "errors": [{"detail": "session is open"}]}))
    with pytest.raises(errors.Refused, match="session is open"):
        await bench.client.begin(ID, [])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"result": "error", "errors": [{"detail": "no search today"}]}, "it holds no list: no search today"),
        ({"result": "ok"}, "it holds no list$"),
        ({"result": "ok", "data": None}, "it holds no list$"),
    ],
)
async def test_a_list_that_is_missing_is_no_empty_list(bench: Bench, document: object, words: str) -> None:
    bench.reply(httpx.Response(200, json=document))
    with pytest.raises(errors.BadAnswer, match=words):
        await bench.client.search_manga("harbour")


def test_an_error_in_short_is_what_the_service_says_where_it_refused() -> None:
    said = {
        status: errors.MangaDexError("Our words", "theirs", status=status).in_short
        for status in (None, 400, 401, 403, 429, 503)
    }
    ours = "Our words: theirs"
    assert said == {None: ours, 400: "theirs", 401: ours, 403: "theirs", 429: ours, 503: ours}
    assert errors.MangaDexError("Our words", status=400).in_short == "Our words"


async def test_deeply_nested_json_is_no_crash(bench: Bench) -> None:
    bench.reply(httpx.Response(200, content=b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}"))
    with pytest.raises(errors.BadAnswer):
        await bench.client.me()


async def test_a_million_characters_of_words_are_cut(bench: Bench) -> None:
    many = [{"title": "t" * 10**6, "detail": "d" * 10**6, "id": "i"}, *[{"detail": "again"}] * 10_000]
    bench.reply(httpx.Response(400, json={"result": "error", "errors": many}))
    with pytest.raises(errors.Refused) as caught:
        await bench.client.begin(ID, [])
    assert len(caught.value.errors) == 100
    assert len(str(caught.value)) < 6000
    bench.reply(httpx.Response(400, text="x" * 10**6))
    with pytest.raises(errors.Refused) as caught:
        await bench.client.begin(ID, [])
    assert len(str(caught.value)) < 300


async def test_what_an_error_says_beside_its_words_can_be_written_out_however_deep_it_is(
    bench: Bench,
) -> None:
    deep = b'{"siteKey": "k", "file": {"name": ["x"]}, "more": ' + b"[" * 900 + b"]" * 900 + b"}"
    bench.reply(httpx.Response(400, content=b'{"errors": [{"detail": "no", "context": ' + deep + b"}]}"))
    with pytest.raises(errors.Refused) as caught:
        await bench.client.begin(ID, [])
    context = caught.value.errors[0].context
    assert context == {"siteKey": "k", "file": {"name": ["x"]}, "more": [[None]]}


async def test_an_answer_without_end_is_cut_off(bench: Bench) -> None:
    bench.reply(httpx.Response(200, content=b" " * (9 * 1024 * 1024)))
    with pytest.raises(errors.Unavailable, match="larger than"):
        await bench.client.me()


@pytest.mark.parametrize("bad", ["", "..", "a/b", "x?y", "é" * 36, "a" * 65, "a\n"])
async def test_what_is_no_id_reaches_no_path(bench: Bench, bad: str) -> None:
    bench.reply(ok(entity()))
    for call in (bench.client.manga(bad), bench.client.abandon(bad), bench.client.delete_file(ID, bad)):
        with pytest.raises(errors.Refused, match="not a MangaDex id"):
            await call
    assert bench.network.seen == []


async def test_concurrent_requests_keep_to_the_pace_with_all_their_replays(bench: Bench) -> None:
    bench.reply(error(401), *[ok(entity())] * 30)
    bench.reply_token(httpx.Response(200, json={"access_token": "a2", "expires_in": 900}))
    await asyncio.gather(*(bench.client.me() for _ in range(12)))
    at = bench.network.at
    assert max(sum(start <= other < start + 1 for other in at) for start in at) <= 5


async def test_the_log_line_holds_what_staff_ask_for_and_no_query(bench: Bench) -> None:
    reply = httpx.Response(200, json={"data": []}, headers={"X-Request-ID": "req-7"})
    bench.reply(reply, httpx.ReadError("cut"))
    await bench.client.search_manga("secret taste")
    with pytest.raises(errors.UnknownOutcome):
        await bench.client.begin(ID, [])
    first, second = bench.lines
    assert (first.method, first.path, first.status, first.request_id) == ("GET", "/manga", 200, "req-7")
    assert (second.status, second.problem, second.bytes) == (
        None,
        "ReadError",
        len(bench.network.seen[1].content),
    )


async def test_every_request_says_who_asks_and_none_says_via(bench: Bench) -> None:
    bench.reply(httpx.Response(200, json={"data": []}))
    bench.reply_token(httpx.Response(200, json={"access_token": "a"}))
    await bench.client.search_manga("x")
    headers = bench.network.seen[0].headers
    assert headers["user-agent"].startswith("dexup/")
    assert "via" not in headers


async def test_an_answer_that_unpacks_without_end_is_cut_off(bench: Bench) -> None:
    packed = gzip.compress(b" " * 20_000_000)
    headers = {"Content-Encoding": "gzip"}
    bench.reply(lambda request: httpx.Response(200, stream=httpx.ByteStream(packed), headers=headers))
    with pytest.raises(errors.Unavailable, match="larger than"):
        await bench.client.me()
