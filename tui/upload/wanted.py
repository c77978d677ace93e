"""What is typed to search the history or the own chapters: words, phrases in quotes, and numbers, which are whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_PARTS = re.compile(r'["“”]([^"“”]*)["“”]?|(\S+)')
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def matching(rows: Iterable[T], text: str, text_of: Callable[[T], str]) -> list[T]:
    """The rows, in their order, that `text` finds: those that contain it as one phrase; when there is none, those
    that contain each of its words and of its phrases in quotes. Case does not matter. "3" finds neither 13 nor 3.5,
    but 03. An empty text finds all."""
    every = list(rows)
    parts = [quoted or word for quoted, word in _PARTS.findall(text) if quoted.strip() or word]
    patterns = [_pattern(part) for part in parts]
    whole = _pattern(" ".join(parts))
    phrased = [row for row in every if whole.search(text_of(row))]
    return phrased or [row for row in every if all(one.search(text_of(row)) for one in patterns)]


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(_word, phrase.split())), re.IGNORECASE)


def _word(word: str) -> str:
    if not _NUMBER.fullmatch(word):
        return re.escape(word)
    number = re.escape(word.lstrip("0") or "0")
    # Neither within a word, such as an id, nor a piece of a longer number, of a time or of a date: every row has some.
    return rf"(?<![^\W_])(?<!\d[.:])(?<!\d\d-)0*{number}(?![^\W_])(?![.:]\d)(?!-\d\d)"
