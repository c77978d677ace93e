from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.mangadex.decode import flag, mapping, moment, parse_json, text, whole
from tui.mangadex.entities import (
    enveloped,
    read_aggregate,
    read_chapter,
    read_collection,
    read_errors,
    read_file,
    read_group,
    read_manga,
    read_session,
    read_user,
)
from tui.mangadex.models import AggregateChapter, SessionFile

ID = "113b7724-dcc2-4fbc-968f-9d775fcb1cd6"
FILE = {
    "id": "f1",
    "type": "upload_session_file",
    "attributes": {
        "originalFileName": "001.png",
        "fileHash": "ABCD",
        "fileSize": 18920,
        "mimeType": "image/png",
        "source": "remote",
        "version": 1,
    },
}
SESSION = {
    "id": ID,
    "type": "upload_session",
    "attributes": {
        "isCommitted": False,
        "isProcessed": True,
        "isDeleted": False,
        "version": 1,
        "createdAt": "2024-01-01T02:00:00+02:00",
        "updatedAt": "2024-01-01T00:00:00",
    },
    "relationships": [
        {"id": "u", "type": "user"},
        {"id": "m", "type": "manga", "attributes": {"title": {"ja": "漫画"}, "originalLanguage": "ja"}},
        {"id": "g1", "type": "scanlation_group", "attributes": {"name": "One"}},
        {"id": "g2", "type": "scanlation_group"},
        FILE,
    ],
}

KEYS = """
id type attributes relationships data volumes chapters volume chapter title altTitles name names
originalFileName fileSize createdAt others errors detail focusedLanguages total limit none 0 1
""".split()  # noqa: SIM905 - reads better than thirty lines
"""Keys that some reader looks at."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(json_values)
def test_no_document_whatsoever_stops_a_reader(document: object) -> None:
    entity = enveloped(document)
    for read in (read_user, read_session, read_file, read_manga, read_group, read_chapter):
        read(entity)
    for reader in (read_user, read_manga, read_chapter):
        read_collection(document, reader)
    read_aggregate(document)
    read_errors(document)


@given(st.binary(max_size=200))
def test_no_body_stops_the_parser(body: bytes) -> None:
    parse_json(body)
    parse_json(b'{"a": ' + body)


@pytest.mark.parametrize("envelope", [True, False])
def test_a_session_with_and_without_its_envelope(envelope: bool) -> None:
    session = read_session(enveloped({"result": "ok", "data": SESSION} if envelope else SESSION))
    assert (session.id, session.manga_id, session.manga_title) == (ID, "m", "漫画")
    assert session.group_ids == ("g1", "g2")
    assert session.group_names == ("One", "")
    assert [(group.id, group.name) for group in session.groups] == [("g1", "One")]
    assert session.manga is not None
    assert (session.manga.id, session.manga.title, session.user) == ("m", "漫画", None)
    assert session.created_at == session.updated_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert (session.is_committed, session.is_processed, session.version) == (False, True, 1)
    assert session.files_known
    assert session.files == (SessionFile("f1", "001.png", 18920, "image/png", "abcd", "remote"),)


def test_files_are_known_only_when_the_server_shows_that_it_lists_them() -> None:
    bare_file = {"id": "f2", "type": "upload_session_file"}
    bare_manga = {"id": "m", "type": "manga"}
    named_manga = {**bare_manga, "attributes": {"title": {"en": "A"}}}

    def known(*relationships: object, lists_files: bool = False) -> bool:
        entity = enveloped({"id": ID, "relationships": list(relationships)})
        return read_session(entity, lists_files=lists_files).files_known

    assert known(FILE)
    assert not known(FILE, bare_file)
    assert not known(bare_file, lists_files=True)
    assert not known()
    assert not known(bare_manga)
    assert not known(named_manga)
    assert known(named_manga, lists_files=True)


def test_an_empty_session_file_attribute_list_is_no_attribute() -> None:
    entity = enveloped(
        {"id": ID, "relationships": [{"id": "f", "type": "upload_session_file", "attributes": []}]}
    )
    session = read_session(entity)
    assert session.files == (SessionFile("f"),)
    assert not session.files_known


@pytest.mark.parametrize(
    ("title", "alternatives", "original", "shown"),
    [
        ({"en": "English", "ja": "漫画"}, [], "ja", "English"),
        ({"ja": "漫画"}, [{"fr": "F"}, {"en": "Alt"}], "ja", "Alt"),
        ({"ja": "漫画"}, [{"ja-ro": "Manga"}], "ja", "Manga"),
        ({"ko": "만화"}, [{"fr": "F"}], "ko", "만화"),
        ({"fr": "F"}, [], "ja", "F"),
        ([], [[], {"de": "D"}], None, "D"),
        ([], [], None, ""),
        ({"en": "  "}, [{"ja": " "}, {"fr": "F"}], "ja", "F"),
    ],
)
def test_the_title_to_show(title: object, alternatives: object, original: object, shown: str) -> None:
    attributes = {"title": title, "altTitles": alternatives, "originalLanguage": original}
    manga = read_manga(enveloped({"id": ID, "attributes": attributes}))
    assert manga.title == shown
    assert shown not in manga.alt_titles


def test_a_group_without_a_name_is_called_by_another_of_its_names() -> None:
    attributes = {"name": " ", "altNames": [{"ja": "名無し"}, "I"]}
    assert read_group(enveloped({"id": ID, "attributes": attributes})).name == "I"


def test_a_manga_with_all_its_oddities() -> None:
    manga = read_manga(
        enveloped(
            {
                "id": ID,
                "attributes": {
                    "title": {"en": "A"},
                    "altTitles": [{"en": "B"}, {"ja": "B"}],
                    "availableTranslatedLanguages": ["en", None, "fr"],
                    "lastChapter": None,
                    "year": "1999",
                },
                "relationships": [
                    {"id": "p", "type": "author", "attributes": {"name": "P"}},
                    {"id": "p", "type": "artist", "attributes": {"name": "P"}},
                    {"id": "q", "type": "artist"},
                ],
            }
        )
    )
    assert (manga.alt_titles, manga.authors, manga.year) == (("B",), ("P",), 1999)
    assert (manga.available_languages, manga.last_chapter, manga.state) == (("en", "fr"), "", "published")


@pytest.mark.parametrize("field", ["focusedLanguages", "focusedLanguage"])
def test_a_group(field: str) -> None:
    attributes = {
        "name": "G",
        "altNames": [{"en": "H"}, "I"],
        "locked": True,
        field: ["en"],
        "publishDelay": None,
    }
    members = [{"id": "1", "type": "leader"}, {"id": "2", "type": "member"}, {"id": "1", "type": "member"}]
    group = read_group(enveloped({"id": ID, "attributes": attributes, "relationships": members}))
    assert (group.name, set(group.alt_names), group.locked) == ("G", {"H", "I"}, True)
    assert (group.languages, group.publish_delay, group.member_ids) == (("en",), "", ("1", "2"))


def test_a_chapter_keeps_null_and_empty_apart() -> None:
    chapter = read_chapter(
        enveloped(
            {
                "id": ID,
                "attributes": {"volume": None, "chapter": "1", "title": "", "pages": 0, "version": 3},
                "relationships": [{"id": "m", "type": "manga"}, {"id": "u", "type": "user"}],
            }
        )
    )
    assert (chapter.volume, chapter.chapter, chapter.title) == (None, "1", "")
    assert (chapter.manga_id, chapter.uploader_id, chapter.pages, chapter.version) == ("m", "u", 0, 3)


@pytest.mark.parametrize("as_list", [True, False])
def test_aggregate_maps_may_come_as_lists(as_list: bool) -> None:
    chapter = {"chapter": "0", "id": "a", "others": ["b", "a"]}
    chapters: object = [chapter] if as_list else {"0": chapter}
    volumes: object = (
        [{"volume": "0", "chapters": chapters}] if as_list else {"0": {"volume": "0", "chapters": chapters}}
    )
    assert read_aggregate({"volumes": volumes}) == (AggregateChapter("0", "0", ("a", "b")),)


def test_aggregate_none_is_null_and_keys_stand_in_for_missing_numbers() -> None:
    document = {"volumes": {"none": {"volume": "none", "chapters": {"none": {"id": "a"}, "7": {"id": "b"}}}}}
    assert read_aggregate(document) == (
        AggregateChapter(None, None, ("a",)),
        AggregateChapter(None, "7", ("b",)),
    )
    assert read_aggregate({"volumes": []}) == ()


def test_values_of_the_wrong_kind_become_something_usable() -> None:
    assert (whole("12"), whole(3.0), whole(True), whole("x"), whole(2.5), whole(float("inf"))) == (
        12,
        3,
        None,
        None,
        None,
        None,
    )
    assert (text(5), text(True), text(None), text("\ud800a")) == ("5", "", "", "?a")
    assert (flag(1), flag("true"), flag("false"), flag(None)) == (True, True, False, False)
    assert mapping(["a", "b"]) == {"0": "a", "1": "b"}
    assert str(moment("2026-12-24T18:00:00+02:00")) == "2026-12-24 16:00:00+00:00"
    assert (moment("soon"), moment(5), moment("9999-99-99T00:00:00")) == (None, None, None)


@pytest.mark.parametrize("value", [2**63, -(2**63), 1e300, 10**400, "9" * 19])
def test_numbers_that_nothing_can_count_by_are_none(value: object) -> None:
    assert whole(value) is None
    assert whole(2**63 - 1) == 2**63 - 1


def test_json_is_recognised_by_its_first_byte() -> None:
    assert parse_json(b'\xef\xbb\xbf {"a": 1}') == {"a": 1}
    assert parse_json(b"<html>") is None
    assert parse_json(b'{"a": 1') is None
    assert parse_json(b"[" * 100_000) is None
    assert parse_json(b'{"a": ' + b"9" * 10_000 + b"}") is None
