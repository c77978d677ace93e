"""What names and ComicInfo.xml tell of a chapter, and what they must not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.chapter.comic_info import ComicInfoError, parse_comic_info
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.file_names import NameGuess, parse_name
from tui.chapter.guess import Evidence, guess_details
from tui.chapter.numbers import is_number

_ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
G = NameGuess

_NAMES: dict[str, NameGuess] = {
    "[Group] Title - Vol.02 Ch.012 - Chapter title (en)": G(
        "Title", "2", "12", "Chapter title", ("Group",), "en"
    ),
    "Title v02 c013 (2024) [Group]": G("Title", "2", "13", groups=("Group",)),
    "Title - 012 (v02) [Group]": G("Title", "2", "12", groups=("Group",)),
    "Title - 012.5 [Group] (2024)": G("Title", None, "12.5", groups=("Group",)),
    # mupl: [artist] title [language] - cNUMBER (volume) (chapter title) {date} [groups] {version}
    "My Title - c012": G("My Title", None, "12"),
    "My Title [pt-br] - c012 (v02) [A+B]": G("My Title", "2", "12", None, ("A", "B"), "pt-br"),
    "[Artist] My Title [es-la] - c012 (v02) (The end (really)) {2024-01-01} [A & B] {v2}": G(
        "My Title", "2", "12", "The end (really)", ("A", "B"), "es-la"
    ),
    # Bare numbers
    "012": G("", None, "12"),
    "12.5": G("", None, "12.5"),
    "Title 012 - The Return": G("Title", None, "12", "The Return"),
    "Title - 5 - Name": G("Title", None, "5", "Name"),
    "Mob Psycho 100 - 012": G("Mob Psycho 100", None, "12"),
    "Title v02 013": G("Title", "2", "13"),
    "Title Vol. 2 - 013": G("Title", "2", "13"),
    # Marks
    "c012.5": G("", None, "12.5"),
    "c000": G("", None, "0"),
    "Chapter 12a": G("", None, "12a"),
    "Chapter 12": G("", None, "12"),
    "ch-12": G("", None, "12"),
    "Title #012": G("Title", None, "12"),
    "Title Season 2 Ep. 5": G("Title Season 2", None, "5"),
    "Title c012v2 [Grp]": G("Title", None, "12", groups=("Grp",)),
    "Title - Chapter 12 v2": G("Title", None, "12"),
    "Vol. 3 Chapter 21.5: A Day Off": G("", "3", "21.5", "A Day Off"),
    "Vol.1 Ch.2": G("", "1", "2"),
    "Vitamin C c05": G("Vitamin C", None, "5"),
    "Título Capítulo 7": G("Título", None, "7"),
    "Titre Tome 3 Chapitre 21": G("Titre", "3", "21"),
    # Japanese, Chinese, Korean
    "第12話": G("", None, "12"),
    "第１２話": G("", None, "12"),
    "タイトル 第02巻 第12話「始まり」": G("タイトル", "2", "12", "始まり"),
    "标题 12话": G("标题", None, "12"),
    "제목 12화": G("제목", None, "12"),
    # Reader apps: Group_Vol.1 Ch.2 - Title
    "Shady Scans_Vol.1 Ch.2 - The Return...": G("", "1", "2", "The Return...", ("Shady Scans",)),
    # Underscores and dots for blanks
    "One_Piece_c1010_[Grp]": G("One Piece", None, "1010", groups=("Grp",)),
    "Title.v02.c013": G("Title", "2", "13"),
    # Oneshots
    "My Title - Oneshot [G]": G("My Title", None, None, "Oneshot", ("G",)),
    "My Title (One-shot)": G("My Title", None, None, "Oneshot"),
    # Volumes
    "Title v03 (2024) (Digital) (danke-Empire)": G("Title", "3", groups=("danke-Empire",)),
    "Title Vol 0": G("Title", "0"),
    # Read in two ways, so left empty
    "Mob Psycho 100": G("Mob Psycho 100"),
    "Area 88": G("Area 88"),
    "2024": G(),
    "Title - 2024": G("Title - 2024"),
    "Title c001-005": G("Title"),
    "Title ch12-5": G("Title"),
    "Title c01 c02": G("Title"),
    "Title v01-03": G("Title"),
    "Title Vol. 1 - 3": G("Title"),
    "Ch.1 - 5": G(),
    "20240131": G(),
    "": G(),
    "[]()": G(),
}


@pytest.mark.parametrize("name", _NAMES)
def test_names_of_releases(name: str) -> None:
    assert parse_name(name) == _NAMES[name]


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
        ("/m/One Piece/Two Piece c3.zip", "Two Piece", None, "3", ()),
        ("/c012", "", None, "12", ()),
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
        b"<ComicInfo><Volume>2019</Volume><Number>x</Number><Title>Chapter 5</Title></ComicInfo>",
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
