"""What was used before: recent places, the title, groups and language of each series folder, and which title or
group a name stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from tui.storage.errors import StorageError
from tui.storage.files import exclusive, read_bounded, write_private

_LIMIT = 2 << 20
_RECENT = 20
_STARRED = 50
_SERIES = 500
_NAMES = 2000
_USED = 50


@dataclass(frozen=True, slots=True)
class SeriesMemory:
    """What was chosen last for the chapters in one folder."""

    manga_id: str
    manga_title: str = ""
    group_ids: tuple[str, ...] = ()
    group_names: tuple[str, ...] = ()
    language: str = ""


class _Raw(TypedDict):
    recent: list[str]
    left: str
    starred: list[str]
    series: dict[str, Any]
    names: dict[str, dict[str, Any]]


NAME_KINDS = ("manga", "group")
"""What names are kept of."""


class Memory:
    """A convenience that may be lost: an unreadable file counts as empty and `problem` says why."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem = ""
        """Why the file could not be used, or empty."""

    def recent(self) -> list[Path]:
        """Folders and archives used before, the last one first. They may be gone by now."""
        return [Path(entry) for entry in self._read()["recent"]]

    def remember_place(self, place: Path) -> None:
        """Put `place` first among the recent ones; its folder is the one looked through last."""
        with exclusive(self._path):
            contents = self._read()
            text = str(place.absolute())
            contents["recent"] = [text, *(entry for entry in contents["recent"] if entry != text)][:_RECENT]
            contents["left"] = str(place.absolute().parent)
            self._write(contents)

    def last_folder(self) -> Path | None:
        """The folder that was looked through last. It may be gone by now."""
        left = self._read()["left"]
        return Path(left) if left else None

    def remember_folder(self, folder: Path) -> None:
        """Keep `folder` as the one that was looked through last."""
        text = str(folder.absolute())
        with exclusive(self._path):
            contents = self._read()
            if contents["left"] != text:
                contents["left"] = text
                self._write(contents)

    def starred(self) -> list[Path]:
        """Folders and archives that the user marked, in the order of marking."""
        return [Path(entry) for entry in self._read()["starred"]]

    def toggle_star(self, place: Path) -> bool:
        """Mark `place`, or take the mark away; whether it is marked now."""
        with exclusive(self._path):
            contents = self._read()
            text = str(place.absolute())
            marked = text not in contents["starred"]
            others = [entry for entry in contents["starred"] if entry != text]
            contents["starred"] = [*others, text][-_STARRED:] if marked else others
            self._write(contents)
        return marked

    def series(self, source: Path) -> SeriesMemory | None:
        """What was chosen last for a chapter in the same folder as `source`."""
        return self.all_series().get(source.absolute().parent)

    def all_series(self) -> dict[Path, SeriesMemory]:
        """What was chosen last, folder by folder, the newest last."""
        return {
            Path(folder): SeriesMemory(
                manga_id=_text(entry.get("manga_id")),
                manga_title=_text(entry.get("manga_title")),
                group_ids=_texts(entry.get("group_ids")),
                group_names=_texts(entry.get("group_names")),
                language=_text(entry.get("language")),
            )
            for folder, entry in self._read()["series"].items()
            if isinstance(entry, dict)
        }

    def names(self, kind: str) -> dict[str, tuple[str, str]]:
        """Name as it was found (folded by the caller) -> (id, name on the service), for one of NAME_KINDS."""
        found = self._read()["names"].get(kind, {})
        pairs = {name: _texts(entry) for name, entry in found.items()}
        return {name: (pair[0], pair[1]) for name, pair in pairs.items() if len(pair) == 2}

    def remember_names(self, kind: str, names: Mapping[str, tuple[str, str]]) -> None:
        """Keep which title or group each name stands for; the newest answer counts."""
        if not names:
            return
        with exclusive(self._path):
            contents = self._read()
            kept = contents["names"].setdefault(kind, {})
            for name, (own_id, own_name) in names.items():
                kept.pop(name, None)
                kept[name] = [own_id, own_name]
            while len(kept) > _NAMES:
                del kept[next(iter(kept))]
            self._write(contents)

    def used(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Titles and groups of all series, each as (id, name), once, the one used last first."""
        manga: dict[str, str] = {}
        groups: dict[str, str] = {}
        for series in reversed(self.all_series().values()):
            if series.manga_id:
                manga.setdefault(series.manga_id, series.manga_title)
            for own_id, name in zip(series.group_ids, series.group_names, strict=False):
                groups.setdefault(own_id, name)
        return list(manga.items())[:_USED], list(groups.items())[:_USED]

    def remember_series(self, source: Path, chosen: SeriesMemory) -> None:
        """Keep `chosen` for the next chapter in the same folder as `source`."""
        with exclusive(self._path):
            contents = self._read()
            key = str(source.absolute().parent)
            contents["series"].pop(key, None)
            contents["series"][key] = {
                "manga_id": chosen.manga_id,
                "manga_title": chosen.manga_title,
                "group_ids": list(chosen.group_ids),
                "group_names": list(chosen.group_names),
                "language": chosen.language,
            }
            while len(contents["series"]) > _SERIES:
                del contents["series"][next(iter(contents["series"]))]
            self._write(contents)

    def _read(self) -> _Raw:
        self.problem = ""
        try:
            data = read_bounded(self._path, _LIMIT)
            raw = json.loads(data) if data is not None else {}
        except (StorageError, ValueError) as error:
            self.problem = f"{self._path} cannot be used and starts empty: {error}"
            raw = {}
        if not isinstance(raw, dict):
            self.problem = f"{self._path} cannot be used and starts empty."
            raw = {}
        series, names = raw.get("series"), raw.get("names")
        names = names if isinstance(names, dict) else {}
        return _Raw(
            recent=list(_texts(raw.get("recent"))),
            left=_text(raw.get("left")),
            starred=list(_texts(raw.get("starred"))),
            series=dict(series) if isinstance(series, dict) else {},
            names={
                kind: dict(names[kind]) if isinstance(names.get(kind), dict) else {} for kind in NAME_KINDS
            },
        )

    def _write(self, contents: _Raw) -> None:
        # Surrogates stand for bytes of a file name that are not UTF-8; ASCII escapes keep them.
        write_private(self._path, json.dumps({"version": 1, **contents}, indent=1).encode("ascii"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()
