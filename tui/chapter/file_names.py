"""What the name of a folder or archive tells of the chapter inside.

Tags in brackets are taken out first (`name_tags.py`), then marks are looked for (`name_marks.py`: a number and
what says what it counts), and what stands before, between and behind them is title, version or nothing. The
words are in `name_words.py`. What can be read in two ways is left out: a wrong guess costs more than an empty
field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tui.chapter import name_words as words
from tui.chapter.languages import parse_language
from tui.chapter.name_marks import Kind, Mark, find_marks
from tui.chapter.name_spacing import cleaned, spaced
from tui.chapter.name_tags import Tags, is_group, split_groups, take_tags
from tui.chapter.numbers import normalise_number
from tui.chapter.references import parse_reference

__all__ = ["NameGuess", "parse_name", "split_groups"]

_LONGEST = 500
_EDGES = " \t-–—_,.:;|/+&•»"
_TITLE_EDGES = " \t-–—_:：|~"
"""Dots stay: "And then..." is a title."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_BARE = r"(?P<number>\d{1,4}(?:\.\d{1,3})?(?:x\d{1,2}|[a-uw-z])?)(?:\s?v\d)?(?![\w])(?!\.\d)"
_BARE_NUMBERS = (
    # 012
    re.compile(rf"(?P<title>){_BARE}(?P<rest>(?:\s*[-–—:_]\s*|\.\s)\D.*)?"),
    # Title - 012, Title - 012 - Chapter title
    re.compile(rf"(?P<title>.*\S)\s+[-–—]\s+{_BARE}(?P<rest>(?:\s*[-–—:_]|\.\s).*)?"),
    # Title-012
    re.compile(r"(?P<title>.*[^\W\d_])-(?P<number>0\d{1,3}(?:\.\d{1,3})?)(?!\w)(?!\.\d)(?P<rest>)"),
    # Title 012, only with a leading zero or a half: "Mob Psycho 100" and "Area 88" are titles
    re.compile(
        r"(?P<title>.*\S)\s+(?P<number>0\d{1,3}(?:\.\d{1,3})?[a-z]?|\d{1,4}\.5)(?:v\d)?(?!\w)(?!\.\d)(?P<rest>\s*[-–—:_].*)?"
    ),
)
"""For names without a mark; each must fit the whole name."""
_RANGE = re.compile(r"\s*[-–—~〜&+,]\s*\d{1,4}(?:\.\d+)?(?!\w)")
_LAST_NUMBER = re.compile(r"(?P<title>.*[^\W\d_].*[^\s,&+~–-])\s+(?P<number>\d{2,4})")
_RANGE_END = re.compile(r"(?:\s+[-–—])?\s+\d{1,4}(?:\.\d)?\s?[-–—~〜&+,]\s?\d{1,4}(?:\.\d)?$")
_UNCLEAR = re.compile(r"\s*[-–—_,.+&~/]?\s*\d{1,3}(?![\w])")
"""Behind a chapter number: another number, which may be half of it, its part or the end of a range."""
_QUOTED = re.compile(r"\s*[-–—:_]?\s*[「『“\"«‹](?P<title>.*?)[」』”\"»›]?\s*")
_SET_OFF = re.compile(
    r"\s*[-–—:：;꞉|~_,•»]+\s+(?P<title>.*)|\s*[-–—:：_|~]+(?P<title2>[^\d\s].*)|\s*\.\s+(?P<title3>.*)"
)
_NO_GROUP = ("no group", "nogroup", "unknown", "none")
_ONESHOT = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(map(re.escape, (words.fold(w) for w in words.ONESHOT if w.isascii())))})(?![^\W_])"
    rf"|one[\s-]shot(?![^\W_])|(?:{'|'.join(words.fold(w) for w in words.ONESHOT if not w.isascii())})"
)
_SPACED_EXTRA = "|".join(re.escape(words.fold(word)) for word in sorted(words.EXTRA, key=len, reverse=True))
_EXTRA = re.compile(
    rf"(?<![^\W_])(?:{_SPACED_EXTRA})(?![^\W\d_])(?:[\s.#-]*\d{{1,3}})?(?![\w])|(?:番外編?|番外篇|おまけ|외전|번외)\s?\d{{0,3}}[話话화]?"
)
_ENDS_EXTRA = re.compile(rf"(?<![^\W_])(?:{_SPACED_EXTRA})\s?$")
_CHAPTER_WORD = re.compile(
    r"(?<![^\W_])(?:(?:ch|chapter|chap|cap|ep)\.?|(?:vol|volume|v)\.?\s?(?:tbd|tbe|n/?a|\?+|x+)?)\s*$",
    re.IGNORECASE,
)
_UUID = re.compile(r"^\W*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameGuess:
    """What a name tells; None and empty for what it does not."""

    manga_title: str = ""
    volume: str | None = None
    chapter: str | None = None
    title: str | None = None
    groups: tuple[str, ...] = ()
    language: str = ""
    manga_id: str = ""
    oneshot: bool = False
    """It says that the chapter has no number."""


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
    text, tags = take_tags(spaced(text))
    text = cleaned(text)
    tags.leading = tags.leading and not around
    guess = _read(text, tags, series)
    if guess.groups:
        named = tuple(group for group in guess.groups if words.fold(group) not in _NO_GROUP)
        guess = replace(guess, groups=named)
    if identified is not None:
        guess = replace(guess, manga_id=parse_reference(identified[1]) or "", manga_title=guess.manga_title)
    return guess


def _read(text: str, tags: Tags, series: str) -> NameGuess:
    base = NameGuess(groups=tags.groups, language=tags.language)
    marks = find_marks(text)
    chapters = [mark for mark in marks if mark.kind is Kind.CHAPTER]
    shadow = words.fold(text)
    oneshot = _ONESHOT.search(shadow)
    if not chapters and (oneshot is not None or tags.oneshot):
        volume = _volume(marks, tags, None)
        cut = min([oneshot.start() if oneshot is not None else len(text), *(mark.start for mark in marks)])
        manga = _trim(text[:cut]) or (_trim(text[oneshot.end() :]) if oneshot is not None else "")
        return replace(base, manga_title=manga, title="Oneshot", volume=volume, oneshot=True)
    if chapters:
        return _read_marked(text, marks, chapters, tags, base)
    extra = _EXTRA.search(shadow)
    if extra is not None and (marks or extra.start()) and not _any_number(text, marks, extra):
        begin = max(
            text.rfind(" - ", 0, extra.start()) + 3,
            max((mark.end for mark in marks if mark.end <= extra.start()), default=0),
        )
        begin = begin if begin >= 3 else extra.start()
        manga = _CHAPTER_WORD.sub("", text[: min([begin, *(mark.start for mark in marks)])])
        title = _trim(
            _CHAPTER_WORD.sub("", text[begin : extra.start()]) + text[extra.start() :], _TITLE_EDGES
        )
        return replace(base, manga_title=_trim(manga), title=title, volume=_volume(marks, tags, None))
    return _read_bare(text, [mark for mark in marks if mark.kind is Kind.VOLUME], marks, tags, base, series)


def _any_number(text: str, marks: list[Mark], extra: re.Match[str]) -> bool:
    """Whether a bare number stands somewhere besides marks and the extra's own."""
    rest = text[: extra.start()]
    for mark in marks:
        rest = rest.replace(text[mark.start : mark.end], " ")
    return (
        re.search(r"(?<!\w)\d{1,4}(?!\w)", rest) is not None
        and re.search(r"[-–—]\s*\d{1,4}\W*$", rest) is not None
    )


def _read_marked(
    text: str, marks: list[Mark], chapters: list[Mark], tags: Tags, base: NameGuess
) -> NameGuess:
    """A name with a chapter mark, or with several, of which none counts."""
    first = min(mark.start for mark in marks)
    before, groups = text[:first], base.groups
    if before.endswith("_") and not groups and _has_letter(before):
        # "Group_Vol.1 Ch.2 - Title": what reader apps name their downloads
        groups, before = split_groups(_trim(before)), ""
    manga = _trim(_CHAPTER_WORD.sub("", before.rstrip(_EDGES)))
    chapter = chapters[0]
    if (
        manga
        and not _has_letter(manga)
        and (manga.startswith("0") or manga in (chapter.spelled, chapter.number))
    ):
        manga = ""  # the place in a list: "001 - Chapter 1"
    numbers = {mark.number for mark in chapters}
    certain = len(numbers) == 1 and bool(chapter.number) and not any(mark.several for mark in chapters)
    last = max(
        (
            mark
            for mark in marks
            if mark.kind is not Kind.VOLUME or mark.start < chapter.start or not mark.letter
        ),
        key=lambda mark: mark.end,
    )
    rest = text[max(last.end, chapter.end) :]
    title, found, language = None, groups, base.language
    if certain and _UNCLEAR.match(rest) and not _title_with_number(rest):
        certain = False
    behind = _EXTRA.match(words.fold(rest).lstrip())
    if behind is not None and certain and chapter.number.isdigit():
        # "Chapter 12 Extra": not chapter 12 itself, and which number it has nobody says.
        return replace(
            base,
            manga_title=manga,
            volume=_volume(marks, tags, chapter),
            title=_trim(rest, _TITLE_EDGES),
            groups=groups,
        )
    extra = _ENDS_EXTRA.search(words.fold(text[: chapter.start]))
    if extra is not None:
        # "Extra chapter 3", "番外編 第3話": they count for themselves.
        return replace(
            base,
            manga_title=_trim(text[: min(first, extra.start())]),
            volume=_volume(marks, tags, chapter),
            title=_trim(text[extra.start() : chapter.end], _TITLE_EDGES),
            groups=groups,
        )
    if certain:
        title, found, language = _behind(rest, groups, base.language)
        title = title or tags.title
    return replace(
        base,
        manga_title=manga,
        volume=_volume(marks, tags, chapter),
        chapter=chapter.number if certain else None,
        title=title,
        groups=found,
        language=language,
    )


def _title_with_number(rest: str) -> bool:
    """ " - 5 Centimeters": a title may begin with a number."""
    return re.match(r"\s+[-–—:]\s+\d{1,4}\s+[^\W\d_]", rest) is not None


def _volume(marks: list[Mark], tags: Tags, chapter: Mark | None) -> str | None:
    """The volume; a season counts as one (the service keeps seasons there)."""
    for kind in (Kind.VOLUME, Kind.SEASON):
        of_kind = [mark for mark in marks if mark.kind is kind]
        of_kind = [mark for mark in of_kind if len(of_kind) > 1 or not _is_version(mark, chapter)]
        if of_kind:
            numbers = {mark.number for mark in of_kind}
            several = any(mark.several for mark in of_kind)
            return None if several or len(numbers) > 1 else of_kind[0].number or None
        if kind is Kind.VOLUME and tags.volume is not None:
            padded = chapter is not None and chapter.spelled.startswith("0")
            return None if tags.volume_letter and padded else tags.volume
    return None


def _is_version(mark: Mark, chapter: Mark | None) -> bool:
    """ "Chapter 12 v2" is the second version of the release."""
    return chapter is not None and mark.start > chapter.start and mark.letter and len(mark.spelled) == 1


def _read_bare(
    text: str, volumes: list[Mark], marks: list[Mark], tags: Tags, base: NameGuess, series: str
) -> NameGuess:
    """A name without a chapter mark."""
    volume = _volume(marks, tags, None) if volumes or tags.volume else None
    if tags.chapter is not None:
        cut = min([len(text), *(mark.start for mark in marks)])
        return replace(
            base, manga_title=_trim(text[:cut]), volume=volume, chapter=tags.chapter, title=tags.title
        )
    if volumes and volumes[0].several:
        return replace(base, manga_title=_trim(text[: volumes[0].start]))
    rest, manga, known = text, _trim(text) if any(c.isalpha() for c in text) else "", ""
    if marks:
        # Behind a volume a number may stand with or without a dash: "Title v02 013", "Title v02 - 013".
        manga = _trim(text[: marks[0].start])
        rest = re.sub(r"^[\s_,.]*(?:[-–—]\s*)?", "", text[marks[-1].end :])
    elif series and (tail := _behind_series(text, series)) is not None:
        known, rest = series, tail
    for pattern in _BARE_NUMBERS[:1] if marks or known else _BARE_NUMBERS:
        found = pattern.fullmatch(rest)
        if found is None:
            continue
        behind = found["rest"] or ""
        number = _normal(found["number"])
        if number and not _YEAR.fullmatch(found["number"]) and not _RANGE.match(behind):
            title, groups, language = _behind(behind, base.groups, base.language)
            return replace(
                base,
                manga_title=known or (manga if marks else _trim(found["title"])),
                volume=volume or _volume(marks, tags, None),
                chapter=number,
                title=title or tags.title,
                groups=groups,
                language=language,
            )
        break
    numbered = _LAST_NUMBER.fullmatch(text) if tags.leading and not marks and not series else None
    if numbered is not None and not _YEAR.fullmatch(numbered["number"]):
        # "[Group] Title 945": who begins with the group, ends with the number
        return replace(
            base, manga_title=_trim(numbered["title"]), chapter=_normal(numbered["number"]), title=tags.title
        )
    if not marks:
        manga = _trim(_RANGE_END.sub("", manga)) or manga
    return replace(base, manga_title=manga, volume=volume)


def _behind_series(text: str, series: str) -> str | None:
    """What stands behind the series' title, if the name begins with it."""
    shadow, wanted = words.fold(text), words.fold(series)
    if not shadow.startswith(wanted) or len(shadow) == len(wanted):
        return None
    rest = text[len(series) :]
    return re.sub(r"^[\s_,.:-]+", "", rest) if rest[:1] in " _-.,:" else None


def _behind(rest: str, groups: tuple[str, ...], language: str) -> tuple[str | None, tuple[str, ...], str]:
    """The chapter's title, and the group or language that may stand behind it."""
    text = re.sub(r"^\s*v\d(?!\w)", "", rest)
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None and _has_letter(quoted["title"]):
        return _trim(quoted["title"], _TITLE_EDGES), groups, language
    found = _SET_OFF.fullmatch(text)
    title = next((part for part in found.groups() if part is not None), "") if found is not None else text
    title = _trim(title, _TITLE_EDGES)
    if found is None and title and not text[:1].isspace() and title[:1] not in '「『“"':
        return None, groups, language
    if found is None and is_group(title) and not groups and " " in title:
        return None, split_groups(title), language
    head, dash, tail = title.rpartition(" - ")
    if not groups and is_group(tail) and (dash or found is not None) and (dash or " " in tail):
        groups, title = split_groups(tail), head
    by = re.search(r"(?:^|\s)by\s+(\S.{1,60})$", title)
    if by is not None and not groups and found is None:
        groups, title = split_groups(by[1]), title[: by.start()].strip()
    spoken = re.sub(r"^(?:sub|subs|version)\s+", "", title.casefold())
    code = parse_language(spoken) if found is None and (len(spoken) > 3 or title.isupper()) else None
    if code and not language:
        return None, groups, code
    return (title if _has_letter(title) else None), groups, language


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _normal(number: str) -> str | None:
    try:
        return normalise_number(re.sub(r"x0*(\d+)$", r".\1", number))
    except ValueError:
        return None


def _trim(text: str, edges: str = _EDGES) -> str:
    return re.sub(r"^\.+(?!\w)", "", " ".join(text.split()).rstrip(edges).lstrip(edges.replace(".", "")))
