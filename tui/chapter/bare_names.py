"""Names in which no word or letter says which number is the chapter's."""

from __future__ import annotations

import re
from dataclasses import replace

from tui.chapter import name_words as words
from tui.chapter.name_guess import NameGuess
from tui.chapter.name_marks import Kind, Mark
from tui.chapter.name_tags import Tags
from tui.chapter.name_titles import behind, has_letter, series_title
from tui.chapter.name_volume import volume_of
from tui.chapter.numbers import normalise_number

_YEAR = re.compile(r"(?:19|20)\d\d")
_BARE = r"(?P<number>\d{1,4}(?:\.\d{1,3})?(?:x\d|[a-uw-z])?)(?:\s?v\d{1,3})?(?![^\W_])(?!\.\d)"
_BARE_NUMBERS = (
    # 012
    re.compile(rf"(?P<title>){_BARE}(?P<rest>(?:\s*[-–—:_]\s*|\.\s)\D.*)?"),
    # Title - 012, Title - 012 - Chapter title
    re.compile(rf"(?P<title>.*\S)\s+[-–—]\s+{_BARE}(?P<rest>(?:\s*[-–—:_]|\.\s).*)?"),
    # Title-012
    re.compile(r"(?P<title>.*[^\W\d_])-(?P<number>0\d{1,3}(?:\.\d{1,3})?)(?!\w)(?!\.\d)(?P<rest>)"),
    # Title 012, only with a leading zero or a part of one: "Mob Psycho 100" and "Area 88" are titles
    re.compile(
        r"(?P<title>.*\S)\s+(?P<number>0\d{1,3}(?:\.\d{1,3})?[a-z]?|\d{1,4}\.5|\d{2,4}\.[1-9]\d?)(?:v\d)?(?!\w)(?!\.\d)(?P<rest>\s*[-–—:_].*)?"
    ),
)
"""For names without a mark; each must fit the whole name."""
_IN_SERIES = re.compile(rf"{_BARE}(?P<rest>(?:\s*[-–—:_]\s*|\.\s)\D.*|\s+[^\W\d_].*)?")
"""Behind the title of the folder around: "Title 567 Chapter title" as well."""
_BEFORE_VOLUME = re.compile(r"(?P<title>.*\S\s+)?(?P<number>0\d{1,3}(?:\.\d)?)\s*")
"""Title 028 Vol. 2"""
_RANGE = re.compile(r"\s*[-–—~〜&+,]\s*\d{1,4}(?:\.\d+)?(?!\w)")
_LAST_NUMBER = re.compile(r"(?P<title>.*[^\W\d_].*[^\s,&+~–-])\s+(?P<number>\d{2,4})")
_RANGE_END = re.compile(r"(?:\s+[-–—])?\s+\d{1,4}(?:\.\d)?\s?[-–—~〜&+,]\s?\d{1,4}(?:\.\d)?$")


def read_bare(text: str, marks: list[Mark], tags: Tags, base: NameGuess, series: str) -> NameGuess:
    """What a name without a chapter mark adds to `base`."""
    volumes = [mark for mark in marks if mark.kind is Kind.VOLUME]
    volume = volume_of(marks, tags, None) if volumes or tags.volume else None
    if tags.chapter is not None:
        cut = min([len(text), *(mark.start for mark in marks)])
        return replace(
            base, manga_title=series_title(text[:cut]), volume=volume, chapter=tags.chapter, title=tags.title
        )
    if volumes and volumes[0].several:
        return replace(base, manga_title=series_title(text[: volumes[0].start]))
    rest, manga, known = text, series_title(f"{text} ") if has_letter(text) else "", ""
    if marks:
        # Behind a volume a number may stand with or without a dash: "Title v02 013", "Title v02 - 013".
        manga = series_title(text[: marks[0].start])
        rest = re.sub(r"^[\s_,.]*(?:[-–—]\s*)?", "", text[marks[-1].end :])
    elif series and (tail := _behind_series(text, series)) is not None:
        known, rest = series, tail
    tries = [(_BARE_NUMBERS[0], rest)] if marks else [(pattern, text) for pattern in _BARE_NUMBERS]
    for pattern, where in [(_IN_SERIES, rest), *tries] if known else tries:
        found = pattern.fullmatch(where)
        if found is None:
            continue
        after = found["rest"] or ""
        number = _normal(found["number"])
        if number and not _YEAR.fullmatch(found["number"]) and not _RANGE.match(after):
            title, groups, language = behind(after, base.groups, base.language)
            return replace(
                base,
                manga_title=known or (manga if marks else series_title(where[: found.start("number")])),
                volume=volume or volume_of(marks, tags, None),
                chapter=number,
                title=title or tags.title,
                groups=groups,
                language=language,
            )
        break
    before = _BEFORE_VOLUME.fullmatch(text[: marks[0].start]) if volumes and not rest.strip() else None
    if before is not None:
        title = series_title(before["title"] or "")
        return replace(base, manga_title=title, volume=volume, chapter=_normal(before["number"]))
    numbered = _LAST_NUMBER.fullmatch(text) if not marks and not series else None
    if (
        numbered is not None
        and not _YEAR.fullmatch(numbered["number"])
        and (tags.leading or (tags.digital and len(numbered["number"]) == 3))
    ):
        # "[Group] Title 945": who begins with the group, ends with the number. "Title 136 (2020) (Digital)"
        return replace(
            base,
            manga_title=series_title(numbered["title"]),
            chapter=_normal(numbered["number"]),
            title=tags.title,
        )
    if not marks:
        shorter = _RANGE_END.sub("", manga)
        manga = (series_title(shorter) if shorter != manga else "") or manga
    return replace(base, manga_title=manga, volume=volume)


def _behind_series(text: str, series: str) -> str | None:
    """What stands behind the series' title, if the name begins with it."""
    shadow, wanted = words.fold(text), words.fold(series)
    if not shadow.startswith(wanted) or len(shadow) == len(wanted):
        return None
    rest = text[len(series) :]
    return re.sub(r"^[\s_,.:-]+", "", rest) if rest[:1] in " _-.,:" else None


def _normal(number: str) -> str | None:
    try:
        return normalise_number(re.sub(r"x0*(\d+)$", r".\1", number))
    except ValueError:
        return None
