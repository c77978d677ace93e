"""The titles in names: that of the series before the numbers, that of the chapter behind them."""

from __future__ import annotations

import re

from tui.chapter.languages import parse_language
from tui.chapter.name_tags import is_group, split_groups

_EDGES = " \t-–—_,.:;|/+&•»・·"
TITLE_EDGES = " \t-–—_:：|~"
"""Dots stay: "And then..." is a title."""
_QUOTED = re.compile(r"\s*[-–—:_]?\s*[「『“\"«‹（](?P<title>.*?)[」』”\"»›）]?\s*")
_SET_OFF = re.compile(
    r"\s*[-–—:：;꞉|~_,•»]+\s+(?P<title>.*)|\s*[-–—:：_|~・·]+(?P<title2>[^\d\s].*)|\s*\.\s+(?P<title3>.*)"
)
_SUBBED = re.compile(r"^(?:subs?|version)\s+|\s+(?:subs?|subbed|dub|version)$")
_LONE_TILDE = re.compile(r"^([^~〜～]*\S)\s+[~〜～]$")
_OWN_END = re.compile(r"(?:[\w!?](\.{2,}|\++)|[^\W\u0400-\u052f](\.))\s+[-–—_|~]*\s*$")


def behind(rest: str, groups: tuple[str, ...], language: str) -> tuple[str | None, tuple[str, ...], str]:
    """The chapter's title, and the group or language that may stand behind it."""
    text = re.sub(r"^\s*v\d(?!\w)|(?<=\w)\s+v[2-9]\s*$", "", rest, flags=re.IGNORECASE)
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None and has_letter(quoted["title"]) and "）" not in quoted["title"]:
        return trimmed(quoted["title"], TITLE_EDGES), groups, language
    found = _SET_OFF.fullmatch(text)
    title = next((part for part in found.groups() if part is not None), "") if found is not None else text
    title = trimmed(title, TITLE_EDGES)
    if found is None and title and not text[:1].isspace() and title[:1] not in '「『“"（':
        return None, groups, language
    spoken = _SUBBED.sub("", title.casefold())
    code = (
        parse_language(spoken)
        if found is None and (len(spoken) > 3 or title.isupper() or spoken != title.casefold())
        else None
    )
    if code and not language:
        return None, groups, code
    if found is None and is_group(title) and not groups and " " in title:
        return None, split_groups(title), language
    tagged = re.search(r"(?:^|\s)([A-Z]{2}-[A-Z]{2})$", title)
    if tagged is not None and not language and (code := parse_language(tagged[1])):
        language, title = code, trimmed(title[: tagged.start()], TITLE_EDGES)
    parts = re.fullmatch(r"(?:(.*)(\s[-–—]\s))?(.*)", title)
    head, dash, tail = parts.groups("") if parts is not None else ("", "", title)
    if not groups and is_group(tail) and (dash or found is not None) and (dash or " " in tail):
        groups, title = split_groups(tail), head
    by = re.search(r"(?:^|\s)by\s+(\S.{1,60})$", title)
    if by is not None and not groups and found is None:
        groups, title = split_groups(by[1]), title[: by.start()].strip()
    return (title if has_letter(title) else None), groups, language


def has_letter(text: str) -> bool:
    """Whether there is anything to read in it."""
    return any(character.isalpha() for character in text)


def trimmed(text: str, edges: str = _EDGES) -> str:
    """Without blanks and separators at the ends, and with one blank where several stood."""
    return re.sub(r"^\.+(?![\w.])", "", " ".join(text.split()).rstrip(edges).lstrip(edges.replace(".", "")))


def series_title(text: str) -> str:
    """The series' title out of `text`, which ends where something else begins.

    A dot or plus that stands at a word with a blank behind it is the word's own ("Komyushou desu. Ch.1", "Yuri+ 3"),
    and so is a plus that a word follows ("+Anima"); in Cyrillic names one dot sets off what follows ("Имя. Глава 3").
    """
    title = _LONE_TILDE.sub(r"\1", trimmed(text))
    own = _OWN_END.search(text) if has_letter(title) else None
    begin = re.match(r"\s*(\++)(?=\w)", text)
    return f"{begin[1] if begin else ''}{title}{(own[1] or own[2]) if own else ''}"
