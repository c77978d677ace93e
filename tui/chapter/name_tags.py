"""The tags in brackets that release names carry: groups, language, volume, and what tells nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tui.chapter.languages import LANGUAGES, parse_language
from tui.chapter.numbers import normalise_number

_TAG = re.compile(r"\[([^\[\]]*)\]|\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\{([^{}]*)\}|【([^【】]*)】")
_VOLUME = re.compile(r"(?:volume|vol|v)[\s._-]*(\d{1,4}(?:\.\d{1,2})?)", re.IGNORECASE)
_ONESHOT = re.compile(r"one[\s-]?shot", re.IGNORECASE)
_NOTHING = re.compile(
    r"""
    (?:19|20)\d\d(?:[-./]\d\d?){0,2} | \d{8} | \d{1,3}          # a year, a date, the number of a copy
    | digital(?:[-\s]\w+)? | web(?:toon|rip)? | scan(?:lation)?s? | raws? | e?book | kindle
    | mag(?:azine)? | official
    | completed? | ongoing | end | final | fix(?:ed)? | f\d? | v\d | hq | lq | mq | uhq | hd | x\d
    | colou?r(?:ed)? | full[\s-]colou?r | b&w | uncensored | censored | decensored | nsfw | sfw
    | webp | jpe?g | png | cbz | zip | dl
    | \d{3,4}(?:p|px) | \d{3,5}x\d{3,5} | [0-9a-f]{8}           # pixels, a checksum
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(slots=True)
class Tags:
    """What the tags of one name tell."""

    groups: tuple[str, ...] = ()
    language: str = ""
    volume: str | None = None
    title: str | None = None
    """In parentheses behind the number."""
    oneshot: bool = False
    _leading: tuple[str, ...] = field(default=(), repr=False)


def take_tags(name: str) -> tuple[str, Tags]:
    """`name` without its tags, and what they tell.

    Square brackets hold groups. When some stand at the end, those at the beginning name an artist.
    """
    tags = Tags()
    previous = ""
    for found in _TAG.finditer(name):
        content = " ".join(next(group for group in found.groups() if group is not None).split())
        square = found[0][0] in "[【"
        leading = not _TAG.sub("", name[: found.start()]).strip()
        _read(tags, content, square=square, brace=found[0][0] == "{", leading=leading, previous=previous)
        previous = content.casefold()
    if not tags.groups:
        tags.groups = tags._leading
    return " ".join(_TAG.sub(" ", name).split(" ")).strip(), tags


def _read(tags: Tags, content: str, *, square: bool, brace: bool, leading: bool, previous: str) -> None:
    volume = _VOLUME.fullmatch(content)
    if not content or brace:
        return
    if _ONESHOT.fullmatch(content):
        tags.oneshot = True
    elif volume is not None and not square and not (len(volume[1]) == 1 and tags.volume):
        tags.volume = normalise_number(volume[1])
    elif _NOTHING.fullmatch(content):
        return
    elif not (square and leading) and (language := _language(content)):
        tags.language = language
    elif square:
        if leading:
            tags._leading = _groups(content)
        else:
            tags.groups += _groups(content)
    elif previous.startswith("digital"):
        # "(2024) (Digital) (Group)": how rippers of digital editions sign
        tags.groups += _groups(content)
    elif not leading and tags.title is None:
        tags.title = content


def _language(content: str) -> str:
    """A code or the name of a language; three letters and short names may mean anything else."""
    plain = content.casefold().replace("_", "-")
    if (
        plain in LANGUAGES
        or len(plain) > 3
        or plain in ("eng", "jpn", "kor", "spa", "fre", "ger", "ita", "rus", "jp")
    ):
        return parse_language(content) or ""
    return ""


def _groups(content: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"\+|,| & | / ", content) if part.strip())
