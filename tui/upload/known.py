"""What this machine knows of a chapter before anybody typed anything: files around it, memory, receipts, settings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.chapter.claims import Named, plain
from tui.chapter.details import ChapterDetails
from tui.chapter.evidence import Evidence, LastTime
from tui.chapter.guess import Guess, guess_details
from tui.chapter.sources import Scan
from tui.chapter.surroundings import look_around
from tui.patterns import NamePattern
from tui.storage.memory import Memory, SeriesMemory
from tui.upload.proofs.proof import Proof
from tui.upload.receipts import Receipt
from tui.upload.sent_before import sent_before


@dataclass(frozen=True, slots=True)
class Known:
    """A view of memory, receipts and settings at one moment, for one chapter or a thousand."""

    patterns: tuple[NamePattern, ...] = ()
    language: str = ""
    manga_names: Mapping[str, Named] = field(default_factory=dict)
    group_names: Mapping[str, Named] = field(default_factory=dict)
    here: Mapping[Path, LastTime] = field(default_factory=dict)
    """By the folder that chapters stand in."""
    of: Mapping[str, LastTime] = field(default_factory=dict)
    """By the title's id."""
    receipts: tuple[Receipt, ...] = ()
    proofs: Mapping[str, Proof] = field(default_factory=dict)

    def guess(self, source: Path, scan: Scan | None = None) -> Guess:
        """The details of the chapter at `source`, with what its scan found inside, if it was scanned.

        Reads the dexup.toml files around it: blocking, a few small files.
        """
        around = look_around(source)
        # A folder's own dexup.toml is one of those around it.
        inside = scan.sidecar if scan is not None and not source.is_dir() else None
        return guess_details(
            source,
            Evidence(
                comic_info=scan.comic_info if scan is not None else None,
                inside=inside,
                own=around.own,
                above=around.above,
                patterns=self.patterns,
                manga_names=self.manga_names,
                group_names=self.group_names,
                last_here=self.here.get(source.absolute().parent),
                last_of=self.of,
                language=self.language,
            ),
        )

    def sent(self, hashes: Sequence[str]) -> tuple[Receipt, ...]:
        """The chapters that were committed from here with pages of these SHA-256."""
        return sent_before(self.receipts, self.proofs, hashes, time.time())


def know(
    memory: Memory,
    receipts: Sequence[Receipt],
    proofs: Mapping[str, Proof] | None = None,
    *,
    patterns: tuple[NamePattern, ...] = (),
    language: str = "",
) -> Known:
    """Gather what is known. `receipts` the newest first."""
    here: dict[Path, LastTime] = {}
    of: dict[str, LastTime] = {}
    for folder, series in memory.all_series().items():
        if series.manga_id:
            last = LastTime(
                Named(series.manga_id, series.manga_title),
                tuple(Named(i, n) for i, n in zip(series.group_ids, series.group_names, strict=False)),
                series.language,
                _last_chapter(folder, series.manga_id, receipts),
            )
            here[folder] = of[series.manga_id] = last
    # Of a title in another folder the number says nothing.
    of = {manga: LastTime(last.manga, last.groups, last.language) for manga, last in of.items()}
    names, groups = _names(memory, "manga"), _names(memory, "group")
    return Known(patterns, language, names, groups, here, of, tuple(receipts), proofs or {})


def learn(
    memory: Memory,
    source: Path,
    guess: Guess,
    chosen: ChapterDetails,
    settled: Mapping[str, str] | None = None,
) -> None:
    """Remember what was chosen for the chapter at `source`, and which names stood for it. StorageError.

    `settled` says which group's id was chosen for a name that was not known.
    """
    memory.remember_series(
        source,
        SeriesMemory(
            chosen.manga_id, chosen.manga_title, chosen.group_ids, chosen.group_names, chosen.language
        ),
    )
    words = [guess.manga.word or guess.manga.name]
    for conflict in guess.conflicts:
        words += [other.value.name for other in conflict.others if isinstance(other.value, Named)]
    title = (chosen.manga_id, chosen.manga_title)
    memory.remember_names("manga", {plain(word): title for word in words if word and chosen.manga_id})
    groups = _group_words(guess, chosen)
    names = dict(zip(chosen.group_ids, chosen.group_names, strict=False))
    groups |= {plain(word): (i, names[i]) for word, i in (settled or {}).items() if i in names}
    memory.remember_names("group", groups)


def _group_words(guess: Guess, chosen: ChapterDetails) -> dict[str, tuple[str, str]]:
    """Names of groups -> the group that was chosen for them."""
    pairs = list(zip(chosen.group_ids, chosen.group_names, strict=False))
    found = {plain(name): (own_id, name) for own_id, name in pairs if name}
    named = {group.id for group in guess.groups if group.id}
    lost = [
        word
        for group in guess.groups
        if (word := group.word or group.name)
        and group.id not in chosen.group_ids
        and plain(word) not in found
    ]
    new = [pair for pair in pairs if pair[0] not in named and plain(pair[1]) not in map(plain, lost)]
    if len(lost) == 1 and len(new) == 1:
        found[plain(lost[0])] = new[0]  # one name that led nowhere, one group that was searched
    return found


def _names(memory: Memory, kind: str) -> dict[str, Named]:
    return {name: Named(*pair) for name, pair in memory.names(kind).items()}


def _last_chapter(folder: Path, manga_id: str, receipts: Sequence[Receipt]) -> str | None:
    for receipt in receipts:
        if receipt.manga_id == manga_id and receipt.source.parent == folder and receipt.state != "unknown":
            return receipt.chapter
    return None
