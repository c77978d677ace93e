"""Numbers, languages and links as the service writes them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.chapter.languages import LANGUAGES, is_code, near_languages, parse_language
from tui.chapter.numbers import is_number, normalise_number
from tui.chapter.references import Reference, parse_reference, read_reference

_ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
_SERVICE_NUMBER = re.compile(r"^((0|[1-9]\d*)(\.\d+)?[a-z]?)?$", re.ASCII)
"""As the service's description states it."""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("5", "5"),
        ("05", "5"),
        ("000", "0"),
        ("0", "0"),
        ("0.5", "0.5"),
        ("00.5", "0.5"),
        ("012.50", "12.50"),
        ("12A", "12a"),
        ("12.5b", "12.5b"),
        (" 7 ", "7"),
        ("１２", "12"),
        ("①", "1"),
    ],
)
def test_numbers_in_the_services_form(typed: str, number: str) -> None:
    assert normalise_number(typed) == number
    assert is_number(number)


@pytest.mark.parametrize(
    "typed", ["", " ", "-1", "1,5", ".5", "5.", "1.2.3", "12ab", "x", "1e5", "123456789", "٣x"]
)
def test_what_is_no_number_is_said_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$|12a\.$"):
        normalise_number(typed)
    assert not is_number(typed)


@given(st.text(st.sampled_from("0123456789.abAB １"), max_size=10))
def test_every_number_passes_the_services_pattern(typed: str) -> None:
    try:
        number = normalise_number(typed)
    except ValueError:
        return
    assert _SERVICE_NUMBER.fullmatch(number)
    assert 0 < len(number) <= 8
    assert normalise_number(number) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("pt-BR", "pt-br"),
        ("pt_BR", "pt-br"),
        ("pt-PT", "pt"),
        ("zh-Hans", "zh"),
        ("zh-Hant", "zh-hk"),
        ("zh-TW", "zh-hk"),
        ("es-419", "es-la"),
        ("es-ES", "es"),
        ("fil", "tl"),
        ("jp", "ja"),
        ("jpn", "ja"),
        ("English", "en"),
        ("Spanish (Latin America)", "es-la"),
        ("Brazilian Portuguese", "pt-br"),
        ("xx", None),
        ("klingon", None),
        ("", None),
        ("-", None),
    ],
)
def test_languages_by_every_name(typed: str, code: str | None) -> None:
    assert parse_language(typed) == code


def test_every_language_has_a_code_that_the_service_takes() -> None:
    assert all(is_code(code) for code in LANGUAGES)
    assert len(set(LANGUAGES.values())) == len(LANGUAGES)
    assert all(parse_language(name) == code for code, name in LANGUAGES.items())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_ID, Reference(_ID)),
        (f" {_ID.upper()} ", Reference(_ID)),
        (f"https://mangadex.org/title/{_ID}/some-name", Reference(_ID, "manga")),
        (f"https://mangadex.org/title/{_ID}?tab=art#x", Reference(_ID, "manga")),
        (f"mangadex.org/group/{_ID}", Reference(_ID, "group")),
        (f"https://mangadex.org/chapter/{_ID}/3", Reference(_ID, "chapter")),
        (f"https://api.mangadex.org/manga/{_ID}", Reference(_ID, "manga")),
        (f"http://sandbox.mangadex.dev/title/{_ID}", Reference(_ID, "manga")),
        (f"<https://mangadex.org/title/{_ID}>", Reference(_ID, "manga")),
        (f"https://example.org/title/{_ID}", None),
        (f"https://mangadex.org.example.org/title/{_ID}", None),
        (f"https://evilmangadex.org/title/{_ID}", None),
        (f"ftp://mangadex.org/title/{_ID}", None),
        ("https://mangadex.org/title/123", None),
        ("https://[broken/title", None),
        (_ID[:-1], None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_references(text: str, found: Reference | None) -> None:
    assert read_reference(text) == found


def test_a_link_of_another_kind_is_not_taken() -> None:
    link = f"https://mangadex.org/group/{_ID}"
    assert parse_reference(link) == _ID
    assert parse_reference(link, "group") == _ID
    assert parse_reference(link, "manga") is None
    assert parse_reference(_ID, "manga") == _ID


@given(st.text(max_size=60))
def test_references_never_raise(text: str) -> None:
    parse_reference(text)
    parse_reference("https://" + text)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("span", ["es", "es-la"]),
        ("portug", ["pt", "pt-br"]),
        ("zh", ["zh", "zh-hk"]),
        ("germn", ["de"]),
        ("", []),
    ],
)
def test_languages_near_what_is_typed(typed: str, codes: list[str]) -> None:
    assert [code for code, _ in near_languages(typed)] == codes
