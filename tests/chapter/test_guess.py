"""What names and ComicInfo.xml tell of a chapter, and what they must not."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.chapter.comic_info import ComicInfoError, parse_comic_info
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.evidence import Evidence
from tui.chapter.file_names import NameGuess, parse_name
from tui.chapter.guess import guess_details
from tui.chapter.numbers import is_number

_ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"


def _table() -> dict[str, str]:
    lines = (Path(__file__).parent / "names.txt").read_text("utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("# ")]
    return dict(zip(rows[::2], (row.strip() for row in rows[1::2]), strict=True))


def _shown(guess: NameGuess) -> str:
    fields = (
        ("manga", guess.manga_title),
        ("volume", guess.volume),
        ("chapter", guess.chapter),
        ("title", guess.title),
        ("groups", " + ".join(guess.groups)),
        ("language", guess.language),
        ("id", guess.manga_id),
    )
    told = [f"{name} {value}" for name, value in fields if value] + ["oneshot"] * guess.oneshot
    return " | ".join(told) or "-"


@pytest.mark.parametrize(("name", "told"), _table().items())
def test_names_of_releases(name: str, told: str) -> None:
    assert _shown(parse_name(name)) == told


def test_the_table_is_large_and_in_many_scripts() -> None:
    names = " ".join(_table())
    assert len(_table()) >= 300
    scripts = {unicodedata.name(letter).split()[0] for letter in names if letter.isalpha()}
    assert {
        "CJK",
        "HIRAGANA",
        "HANGUL",
        "CYRILLIC",
        "ARABIC",
        "THAI",
        "HEBREW",
        "GREEK",
        "DEVANAGARI",
    } <= scripts


@pytest.mark.parametrize(
    ("name", "series", "told"),
    [
        ("Berserk 364", "Berserk", "manga Berserk | chapter 364"),
        ("Mob Psycho 100 012", "Mob Psycho 100", "manga Mob Psycho 100 | chapter 12"),
        ("Mob Psycho 100", "Mob Psycho 100", "manga Mob Psycho 100"),
        ("berserk_364_[Grp]", "Berserk", "manga Berserk | chapter 364 | groups Grp"),
        ("Berserk 364-366", "Berserk", "manga Berserk"),
        ("Berserk 2024", "Berserk", "manga Berserk 2024"),
        ("Berserker 12", "Berserk", "manga Berserker 12"),
        ("Prologue", "Berserk", "title Prologue"),
        ("Berserk 567 Down With Snow", "Berserk", "manga Berserk | chapter 567 | title Down With Snow"),
        ("Berserk 011v002: Assembly", "Berserk", "manga Berserk | chapter 11 | title Assembly"),
    ],
)
def test_a_bare_number_behind_the_title_of_the_folder_is_the_chapter(
    name: str, series: str, told: str
) -> None:
    assert _shown(parse_name(name, series)) == told


@given(st.text(max_size=60) | st.text(st.sampled_from("vcVC.#- _[](){}0123456789第話巻 aT"), max_size=30))
def test_any_name_gives_numbers_the_service_takes(name: str) -> None:
    guess = parse_name(name)
    for number in (guess.volume, guess.chapter):
        assert number is None or is_number(number)


@pytest.mark.parametrize(
    ("path", "manga", "volume", "chapter", "groups"),
    [
        ("/m/One Piece/Chapter 1010", "One Piece", None, "1010", ()),
        ("/m/One Piece/Vol.2/Ch.12.5", "One Piece", "2", "12.5", ()),
        ("/m/[Grp] One Piece/012.cbz", "One Piece", None, "12", ("Grp",)),
        ("/m/Downloads/c012", "", None, "12", ()),
        ("/tmp/tmpab12cd34/c012", "", None, "12", ()),
        ("/m/One Piece v3/c012.5", "One Piece", "3", "12.5", ()),
        ("/m/[Grp] Mob Psycho 100/c012.5", "Mob Psycho 100", None, "12.5", ("Grp",)),
        ("/m/Berserk/Berserk 364.cbz", "Berserk", None, "364", ()),
        ("/m/One Piece/Two Piece c3.zip", "Two Piece", None, "3", ()),
        ("/c012", "", None, "12", ()),
        ("/m/One Piece/Season 2/Episode 3", "One Piece", "2", "3", ()),
        ("/m/One Piece/[0015] The Tide Turns", "One Piece", None, "15", ()),
        ("/m/One Piece/GreenLeaf_Ch.12", "One Piece", None, "12", ("GreenLeaf",)),
        ("/m/Berserk/Berserk_Ch.12", "Berserk", None, "12", ()),
        ("/m/One Piece/015 The Well", "One Piece", None, "15", ()),
        ("/m/One Piece/(15) c16", "One Piece", None, "16", ()),
    ],
)
def test_folders_around_help(
    path: str, manga: str, volume: str | None, chapter: str, groups: tuple[str, ...]
) -> None:
    guess = guess_details(Path(path))
    assert (guess.details.manga_title, guess.details.volume, guess.details.chapter, guess.unknown_groups) == (
        manga,
        volume,
        chapter,
        groups,
    )
    assert guess.details.group_ids == ()
    assert guess.details.origins["chapter"] is Origin.FILE_NAME


_INFO = f"""<?xml version="1.0" encoding="utf-8"?>
<ComicInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Title> The
  Return </Title><Series>Some Manga</Series><Number>07.5</Number><Volume>2</Volume>
  <LanguageISO>pt-BR</LanguageISO><Translator>A, B</Translator>
  <Web>https://example.org https://mangadex.org/title/{_ID}/x</Web>
</ComicInfo>""".encode()


def test_comic_info_wins_over_the_name_and_both_are_told() -> None:
    guess = guess_details(Path("/m/[G] Other v9 c99.cbz"), Evidence(comic_info=_INFO))
    assert guess.details == ChapterDetails(
        manga_id=_ID,
        manga_title="Some Manga",
        volume="2",
        chapter="7.5",
        title="The Return",
        language="pt-br",
        origins=dict.fromkeys(
            ("manga_id", "group_ids", "volume", "chapter", "title", "language"), Origin.COMIC_INFO
        ),
    )
    assert guess.unknown_groups == ("A", "B")
    told = {one.field: [other.shown() for other in one.others] for one in guess.conflicts}
    assert told == {"manga_id": ["Other"], "group_ids": ["G"], "volume": ["9"], "chapter": ["99"]}
    assert "Chapter: ComicInfo.xml says 7.5 (taken), file name says 99." in [
        f.message for f in guess.findings
    ]


@pytest.mark.parametrize(
    ("title", "number", "read"),
    [
        ("Vol.2 Ch.7 - Dawn", "7.0", ("2", "7", "Dawn")),
        ("Chapter 7: Dawn", "", (None, "7", "Dawn")),
        ("Ch.7", "", (None, "7", None)),
        ("Vol.02 Ch.0007 - Dawn (fr) [Group]", "", ("2", "7", "Dawn")),
        ("Episode 5 begins", "7.10", (None, "7.10", "Episode 5 begins")),
    ],
)
def test_numbers_before_the_title_of_comic_info_are_none_of_it(
    title: str, number: str, read: tuple[str | None, ...]
) -> None:
    content = f"<ComicInfo><Title>{title}</Title><Number>{number}</Number></ComicInfo>".encode()
    details = guess_details(Path("/m/pages"), Evidence(comic_info=content)).details
    assert (details.volume, details.chapter, details.title) == read


def test_the_folder_names_the_title_of_a_chapter_whose_number_is_not_certain() -> None:
    details = guess_details(Path("/m/One Piece/Ch.191-200.cbz")).details
    assert (details.manga_title, details.chapter) == ("One Piece", None)


def test_the_language_may_stand_on_a_folder_further_up() -> None:
    details = guess_details(Path("/m/Source (PT-BR)/Title/Group_Vol.3 Ch.7 - Dawn.cbz")).details
    assert (details.language, details.origins["language"]) == ("pt-br", Origin.FOLDER_NAME)
    assert guess_details(Path("/m/Source (PT-BR)/Title/Title c7 (en)")).details.language == "en"


def test_the_name_fills_what_comic_info_leaves_open() -> None:
    guess = guess_details(
        Path("/m/[G] Other v9 c99.cbz"), Evidence(comic_info=b"<ComicInfo><Number>5</Number></ComicInfo>")
    )
    assert (guess.details.chapter, guess.details.volume, guess.unknown_groups) == ("5", "9", ("G",))
    assert guess.details.origins["chapter"] is Origin.COMIC_INFO
    assert guess.details.origins["volume"] is Origin.FILE_NAME


@pytest.mark.parametrize(
    "content",
    [
        b"<ComicInfo><Volume>2019</Volume><Number>x</Number><Title>Vol. 5</Title></ComicInfo>",
        b"<ComicInfo><Volume>-1</Volume><LanguageISO>qq</LanguageISO></ComicInfo>",
        b"<ComicInfo><Web>https://mangadex.org/chapter/" + _ID.encode() + b"</Web></ComicInfo>",
        b"<ComicInfo><Title>" + b"x" * 600 + b"</Title></ComicInfo>",
        b"not xml",
        b"",
    ],
)
def test_what_is_no_use_is_left_out(content: bytes) -> None:
    assert guess_details(Path("/m/pages"), Evidence(comic_info=content)).details.origins.keys() <= {
        "manga_id"
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    content = (
        f"<?xml version='1.0' encoding='{encoding}'?><ComicInfo><Series>Café</Series></ComicInfo>".encode(
            encoding
        )
    )
    assert parse_comic_info(content).series == "Café"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><ComicInfo><Series>&a;</Series></ComicInfo>", "document type"),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><ComicInfo/>", "document type"),
        (b"<ComicInfo>", "well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><ComicInfo/>", "well-formed"),
        (b"<html/>", "something else"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"", "well-formed"),
    ],
)
def test_comic_info_that_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(ComicInfoError, match=words):
        parse_comic_info(content)


@given(
    st.binary(max_size=200) | st.builds(lambda inner: b"<ComicInfo>" + inner + b"</ComicInfo>", st.binary())
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    guess_details(Path("/m/c1"), Evidence(comic_info=content))
