"""The queue's entries as rows of text: pure, so that a row is drawn anew only when it says something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from tui.chapter.details import Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.places import common_start
from tui.text import plural, safe_text
from tui.upload.before_words import sent_short
from tui.upload.queue.entry import EntryState, QueueEntry, entry_findings, twins
from tui.upload.receipts import Receipt
from tui.widgets.names import steady_text


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading a chapter has shown."""

    pages: int = 0
    findings: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()
    """Where sources of the details differ; of no weight for a field that was typed since."""

    sent: Receipt | None = None
    """The chapter that was committed with these very pages before."""

    def of(self, entry: QueueEntry) -> list[Finding]:
        """What still concerns the entry."""
        typed = {name for name, origin in entry.details.origins.items() if origin is Origin.TYPED}
        sent = [] if self.sent is None or entry.again else [_sent_finding(self.sent)]
        return [*self.findings, *sent, *(one for one in self.told if one.field not in typed)]


def _sent_finding(receipt: Receipt) -> Finding:
    return Finding(
        Severity.WARNING,
        "pages-committed-before",
        f"A uploads them again. {sent_short(receipt)}",
        "",
    )


TOLD_BY_ENTRY = frozenset({"group-not-found"})
"""Rules of a guess that the entry's own findings tell of."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One entry as it is shown. All texts are safe."""

    number: int
    cells: tuple[tuple[str, str], ...]
    """(column, text)."""
    look: str
    """Of the state: "", "quiet", "error", "warning" or "marked"."""
    found_look: str
    problems: tuple[str, ...]
    """Everything wrong, the heavy first."""
    errors: int
    source: str

    def text(self, column: str) -> str:
        """What stands in a column."""
        return dict(self.cells)[column]


_LONGEST_START = 6
"""A longer start that all names share is left out."""
_LOOKS = {
    EntryState.WAITING: "",
    EntryState.PAUSED: "quiet",
    EntryState.RUNNING: "marked",
    EntryState.UNKNOWN: "warning",
    EntryState.COMMITTED: "quiet",
    EntryState.FAILED: "error",
    EntryState.ALREADY_THERE: "warning",
}


def queue_rows(
    entries: Sequence[QueueEntry],
    checked: Mapping[int, Checked],
    at_work: int,
    now: datetime,
    doubts: Mapping[str, Sequence[str]] | None = None,
) -> list[QueueRow]:
    """The rows; `at_work` is the number of the entry that a run is at, `doubts` what is to be said of groups."""
    same = twins(entries)
    cuts = shared_starts([entry.source.name for entry in entries])
    return [
        _row(
            entry,
            checked.get(entry.number),
            same.get(entry.number),
            at_work,
            now,
            cut,
            group_doubts(entry, doubts or {}),
        )
        for entry, cut in zip(entries, cuts, strict=True)
    ]


def shared_starts(names: Sequence[str]) -> list[int]:
    """For each name, how many characters it begins with as the one above or below does, which tell nothing; not
    so many that a number is cut."""
    shared = [len(common_start([one, other]).rstrip("0123456789")) for one, other in pairwise(names)]
    starts = [max(pair) for pair in zip([0, *shared], [*shared, 0], strict=True)] if names else []
    return [start if start > _LONGEST_START else 0 for start in starts]


def group_doubts(entry: QueueEntry, doubts: Mapping[str, Sequence[str]]) -> list[str]:
    """What is to be said of the entry's groups."""
    return [said for group_id in entry.details.group_ids for said in doubts.get(group_id, ())]


def _row(
    entry: QueueEntry,
    checked: Checked | None,
    twin: int | None,
    at_work: int,
    now: datetime,
    cut: int,
    doubts: Sequence[str],
) -> QueueRow:
    details = entry.details
    findings = [] if entry.fixed else [*entry_findings(entry, now), *(checked.of(entry) if checked else ())]
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = [] if entry.fixed else list(doubts)
    warnings += [_words(finding) for finding in findings if finding.severity is Severity.WARNING]
    problems = [entry.problem] if entry.problem else []
    problems += [*map(_words, errors), *warnings]
    count = len(errors)
    if twin is not None and not entry.fixed and not entry.again:
        problems.insert(0, f"Entry {twin} is the same chapter. Change a number, or take one of them out.")
        count += 1
    found = " ".join(
        f"{mark}{number}" for mark, number in (("✗", count), ("!", len(warnings))) if number
    ) or ("" if entry.fixed else "…" if checked is None else "✓")
    cells = {
        "number": str(entry.number),
        "source": ("…" if cut else "") + steady_text(entry.source.name[cut:] or entry.source),
        "manga": steady_text(_manga(entry)),
        "volume": details.volume or "–",
        "chapter": details.chapter or "–",
        "title": steady_text(details.title or ""),
        "language": details.language or "?",
        "groups": steady_text(_groups(entry)),
        "publish_at": f"{details.publish_at.astimezone(UTC):%m-%d %H:%M}"
        if details.publish_at
        else "at once",
        "pages": _pages(entry, checked),
        "found": found,
        "state": state_word(entry, at_work),
    }
    return QueueRow(
        number=entry.number,
        cells=tuple((name, safe_text(text)) for name, text in cells.items()),
        look=_LOOKS[entry.state],
        found_look="error" if count else "warning" if warnings else "quiet",
        problems=tuple(safe_text(problem) for problem in problems),
        errors=count,
        source=safe_text(entry.source),
    )


def state_word(entry: QueueEntry, at_work: int) -> str:
    """The state in at most ten columns."""
    match entry.state:
        case EntryState.RUNNING:
            return "uploading" if entry.number == at_work else "begun"
        case EntryState.COMMITTED:
            return "✓ done"
        case EntryState.FAILED:
            return "✗ failed"
        case EntryState.ALREADY_THERE:
            return "! is there"
        case EntryState.UNKNOWN:
            return "! not sure"
    return "reading" if entry.number == at_work else str(entry.state)


def _manga(entry: QueueEntry) -> str:
    details = entry.details
    if details.manga_id:
        return details.manga_title or details.manga_id
    return f"? {details.manga_title}" if details.manga_title else "?"


def _groups(entry: QueueEntry) -> str:
    details = entry.details
    names = [name or id_ for id_, name in zip(details.group_ids, details.group_names, strict=False)]
    names += [f"? {name}" for name in entry.unknown_groups]
    return ", ".join(names) or "no group"


def _pages(entry: QueueEntry, checked: Checked | None) -> str:
    if checked is not None and not entry.fixed:
        return str(checked.pages)
    return str(entry.pages) if entry.pages is not None else ""


def _words(finding: Finding) -> str:
    where = f"{finding.page.rpartition('::')[2]}: " if finding.page else ""
    return f"{where}{finding.message} {finding.remedy}"


def summary(rows: Sequence[QueueRow], entries: Sequence[QueueEntry], unchecked: int) -> str:
    """How the queue stands, in one line."""
    states = [entry.state for entry in entries]
    parts = [plural(len(entries), "chapter")]
    for state, word in (
        (EntryState.COMMITTED, "committed"),
        (EntryState.FAILED, "failed"),
        (EntryState.ALREADY_THERE, "already there"),
        (EntryState.PAUSED, "paused"),
    ):
        if state in states:
            parts.append(f"{states.count(state)} {word}")
    wrong = sum(
        row.errors > 0 and entry.state is EntryState.WAITING for row, entry in zip(rows, entries, strict=True)
    )
    if wrong:
        parts.append(f"{wrong} with errors")
    if unchecked:
        parts.append(f"{unchecked} still to be read")
    return " · ".join(parts)
