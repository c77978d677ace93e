"""Marks in names: a number with the word, letter or counter that says what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tui.chapter import name_words as words
from tui.chapter.numbers import normalise_number


class Kind(StrEnum):
    """What a number counts."""

    CHAPTER = "chapter"
    VOLUME = "volume"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, at text[start:end]."""

    kind: Kind
    start: int
    end: int
    number: str
    """In the service's form; "" when it has none (too long, or of a form that may mean several things)."""
    spelled: str = ""
    """As it stands there."""
    several: bool = False
    """The mark speaks of more than one: "1-5", "1, 2"."""
    letter: bool = False
    """Only a letter says what it is: v02."""
    counter: bool = False
    """What says it stands around or behind the number: 第12話."""

    whole: str = ""
    """The number without its part: "21" in "Ch.21 Part 1", whose number is 21.1."""

    def covers(self, text: str) -> bool:
        """Whether `text`, in which it was found, holds nothing else."""
        return self.start == 0 and self.end == len(text)


_NUMBER = r"(?P<number>\d{1,4}(?:\.\d{1,3}|,5(?!\d))?(?:x\d{1,2}|[a-uw-z](?!\.)|[.-][a-f](?![^\W_]))?)"
_LATER = r"(?=(?:ch?|chap(?:ter)?|ep?|v|vol)\.?\s?\d)"
_END = rf"(?:(?:v[1-9])?(?![^\W_])(?![.,]\d)|{_LATER})"
"""Behind a number: a release version ("012v2") is left out; a letter or digit means it is no number."""
_NO_NUMBER = r"(?![\s._-]*\d+(?:\.\d+)?(?![\d.]))"
_START = r"(?<![^\W\d_])"


def _folded(texts: Iterable[str]) -> tuple[str, ...]:
    """The longest first."""
    return tuple(sorted(set(map(words.fold, texts)), key=len, reverse=True))


def _either(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, texts))


def _joined(text: str) -> bool:
    """Whether the script puts no blanks between words."""
    return any(ord(character) >= 0x0E00 for character in text)


_OF_KIND = {
    Kind.CHAPTER: (words.CHAPTER, words.CHAPTER_COUNTERS),
    Kind.VOLUME: (words.VOLUME, words.VOLUME_COUNTERS),
    Kind.SEASON: (words.SEASON, words.SEASON_COUNTERS),
}
_LETTERS = {Kind.CHAPTER: "c|e", Kind.VOLUME: "v|т|t(?=\\d\\d|\\d\\s?[-–]?\\s?c)", Kind.SEASON: "s"}


class _Pattern:
    """What a mark looks like. Compiled when a name first holds one of the words without which it fits nowhere: few
    names do, and compiling all takes longer than reading a hundred names."""

    def __init__(self, source: str, *needed: tuple[str, ...]) -> None:
        """`needed` are folded words; of each tuple, one."""
        self._source = source
        self._needed = needed

    def within(self, shadow: str) -> Iterator[re.Match[str]]:
        """Where it fits in a folded name."""
        if all(any(word in shadow for word in either) for either in self._needed):
            yield from self._compiled.finditer(shadow)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._source)


def _patterns() -> list[tuple[Kind, str, _Pattern]]:
    found = []
    for kind, (named, counting) in _OF_KIND.items():
        spaced = _folded(word for word in named if not _joined(word))
        joined = _folded(word for word in named if _joined(word))
        counters = _folded(counting)
        word, counter = _either(spaced), _either(counters)
        found += [
            # Chapter 12a, Ch.012, Глава 12, Capítulo 5
            (kind, "word", _Pattern(rf"{_START}(?:{word})(?:[\s._:№#-]|n[o°]\.?)*{_NUMBER}{_END}", spaced)),
            # 12. Bölüm, 12-я глава, 3. Cilt
            (
                kind,
                "ordinal",
                _Pattern(
                    rf"(?<![\w.]){_NUMBER}(?:\.|-?[еяйaª°º]+|st|nd|rd|th)\s?-?(?:{word})(?![^\W_]){_NO_NUMBER}",
                    spaced,
                ),
            ),
            (kind, "behind", _Pattern(rf"(?<![\w.-]){_NUMBER}\s(?:{word})(?![^\W_])", spaced)),
            # 第12話, 第 12 話, 12화, 제12화; 第十二話
            (
                kind,
                "counter",
                _Pattern(
                    rf"(?P<many>(?:第\s?|제\s?)?\d{{1,4}}[-~〜～–—])?(?:第\s?|제\s?)?(?<![\d.])(?P<number>\d{{1,4}}(?:\.\d{{1,3}})?)\s?(?:{counter})"
                    rf"|第\s?(?P<numeral>[{words.NUMERALS}]{{1,7}})\s?(?:{counter})",
                    counters,
                ),
            ),
            # c012.5, v02, S2
            (kind, "letter", _Pattern(rf"{_START}(?:{_LETTERS[kind]})\.?{_NUMBER}{_END}")),
        ]
        if joined:
            # ตอนที่ 12: no blank needs to stand before it
            found.append((kind, "word", _Pattern(rf"(?:{_either(joined)})[\s._:-]*{_NUMBER}{_END}", joined)))
    # 卷2, 卷七
    found.append((Kind.VOLUME, "counter", _Pattern(
        rf"(?<![\d第])[卷巻](?:(?P<number>\d{{1,3}})(?![\d.])|(?P<numeral>[{words.NUMERALS}]{{1,4}})(?=[\s第]|$))",
        ("卷", "巻"),
    )))  # fmt: skip
    # #012, No. 12, № 12
    hashes = rf"(?:(?<![a-z\d_])#|(?<!\w)(?:№|n[o°]\.|nr\.))\s?{_NUMBER}{_END}"
    found.append((Kind.CHAPTER, "hash", _Pattern(hashes, ("#", "№", "no.", "n°.", "nr."))))
    return found


_PATTERNS = _patterns()
_VOLUMES, _CHAPTERS = _folded(words.VOLUME), _folded(words.CHAPTER)
_PAIR = _Pattern(
    rf"(?<![\w.-])(?P<volume>\d{{1,4}})\s(?:{_either(_VOLUMES)})[\s,.-]+"
    rf"(?P<chapter>\d{{1,4}}(?:\.\d{{1,3}})?)\s(?:{_either(_CHAPTERS)})(?![^\W_]){_NO_NUMBER}",
    _VOLUMES,
    _CHAPTERS,
)
"""3 том 21 глава"""
_AFTER = re.compile(
    r"(?P<range>(?:\s?[-–—~〜～&+,/]\s?|\s(?:to|and|a|al|e|y|et|bis|und|до|по|и)\s)(?P<prefix>v|c|ch\.?|vol\.?|#|第)?(?P<other>\d{1,4})(?:\.\d+)?(?![\w.]))",
)
_PART = re.compile(rf"[\s,(_-]*(?:{_either(_folded(words.PART))})\.?\s?(?P<part>[1-9])(?!\w)\)?")


def find_marks(text: str) -> list[Mark]:
    """The marks in `text`, from left to right; none overlaps another."""
    shadow = words.fold(text)
    pair = next(_PAIR.within(shadow), None)
    if pair is not None:
        volume, chapter = pair["volume"], pair["chapter"]
        return [
            Mark(Kind.VOLUME, pair.start(), pair.start("chapter"), _normal(volume), volume),
            Mark(Kind.CHAPTER, pair.start("chapter"), pair.end(), _normal(chapter), chapter),
        ]
    found = [
        (match.start(), order, kind, style, match)
        for order, (kind, style, pattern) in enumerate(_PATTERNS)
        for match in pattern.within(shadow)
    ]
    strong = any(
        style in ("word", "counter", "ordinal", "letter")
        for _, _, kind, style, _ in found
        if kind is Kind.CHAPTER
    )
    prefixed = {kind for _, _, kind, style, _ in found if style in ("word", "letter")}
    marks: list[Mark] = []
    for start, _, kind, style, match in sorted(found, key=lambda one: (one[0], one[1])):
        end = marks[-1].end if marks else 0
        if start < end or (style == "behind" and kind in prefixed) or (style in ("hash",) and strong):
            continue
        if start and shadow[start - 1].isdigit() and start != end and match[0][0].isascii():
            continue  # "x264c12"
        if match[0][0] == "e" and style == "letter" and not _behind_season(marks, shadow, start):
            continue
        mark = _mark(text, shadow, kind, style, match)
        if style != "hash" or not re.match(r"\s+(?:[-–—]\s+)?\d", text[match.end() :]):
            marks.append(mark)  # "Kaiju No.8 - 100", "Kaiju No. 8 036": the 8 belongs to the title
    return marks


def _behind_season(marks: list[Mark], shadow: str, start: int) -> bool:
    """ "S02E05", "S02.E05": an E alone says nothing."""
    return bool(marks) and marks[-1].kind is Kind.SEASON and not shadow[marks[-1].end : start].strip(" ._-")


def _mark(text: str, shadow: str, kind: Kind, style: str, match: re.Match[str]) -> Mark:
    spelled = match["number"] or ""
    number = _normal(spelled)
    if not spelled and match.groupdict().get("numeral"):
        value = words.numeral(match["numeral"])
        number = str(value) if value is not None else ""
    end = match.end()
    several = bool(match.groupdict().get("many"))
    after = _AFTER.match(shadow, end)
    if after is not None and _is_range(kind, after, text):
        several, end = True, after.end()
    part = _PART.match(shadow, end) if kind is Kind.CHAPTER and not several else None
    whole = ""
    if part is not None:
        end = part.end()
        if number.isdigit():
            number, whole = _normal(f"{number}.{part['part']}"), number
    letter, counter = style == "letter", style == "counter"
    return Mark(kind, match.start(), end, number, spelled, several, letter, counter, whole)


def _is_range(kind: Kind, after: re.Match[str], text: str) -> bool:
    """ "1-5", "Vol. 1 - 3"; not "Vol. 1 - 013", where a chapter follows, nor a title that begins with a number."""
    other = after["other"]
    spaced = after["range"][:1].isspace()
    prefix = after["prefix"] or ""
    if prefix and prefix != "第" and (prefix[0] == "v") != (kind is Kind.VOLUME):
        return False
    if kind is not Kind.CHAPTER and spaced and (other.startswith("0") or kind is Kind.SEASON):
        return False
    if re.fullmatch(r"(?:19|20)\d\d", other) and not text[after.end() :].strip():
        return False
    return not (spaced and text[after.end() :].strip(" )]_-"))


def _normal(number: str) -> str:
    """In the service's form, "" when it has none; "12x1" is the first extra behind 12."""
    number = re.sub(r"x0*(\d+)$", r".\1", number.replace(",", "."))
    number = re.sub(r"[.-](?=[a-f]$)", "", number)
    try:
        return normalise_number(number)
    except ValueError:
        return ""
