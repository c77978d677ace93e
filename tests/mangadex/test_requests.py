"""What each method sends, as the service wants it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from tests.support.bench import ID, Bench, entity, error, ok
from tui.mangadex.errors import NotFound, Unavailable
from tui.mangadex.models import ChapterDraft, ChapterMetadata, Manga

OTHER = "18dadd0b-cbce-41c4-a8a9-5e653780b9ff"
RATINGS = ["safe", "suggestive", "erotica", "pornographic"]


def sent(bench: Bench) -> tuple[str, str, dict[str, list[str]]]:
    """Method, path and query of the last request."""
    request = bench.network.seen[-1]
    query = {key: request.url.params.get_list(key) for key in request.url.params}
    return request.method, request.url.path, query


def body(bench: Bench) -> object:
    request = bench.network.seen[-1]
    assert request.headers["content-type"] == "application/json"
    return json.loads(request.content)


async def test_session_calls(bench: Bench) -> None:
    bench.reply(ok(entity(OTHER, "upload_session")))
    await bench.client.current_session()
    method, path, query = sent(bench)
    assert (method, path) == ("GET", "/upload")
    assert "upload_session_file" in query["includes[]"]
    await bench.client.begin(ID, [OTHER])
    assert sent(bench) == ("POST", "/upload/begin", {})
    assert body(bench) == {"manga": ID, "groups": [OTHER]}
    await bench.client.begin_edit(ID, 4)
    method, path, query = sent(bench)
    assert (method, path) == ("POST", f"/upload/begin/{ID}")
    assert "upload_session_file" in query["includes[]"]
    assert body(bench) == {"version": 4}
    await bench.client.delete_file(ID, OTHER)
    assert sent(bench) == ("DELETE", f"/upload/{ID}/{OTHER}", {})
    await bench.client.delete_files(ID, [OTHER, ID])
    assert sent(bench) == ("DELETE", f"/upload/{ID}/batch", {})
    assert body(bench) == [OTHER, ID]
    await bench.client.abandon(ID)
    assert sent(bench) == ("DELETE", f"/upload/{ID}", {})


async def test_deleting_no_file_sends_nothing(bench: Bench) -> None:
    await bench.client.delete_files(ID, [])
    assert bench.network.seen == []


async def test_commit_has_every_required_key_and_optional_ones_only_when_set(bench: Bench) -> None:
    bench.reply(ok(entity(OTHER, "chapter", chapter="5", pages=2)))
    chapter = await bench.client.commit(
        ID, ChapterDraft("", None, "", "pt-br"), [OTHER, ID], terms_accepted=True
    )
    assert (chapter.id, chapter.chapter, chapter.pages) == (OTHER, "5", 2)
    assert sent(bench) == ("POST", f"/upload/{ID}/commit", {})
    assert body(bench) == {
        "chapterDraft": {"volume": None, "chapter": None, "title": None, "translatedLanguage": "pt-br"},
        "pageOrder": [OTHER, ID],
        "termsAccepted": True,
    }
    time = datetime(2026, 1, 31, 14, 30, 5, 999, tzinfo=timezone(timedelta(hours=2)))
    draft = ChapterDraft("1", "2.5", "T", "en", "https://example.org/x", time)
    await bench.client.commit(ID, draft, [], terms_accepted=False)
    assert body(bench) == {
        "chapterDraft": {
            "volume": "1",
            "chapter": "2.5",
            "title": "T",
            "translatedLanguage": "en",
            "externalUrl": "https://example.org/x",
            "publishAt": "2026-01-31T12:30:05",
        },
        "pageOrder": [],
        "termsAccepted": False,
    }


async def test_a_publish_time_without_a_zone_is_not_guessed(bench: Bench) -> None:
    draft = ChapterDraft(None, None, None, "en", publish_at=datetime(2026, 1, 31))
    with pytest.raises(ValueError, match="zone"):
        await bench.client.commit(ID, draft, [], terms_accepted=True)
    assert bench.network.seen == []


@pytest.mark.parametrize(("answer", "required"), [(True, True), (False, False), (None, False), ("x", False)])
async def test_approval(bench: Bench, answer: object, required: bool) -> None:
    bench.reply(httpx.Response(200, json={"result": "ok", "requiresApproval": answer}))
    assert await bench.client.approval_required(ID, "en") is required
    assert sent(bench) == ("POST", "/upload/check-approval-required", {})
    assert body(bench) == {"manga": ID, "locale": "en"}
    bench.reply(httpx.Response(404, json={"result": "error"}))
    with pytest.raises(NotFound):
        await bench.client.approval_required(ID, "en")


async def test_searches_ask_for_every_rating_and_the_best_match_first(bench: Bench) -> None:
    found = {
        "result": "ok",
        "data": [entity(title={"en": "A"}), {"type": "manga"}],
        "total": 70,
        "offset": 40,
    }
    bench.reply(httpx.Response(200, json=found))
    manga = await bench.client.search_manga("räk & co", limit=500, offset=40)
    assert manga.items == (Manga(ID, "A"),)
    assert (manga.total, manga.offset) == (70, 40)
    _, path, query = sent(bench)
    assert path == "/manga"
    assert query == {
        "title": ["räk & co"],
        "contentRating[]": RATINGS,
        "order[relevance]": ["desc"],
        "includes[]": ["author", "artist"],
        "limit": ["100"],
        "offset": ["40"],
    }
    await bench.client.search_groups("x")
    _, path, query = sent(bench)
    assert (path, query["name"], query["limit"]) == ("/group", ["x"], ["20"])


async def test_nothing_is_asked_for_past_the_last_result(bench: Bench) -> None:
    assert (await bench.client.search_manga("x", offset=10_000)).items == ()
    assert bench.network.seen == []
    bench.reply(httpx.Response(200, json={"data": []}))
    await bench.client.search_manga("x", offset=9_990)
    assert sent(bench)[2]["limit"] == ["10"]


async def test_the_search_for_chapters_hides_nothing(bench: Bench) -> None:
    bench.reply(httpx.Response(200, json={"data": []}))
    await bench.client.chapters(
        manga_id=ID, chapter="5", language="en", group_ids=[OTHER], uploader_id=OTHER, ids=[ID, OTHER]
    )
    _, path, query = sent(bench)
    assert path == "/chapter"
    flags = {key: query.pop(key) for key in list(query) if key.startswith("include") and key != "includes[]"}
    assert len(flags) == 5
    assert set(map(tuple, flags.values())) == {("1",)}
    assert query == {
        "manga": [ID],
        "chapter": ["5"],
        "translatedLanguage[]": ["en"],
        "groups[]": [OTHER],
        "uploader": [OTHER],
        "ids[]": [ID, OTHER],
        "includes[]": ["scanlation_group"],
        "order[createdAt]": ["desc"],
        "contentRating[]": RATINGS,
        "limit": ["100"],
        "offset": ["0"],
    }
    await bench.client.chapters(ids=[ID])
    assert not {"manga", "chapter", "uploader", "groups[]", "translatedLanguage[]"} & set(sent(bench)[2])


async def test_groups_come_in_the_order_asked_in_hundreds(bench: Bench) -> None:
    ids = [f"{number:036d}" for number in range(150)]

    def reply(request: httpx.Request) -> httpx.Response:
        asked = request.url.params.get_list("ids[]")
        known = [entity(group_id, "scanlation_group", name=group_id) for group_id in reversed(asked)]
        return httpx.Response(200, json={"data": [group for group in known if group["id"] != ids[3]]})

    bench.reply(reply)
    found = await bench.client.groups([*ids, ids[0]])
    assert [group.id for group in found] == [*ids[:3], *ids[4:]]
    assert [len(request.url.params.get_list("ids[]")) for request in bench.network.seen] == [100, 50]


async def test_aggregate(bench: Bench) -> None:
    bench.reply(httpx.Response(200, json={"result": "ok", "volumes": []}))
    assert await bench.client.aggregate(ID, languages=["en"], group_ids=[OTHER]) == ()
    assert sent(bench) == (
        "GET",
        f"/manga/{ID}/aggregate",
        {"translatedLanguage[]": ["en"], "groups[]": [OTHER]},
    )


async def test_no_session_is_none_but_a_missing_route_or_a_web_page_is_an_error(bench: Bench) -> None:
    bench.reply(error(404, "not_found_http_exception", "No upload session found"))
    assert await bench.client.current_session() is None
    await bench.client.abandon(ID)
    for answer, kind in (
        (error(404, "not_found_http_exception", 'No route found for "GET /upload"'), NotFound),
        (httpx.Response(404, html="<h1>nothing here"), Unavailable),
    ):
        bench.reply(answer)
        with pytest.raises(kind):
            await bench.client.current_session()
        with pytest.raises(NotFound):
            await bench.client.abandon(ID)


@pytest.mark.parametrize("data", [None, [], {}])
async def test_an_empty_session_document_is_no_session(bench: Bench, data: object) -> None:
    bench.reply(httpx.Response(200, json={"result": "ok", "data": data}))
    assert await bench.client.current_session() is None


async def test_a_server_that_has_listed_files_once_is_believed_when_it_lists_none(bench: Bench) -> None:
    file = {"id": OTHER, "type": "upload_session_file", "attributes": {"originalFileName": "1.png"}}
    bare = {"id": ID, "type": "user"}
    session = {"id": ID, "type": "upload_session", "attributes": {}}
    bench.reply(ok({**session, "relationships": [bare]}))
    first = await bench.client.current_session()
    assert first is not None
    assert not first.files_known
    bench.reply(ok({**session, "relationships": [bare, file]}), ok({**session, "relationships": [bare]}))
    second, third = await bench.client.current_session(), await bench.client.current_session()
    assert second is not None
    assert third is not None
    assert (second.files_known, third.files_known, third.files) == (True, True, ())


async def test_a_session_just_begun_is_known_to_be_empty(bench: Bench) -> None:
    bench.reply(ok(entity(ID, "upload_session", version=1, createdAt="2026-01-01T00:00:00+00:00")))
    session = await bench.client.begin(ID, [])
    assert session.files_known
    assert session.created_at == datetime(2026, 1, 1, tzinfo=UTC)


async def test_own_chapters_are_asked_for_with_their_titles_and_groups(bench: Bench) -> None:
    manga = {"id": ID, "type": "manga", "attributes": {"title": {"en": "Harbour Lights"}}}
    chapter = {**entity(OTHER, "chapter", chapter="3", title="", version=7), "relationships": [manga]}
    bench.reply(ok([chapter]))
    found = await bench.client.own_chapters(ID, limit=50, offset=100)
    _, path, query = sent(bench)
    assert (path, query["uploader"], query["limit"], query["offset"]) == ("/chapter", [ID], ["50"], ["100"])
    assert query["includes[]"] == ["manga", "scanlation_group"]
    assert query["contentRating[]"] == RATINGS
    assert (found.items[0].manga_title, found.items[0].metadata.title) == ("Harbour Lights", None)


async def test_a_changed_chapter_is_sent_whole_with_the_version_that_was_read(bench: Bench) -> None:
    bench.reply(ok(entity(ID, "chapter", version=8)))
    changed = await bench.client.update_chapter(ID, 7, ChapterMetadata("", "3", None, "en", (OTHER,)))
    assert sent(bench) == ("PUT", f"/chapter/{ID}", {})
    assert body(bench) == {
        "volume": None,
        "chapter": "3",
        "title": None,
        "translatedLanguage": "en",
        "groups": [OTHER],
        "version": 7,
    }
    assert changed.version == 8
