"""What the history shows: interrupted uploads first, then receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tui.text import format_age, format_size, plural, safe_text
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.plan import UploadPlan
from tui.upload.proofs.proof import Proof, pages_differ, proof_lines, state_words
from tui.upload.receipts import Receipt

LINK = "https://mangadex.org/chapter/"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line. All texts are safe to show."""

    when: datetime
    what: str
    state: str
    more: str
    link: str = ""
    chapter_id: str = ""
    entry: LedgerEntry | None = None
    details: tuple[str, ...] = ()
    doubtful: bool = False
    """Something about it wants a look."""

    @property
    def search_text(self) -> str:
        """Everything that a filter looks through."""
        return " ".join((self.what, self.state, self.more, self.link, *self.details))

    @property
    def age(self) -> str:
        """How long ago."""
        return format_age((datetime.now(UTC) - self.when).total_seconds())


def history_rows(
    entries: Sequence[LedgerEntry],
    receipts: Sequence[Receipt],
    proofs: Mapping[str, Proof] | None = None,
    running: str = "",
) -> list[HistoryRow]:
    """Rows for everything the ledger knows, what can still go on first. `proofs` is by plan id; `running` is the
    plan of the upload that is under way."""
    unsettled = {receipt.plan_id for receipt in receipts if receipt.state == "unknown"}
    rows = [_unfinished(entry, running) for entry in entries if entry.plan.id not in unsettled]
    by_plan = {entry.plan.id: entry for entry in entries}
    known = proofs or {}
    return [*rows, *(_receipt(r, by_plan.get(r.plan_id), known.get(r.plan_id)) for r in receipts)]


def _unfinished(entry: LedgerEntry, running: str) -> HistoryRow:
    gone = entry.stage is Stage.GONE
    under_way = entry.plan.id == running
    pages = f"{len(entry.accepted)} of {plural(len(entry.plan.pages), 'page')}"
    return HistoryRow(
        when=entry.updated_at,
        what=_what(entry.plan),
        state="session gone" if gone else "under way" if under_way else "interrupted",
        more=f"{pages} · {safe_text(entry.plan.source)}",
        entry=None if gone else entry,
        details=(
            f"From {safe_text(entry.plan.source)}",
            f"{pages} had been sent",
            "The session is not on the server any more: look at the title on MangaDex before you upload it again."
            if gone
            else "It goes on; r on the start screen shows it."
            if under_way
            else "r goes on with it and sends only what is missing.",
        ),
    )


def _receipt(receipt: Receipt, entry: LedgerEntry | None, proof: Proof | None) -> HistoryRow:
    groups = ", ".join(safe_text(name) for name in receipt.group_names) or "no group"
    now = datetime.now(UTC).timestamp()
    link = LINK + safe_text(receipt.chapter_id) if receipt.chapter_id else ""
    size = f"{plural(receipt.pages, 'page')}, {format_size(receipt.bytes)}"
    differ = pages_differ(proof, receipt.pages)
    lost = "The commit was sent, but its answer never came. Look at the title on MangaDex."
    lines = [lost] if receipt.state == "unknown" else proof_lines(proof, receipt.pages, now)
    found = "The commit's answer was lost; the chapter was found by asking."
    return HistoryRow(
        when=receipt.committed_at,
        what=chapter_name(
            receipt.manga_title or receipt.manga_id,
            receipt.volume,
            receipt.chapter,
            receipt.title,
            receipt.language,
        )
        + (" · pages changed" if receipt.edited else ""),
        state=state_words(proof, receipt, now),
        more=f"! {proof.pages} pages counted · {size}" if differ and proof else f"{size} · {groups}",
        link=link,
        chapter_id=receipt.chapter_id,
        entry=entry,
        doubtful=differ,
        details=(
            *lines,
            f"Committed {receipt.committed_at:%Y-%m-%d %H:%M} UTC · {size}",
            f"Groups: {groups}",
            "The pages of a published chapter were changed."
            if receipt.edited
            else f"From {safe_text(receipt.source)}",
            *((found,) if receipt.state == "found" else ()),
            *(("r asks the server again; nothing is sent twice.",) if entry is not None else ()),
        ),
    )


def _what(plan: UploadPlan) -> str:
    details = plan.details
    return chapter_name(
        details.manga_title or details.manga_id,
        details.volume,
        details.chapter,
        details.title,
        details.language,
    )


def chapter_name(
    manga: str, volume: str | None, chapter: str | None, title: str | None, language: str
) -> str:
    """A chapter in one line. Safe to show."""
    number = f"Ch. {chapter}" if chapter else "oneshot"
    if volume:
        number = f"Vol. {volume} {number}"
    shown = f"{safe_text(manga)} · {safe_text(number)}"
    if title:
        shown += f" · {safe_text(title)}"
    return f"{shown} ({safe_text(language)})"
