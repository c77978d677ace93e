"""The details of a chapter for `dexup upload`: typed options, then what was guessed, then the settings."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding
from tui.chapter.guess import Guess
from tui.commands.console import Console
from tui.commands.running import ask
from tui.mangadex.errors import Banned, CaptchaRequired, LoginRequired, MangaDexError
from tui.mangadex.models import Group
from tui.services import Services


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
    findings = [finding for finding in guess.findings if finding.field not in given]
    return replace(guess.details, **values, origins=origins), findings


def look_up(services: Services, console: Console, details: ChapterDetails) -> ChapterDetails:
    """Ask the service for the names behind the ids, and warn of what may not be meant.

    MangaDexError when the manga is not there or nobody is logged in; what else cannot be looked up is only a
    warning, since the upload does not depend on it.
    """
    manga = ask(services, lambda client: client.manga(details.manga_id))
    if manga.state != "published":
        console.warn(f"dexup: the manga is not published yet (state {manga.state}).")
    names: dict[str, str] = {}
    with _optional(console, "the groups"):
        if details.group_ids:
            names = _group_names(
                console, details, ask(services, lambda client: client.groups(details.group_ids))
            )
    return replace(
        details,
        manga_title=manga.title,
        group_names=tuple(names.get(group_id, "") for group_id in details.group_ids),
    )


@contextlib.contextmanager
def _optional(console: Console, what: str) -> Iterator[None]:
    try:
        yield
    except (LoginRequired, Banned, CaptchaRequired):
        raise  # nothing after this would work either
    except MangaDexError as error:
        console.warn(f"dexup: {what} could not be looked up: {error}")


def _group_names(console: Console, details: ChapterDetails, groups: Sequence[Group]) -> dict[str, str]:
    names = {group.id: group.name for group in groups}
    for group_id in details.group_ids:
        if group_id not in names:
            console.warn(f"dexup: no group with the id {group_id} was found.")
    for group in groups:
        if group.inactive:
            console.warn(f"dexup: the group {group.name} is inactive.")
        if group.locked:
            console.warn(f"dexup: only members of the group {group.name} may upload for it.")
    return names


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
