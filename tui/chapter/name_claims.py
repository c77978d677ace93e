"""What the name of a chapter, the folders around it, and its ComicInfo.xml say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tui.chapter.claims import Claims, Named
from tui.chapter.comic_info import ComicInfo, ComicInfoError, parse_comic_info
from tui.chapter.details import Origin
from tui.chapter.file_names import NameGuess, parse_name, split_groups
from tui.chapter.languages import parse_language
from tui.chapter.limits import LIMITS
from tui.chapter.numbers import normalise_number
from tui.chapter.references import read_reference
from tui.chapter.sources import archive_ending
from tui.patterns import NamePattern

_NO_TITLE = re.compile(
    r"downloads?|desktop|documents|pictures|mangas?|comics?|chapters?|uploads?|to[ _-]?upload|queue|inbox|new"
    r"|raws?|release[sd]?|scans?|te?mp(?:orary)?|tmp\w{8}|home|root|srv|mnt|media|data|archives?|folders?"
    r"|done|images|pages|samples?|next(?:[ _-]chapter)?|latest|current|drafts?|ready|final|untitled(?:[ _-]folder)?"
    r"|new[ _-](?:folder|chapter)|exports?|clean(?:ed)?|typeset|redraw|output|chap|ch|the",
    re.IGNORECASE,
)
"""Names of folders that hold anything: no title."""
_WHOLE = re.compile(r"(?<=\d)\.0+$")
"""How programs write whole numbers: 7.0."""
_NOT_A_CHAPTER_TITLE = re.compile(r"(?:chapter|chap|ch|episode|ep|volume|vol|#)[\s._-]*[\d.]+", re.IGNORECASE)


def own_name(path: Path) -> str:
    """The name of a folder, or of an archive without its ending."""
    return path.name[: len(path.name) - len(archive_ending(path))]


def by_pattern(path: Path, patterns: Sequence[NamePattern]) -> Claims | None:
    """What the first of the user's patterns that fits reads; None when none fits. Folders count as far as `path`
    names them."""
    names = [*(folder.name for folder in reversed(path.parents)), own_name(path)]
    for pattern in patterns:
        found = pattern.match(names)
        if found is None:
            continue
        values: dict[str, object] = {}
        for name, text in found.items():
            if name == "manga":
                values["manga"] = Named(name=text)
            elif name == "groups":
                values["groups"] = tuple(Named(name=part) for part in split_groups(text))
            elif name == "language":
                code = parse_language(text)
                if code is None:
                    break  # no language: the pattern does not fit
                values["language"] = code
            elif name == "title":
                values["title"] = text[: LIMITS.title_length + 1]
            else:
                number = _number(text)
                if number is None:
                    break
                values[name] = number
        else:
            return Claims(Origin.PATTERN, values)
    return None


def name_claims(path: Path, *, around_only: bool = False) -> tuple[Claims, Claims]:
    """What the chapter's own name says, and what the folders around it add.

    With `around_only` the own name was read otherwise; what the folders add does not depend on it then.
    """
    guess = parse_name(own_name(path), _series(path))
    return (
        _own_claims(guess) if not around_only else Claims(Origin.FILE_NAME),
        Claims(Origin.FOLDER_NAME, _around(guess, path)),
    )


def _own_claims(guess: NameGuess) -> Claims:
    readings = {"chapter": guess.whole} if guess.whole else {}
    return Claims(Origin.FILE_NAME, _values(guess), readings=readings)


def _series(path: Path) -> str:
    """The title that the folder around names; "" if it names none."""
    around = parse_name(path.parent.name, around=True)
    return "" if around.chapter or _NO_TITLE.fullmatch(around.manga_title) else around.manga_title


def _values(guess: NameGuess) -> dict[str, object]:
    values: dict[str, object] = {}
    if guess.manga_id or (guess.manga_title and not _NO_TITLE.fullmatch(guess.manga_title)):
        values["manga"] = Named(guess.manga_id, guess.manga_title)
    if guess.groups:
        values["groups"] = tuple(Named(name=name) for name in guess.groups[: LIMITS.groups])
    for name in ("volume", "chapter", "language"):
        if getattr(guess, name):
            values[name] = getattr(guess, name)
    if guess.oneshot:
        values["chapter"] = None
    if guess.title and len(guess.title) <= LIMITS.title_length:
        values["title"] = guess.title
    return values


def _around(guess: NameGuess, path: Path) -> dict[str, object]:
    """ "Title/Vol.2/Ch.12" and "Title/Chapter 12": what the name does not tell, the folders around it may.

    The language may stand further up: "Source (EN)/Title/Ch.12".
    """
    above = (parse_name(folder.name, around=True).language for folder in path.parents[:3])
    language = "" if guess.language else next(filter(None, above), "")
    values: dict[str, object] = {"language": language} if language else {}
    named = bool(guess.manga_title) and not _NO_TITLE.fullmatch(guess.manga_title)
    if named:
        return values
    for folder in path.parents[:2]:
        around = parse_name(folder.name, around=True)
        if around.manga_title:
            if not _NO_TITLE.fullmatch(around.manga_title) and not around.chapter:
                values = _values(around) | values
            break
        if around.volume is None or around.chapter:
            break
        values.setdefault("volume", around.volume)
    own = _values(guess)
    return {name: value for name, value in values.items() if name not in own and name != "title"}


# ComicInfo.xml


def comic_info_claims(content: bytes) -> Claims:
    """What ComicInfo.xml says; nothing, if it cannot be parsed (the scan lists it as skipped)."""
    try:
        info = parse_comic_info(content)
    except ComicInfoError:
        return Claims(Origin.COMIC_INFO)
    values: dict[str, object] = {}
    manga_id = _manga_id(info)
    if manga_id or info.series:
        values["manga"] = Named(manga_id, info.series)
    groups = split_groups(info.groups)
    if groups:
        values["groups"] = tuple(Named(name=name) for name in groups[: LIMITS.groups])
    for name, text in (("chapter", _number(_WHOLE.sub("", info.number))), ("volume", _volume(info.volume))):
        if text is not None:
            values[name] = text
    title, told = _own_title(info.title)
    values = told | values
    if title and len(title) <= LIMITS.title_length and not _NOT_A_CHAPTER_TITLE.fullmatch(title):
        values["title"] = title
    language = parse_language(info.language)
    if language:
        values["language"] = language
    return Claims(Origin.COMIC_INFO, values)


def _own_title(text: str) -> tuple[str, dict[str, object]]:
    """The title without what programs put around it, and this: "Vol.2 Ch.7 - Dawn (en) [Group]"."""
    guess = parse_name(text)
    if guess.manga_title or not guess.chapter:
        return text, {}
    title = guess.title or ""
    if title and not re.search(r"\d\S*\s*[-–—:]\s*$", text[: max(0, text.find(title))]):
        return text, {}
    told = _values(guess)
    return title, {name: told[name] for name in ("volume", "chapter", "groups", "language") if name in told}


def _manga_id(info: ComicInfo) -> str:
    """From a link to the manga's own page; a link to a chapter says nothing of the manga's id."""
    for word in info.web.split():
        found = read_reference(word)
        if found is not None and found.kind == "manga":
            return found.id
    return ""


def _number(text: str) -> str | None:
    try:
        return normalise_number(text) if text else None
    except ValueError:
        return None


def _volume(text: str) -> str | None:
    """Western comics put the year of the first issue here, and tools write -1 for none."""
    number = _number(text)
    return None if number is None or re.fullmatch(r"(?:19|20)\d\d", number) else number
