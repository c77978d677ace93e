"""The tags in brackets that release names carry: groups, language, volume, and what tells nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tui.chapter import name_words as words
from tui.chapter.languages import LANGUAGES, parse_language
from tui.chapter.name_marks import find_marks
from tui.chapter.numbers import normalise_number

_TAG = re.compile(
    r"\[([^\[\]]*)\]|\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\{([^{}]*)\}|【([^【】]*)】|〔([^〔〕]*)〕|〖([^〖〗]*)〗"
)
_VOLUME = re.compile(r"(volume|vol|v|tome|tomo|том|band|tom|season|s)[\s._-]*(\d{1,4}(?:\.\d{1,2})?)")
_CHAPTER = re.compile(r"(?:chapter|chap|ch|c|#)[\s._-]*(\d{1,4}(?:\.\d{1,3})?[a-uw-z]?)")
_NOTHING = re.compile(
    r"""
    (?:19|20)\d\d(?:[-./]\d\d?){0,2}(?:[t\s]?[\d:-]{4,8}(?:[+-]\d\d:?\d\d|z)?)?   # a year, a date, a time
    | (?:(?:19|20)\d\d年)?(?:\d\d?月)?号? | \d{8} | \d{1,4}    # a date, the number of a copy
    | dig(?:ital)?(?:[-\s]\w+)? | web(?:toon|rip)? | scan(?:lation)?s? | raws? | e?book | epub | pdf | kindle | kcc\d*
    | mag(?:azine)? | official | officiel | c2c | cover\ to\ cover | tankou?bon | omnibus | one[-\s]?volume
    | completed? | ongoing | end | final | 完結?済?み? | 完结 | [終终] | 완결?
    | (?:一般|成年|少年|少女|青年)コミック | 同人誌 | 雑誌 | 単行本 | cover
    | fix(?:ed)? | f\d? | v\d | rev(?:ision)?\s?\d* | ver\.?\s?\d+
    | clean(?:ed)? | typeset | redrawn? | proofread | edited | qc | draft | ready | export(?:ed)?   # at work on it
    | redone | repack | of\ \d+
    | hq | lq | mq | uhq | hd | fhd | [248]k | x\d | upscaled? | waifu2x | hi-?res | high\ res(?:olution)?
    | (?:full[\s-])?colou?r(?:ed)? | b&w | uncensored | censored | decensored | nsfw | sfw | 18\+
    | [高低]画质 | 高清 | 全彩 | 彩色 | 무삭제 | [고저]화질 | (?:풀)?컬러 | (?:한국)?만화 | 웹툰
    | (?:dl|電子|デジタル|カラー|無修正|フルカラー)版? | webp | jpe?g | png | cbz | cbr | zip | rar | dl
    | \d{3,4}(?:p|px|dpi) | \d{3,5}x\d{3,5} | \d+\ ?p(?:ages?)? | [0-9a-f]{6,40}    # pixels, pages, a checksum
    """,
    re.VERBOSE,
)
_EVENT = re.compile(r"C(?:[7-9]\d|1\d\d)")
"""A Comiket, where books are sold that their authors print themselves; "(C12)" is a chapter."""
_AUTHORED = re.compile(
    rf"(?:一般|成年|少年|少女|青年)コミック|コミックス?|漫画|マンガ|同人誌|{_EVENT.pattern}|(?:COMITIA|コミティア)\s?\d+|.*例大祭\d*"
)
"""In front of a name: what follows in brackets is who drew it, not who translates it."""
_ARTIST = re.compile(r".*\(.*\)")
_DATE = re.compile(r"(?<![\w-])(?:19|20)\d\d[-.]\d\d[-.]\d\d(?![\w-])")
_SOME = re.compile(r"(?:chapters?|ch|c|volumes?|vol|v)[\s._-]*\d.*")
"""What an archive of many chapters says it holds."""
_TITLE_LIKE = re.compile(
    r"(?:the|an?|le|la|les|un|une|el|los|las|o|os|as|uma?|der|die|das|ein|eine|il|lo|gli|i)\s"
    r"|(?:.*\s)?(?:final|finale|reunion|prologue|epilogue|part \w+)$"
)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+(?:org|com|net|io|to|me|co|cc|xyz|info|site)")
_SUBBED = re.compile(r"\s+(?:subs?|subbed|dub|ver(?:sion)?|tl|translat\w+|scans?)$")
_ONESHOTS = frozenset(map(words.fold, words.ONESHOT))
_LAST = frozenset(map(words.fold, words.LAST))
_HALVES = frozenset(map(words.fold, words.HALVES))
_CODES = (
    "eng",
    "jpn",
    "kor",
    "spa",
    "esp",
    "fre",
    "fra",
    "ger",
    "deu",
    "ita",
    "rus",
    "ind",
    "tha",
    "vie",
    "por",
    "jp",
    "chs",
    "cht",
    "chi",
    "zho",
)
_SHORT_WORDS = (
    "be",
    "ca",
    "da",
    "el",
    "et",
    "ga",
    "he",
    "hi",
    "it",
    "la",
    "ms",
    "my",
    "ne",
    "no",
    "ta",
    "te",
)
"""Codes of languages that are words where a capital begins them: "It", "No", "My"."""
_GROUP_TAIL = re.compile(
    rf"(?:.*[\s\W_])?(?:{'|'.join(map(re.escape, words.GROUPS))})s?\W*"
    r"|.*(?:scans?|scanlations?|subs|fansub|traducoes|(?:汉化|漢化|翻译|翻譯|字幕)[组組]?)"
)
_NICK = re.compile(r"\S*(?:[a-z][A-Z]|\d|[-_])\S*")
"""One word with a capital, a digit or a hyphen inside: a nickname, hardly a title."""


@dataclass(slots=True)
class Tags:
    """What the tags of one name tell."""

    groups: tuple[str, ...] = ()
    language: str = ""
    volume: str | None = None
    volume_letter: str = ""
    """ "v2" as it stood there, where it may be the version of the release."""
    chapter: str | None = None
    title: str | None = None
    """In parentheses behind the number."""
    oneshot: bool = False
    leading: bool = False
    """A group stands at the beginning."""
    series: str = ""
    """What stands in brackets at the beginning and is no group: the title, if no other one is there."""
    digital: bool = False
    """A digital release of a publisher's, whose volumes are marked as such: a number alone is a chapter's."""
    _authored: bool = field(default=False, repr=False)
    _leading: list[str] = field(default_factory=list, repr=False)
    _square: list[str] = field(default_factory=list, repr=False)
    _round: list[tuple[str, bool]] = field(default_factory=list, repr=False)
    _digital: int = -1
    """How many square tags stood before [dig]."""


def split_groups(text: str) -> tuple[str, ...]:
    """The groups in one text: "A & B", "A + B", "A, B"."""
    parts = re.split(
        r"[,;+、，]|\s[&/xX×|]\s|\s(?:and|y|et|und|и)\s(?=\S+\s*$)" if " " in text else r"[,;+、，&]", text
    )
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def is_group(text: str) -> bool:
    """Whether it ends as names of groups do."""
    return _GROUP_TAIL.fullmatch(words.fold(text)) is not None


def take_tags(name: str) -> tuple[str, Tags]:
    """`name` without its tags, and what they tell.

    Square brackets hold groups. When some stand at the end, those at the beginning name an artist.
    """
    tags = Tags()
    name = _TAG.sub(_without_brackets, _DATE.sub(" ", name))
    for found in _TAG.finditer(name):
        content = _content(found)
        before = _TAG.sub("", name[: found.start()]).strip(" _-.")
        _read(tags, content, found[0][0], leading=not before, number=any(c.isdigit() for c in before))
    _settle(tags)
    return " ".join(_TAG.sub(" ", name).split(" ")).strip(), tags


def _content(tag: re.Match[str]) -> str:
    return " ".join(next(group for group in tag.groups() if group is not None).split())


def _without_brackets(tag: re.Match[str]) -> str:
    """What stands in brackets only for looks becomes part of the text: "(第5話)", "(最終話)", "(後編)"."""
    content = _content(tag)
    plain = words.fold(content)
    marks = find_marks(content)
    if plain in _LAST or (len(marks) == 1 and marks[0].counter and marks[0].covers(content)):
        return f" {content} "
    return f"（{content}）" if plain in _HALVES else tag[0]


def _read(tags: Tags, content: str, bracket: str, *, leading: bool, number: bool) -> None:
    plain = words.fold(content).replace("_", " ")
    square = bracket in "[【〔〖"
    volume, chapter = _VOLUME.fullmatch(plain), _CHAPTER.fullmatch(plain)
    if not content:
        return
    if leading and _AUTHORED.fullmatch(content):
        tags._authored = True
        return
    if bracket == "(" and _EVENT.fullmatch(content):
        return
    if plain in _ONESHOTS:
        tags.oneshot = True
    elif (
        volume is not None
        and tags.volume is None
        and (not square or len(volume[2]) > 1 or volume[1] != "v")
        and bracket != "{"
    ):
        tags.volume = normalise_number(volume[2])
        tags.volume_letter = plain if volume[1] == "v" and len(volume[2]) == 1 and volume[2] != "1" else ""
    elif chapter is not None and tags.chapter is None:
        tags.chapter = normalise_number(chapter[1])
    elif _is_nothing(plain) or _SOME.fullmatch(plain) or _DOMAIN.fullmatch(plain):
        tags.digital = tags.digital or plain.startswith("dig")
        if plain.startswith("dig") and tags._digital < 0:
            tags._digital = len(tags._square)
    elif language := _language(content, plain):
        tags.language = tags.language or language
    elif leading and (square or is_group(content)):
        if is_group(content) or not (tags._authored or _ARTIST.fullmatch(content)):
            tags._leading.append(content)
    elif square:
        tags._square.append(content)
    elif bracket == "{":
        if re.search(r"[^\W\d_]", content):
            tags._square.append(content)
    elif not leading:
        tags._round.append((content, number))


def _settle(tags: Tags) -> None:
    """Tell groups from titles once all tags are seen."""
    square = tags._square
    if 0 <= tags._digital < len(square) - 1:
        # "[dig] [Chapter title] [Publisher] [Group]"
        first = square[tags._digital]
        if not (is_group(first) or _NICK.fullmatch(first) or words.fold(first) in words.PUBLISHERS):
            tags.title = first
            square = [*square[: tags._digital], *square[tags._digital + 1 :]]
    groups = [group for content in square for group in split_groups(content)]
    rounds = tags._round
    for index, (content, behind_number) in enumerate(rounds):
        last = index == len(rounds) - 1
        if any(map(is_group, split_groups(content))) or (
            last and tags._digital >= 0 and not square and not _is_extra(content)
        ):
            groups += split_groups(content)
        elif behind_number and (square or tags._leading or not last or _is_title(content)):
            tags.title = tags.title or content
        elif last and (behind_number or _NICK.fullmatch(content)):
            groups += split_groups(content)
    if not groups:
        groups = [group for content in tags._leading for group in split_groups(content)]
    elif len(tags._leading) == 1:
        tags.series = tags._leading[0]
    tags.leading = bool(tags._leading)
    tags.groups = tuple(dict.fromkeys(groups))


def _is_extra(content: str) -> bool:
    return words.fold(content) in map(words.fold, words.EXTRA)


def _is_title(content: str) -> bool:
    """Whether what stands alone in parentheses behind a number reads like a title and not like a group.

    What may be either is taken for a group: one that nobody knows is asked about, a title would be published.
    """
    return (
        _TITLE_LIKE.match(words.fold(content)) is not None
        or content[-1] in "!?….。！？"
        or len(content.split()) > 4
        or bool(find_marks(content))
        or _is_extra(content)
    )


def _is_nothing(plain: str) -> bool:
    """Whether every part of it tells nothing of the chapter: "Digital HD", "1080p, raw"."""
    if _NOTHING.fullmatch(plain):
        return True
    parts = [part for part in re.split(r"[\s,+/-]+", plain) if part]
    return len(parts) > 1 and all(_NOTHING.fullmatch(part) and not part.isdigit() for part in parts)


def _language(content: str, plain: str) -> str:
    """A code or the name of a language; three letters and short names may mean anything else."""
    plain = re.sub(r"^(?:sub|lang(?:uage)?|traducido)[\s:_-]+", "", plain)
    if content.istitle() and plain in _SHORT_WORDS:
        return ""
    subbed = _SUBBED.sub("", plain)
    if subbed != plain and parse_language(subbed):
        return parse_language(subbed) or ""
    code = plain.replace(" ", "-")
    if code in LANGUAGES or (len(plain) > 3 and " " in plain) or plain in _CODES:
        return parse_language(content) or parse_language(plain) or ""
    return parse_language(content) or "" if len(plain) > 3 or not content.isascii() or plain == "vf" else ""
