"""An entry of the queue: one chapter that is to be uploaded, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from tui.chapter.checks import check_unattended
from tui.chapter.detail_checks import number_unsaid
from tui.chapter.details import ChapterDetails, groups_overlap
from tui.chapter.findings import Finding, Severity
from tui.upload.plan_json import dump_details

MOST_ENTRIES = 1000
"""Entries that the queue holds."""


class EntryState(StrEnum):
    """Where an entry is on its way."""

    WAITING = "waiting"
    PAUSED = "paused"
    """Left out until somebody takes it up again."""
    RUNNING = "uploading"
    """It was begun; what the ledger knows of its plan says how far it came."""
    UNKNOWN = "unknown"
    """Its commit was sent and not answered: settled before anything else is begun."""
    COMMITTED = "committed"
    FAILED = "failed"
    """`problem` says why. A later run tries it again."""
    ALREADY_THERE = "already there"
    """Such a chapter exists: `problem` says where."""


BEGUN = frozenset({EntryState.RUNNING, EntryState.UNKNOWN})
"""States in which the entry's plan is with the engine, so that nothing of the entry may change."""
SETTLED = frozenset({EntryState.COMMITTED, EntryState.PAUSED})
"""States that a run leaves alone."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One chapter. Its number stays the same whatever becomes of it and of the others."""

    source: Path
    """The folder or archive. Not ours: through safe_text()."""
    details: ChapterDetails = field(default_factory=ChapterDetails)
    """`manga_title` and `group_names` are for showing; an id that is missing is a finding."""
    unknown_groups: tuple[str, ...] = ()
    """Group names of the file name that belong to no known group; never dropped silently."""
    again: bool = False
    """Upload it although such a chapter is there: somebody decided that."""
    number: int = 0
    """Given by the table, from 1."""
    state: EntryState = EntryState.WAITING
    problem: str = ""
    plan_id: str = ""
    chapter_id: str = ""
    pages: int | None = None
    """None before it was read."""
    begun_at: float = 0.0
    """Epoch second at which it was begun last; 0 if never."""

    @property
    def fixed(self) -> bool:
        """Nothing of it can be changed any more, or not now."""
        return self.state in BEGUN or self.state is EntryState.COMMITTED

    def what(self) -> str:
        """ "Vol. 2 Ch. 12 (en)"; not safe to show yet."""
        details = self.details
        number = f"Ch. {details.chapter}" if details.chapter else "oneshot"
        number = "no number" if number_unsaid(details, "") else number
        volume = f"Vol. {details.volume} " if details.volume else ""
        return f"{volume}{number} ({details.language or 'no language'})"

    def fingerprint(self) -> str:
        """Of what would be published; the same as long as nothing of it changes."""
        details = replace(self.details, origins={})  # where a value came from changes nothing
        told = json.dumps([dump_details(details), str(self.source), self.again], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def same_chapter(one: ChapterDetails, other: ChapterDetails) -> bool:
    """The same number in the same language of the same manga, by groups that overlap."""
    same_number = one.chapter == other.chapter and (one.chapter is not None or one.title == other.title)
    return (
        same_number
        and bool(one.manga_id)
        and (one.manga_id, one.language) == (other.manga_id, other.language)
        and groups_overlap(one.group_ids, other.group_ids)
    )


def entry_findings(entry: QueueEntry, now: datetime) -> list[Finding]:
    """What is wrong with the entry's details; errors keep it from being uploaded."""
    found = [
        Finding(
            Severity.ERROR,
            "group-not-found",
            f"The group {name!r} is named, but its id is not known.",
            "Enter the groups, or none if there is none.",
            field="group_ids",
        )
        for name in entry.unknown_groups
    ]
    found += check_unattended(
        entry.details, now=now, say_number="Enter the number, or “oneshot” if it is one."
    )
    if entry.unknown_groups:
        found = [finding for finding in found if finding.rule != "no-group"]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def twins(entries: Sequence[QueueEntry]) -> dict[int, int]:
    """Number of an entry -> number of the first entry before it that is for the same chapter."""
    found: dict[int, int] = {}
    known: dict[tuple[object, ...], list[QueueEntry]] = {}
    for entry in entries:
        details = entry.details
        key = (details.manga_id, details.chapter, details.language)
        for other in known.get(key, ()):
            if same_chapter(details, other.details):
                found[entry.number] = other.number
                break
        known.setdefault(key, []).append(entry)
    return found


def in_words(findings: Sequence[Finding]) -> str:
    """The errors among `findings` in one line: the first in full, how many more; "" when there is none."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return ""
    first = errors[0]
    where = f"{first.page.rpartition('::')[2]}: " if first.page else ""
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where}{first.message} {first.remedy}{more}"
