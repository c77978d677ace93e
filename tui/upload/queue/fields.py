"""The fields of an entry as text: what a person types into a cell, and what files and commands say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.languages import is_code, parse_language
from tui.chapter.limits import LIMITS
from tui.chapter.numbers import normalise_number
from tui.chapter.publish_time import example_time, parse_publish_time
from tui.chapter.references import parse_reference
from tui.upload.queue.entry import QueueEntry

FIELDS = (
    "manga", "groups", "volume", "chapter", "title", "language", "publish_at", "external_url", "again",
)  # fmt: skip
"""Names of the fields, as files and commands have them."""

ONESHOT = "oneshot"
"""In place of a chapter number: there is none, on purpose."""
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0", ""})


def field_text(entry: QueueEntry, name: str) -> str:
    """The field as `set_field` takes it; "" for none. Not safe to show."""
    details = entry.details
    match name:
        case "manga":
            return details.manga_id
        case "groups":
            names = [f"?{re.sub(r'[,;]', ' ', name)}" for name in entry.unknown_groups]
            said = "none" if "group_ids" in details.origins else ""
            return "; ".join(filter(None, [" ".join(details.group_ids), *names])) or said
        case "chapter" if details.chapter is None and "chapter" in details.origins:
            return ONESHOT
        case "publish_at":
            return details.publish_at.isoformat(timespec="minutes") if details.publish_at else ""
        case "again":
            return "yes" if entry.again else ""
    value: str | None = getattr(details, name)
    return value or ""


def set_field(entry: QueueEntry, name: str, text: str) -> QueueEntry:
    """The entry with another value; ValueError, in words, for what the service would not take.

    Groups are ids or links with blanks, commas or semicolons between them, or "none"; "?Name" is one whose id is
    not known. A chapter is a number or "oneshot"; emptied, it has to be said before the upload. Publish times have
    a zone: "2026-12-24T18:00+01:00", "2026-12-24 18:00 Europe/Berlin".
    """
    text = text.strip()
    if name == "groups":
        parts = [part.strip() for part in re.split(r"[,;]", text)]
        unknown = tuple(part[1:].strip() for part in parts if part.startswith("?"))
        if not all(unknown):
            raise ValueError("Behind a question mark stands the name of a group.")
        known = read_groups(" ".join(part for part in parts if not part.startswith("?")))
        return replace(set_groups(entry, known), unknown_groups=unknown)
    if name == "again":
        if text.casefold() not in _YES | _NO:
            raise ValueError("Say yes or no.")
        return replace(entry, again=text.casefold() in _YES)
    return replace(entry, details=_typed(entry.details, name, text))


def _typed(details: ChapterDetails, name: str, text: str) -> ChapterDetails:
    values: dict[str, Any]
    match name:
        case "manga":
            found = parse_reference(text, "manga") if text else ""
            if found is None:
                raise ValueError("Paste the id or the link of the title.")
            same = found == details.manga_id
            values = {"manga_id": found, "manga_title": details.manga_title if same else ""}
        case "chapter" if text.casefold() in ("", ONESHOT):
            unsaid = {field: origin for field, origin in details.origins.items() if field != "chapter"}
            return replace(
                details, chapter=None, origins=unsaid | ({"chapter": Origin.TYPED} if text else {})
            )
        case "volume" | "chapter":
            values = {name: normalise_number(text) if text else None}
        case "title":
            if any(unicodedata.category(character) == "Cc" for character in text):
                raise ValueError("It holds a control character or a line end.")
            if len(text) > LIMITS.title_length:
                raise ValueError(f"{len(text)} characters; the service takes {LIMITS.title_length}.")
            values = {"title": text or None}
        case "language":
            code = parse_language(text) or text
            if code and not is_code(code):
                raise ValueError("Two small letters, or two and two: en, pt-br.")
            values = {"language": code}
        case "publish_at":
            values = {"publish_at": read_moment(text)}
        case "external_url":
            values = {"external_url": text or None}
        case _:
            raise ValueError(f"There is no field {name}.")
    field = "manga_id" if name == "manga" else name
    return replace(details, **values, origins={**details.origins, field: Origin.TYPED})


def read_groups(text: str) -> tuple[str, ...]:
    """The ids in `text`; ValueError when a word is no id and no link."""
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if words == ["none"]:
        return ()
    ids: list[str] = []
    for word in words:
        found = parse_reference(word, "group")
        if found is None:
            raise ValueError(f"“{word[:40]}” is not the id or link of a group.")
        ids.append(found)
    return tuple(dict.fromkeys(ids))


def set_groups(entry: QueueEntry, ids: tuple[str, ...], names: tuple[str, ...] = ()) -> QueueEntry:
    """The entry with these groups, on purpose: names that were not found are settled by it."""
    known = dict(zip(entry.details.group_ids, entry.details.group_names, strict=False))
    told = names or tuple(known.get(id_, "") for id_ in ids)
    details = replace(
        entry.details,
        group_ids=ids,
        group_names=told,
        origins={**entry.details.origins, "group_ids": Origin.TYPED},
    )
    return replace(entry, details=details, unknown_groups=())


def set_manga(entry: QueueEntry, manga_id: str, title: str) -> QueueEntry:
    """The entry with this title."""
    details = replace(
        entry.details,
        manga_id=manga_id,
        manga_title=title,
        origins={**entry.details.origins, "manga_id": Origin.TYPED},
    )
    return replace(entry, details=details)


def read_moment(text: str) -> datetime | None:
    """A publish time with its zone, in UTC; None for an empty text. ValueError in words."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        head, _, zone = text.rpartition(" ")
        try:
            found = parse_publish_time(head, zone)
        except ValueError as error:
            raise ValueError(f"Type it with its zone: {example_time(' +01:00')}.") from error
        if found is None:
            raise ValueError(f"Type it with its zone: {example_time(' +01:00')}.") from None
        return found.astimezone(UTC)
    if moment.tzinfo is None:
        raise ValueError(f"The zone is missing: {text} UTC, or {text} +01:00.")
    return moment.astimezone(UTC)
