"""The details of a chapter for `dexup upload`: typed options, then what was guessed, then the settings."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from tui.chapter.details import ChapterDetails, Origin
from tui.commands.console import LINK, Console
from tui.commands.running import ask
from tui.mangadex.client import MangaDex
from tui.mangadex.models import Chapter, Group, Manga
from tui.services import Services


def merge_details(arguments: argparse.Namespace, guessed: ChapterDetails, language: str) -> ChapterDetails:
    """What was typed wins; chapter, volume, title and language fall back to what was guessed.

    `language` is what the settings say, if nothing else does. An option given as "" means none.
    """
    values: dict[str, Any] = {"manga_id": arguments.manga}
    origins = {"manga_id": Origin.TYPED}
    if arguments.group:
        values["group_ids"] = tuple(dict.fromkeys(arguments.group))
        origins["group_ids"] = Origin.TYPED
    typed = {
        "volume": arguments.volume,
        "chapter": arguments.chapter,
        "title": arguments.title,
        "language": arguments.lang,
        "publish_at": arguments.publish_at,
        "external_url": arguments.external_url,
    }
    for name, value in typed.items():
        if value is not None:
            values[name] = value if name == "language" else value or None
            origins[name] = Origin.TYPED
        elif name in ("volume", "chapter", "title", "language") and getattr(guessed, name):
            values[name] = getattr(guessed, name)
            origins[name] = guessed.origins.get(name, Origin.FILE_NAME)
    if not values.get("language") and arguments.lang is None and language:
        values["language"] = language
        origins["language"] = Origin.DEFAULT
    return ChapterDetails(**values, origins=origins)


def look_up(services: Services, console: Console, details: ChapterDetails) -> ChapterDetails:
    """Ask the service for the names behind the ids, and warn of what may not be meant. MangaDexError."""

    async def job(client: MangaDex) -> tuple[Manga, tuple[Group, ...], tuple[Chapter, ...], bool]:
        manga = await client.manga(details.manga_id)
        groups = await client.groups(details.group_ids) if details.group_ids else ()
        same = await client.chapters(
            manga_id=details.manga_id,
            chapter=details.chapter,
            language=details.language,
            group_ids=details.group_ids,
        )
        approval = await client.approval_required(details.manga_id, details.language)
        return manga, groups, same.items, approval

    manga, groups, same, approval = ask(services, job)
    names = {group.id: group.name for group in groups}
    for group_id in details.group_ids:
        if group_id not in names:
            console.warn(f"dexup: no group with the id {group_id} was found.")
    for group in groups:
        if group.inactive:
            console.warn(f"dexup: the group {group.name} is inactive.")
    for chapter in same:
        if (chapter.volume, chapter.chapter) == (details.volume, details.chapter) and set(
            chapter.group_ids
        ) == set(details.group_ids):
            console.warn(f"dexup: this chapter is already there: {LINK}{chapter.id}")
    if approval:
        console.line("The chapter will wait for approval by the staff.")
    return replace(
        details,
        manga_title=manga.title,
        group_names=tuple(names.get(group_id, "") for group_id in details.group_ids),
    )


def describe_details(details: ChapterDetails) -> list[str]:
    """One line for each field that is set, with where its value came from."""
    groups = [name or group_id for name, group_id in zip(details.group_names, details.group_ids, strict=True)]
    shown = (
        ("Manga", "manga_id", f"{details.manga_title} ({details.manga_id})"),
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
