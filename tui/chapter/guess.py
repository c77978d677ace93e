"""The details of a chapter as far as its name and its ComicInfo.xml tell them."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from tui.chapter.comic_info import ComicInfo, ComicInfoError, parse_comic_info
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.file_names import NameGuess, parse_name
from tui.chapter.languages import parse_language
from tui.chapter.limits import LIMITS
from tui.chapter.numbers import normalise_number
from tui.chapter.references import read_reference
from tui.chapter.sources import archive_ending

_NO_TITLE = re.compile(
    r"downloads?|desktop|documents|pictures|mangas?|comics?|chapters?|uploads?|to[ _-]?upload|queue|inbox|new"
    r"|raws?|release[sd]?|scans?|te?mp(?:orary)?|tmp\w{8}|home|root|srv|mnt|media|data|archives?|folders?"
    r"|done|images|pages|samples?",
    re.IGNORECASE,
)
"""Names of folders that hold chapters of all kinds of manga."""
_NOT_A_CHAPTER_TITLE = re.compile(r"(?:chapter|chap|ch|episode|ep|volume|vol|#)[\s._-]*[\d.]+", re.IGNORECASE)


def guess_details(path: Path, comic_info: bytes | None) -> ChapterDetails:
    """Details from ComicInfo.xml, then from the name of the folder or archive; each field says from where.

    `manga_title` and `group_names` are only words to search for: no ids are known yet. A ComicInfo.xml that
    cannot be parsed tells nothing (the scan lists it as skipped).
    """
    named = _from_name(path)
    described = _from_comic_info(comic_info)
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    for details, origin in ((described, Origin.COMIC_INFO), (named, Origin.FILE_NAME)):
        for field in fields(ChapterDetails):
            value = getattr(details, field.name)
            if field.name != "origins" and value and field.name not in values:
                values[field.name] = value
                origins[field.name] = origin
    if values.get("chapter") and named.chapter is None and values.get("title") == "Oneshot":
        del values["title"], origins["title"]
    return ChapterDetails(**values, origins=origins)  # type: ignore[arg-type]


def _from_name(path: Path) -> ChapterDetails:
    guess = parse_name(path.name[: len(path.name) - len(archive_ending(path))])
    if not guess.manga_title and (guess.chapter or guess.volume):
        guess = _with_folders(guess, path)
    title = guess.title if guess.title and len(guess.title) <= LIMITS.title_length else None
    return ChapterDetails(
        manga_title=guess.manga_title,
        group_names=guess.groups,
        volume=guess.volume,
        chapter=guess.chapter,
        title=title,
        language=guess.language,
    )


def _with_folders(guess: NameGuess, path: Path) -> NameGuess:
    """ "Title/Vol.2/Ch.12" and "Title/Chapter 12": what the name does not tell, the folders around it may."""
    volume = guess.volume
    for folder in path.absolute().parents[:2]:
        around = parse_name(folder.name)
        if around.manga_title:
            manga = "" if _NO_TITLE.fullmatch(around.manga_title) or around.chapter else around.manga_title
            groups = guess.groups or (around.groups if manga else ())
            volume = volume or (around.volume if manga else None)
            return NameGuess(
                manga, volume, guess.chapter, guess.title, groups, guess.language or around.language
            )
        if around.volume is None or around.chapter:
            break
        volume = volume or around.volume
    return NameGuess("", volume, guess.chapter, guess.title, guess.groups, guess.language)


def _from_comic_info(content: bytes | None) -> ChapterDetails:
    if not content:
        return ChapterDetails()
    try:
        info = parse_comic_info(content)
    except ComicInfoError:
        return ChapterDetails()
    title = info.title if len(info.title) <= LIMITS.title_length else ""
    chapter = _number(info.number)
    if _NOT_A_CHAPTER_TITLE.fullmatch(title):
        title = ""
    return ChapterDetails(
        manga_id=_manga_id(info),
        manga_title=info.series,
        group_names=tuple(part.strip() for part in re.split(r"[,;+]", info.groups) if part.strip())[
            : LIMITS.groups
        ],
        volume=_volume(info.volume),
        chapter=chapter,
        title=title or None,
        language=parse_language(info.language) or "",
    )


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
