"""The details of a chapter for `dexup upload`: typed options, then what was guessed, then the settings."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tui.chapter.claims import Named, plain
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.guess import Guess, unknown_group
from tui.commands.console import Console
from tui.mangadex.models import Group, Manga
from tui.services import Services

WRITTEN = (Origin.SIDECAR, Origin.FOLDER)
"""Who says a title here has meant it; a file's name only happens to be so."""


def merge_details(arguments: argparse.Namespace, guess: Guess) -> tuple[ChapterDetails, list[Finding]]:
    """What was typed wins over what was guessed; the findings are about what nobody typed.

    An option given as "" means none. A title or group counts only by its id, never by its name alone.
    """
    typed: dict[str, Any] = {
        "manga_id": arguments.manga,
        "group_ids": tuple(dict.fromkeys(arguments.group)) or None,
        "volume": arguments.volume,
        "chapter": arguments.chapter,
        "title": arguments.title,
        "language": arguments.lang,
        "publish_at": arguments.publish_at,
        "external_url": arguments.external_url,
    }
    if arguments.no_group:
        typed["group_ids"] = ()
    given = {name: value for name, value in typed.items() if value is not None}
    values: dict[str, Any] = {
        name: value if name in ("language", "group_ids") else value or None for name, value in given.items()
    }
    if "manga_id" in values:
        values["manga_title"] = ""
    if "group_ids" in values:
        values["group_names"] = ("",) * len(values["group_ids"])
    origins = {**guess.details.origins, **dict.fromkeys(given, Origin.TYPED)}
    findings = [
        # Nobody is asked here: without the group, what was meant would not be what is published.
        replace(finding, severity=Severity.ERROR, remedy="Say --group ID for every group, or --no-group.")
        if finding.rule == "group-not-found"
        else finding
        for finding in guess.findings
        if finding.field not in given
    ]
    return replace(guess.details, **values, origins=origins), findings


def find_named(services: Services, guess: Guess) -> Guess:
    """With the ids of groups that MangaDex knows by exactly the name that was guessed; of the title only where
    a dexup.toml names it. MangaDexError."""
    manga = guess.manga
    if manga.name and not manga.id and guess.details.origins.get("manga_id") in WRITTEN:
        manga = title_called(services, manga.name) or manga
    groups = []
    for group in guess.groups:
        if not group.id:
            group = group_called(services, group.name) or group
        groups.append(group)
    known = [group for group in groups if group.id]
    findings = [finding for finding in guess.findings if finding.rule != "group-not-found"]
    return replace(
        guess,
        manga=manga,
        groups=tuple(groups),
        details=replace(
            guess.details,
            manga_id=manga.id,
            manga_title=manga.name,
            group_ids=tuple(group.id for group in known),
            group_names=tuple(group.name for group in known),
        ),
        findings=(*findings, *(unknown_group(group.name) for group in groups if not group.id)),
    )


def title_called(services: Services, name: str) -> Named | None:
    """The only title that is called exactly so. MangaDexError."""
    found = asyncio.run(services.search.manga(name)).found
    same = [one for one in found if plain(name) in map(plain, (one.title, *one.alt_titles))]
    return Named(same[0].id, same[0].title, name) if len(same) == 1 else None


def group_called(services: Services, name: str) -> Named | None:
    """The only group that is called exactly so. MangaDexError."""
    found = asyncio.run(services.search.groups(name)).found
    same = [one for one in found if plain(name) in map(plain, (one.name, *one.alt_names))]
    return Named(same[0].id, same[0].name, name) if len(same) == 1 else None


def name_manga(console: Console, details: ChapterDetails, manga: Manga) -> ChapterDetails:
    """With the title behind the id."""
    if manga.state != "published":
        console.warn(f"dexup: the manga is not published yet (state {manga.state}).")
    return replace(details, manga_title=manga.title)


def name_groups(details: ChapterDetails, groups: Sequence[Group]) -> ChapterDetails:
    """With the names behind the groups' ids, as far as they were found."""
    names = {group.id: group.name for group in groups}
    return replace(details, group_names=tuple(names.get(one, "") for one in details.group_ids))


def describe_names(details: ChapterDetails) -> list[str]:
    """A line for the title, and one for the groups, as far as their names are known."""
    groups = ", ".join(filter(None, details.group_names))
    return [
        f"{label}: {names}" for label, names in (("Manga", details.manga_title), ("Groups", groups)) if names
    ]


def describe_details(details: ChapterDetails) -> list[str]:
    """One line for each field that is set, with where its value came from."""
    groups = [name or group_id for name, group_id in zip(details.group_names, details.group_ids, strict=True)]
    manga = details.manga_id
    shown = (
        ("Manga", "manga_id", f"{details.manga_title} ({manga})" if details.manga_title else manga),
        ("Groups", "group_ids", ", ".join(groups) or "none"),
        ("Volume", "volume", details.volume or "none"),
        ("Chapter", "chapter", details.chapter or "none (oneshot)"),
        ("Title", "title", details.title or "none"),
        ("Language", "language", details.language),
        ("Publish at", "publish_at", details.publish_at.isoformat() if details.publish_at else ""),
        ("External link", "external_url", details.external_url or ""),
    )
    lines = []
    for label, name, value in shown:
        origin = details.origins.get(name)
        if value:
            lines.append(f"{label}: {value}" + (f" [{origin}]" if origin else ""))
    return lines
