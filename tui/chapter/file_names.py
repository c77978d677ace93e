"""What the name of a folder or archive tells of the chapter inside.

A new convention is one more row in CHAPTER_MARKS, VOLUME_MARKS or BARE_NUMBERS. What can be read in two
ways is left out: a wrong guess costs more than an empty field.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tui.chapter.name_tags import Tags, take_tags
from tui.chapter.numbers import normalise_number

_NUMBER = r"(?P<number>\d{1,4}(?:\.\d{1,3})?(?:[a-u]|[w-z])?)"
_END = r"(?:v\d)?(?![\w])(?!\.\d)"
"""Behind a number: a release version ("012v2") is left out; a letter or digit means it is no number."""
_START = r"(?<![^\W_])"
_I = re.IGNORECASE

CHAPTER_MARKS: tuple[re.Pattern[str], ...] = (
    # Chapter 12a, Chap. 12, Ch.012, ch-12, Episode 5, Ep. 5
    re.compile(rf"{_START}(?:chapter|chap|ch|episode|ep)[\s._-]*{_NUMBER}{_END}", _I),
    # c012.5, c.12; a blank between would also fit "Vitamin C 12"
    re.compile(rf"{_START}c\.?{_NUMBER}{_END}", _I),
    # #012
    re.compile(rf"(?<!\w)#\s?{_NUMBER}{_END}", _I),
    # Chapitre 3, Capítulo 3, Capitolo 3, Cap. 3, Kapitel 3, Глава 3, Bölüm 3
    re.compile(
        rf"{_START}(?:chapitre|cap[ií]tulo|capitolo|cap|kapitel|kap|глава|bölüm)[\s._-]*{_NUMBER}{_END}", _I
    ),
    # 第12話, 第12回, 12話, 12화
    re.compile(r"第?\s*(?<![\d.])(?P<number>\d{1,4}(?:\.\d{1,3})?)\s*[話话화회回]"),
)

VOLUME_MARKS: tuple[re.Pattern[str], ...] = (
    # Volume 2, Vol.02, vol 2, Tome 2, Tomo 2, Band 2, Том 2
    re.compile(rf"{_START}(?:volume|vol|tome|tomo|band|том)[\s._-]*{_NUMBER}(?![^\W_c])(?!\.\d)", _I),
    # v02, v.2
    re.compile(rf"{_START}v\.?{_NUMBER}(?![^\W_c])(?!\.\d)", _I),
    # 第2巻, 2巻, 2권
    re.compile(r"第?\s*(?<![\d.])(?P<number>\d{1,4})\s*[巻卷권]"),
)

BARE_NUMBERS: tuple[re.Pattern[str], ...] = (
    # 012
    re.compile(rf"(?P<title>){_NUMBER}{_END}(?P<rest>\s+[-–—:].*)?"),
    # Title - 012, Title - 012 - Chapter title
    re.compile(rf"(?P<title>.*\S)\s+[-–—]\s+{_NUMBER}{_END}(?P<rest>\s+[-–—:].*)?"),
    # Title 012, only with a leading zero: "Mob Psycho 100" and "Area 88" are titles
    re.compile(
        r"(?P<title>.*\S)\s+(?P<number>0\d{1,3}(?:\.\d{1,3})?[a-z]?)" + _END + r"(?P<rest>\s+[-–—:].*)?"
    ),
)
"""For names without a mark; each must fit the whole name."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_RANGE = re.compile(
    r"\s?[-–—~〜&+,]\s?(?:v|c|ch\.?|#|第)?\d|\s[-–—~〜&+,]\s(?:v|c|ch\.?|#|第)?\d+(?![^\W_])", _I
)
_VOLUME_RANGE = re.compile(r"[-–—~〜&+,]\s?v?\d|\s[-–—~〜&+,]\s(?:v\d|[1-9]\d?(?!\d))", _I)
"""Behind a volume "- 013" is a chapter, "- 3" may be either."""
_ONESHOT = re.compile(rf"{_START}one[\s-]?shot(?![^\W_])|読み?切り?", _I)
_TITLE_MARK = re.compile(r"\s*(?:[-–—:：]\s+|[-–—:：]$|[「『“\"])(?P<title>.*?)[」』”\"]?\s*")
_EDGES = " \t-–—_,.:;~|/+&"
_TITLE_EDGES = " \t-–—_:："
"""Dots stay: "And then..." is a title."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class NameGuess:
    """What a name tells; None and empty for what it does not."""

    manga_title: str = ""
    volume: str | None = None
    chapter: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    language: str = ""


def parse_name(name: str) -> NameGuess:
    """Read the name of a folder, or of an archive without its ending."""
    text, tags = take_tags(_spaced(unicodedata.normalize("NFKC", name[:_LONGEST])))
    if _ONESHOT.search(text) or tags.oneshot:
        manga = _ONESHOT.split(text)[0]
        return NameGuess(_trim(manga), title="Oneshot", groups=tags.groups, language=tags.language)
    volume = _single(VOLUME_MARKS, text, _VOLUME_RANGE)
    chapter = _single(CHAPTER_MARKS, text, _RANGE)
    if chapter is None and not _any(CHAPTER_MARKS, text):
        return _read_bare(text, volume, tags)
    return _read_marked(text, volume, chapter, tags)


def split_groups(text: str) -> tuple[str, ...]:
    """The groups in one text: "A & B", "A + B", "A, B"."""
    parts = re.split(r"[,;+、，]|\s[&/xX×]\s|\s\|\s", text)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _read_marked(
    text: str, volume: re.Match[str] | None, chapter: re.Match[str] | None, tags: Tags
) -> NameGuess:
    """A name with a chapter mark, or with several, of which none counts."""
    marks = sorted(
        (mark for patterns in (CHAPTER_MARKS, VOLUME_MARKS) for mark in _all(patterns, text)),
        key=lambda mark: mark.start(),
    )
    before = text[: marks[0].start()]
    groups = tags.groups
    if before.endswith("_") and " " in text and not groups:
        # "Group_Vol.1 Ch.2 - Title": what reader apps name their downloads
        groups, before = (_trim(before),), ""
    # A single "v2" behind the chapter is the version of the release, not a volume.
    if volume is not None and chapter is not None and volume.start() > chapter.start():
        volume = None
    return NameGuess(
        _trim(before),
        _number(volume) or tags.volume,
        _number(chapter),
        (_title_after(text[chapter.end() :]) or tags.title) if chapter is not None else None,
        groups,
        tags.language,
    )


def _read_bare(text: str, volume: re.Match[str] | None, tags: Tags) -> NameGuess:
    """A name without a chapter mark."""
    volumes = _all(VOLUME_MARKS, text)
    if volume is None and volumes:
        return NameGuess(
            _trim(text[: volumes[0].start()]), tags.volume, None, None, tags.groups, tags.language
        )
    if volume is not None:
        # Behind a volume a number may stand with or without a dash: "Title v02 013", "Title v02 - 013".
        manga = _trim(text[: volume.start()])
        rest = re.sub(r"^[\s_,]*(?:[-–—]\s*)?", "", text[volume.end() :])
    else:
        manga = _trim(text) if any(character.isalpha() for character in text) else ""
        rest = text
    number = title = None
    for pattern in BARE_NUMBERS[:1] if volume is not None else BARE_NUMBERS:
        found = pattern.fullmatch(rest)
        if found is None:
            continue
        if not _YEAR.fullmatch(found["number"]) and not _RANGE.match(found["rest"] or ""):
            manga = manga if volume is not None else _trim(found["title"])
            number, title = _normal(found["number"]), _title_after(found["rest"] or "") or tags.title
        break
    return NameGuess(manga, _number(volume) or tags.volume, number, title, tags.groups, tags.language)


def _all(patterns: tuple[re.Pattern[str], ...], text: str) -> list[re.Match[str]]:
    return sorted(
        (found for pattern in patterns for found in pattern.finditer(text)), key=lambda found: found.start()
    )


def _any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _single(patterns: tuple[re.Pattern[str], ...], text: str, more: re.Pattern[str]) -> re.Match[str] | None:
    """The one number that `patterns` find; None when they find several, or `more` follows, as in a range."""
    found = _all(patterns, text)
    if not found or len({_normal(mark["number"]) for mark in found}) > 1:
        return None
    return None if any(more.match(text, mark.end()) for mark in found) else found[0]


def _number(mark: re.Match[str] | None) -> str | None:
    return _normal(mark["number"]) if mark is not None else None


def _normal(number: str) -> str | None:
    try:
        return normalise_number(number)
    except ValueError:
        return None


def _title_after(rest: str) -> str | None:
    """The chapter's title, set off from the number by a dash, a colon or quotes."""
    found = _TITLE_MARK.fullmatch(rest)
    title = _trim(found["title"], _TITLE_EDGES) if found is not None else ""
    return title if any(character.isalpha() for character in title) else None


def _spaced(name: str) -> str:
    """Underscores, or dots, as blanks where the name has no blanks."""
    if " " in name:
        return name
    if "_" in name:
        return name.replace("_", " ")
    return re.sub(r"(?<=[^\W\d])\.(?=[^\W\d]{2})", " ", name)


def _trim(text: str, edges: str = _EDGES) -> str:
    return " ".join(text.split()).strip(edges)
