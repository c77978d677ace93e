"""Text that is not ours becomes harmless and fits its columns."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.secret import Redactor, Secret
from tui.text import cell_width, fit, format_age, format_size, format_span, plural, safe_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain [b]markup[/b] stays", "plain [b]markup[/b] stays"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\nb\tc\r", "a⏎b c␍"),
        ("\x7f", "␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("gpj.\u202eexe", "gpj.<U+202E>exe"),
        ("a\u200bb", "a<U+200B>b"),
        ("\udcff", "<U+DCFF>"),
        ("\ue000", "<U+E000>"),
        ("第1話 é", "第1話 é"),
        ("\U000e0041tag", "<U+E0041>tag"),
        ("a\u034fb\u115fc\u3164d", "a<U+034F>b<U+115F>c<U+3164>d"),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_what_is_shown(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


def test_other_values_and_long_texts() -> None:
    assert safe_text(3) == "3"
    assert safe_text("x" * 3000) == "x" * 2000 + "…"
    assert safe_text("abc", limit=3) == "abc"


@given(st.text(st.characters(codec=None)))
def test_nothing_controls_the_terminal(raw: str) -> None:
    shown = safe_text(raw)
    shown.encode("utf-8")
    assert all(
        unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp") for character in shown
    )
    assert safe_text(shown, limit=len(shown)) == shown


@given(st.text(max_size=40), st.integers(0, 60), st.booleans())
def test_fit_takes_exactly_its_columns(raw: str, width: int, keep_end: bool) -> None:
    assert cell_width(fit(safe_text(raw), width, keep_end=keep_end)) == width


def test_fit_cuts_visibly_and_can_keep_the_end() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abcdef", 4) == "abc…"
    assert fit("日本語", 4) == "日… "
    assert fit("Chapter 001 page 0007.png", 14, keep_end=True) == "Chapter…07.png"
    assert fit("abc", 1) == "…"
    assert fit("abc", 0) == ""


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (20e6, "20.0 MB"),
    ],
)
def test_sizes(size: float, shown: str) -> None:
    assert format_size(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599.7, "1 h 0 min"),
        (18_120, "5 h 2 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_spans(seconds: float, shown: str) -> None:
    assert format_span(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "just now"),
        (44, "just now"),
        (46, "1 min ago"),
        (3599, "1 h ago"),
        (7200, "2 h ago"),
        (86_399, "1 d ago"),
        (5 * 86_400, "5 d ago"),
    ],
)
def test_ages(seconds: float, shown: str) -> None:
    assert format_age(seconds) == shown


def test_plural() -> None:
    assert [plural(0, "page"), plural(1, "page"), plural(2, "page"), plural(2, "entry", "entries")] == [
        "0 pages",
        "1 page",
        "2 pages",
        "2 entries",
    ]


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("hunter2!")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {secret!s:>20}"
    assert secret.reveal() == "hunter2!"
    assert secret == Secret("hunter2!")
    assert secret != Secret("other")
    assert not Secret("")
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_the_redactor_hides_a_secret_in_every_form_it_travels_in() -> None:
    redact = Redactor()
    redact.add(Secret('p@ss "wörd'), Secret("token-12345"), Secret("token-12345-longer"), None, Secret("abc"))
    assert redact('say p@ss "wörd now') == "say (hidden) now"
    assert redact("password=p%40ss+%22w%C3%B6rd&x") == "password=(hidden)&x"
    assert redact("p%40ss%20%22w%C3%B6rd") == "(hidden)"
    assert redact('{"password": "p@ss \\"w\\u00f6rd"}') == '{"password": "(hidden)"}'
    assert redact("Bearer token-12345-longer") == "Bearer (hidden)"
    assert redact("abcdef") == "abcdef"
