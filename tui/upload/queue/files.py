"""The queue as a file: .csv for spreadsheets, .toml as dexup.toml has it. Read strictly, and never in part."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tui.chapter.claims import Named
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.sidecar import Sidecar, SidecarError, parse_sidecar
from tui.chapter.sources.base import SIDECAR
from tui.storage.errors import StorageError
from tui.storage.files import read_bounded, write_private
from tui.storage.rules import did_you_mean
from tui.upload.queue.entry import MOST_ENTRIES, EntryState, QueueEntry
from tui.upload.queue.fields import FIELDS, field_text, set_field, set_groups, set_manga
from tui.upload.queue.naming import is_name, with_named_groups
from tui.upload.queue.store import QueueStore
from tui.upload.queue.table import QueueTable

LARGEST_FILE = 1 << 20
_MOST_ERRORS = 12
"""Wrong cells that are named at once."""
_TOLD = ("number", "pages", "problem")
"""Columns that are written for people and not read."""
_COLUMNS = (
    "number", "source", *FIELDS[:2], "manga_title", "group_names", *FIELDS[2:], "state", "chapter_id",
    "pages", "problem",
)  # fmt: skip


class QueueFileError(StorageError):
    """The file cannot be used; nothing of it was taken."""


Make = Callable[[Path], QueueEntry]
"""The entry of a folder or archive with all that can be guessed of it."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a file does to the queue."""

    changed: tuple[QueueEntry, ...]
    added: tuple[QueueEntry, ...]
    kept: int
    """Entries of the file that are being uploaded or committed, and stay as they are."""

    def __str__(self) -> str:
        kept = f", {self.kept} begun or committed before" if self.kept else ""
        return f"{len(self.added)} added, {len(self.changed)} changed{kept}."


def load_queue(path: Path, make: Make) -> list[QueueEntry]:
    """The entries of a .csv or .toml file, in its order. What the file does not speak of is guessed by `make`;
    paths are relative to the file's folder. QueueFileError names every wrong line."""
    data = read_bounded(path, LARGEST_FILE)
    if data is None:
        raise QueueFileError(f"There is no file {path}.", "Check the path.")
    entries = list(_from_toml(path, data, make) if _is_toml(path) else _from_csv(path, data, make))
    if not entries:
        raise QueueFileError(f"{path} names no chapter.", "Write one line, or one [[chapters]], for each.")
    return entries


def save_queue(path: Path, entries: Sequence[QueueEntry]) -> None:
    """Write the queue. The ending decides: .toml leaves out what is committed, .csv keeps all. StorageError."""
    if _is_toml(path):
        try:
            data = _to_toml(entries).encode("utf-8")
        except UnicodeEncodeError as error:
            raise QueueFileError("A name is not UTF-8, which TOML cannot hold.", "Save as .csv.") from error
    elif path.suffix.casefold() == ".csv":
        data = _to_csv(entries).encode("utf-8", "surrogateescape")
    else:
        raise QueueFileError(f"{path} ends neither in .csv nor in .toml.", "Give it one of these endings.")
    write_private(path, data)


def merge(existing: Sequence[QueueEntry], loaded: Sequence[QueueEntry]) -> Merged:
    """A chapter that is in the queue already is changed, others are added."""
    there = {entry.source: entry for entry in existing}
    changed: list[QueueEntry] = []
    added: list[QueueEntry] = []
    kept = 0
    for entry in loaded:
        known = there.get(entry.source)
        if known is None:
            added.append(entry)
        elif known.fixed:
            kept += 1
        else:
            changed.append(replace(entry, number=known.number, state=known.state))
    return Merged(tuple(changed), tuple(added), kept)


def take_file(store: QueueStore, path: Path, make: Make) -> tuple[Merged, list[int]]:
    """Put the chapters of a file into the queue, in the file's order; what it did, and their numbers.

    Blocking. StorageError, LedgerError, QueueFull.
    """
    loaded = load_queue(path, make)
    merged = merge(store.do(QueueTable.entries), loaded)
    store.do(QueueTable.change, merged.changed)
    store.do(QueueTable.add, merged.added)
    numbers = {entry.source: entry.number for entry in store.do(QueueTable.entries)}
    order = [numbers[entry.source] for entry in loaded]
    store.do(QueueTable.arrange, order)
    return merged, order


def _is_toml(path: Path) -> bool:
    return path.suffix.casefold() == ".toml"


# CSV


def _from_csv(path: Path, data: bytes, make: Make) -> Iterator[QueueEntry]:
    # Bytes of a file name that are not UTF-8 survive as surrogates, in the column of the source only.
    text = data.decode("utf-8-sig", "surrogateescape")
    head = text.partition("\n")[0]
    rows = csv.reader(
        io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
    )
    wrong: list[str] = []
    entries: list[QueueEntry] = []
    sources: set[Path] = set()
    try:
        header = [cell.strip() for cell in next(rows, [])]
        _check_header(path, header)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"line {rows.line_num}"
            if len(cells) != len(header):
                wrong.append(f"{place}: {len(cells)} cells, but the first line has {len(header)}")
                continue
            row = dict(zip(header, cells, strict=True))
            source = (path.absolute().parent / row["source"]).absolute()
            if not row["source"].strip() or "\0" in row["source"]:
                wrong.append(f"{place}: source: it is empty")
            elif source in sources:
                wrong.append(f"{place}: source: it stands there twice")
            elif len(entries) >= MOST_ENTRIES:
                raise QueueFileError(f"{path} has more than {MOST_ENTRIES} chapters.", "Make several of it.")
            else:
                sources.add(source)
                entries.append(_read_row(make(source), row, place, wrong))
    except csv.Error as error:
        raise QueueFileError(f"{path}, line {rows.line_num}: {error}.", "Correct that line.") from error
    if wrong:
        more = f"; and {len(wrong) - _MOST_ERRORS} more" if len(wrong) > _MOST_ERRORS else ""
        raise QueueFileError(f"{path}: {'; '.join(wrong[:_MOST_ERRORS])}{more}.", "Nothing of it was taken.")
    yield from entries


def _check_header(path: Path, header: Sequence[str]) -> None:
    for name in header:
        if name not in _COLUMNS:
            hint = did_you_mean(name, _COLUMNS) or f" Known are {', '.join(_COLUMNS)}."
            raise QueueFileError(f"{path}, line 1: there is no column {name[:40]!r}.{hint}", "Correct it.")
    if "source" not in header or len(set(header)) < len(header):
        raise QueueFileError(
            f"{path}, line 1: it must name the columns, each once, source among them.",
            f"The first line may be: {','.join(_COLUMNS)}",
        )


def _read_row(entry: QueueEntry, row: dict[str, str], place: str, wrong: list[str]) -> QueueEntry:
    for name in FIELDS:
        if name not in row or (name == "groups" and not row[name].strip()):
            continue  # groups that are named elsewhere are not dropped by an empty cell; "none" is
        try:
            row[name].encode("utf-8")
            if name == "manga" and is_name(row[name].strip()):
                entry = set_manga(entry, "", row[name].strip())
            else:
                text = with_named_groups(row[name]) if name == "groups" else row[name]
                entry = set_field(entry, name, text)
        except UnicodeEncodeError:
            wrong.append(f"{place}: {name}: it is not UTF-8")
        except ValueError as error:
            wrong.append(f"{place}: {name}: {str(error).rstrip('.')}")
    details = entry.details
    if row.get("manga_title"):
        details = replace(details, manga_title=row["manga_title"])
    names = tuple(name.strip() for name in row.get("group_names", "").split("; "))
    if len(names) == len(details.group_ids):
        details = replace(details, group_names=names)
    state = row.get("state", "").strip()
    if state == EntryState.COMMITTED:
        entry = replace(entry, state=EntryState.COMMITTED, chapter_id=row.get("chapter_id", "").strip())
    elif state == EntryState.PAUSED:
        entry = replace(entry, state=EntryState.PAUSED)
    return replace(entry, details=details)


def _to_csv(entries: Sequence[QueueEntry]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow(
            {
                "number": entry.number,
                "source": str(entry.source),
                **{name: field_text(entry, name) for name in FIELDS},
                "manga_title": entry.details.manga_title,
                "group_names": "; ".join(entry.details.group_names),
                "state": str(entry.state),
                "chapter_id": entry.chapter_id,
                "pages": "" if entry.pages is None else entry.pages,
                "problem": entry.problem,
            }
        )
    return stream.getvalue()


# TOML


def _from_toml(path: Path, data: bytes, make: Make) -> Iterator[QueueEntry]:
    try:
        found = parse_sidecar(data)
    except SidecarError as error:
        where = f", line {error.line}" if error.line else ""
        raise QueueFileError(f"{path}{where}: {error.message}", error.remedy) from error
    if len(found.chapters) > MOST_ENTRIES:
        raise QueueFileError(f"{path} has more than {MOST_ENTRIES} chapters.", "Make several of it.")
    for source, values in found.chapters.items():
        entry = make((path.absolute().parent / source).absolute())
        yield _with_values(entry, {**_common(found), **values})


def _common(found: Sidecar) -> dict[str, object]:
    """What the file says of every chapter."""
    return {
        name: value
        for name, value in found.values.items()
        if name in ("manga", "groups", "language", "volume")
    }


def _with_values(entry: QueueEntry, said: dict[str, object]) -> QueueEntry:
    manga, groups = said.pop("manga", None), said.pop("groups", None)
    said.pop("zone", None)
    values: dict[str, Any] = said
    origins = entry.details.origins | dict.fromkeys(values, Origin.SIDECAR)
    entry = replace(entry, details=replace(entry.details, **values, origins=origins))
    if isinstance(manga, Named):
        entry = set_manga(entry, manga.id, manga.name)
    if isinstance(groups, tuple):
        known = [group for group in groups if group.id]
        entry = set_groups(entry, tuple(one.id for one in known), tuple(one.name for one in known))
        entry = replace(entry, unknown_groups=tuple(group.name for group in groups if not group.id))
    return entry


def _to_toml(entries: Sequence[QueueEntry]) -> str:
    parts = [
        f"# A queue of dexup: `dexup queue import FILE`. As {SIDECAR} in the folder above it speaks of the same\n"
        "# chapters. What is committed is left out.\n"
    ]
    parts += [_table(entry) for entry in entries if entry.state is not EntryState.COMMITTED]
    text = "\n".join(parts)
    tomllib.loads(text)  # what is written can be read
    return text


def _table(entry: QueueEntry) -> str:
    """One [[chapters]]; what is none is said, so that nothing is guessed in its place."""
    details = entry.details
    named = zip_longest(details.group_ids, details.group_names[: len(details.group_ids)], fillvalue="")
    groups = [_named(id_, name) for id_, name in named] + [_string(name) for name in entry.unknown_groups]
    manga = _named(details.manga_id, details.manga_title) if details.manga_id else ""
    lines = [
        "[[chapters]]",
        f"source = {_string(str(entry.source))}",
        f"manga = {manga}" if manga else "",
        f"groups = [{', '.join(groups)}]" if groups or "group_ids" in details.origins else "",
        f"volume = {_string(details.volume or '')}",
        f"chapter = {_string(details.chapter)}" if details.chapter else _oneshot(details),
        f"title = {_string(details.title or '')}",
        f"language = {_string(details.language)}" if details.language else "",
        f"publish_at = {details.publish_at.isoformat(timespec='seconds')}" if details.publish_at else "",
        f"external_url = {_string(details.external_url)}" if details.external_url else "",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _oneshot(details: ChapterDetails) -> str:
    return "oneshot = true" if "chapter" in details.origins else ""


def _named(id_: str, name: str) -> str:
    return f"{{ id = {_string(id_)}, name = {_string(name)} }}" if name else f"{{ id = {_string(id_)} }}"


def _string(text: str) -> str:
    """A TOML basic string."""
    text.encode("utf-8")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
