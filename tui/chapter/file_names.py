"""What the name of a folder or archive tells of the chapter inside.

Tags in brackets are taken out first (`name_tags.py`), then marks are looked for (`name_marks.py`: a number and
what says what it counts), and what stands before, between and behind them is title, version or nothing. The
words are in `name_words.py`. What can be read in two ways is left out: a wrong guess costs more than an empty
field.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tui.chapter import name_words as words
from tui.chapter.bare_names import read_bare
from tui.chapter.name_guess import NameGuess
from tui.chapter.name_marks import Kind, Mark, find_marks
from tui.chapter.name_numerals import with_digits
from tui.chapter.name_spacing import cleaned, spaced
from tui.chapter.name_tags import Tags, split_groups, take_tags
from tui.chapter.name_titles import TITLE_EDGES, behind, has_letter, series_title, trimmed
from tui.chapter.name_volume import volume_of
from tui.chapter.references import parse_reference

__all__ = ["NameGuess", "parse_name", "split_groups"]

_LONGEST = 500
_UNCLEAR = re.compile(r"\s*[-–—_,.+&~/]?\s*\d{1,3}(?![\w])")
"""Behind a chapter number: another number, which may be half of it, its part or the end of a range."""
_NO_GROUP = ("no group", "nogroup", "unknown", "none")
_ONESHOT = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(map(re.escape, (words.fold(w) for w in words.ONESHOT if w.isascii())))})(?![^\W_])"
    rf"|one[\s-]shot(?![^\W_])|(?:{'|'.join(words.fold(w) for w in words.ONESHOT if not w.isascii())})"
)
_SPACED_EXTRA = "|".join(re.escape(words.fold(word)) for word in sorted(words.EXTRA, key=len, reverse=True))
_EXTRA = re.compile(
    rf"(?<![^\W_])(?:{_SPACED_EXTRA})(?![^\W\d_])(?:[\s.#-]*\d{{1,3}})?(?![\w])|(?:番外編?|番外篇|おまけ|외전|번외)\s?\d{{0,3}}[話话화]?|(?<![^\W_])sp\d{{1,2}}(?!\w)"
)
_LAST = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(re.escape(words.fold(word)) for word in words.LAST)})\s*(?=$|[-–—:「『])"
)
_ENDS_EXTRA = re.compile(rf"(?<![^\W_])(?:{_SPACED_EXTRA})\s?$")
_CHAPTER_WORD = re.compile(
    r"(?<![^\W_])(?:(?:ch|chapter|chap|cap|ep)\.?|(?:vol|volume|v)\.?\s?(?:tbd|tbe|n/?a|\?+|x+)?)\s*$",
    re.IGNORECASE,
)
_READER = re.compile(r"([^_]+)_([^_]+)(?:_[0-9a-f]{6})?")
_LISTED = re.compile(
    r"\s*[\[(]?((?<=[\[(])\d{1,4}(?:\.\d{1,2})?(?=[\])])|0\d{1,3}(?=\s))[\])]?[\s_-]*(?=[^\W\d_])"
)
_LAST_NUMBER = re.compile(r"[^\W\d_].*\s(?:0\d{1,3}(?:\.\d)?|\d{1,4}\.5)$")
_PART_NUMBER = re.compile(r"\d{1,4}\.\d{1,2}\s*[-–—:_]\s*\D")
"""Of an extra that has a number of its own: "15.5 - Omake"."""
_UUID = re.compile(r"^\W*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\W*", re.IGNORECASE)


def parse_name(name: str, series: str = "", *, around: bool = False) -> NameGuess:
    """Read the name of a folder, or of an archive without its ending.

    `series` is the title that the folder around it names: a name that begins with it and goes on with a bare
    number is a chapter of it. `around` says that the name is that of a folder which holds chapters: a number at
    its end belongs to the title.
    """
    text = words.normalised(name[:_LONGEST])
    identified = _UUID.match(text)
    if identified is not None:
        text = text[identified.end() :]
    text, tags = take_tags(spaced(_in_series(text, series) if series else text))
    text = with_digits(cleaned(text))
    tags.leading = tags.leading and not around
    guess = _read(text, tags, series)
    if around and guess == NameGuess():  # "Title/Season 2/Episode 3"
        seasons = [mark for mark in find_marks(text) if mark.kind is Kind.SEASON and mark.covers(text)]
        guess = replace(guess, volume=seasons[0].number or None) if seasons else guess
    if guess.groups:
        named = tuple(group for group in guess.groups if words.fold(group) not in _NO_GROUP)
        guess = replace(guess, groups=named)
    if identified is not None:
        guess = replace(guess, manga_id=parse_reference(identified[1]) or "", manga_title=guess.manga_title)
    return guess


def _in_series(text: str, series: str) -> str:
    """The name, which stands in the folder of its series, as it would be without that folder.

    "Group_Ch.12" is what reader apps write; "[0015] Title", "(15) Title" and "015 Title" begin with their number,
    where nothing else is one.
    """
    reader = _READER.fullmatch(text)
    if reader is not None and words.fold(reader[1]) != words.fold(series):
        marks = find_marks(reader[2])
        if marks and marks[0].start == 0:
            return f"[{reader[1]}] {reader[2]}"
    found = _LISTED.match(text)
    return f"{found[1]} - {text[found.end() :]}" if found and not find_marks(text[found.end() :]) else text


def _read(text: str, tags: Tags, series: str) -> NameGuess:
    base = NameGuess(groups=tags.groups, language=tags.language)
    marks = find_marks(text)
    chapters = [mark for mark in marks if mark.kind is Kind.CHAPTER]
    shadow = words.fold(text)
    oneshot = _ONESHOT.search(shadow)
    if not chapters and (oneshot is not None or tags.oneshot):
        volume = volume_of(marks, tags, None)
        cut = min([oneshot.start() if oneshot is not None else len(text), *(mark.start for mark in marks)])
        if text[:cut].endswith("_") and not tags.groups:
            groups = split_groups(trimmed(text[:cut]))
            return replace(base, groups=groups, title="Oneshot", volume=volume, oneshot=True)
        manga = series_title(text[:cut]) or (trimmed(text[oneshot.end() :]) if oneshot is not None else "")
        return replace(base, manga_title=manga, title="Oneshot", volume=volume, oneshot=True)
    if chapters:
        return _read_marked(text, marks, chapters, tags, base, series)
    extra = _EXTRA.search(shadow) or _LAST.search(shadow)
    if extra is not None and (marks or extra.start() or series) and not _any_number(text, marks, extra):
        begin = max(
            text.rfind(" - ", 0, extra.start()) + 3,
            max((mark.end for mark in marks if mark.end <= extra.start()), default=0),
        )
        begin = begin if begin >= 3 else extra.start()
        manga = _CHAPTER_WORD.sub("", text[: min([begin, *(mark.start for mark in marks)])])
        title = trimmed(
            _CHAPTER_WORD.sub("", text[begin : extra.start()]) + text[extra.start() :], TITLE_EDGES
        )
        return replace(
            base, manga_title=series_title(manga), title=title, volume=volume_of(marks, tags, None)
        )
    return read_bare(text, marks, tags, base, series)


def _any_number(text: str, marks: list[Mark], extra: re.Match[str]) -> bool:
    """Whether a bare number stands somewhere besides marks and the extra's own: "15.5 - Omake", "12 - Omake",
    "Title Side Story - Year One 025"."""
    if _PART_NUMBER.match(text) or _LAST_NUMBER.search(text, extra.end()):
        return True
    rest = text[: extra.start()]
    for mark in marks:
        rest = rest.replace(text[mark.start : mark.end], " ")
    return (
        re.search(r"(?<!\w)\d{1,4}(?!\w)", rest) is not None
        and re.search(r"[-–—]\s*\d{1,4}\W*$", rest) is not None
    )


def _read_marked(
    text: str, marks: list[Mark], chapters: list[Mark], tags: Tags, base: NameGuess, series: str
) -> NameGuess:
    """A name with a chapter mark, or with several, of which none counts."""
    first = min(mark.start for mark in marks)
    before, groups = text[:first], base.groups
    if before.endswith("_") and not groups and has_letter(before):
        # "Group_Vol.1 Ch.2 - Title": what reader apps name their downloads
        groups, before = split_groups(trimmed(before)), ""
    manga = series_title(_CHAPTER_WORD.sub("", before))
    if not before.strip() and not series:
        manga = tags.series  # "[Title] 第5話 [Group]"
    chapter = chapters[0]
    if (
        manga
        and not has_letter(manga)
        and (manga.startswith("0") or manga in (chapter.spelled, chapter.number))
    ):
        manga = ""  # the place in a list: "001 - Chapter 1"
    numbers = {mark.number for mark in chapters}
    certain = len(numbers) == 1 and bool(chapter.number) and not any(mark.several for mark in chapters)
    ahead = any(mark.kind is Kind.VOLUME and mark.start < chapter.start for mark in marks)
    last = max(
        (
            mark
            for mark in marks
            if mark.kind is not Kind.VOLUME or mark.start < chapter.start or not (mark.letter or ahead)
        ),
        key=lambda mark: mark.end,
    )
    rest = text[max(last.end, chapter.end) :]
    title, found, language = None, groups, base.language
    if certain and _UNCLEAR.match(rest) and not _title_with_number(rest, chapter.spelled):
        certain = False
    added = _EXTRA.match(re.sub(r"^[.,-](?=\w)", "", words.fold(rest).lstrip()))
    if added is not None and certain and chapter.number.isdigit():
        # "Chapter 12 Extra": not chapter 12 itself, and which number it has nobody says.
        return replace(
            base,
            manga_title=manga,
            volume=volume_of(marks, tags, chapter),
            title=trimmed(rest, TITLE_EDGES),
            groups=groups,
        )
    extra = _ENDS_EXTRA.search(words.fold(text[: chapter.start]))
    if extra is not None:
        # "Extra chapter 3", "番外編 第3話": they count for themselves.
        return replace(
            base,
            manga_title=series_title(text[: min(first, extra.start())]),
            volume=volume_of(marks, tags, chapter),
            title=trimmed(text[extra.start() : chapter.end], TITLE_EDGES),
            groups=groups,
        )
    if certain:
        title, found, language = behind(rest, groups, base.language)
        title = title or tags.title
    return replace(
        base,
        manga_title=manga,
        volume=volume_of(marks, tags, chapter),
        chapter=chapter.number if certain else None,
        whole=chapter.whole if certain else "",
        title=title,
        groups=found,
        language=language,
    )


def _title_with_number(rest: str, chapter: str) -> bool:
    """ " - 5 Centimeters", " - 100% Wind": a title may begin with a number. Without a dash only "029 8 Years"."""
    dash = "?" if chapter.startswith("0") else ""
    return re.match(rf"\s+(?:[-–—:]\s+){dash}\d{{1,4}}[%°$€£¥!?'’]?\s+[^\W\d_]", rest) is not None
