"""The sandbox's world at the start: users, titles, groups and a few chapters. The same at every start."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tui.sandbox.records import Author, Chapter, Group, Manga, StoredPage, User
from tui.sandbox.replies import timestamp
from tui.sandbox.seed_groups import EXAMPLE_SCANS, GROUPS, GroupRow
from tui.sandbox.seed_titles import HARBOUR_LIGHTS, TITLES, TitleRow

_WORLD = uuid.UUID("6d1f4f0e-6a43-5d53-8a0d-7e1c2b9f3a55")
_DAY = 86_400.0
_GENRES = frozenset(
    [
        "Drama",
        "Comedy",
        "Fantasy",
        "Romance",
        "Action",
        "Mystery",
        "Thriller",
        "Adventure",
        "Sci-Fi",
        "Horror",
        "Historical",
        "Isekai",
        "Psychological",
        "Sports",
        "Mecha",
    ]
) | {"Slice of Life"}
_FORMATS = frozenset({"Web Comic", "Long Strip", "Full Color", "Oneshot", "Doujinshi", "4-Koma"})


@dataclass(frozen=True)
class Seed:
    """The world, and the title and group that samples belong to."""

    account: User
    users: list[User]
    authors: list[Author]
    manga: list[Manga]
    groups: list[Group]
    chapters: list[Chapter]
    manga_id: str
    group_id: str


def seed_id(kind: str, name: str) -> str:
    """The id of a thing that is there from the start."""
    return str(uuid.uuid5(_WORLD, f"{kind}/{name}"))


def make_seed(username: str, now: float) -> Seed:
    """The world as it is at `now`, an epoch second."""
    roles = ["ROLE_USER", "ROLE_MEMBER", "ROLE_GROUP_MEMBER"]
    account = User(seed_id("user", "sandbox"), username, roles, version=12)
    other = User(seed_id("user", "another uploader"), "another_uploader", ["ROLE_USER", "ROLE_MEMBER"])
    leader = User(seed_id("user", "leader"), "group_leader", ["ROLE_USER", "ROLE_GROUP_LEADER"])
    names = sorted({name for row in TITLES for name in (row.author, row.artist)})
    authors = [Author(seed_id("author", name), name) for name in names]
    manga = [_manga(row, now - (position + 1) * _DAY) for position, row in enumerate(TITLES)]
    groups = [_group(row, account, leader, now - 400 * _DAY) for row in GROUPS]
    manga_id = next(entry.id for entry, row in zip(manga, TITLES, strict=True) if row.name == HARBOUR_LIGHTS)
    group_id = next(entry.id for entry, row in zip(groups, GROUPS, strict=True) if row.name == EXAMPLE_SCANS)
    return Seed(
        account=account,
        users=[account, other, leader],
        authors=authors,
        manga=manga,
        groups=groups,
        chapters=_chapters(manga, manga_id, group_id, account, other, now),
        manga_id=manga_id,
        group_id=group_id,
    )


def _manga(row: TitleRow, updated_at: float) -> Manga:
    key = row.name
    alternatives = [{"en": name} for name in row.alternatives.split(";") if name]
    if row.original:
        alternatives.insert(0, {row.language: row.original})
    attributes = {
        "title": {row.name_language: row.name},
        "altTitles": alternatives,
        "description": {"en": f"A title of the sandbox by {row.author}. Nothing of it is real."},
        "isLocked": False,
        "links": {"raw": f"https://example.invalid/{seed_id('raw', key)}"} if row.original else {},
        "originalLanguage": row.language,
        "lastVolume": "",
        "lastChapter": "",
        "publicationDemographic": row.demographic,
        "status": row.status,
        "year": row.year,
        "contentRating": row.rating,
        "tags": [_tag(name) for name in row.tags.split(",") if name],
        "state": row.state,
        "chapterNumbersResetOnNewVolume": row.resets,
        "createdAt": timestamp(updated_at - 900 * _DAY),
        "updatedAt": timestamp(updated_at),
        "version": 3,
    }
    return Manga(
        row.id or seed_id("manga", key),
        attributes,
        [seed_id("author", row.author)],
        [seed_id("author", row.artist)],
    )


def _tag(name: str) -> dict[str, Any]:
    group = "genre" if name in _GENRES else "format" if name in _FORMATS else "theme"
    return {
        "id": seed_id("tag", name),
        "type": "tag",
        "attributes": {"name": {"en": name}, "description": {}, "group": group, "version": 1},
        "relationships": [],
    }


def _group(row: GroupRow, account: User, leader: User, created_at: float) -> Group:
    languages = [language for language in row.languages.split(",") if language]
    attributes = {
        "name": row.name,
        "altNames": [{"en": name} for name in row.alternatives.split(";") if name],
        "locked": row.locked,
        "website": None,
        "ircServer": None,
        "ircChannel": None,
        "discord": None,
        "contactEmail": None,
        "description": None,
        "twitter": None,
        "mangaUpdates": None,
        "focusedLanguages": languages,
        "official": row.official,
        "verified": row.official,
        "inactive": row.inactive,
        "publishDelay": row.delay,
        "exLicensed": False,
        "createdAt": timestamp(created_at),
        "updatedAt": timestamp(created_at),
        "version": 1,
    }
    members = [account.id] if row.ours else []
    return Group(row.id or seed_id("group", row.name), attributes, leader.id, members)


def _chapters(
    manga: list[Manga], harbour: str, example: str, account: User, other: User, now: float
) -> list[Chapter]:
    """A few chapters: enough for the duplicate check, the aggregate and the feed to have something to say."""
    tide, faro = seed_id("group", "Quiet Tide Scans"), seed_id("group", "Faro Nocturno")
    rows: list[tuple[str, str | None, str | None, str | None, str, list[str], User]] = [
        (harbour, "1", "1", "The Pier", "en", [tide], other),
        (harbour, "1", "2", "Fog Horn", "en", [tide], other),
        (harbour, "1", "3", None, "en", [tide, example], account),
        (harbour, "1", "1", "El muelle", "es-la", [faro], other),
        (harbour, "2", "10", "Ebb", "en", [example], account),
        (harbour, "2", "10.5", "Extra", "en", [example], account),
        (harbour, "2", "11", "Slack Water", "en", [example], account),
        (harbour, "2", "11", "Slack Water (other)", "en", [tide], other),
        (harbour, None, None, "Oneshot: The Old Keeper", "en", [], other),
    ]
    skipped = {harbour, seed_id("manga", "One Hundred Views of My Desk")}
    for entry in manga:
        if entry.id in skipped or entry.attributes["state"] != "published":
            continue
        for earlier in range(3):
            rows.append((entry.id, "1", str(earlier), None, "en", [tide], other))
    chapters = []
    for position, (manga_id, volume, number, title, language, groups, uploader) in enumerate(rows):
        created = now - 30 * _DAY - (len(rows) - position) * 3600
        chapter = Chapter(
            id=seed_id("chapter", f"{position}"),
            manga_id=manga_id,
            group_ids=groups,
            uploader_id=uploader.id,
            volume=volume,
            chapter=number,
            title=title,
            language=language,
            external_url=None,
            created_at=created,
            updated_at=created,
            publish_at=created,
            readable_at=created,
            processed_at=created,
            pages=[StoredPage("image/png", 0, "", "", None) for _ in range(18)],
        )
        chapters.append(chapter)
    return chapters
