"""dexup.toml: what it may say, what is refused and with which words, and that what is written is read again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.sidecar import LARGEST_SIDECAR, SidecarError, dump_sidecar, parse_sidecar
from tui.chapter.surroundings import look_around, own_sidecar

_MANGA = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
_GROUP = "145f9110-0a6c-4b71-8737-6acb1a3c5da5"


def test_every_key() -> None:
    read = parse_sidecar(
        f"""
        manga = "https://mangadex.org/title/{_MANGA}/some-name"
        groups = ["Example Scans", {{ id = "{_GROUP}", name = "Other" }}]
        volume = 3
        chapter = "012.5"
        title = " Low  Tide "
        language = "Indonesian"
        publish_at = 2026-12-24T18:00:00+01:00
        zone = "Europe/Berlin"
        external_url = "https://example.org/1"
        """.encode()
    )
    assert read.values == {
        "manga": Named(_MANGA),
        "groups": (Named(name="Example Scans"), Named(_GROUP, "Other")),
        "volume": "3",
        "chapter": "12.5",
        "title": "Low Tide",
        "language": "id",
        "publish_at": datetime(2026, 12, 24, 17, tzinfo=UTC),
        "zone": "Europe/Berlin",
        "external_url": "https://example.org/1",
    }


def test_a_time_without_a_zone_is_in_the_zone_of_the_file() -> None:
    read = parse_sidecar(b'publish_at = "2026-07-01 18:00"\nzone = "Europe/Berlin"')
    assert read.values["publish_at"] == datetime(2026, 7, 1, 16, tzinfo=UTC)


def test_a_oneshot_and_no_group_are_said() -> None:
    assert parse_sidecar(b"oneshot = true\ngroups = []").values == {"chapter": None, "groups": ()}


def test_chapters_of_a_series() -> None:
    read = parse_sidecar(
        b'language = "en"\n[[chapters]]\nsource = "a.cbz"\nchapter = 1\n[[chapters]]\nsource = "b"\noneshot = true'
    )
    assert read.values == {"language": "en"}
    assert read.chapters == {"a.cbz": {"chapter": "1"}, "b": {"chapter": None}}


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ('\nlanguge = "en"', 2, "Did you mean language?"),
        ('chapter = "1"\n\nlanguage = "klingon"', 3, "Write a code or a name"),
        ('chapter = "12ab"', 1, "one letter at the end"),
        ("chapter = true", 1, "Write a number"),
        ("chapter = [1]", 1, "Write a number"),
        ('chapter = "123456789"', 1, "at most 8"),
        ('manga = "https://example.org/title/x"', 1, "not the link of a manga"),
        (f'manga = "https://mangadex.org/group/{_GROUP}"', 1, "not the link of a manga"),
        ('manga = { id = "1" }', 1, "not the id or link"),
        ('manga = { nane = "x" }', 1, "{ id ="),
        ("groups = [1]", 1, "text"),
        ("groups = [" + '"x",' * 11 + "]", 1, "at most 10"),
        ('title = "' + "x" * 256 + '"', 1, "255"),
        ("oneshot = 1", 1, "true or false"),
        ('chapter = "1"\noneshot = true', 2, "no chapter number"),
        ('publish_at = "2026-07-01 18:00"', 1, "zone"),
        ('publish_at = "soon"\nzone = "UTC"', 1, "Type it as 20"),
        ('zone = "Mars"', 1, "no zone"),
        ('external_url = "ftp://x"', 1, "https://"),
        ('a = 1\nchapter = "1', 2, "not valid TOML"),
        ("[[chapters]]\nchapter = 1", 1, "has no source"),
        ('[[chapters]]\nsource = "a"\n[[chapters]]\nsource = "a"', 4, "twice"),
        ('[[chapters]]\nsource = "a"\n[[chapters]]\nsource = "b"\ntitel = "x"', 5, "Did you mean title?"),
        ('chapters = "a"', 1, "must be tables"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(content: str, line: int, words: str) -> None:
    with pytest.raises(SidecarError) as caught:
        parse_sidecar(content.encode())
    assert caught.value.line == line
    assert words in f"{caught.value.message} {caught.value.remedy}"


@pytest.mark.parametrize("content", [b"\xff", b"#" * (LARGEST_SIDECAR + 1), b"a = " + b"[" * 5000])
def test_what_is_no_toml_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(SidecarError):
        parse_sidecar(content)


@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from("[]{}=\"\\\n aechptr12.#'"), max_size=80).map(str.encode)
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse_sidecar(content)
    except SidecarError as error:
        assert error.message


@given(st.text(max_size=40).map(lambda text: " ".join(text.split())))
def test_what_is_written_is_read_again(text: str) -> None:
    details = ChapterDetails(
        manga_id=_MANGA,
        manga_title=text,
        group_ids=(_GROUP,),
        group_names=(text,),
        volume="3",
        chapter="12.5",
        title=text or None,
        language="pt-br",
        publish_at=datetime(2026, 12, 24, 17, tzinfo=UTC),
        external_url="https://example.org/1",
    )
    clean = text.encode("utf-8", "replace").decode("utf-8")
    expected = {
        "manga": Named(_MANGA, clean),
        "groups": (Named(_GROUP, clean),),
        "volume": "3",
        "chapter": "12.5",
        "language": "pt-br",
        "publish_at": details.publish_at,
        "external_url": "https://example.org/1",
    } | ({"title": clean} if text else {})
    assert parse_sidecar(dump_sidecar(details).encode()).values == expected
    assert parse_sidecar(dump_sidecar(ChapterDetails()).encode()).values == {}
    oneshot = ChapterDetails(origins={"chapter": Origin.TYPED})
    assert parse_sidecar(dump_sidecar(oneshot).encode()).values == {"chapter": None}


def test_where_it_stands(tmp_path: Path) -> None:
    series = tmp_path / "Shelf" / "Series"
    folder, archive = series / "c1", series / "c2.cbz"
    folder.mkdir(parents=True)
    assert own_sidecar(folder) == folder / "dexup.toml"
    assert own_sidecar(archive) == series / "c2.dexup.toml"
    for place in (folder / "dexup.toml", series / "c2.dexup.toml", series / "dexup.toml"):
        place.write_text(f"# {place.name}")
    (tmp_path / "Shelf" / "dexup.toml").mkdir()
    around = look_around(folder)
    assert [one.path for one in around.own] == [folder / "dexup.toml"]
    assert [one.path.parent.name for one in around.above] == ["Series", "Shelf"]
    assert around.above[1].problem
    assert [one.content for one in look_around(archive).own] == [b"# c2.dexup.toml"]
