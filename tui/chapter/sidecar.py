"""dexup.toml: what somebody wrote down about a chapter, or about all chapters below a folder.

It stands in the chapter's folder, inside its archive, or beside the archive as `NAME.dexup.toml`. In a folder
above, it gives what holds for the chapters below: manga, groups, language, volume, zone. Its `[[chapters]]`
tables speak of single chapters by the name of their folder or archive (`source`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails
from tui.chapter.languages import parse_language
from tui.chapter.limits import LIMITS
from tui.chapter.numbers import normalise_number
from tui.chapter.publish_time import example_time, parse_publish_time, parse_zone
from tui.chapter.references import parse_reference

LARGEST_SIDECAR: Final = 256 * 1024
"""Bytes that are read: a queue of a thousand chapters fits."""
MOST_CHAPTERS: Final = 2000
COMMON: Final = ("manga", "groups", "language", "volume", "zone")
"""What a file in a folder above may say of every chapter below."""
_LONGEST = 500


class SidecarError(ValueError):
    """The file cannot be used; names the line, the key, the rule and the remedy. May hold text of the file."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.line = line
        """0 when it concerns the file as a whole."""
        self.message, self.remedy = message, remedy


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A dexup.toml, read. Values as in `claims.FIELDS`."""

    values: Mapping[str, object] = field(default_factory=dict)
    chapters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Name of a folder or archive -> what is said of it alone. In the order of the file."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Key at the top -> its line."""


def parse_sidecar(content: bytes) -> Sidecar:
    """Read dexup.toml. SidecarError for the first thing that is wrong; nothing of the file counts then."""
    import tomllib  # late: most chapters have no such file

    if len(content) > LARGEST_SIDECAR:
        raise SidecarError(0, f"It is larger than {LARGEST_SIDECAR // 1024} KiB.", "Shorten it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SidecarError(
            content[: error.start].count(b"\n") + 1, "It is not UTF-8 text.", "Save it as UTF-8."
        ) from None
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        raise SidecarError(line, f"It is not valid TOML: {error}.", "Correct that line.") from None
    entries = raw.pop("chapters", [])
    values = _read_table(raw, text, -1)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SidecarError(
            _line(text, -1, "chapters"), "chapters must be tables.", "Write [[chapters]] above each."
        )
    if len(entries) > MOST_CHAPTERS:
        raise SidecarError(0, f"It has more than {MOST_CHAPTERS} chapters.", "Make several files of it.")
    chapters: dict[str, Mapping[str, object]] = {}
    for number, entry in enumerate(entries):
        source = entry.pop("source", None)
        if not isinstance(source, str) or not source or "\0" in source:
            raise SidecarError(
                _line(text, number, "source") or _head(text, number),
                "A chapter of [[chapters]] has no source.", 'Write source = "name of its folder or archive".',
            )  # fmt: skip
        if source in chapters:
            raise SidecarError(
                _line(text, number, "source"), f"“{source[:80]}” stands here twice.", "Delete one."
            )
        chapters[source] = _read_table(entry, text, number, zone=raw.get("zone"))
    return Sidecar(values, chapters, {key: _line(text, -1, key) for key in raw})


def dump_sidecar(details: ChapterDetails) -> str:
    """The file that says exactly these details. What is empty is left out; a oneshot says so."""
    lines = ["# What dexup fills in for this chapter. Every line is optional.", ""]
    if details.manga_id:
        lines.append(f"manga = {_named(Named(details.manga_id, details.manga_title))}")
    if details.group_ids:
        names = [*details.group_names, *[""] * len(details.group_ids)]
        groups = ", ".join(_named(Named(i, n)) for i, n in zip(details.group_ids, names, strict=False))
        lines.append(f"groups = [{groups}]")
    lines += [f"volume = {_string(details.volume)}"] if details.volume else []
    if details.chapter:
        lines.append(f"chapter = {_string(details.chapter)}")
    elif "chapter" in details.origins:
        lines.append("oneshot = true")
    else:
        lines.append('# chapter = ""   # nothing says it; or: oneshot = true')
    for name in ("title", "language"):
        value = getattr(details, name)
        lines += [f"{name} = {_string(value)}"] if value else []
    if details.publish_at is not None:
        lines.append(f"publish_at = {details.publish_at.isoformat(timespec='seconds')}")
    lines += [f"external_url = {_string(details.external_url)}"] if details.external_url else []
    return "\n".join(lines) + "\n"


# Values


def _read_table(
    raw: Mapping[str, object], text: str, table: int, *, zone: object = None
) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in raw.items():
        line = _line(text, table, key)
        reader = _READERS.get(key)
        if reader is None:
            near = difflib.get_close_matches(key, [*_READERS, "source"], n=1)
            raise SidecarError(
                line,
                f"{key[:60]} is not known.",
                f"Did you mean {near[0]}?" if near else f"Known are {_KNOWN}.",
            )
        try:
            values[key] = reader(value)
        except ValueError as error:
            raise SidecarError(line, f"{key} is {_shown(value)}.", str(error)) from None
    when, own_zone = values.pop("publish_at", None), values.get("zone") or zone
    if when is not None:
        try:
            values["publish_at"] = _moment(when, str(own_zone or ""))
        except ValueError as error:
            raise SidecarError(
                _line(text, table, "publish_at"), f"publish_at is {_shown(when)}.", str(error)
            ) from None
    if values.pop("oneshot", False):
        if values.get("chapter"):
            raise SidecarError(
                _line(text, table, "oneshot"), "A oneshot has no chapter number.", "Delete one of the two."
            )
        values["chapter"] = None
    return values


def _manga(value: object) -> Named:
    return _read_named(value, "manga")


def _groups(value: object) -> tuple[Named, ...]:
    entries = value if isinstance(value, list) else [value]
    if len(entries) > LIMITS.groups:
        raise ValueError(f"The service takes at most {LIMITS.groups} groups.")
    return tuple(_read_named(entry, "group") for entry in entries)


def _read_named(value: object, kind: str) -> Named:
    """ "name, id or link", or { id = "...", name = "..." }."""
    if isinstance(value, dict):
        if not value or not set(value) <= {"id", "name"}:
            raise ValueError('Write { id = "...", name = "..." }.')
        parts = {key: _text(part) for key, part in value.items()}
        found = parse_reference(parts["id"], kind) if "id" in parts else ""
        if found is None:
            raise ValueError(f"That is not the id or link of a {kind}.")
        return Named(found, parts.get("name", ""))
    text = _text(value)
    if not text:
        raise ValueError("Write a name, an id or a link.")
    found = parse_reference(text, kind)
    if found is None and ("://" in text or text.startswith("mangadex.")):
        raise ValueError(f"That is not the link of a {kind} on MangaDex.")
    return Named(found) if found else Named(name=text)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(f"It must be text of at most {_LONGEST} characters, in quotes.")
    return " ".join(value.split())


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('Write a number: 12, 10.5 or "12a".')
    text = str(value).strip()
    return normalise_number(text) if text else None


def _title(value: object) -> str | None:
    text = _text(value)
    if len(text) > LIMITS.title_length:
        raise ValueError(f"{len(text)} characters; the service takes {LIMITS.title_length}.")
    return text or None


def _language(value: object) -> str:
    code = parse_language(_text(value))
    if code is None:
        raise ValueError('Write a code or a name: "en", "pt-br", "Indonesian".')
    return code


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("It must be true or false.")
    return value


def _zone(value: object) -> str:
    text = _text(value)
    parse_zone(text)
    return text


def _time(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise ValueError(f"Write a time: {example_time(':00+01:00', day='T')}.")
    return value


def _moment(value: object, zone: str) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return parse_publish_time(str(value), zone)
    assert isinstance(value, datetime)
    if value.tzinfo is None:
        value = value.replace(tzinfo=parse_zone(zone))
    return value.astimezone(UTC)


def _url(value: object) -> str | None:
    text = _text(value)
    if text and not text.startswith(("https://", "http://")):
        raise ValueError("It must begin with https:// or http://.")
    return text or None


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "manga": _manga,
    "groups": _groups,
    "volume": _number,
    "chapter": _number,
    "oneshot": _flag,
    "title": _title,
    "language": _language,
    "publish_at": _time,
    "zone": _zone,
    "external_url": _url,
}
_KNOWN = ", ".join(_READERS)


# Lines and texts


def _tables(text: str) -> Iterable[tuple[int, int, str]]:
    """(line, table, text of the line): -1 for the top of the file, then the number of the [[chapters]] table."""
    table = -1
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*chapters\s*\]\]", line):
            table += 1
        yield number, table, line


def _line(text: str, table: int, key: str) -> int:
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    return next(
        (number for number, inside, line in _tables(text) if inside == table and pattern.match(line)), 0
    )


def _head(text: str, table: int) -> int:
    return next((number for number, inside, _ in _tables(text) if inside == table), 0)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _named(one: Named) -> str:
    return f"{{ id = {_string(one.id)}" + (f", name = {_string(one.name)} }}" if one.name else " }")


def _string(text: str | None) -> str:
    """A TOML basic string."""
    escaped = (text or "").replace("\\", "\\\\").replace('"', '\\"')
    whole = escaped.encode("utf-8", "replace").decode("utf-8")  # lone surrogates have no place in TOML
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in whole) + '"'
