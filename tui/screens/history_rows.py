"""What the history shows: interrupted uploads first, then receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tui.text import format_age, format_size, plural, safe_text
from tui.upload.ledger import LedgerEntry, Stage
from tui.upload.plan import UploadPlan
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
    entry: LedgerEntry | None = None
    details: tuple[str, ...] = ()

    @property
    def age(self) -> str:
        """How long ago."""
        return format_age((datetime.now(UTC) - self.when).total_seconds())


def history_rows(entries: Sequence[LedgerEntry], receipts: Sequence[Receipt]) -> list[HistoryRow]:
    """Rows for everything the ledger knows, what can still go on first."""
    unsettled = {receipt.plan_id for receipt in receipts if receipt.state == "unknown"}
    rows = [_interrupted(entry) for entry in entries if entry.plan.id not in unsettled]
    by_plan = {entry.plan.id: entry for entry in entries}
    return [*rows, *(_receipt(receipt, by_plan.get(receipt.plan_id)) for receipt in receipts)]


def _interrupted(entry: LedgerEntry) -> HistoryRow:
    gone = entry.stage is Stage.GONE
    pages = f"{len(entry.accepted)} of {plural(len(entry.plan.pages), 'page')}"
    return HistoryRow(
        when=entry.updated_at,
        what=_what(entry.plan),
        state="session gone" if gone else "interrupted",
        more=f"{pages} · {safe_text(entry.plan.source)}",
        entry=None if gone else entry,
        details=(
            f"From {safe_text(entry.plan.source)}",
            f"{pages} had been sent",
            "The session is not on the server any more: look at the title on MangaDex before you upload it again."
            if gone
            else "r goes on with it and sends only what is missing.",
        ),
    )


def _receipt(receipt: Receipt, entry: LedgerEntry | None) -> HistoryRow:
    groups = ", ".join(safe_text(name) for name in receipt.group_names) or "no group"
    state = {"committed": "committed", "found": "committed", "unknown": "outcome unknown"}.get(
        receipt.state, safe_text(receipt.state)
    )
    now = datetime.now(UTC)
    if receipt.state != "unknown" and receipt.publish_at is not None and receipt.publish_at > now:
        state = "scheduled"
    link = LINK + safe_text(receipt.chapter_id) if receipt.chapter_id else ""
    size = f"{plural(receipt.pages, 'page')}, {format_size(receipt.bytes)}"
    return HistoryRow(
        when=receipt.committed_at,
        what=_name(
            receipt.manga_title or receipt.manga_id,
            receipt.volume,
            receipt.chapter,
            receipt.title,
            receipt.language,
        ),
        state=state,
        more=f"{size} · {groups}",
        link=link,
        entry=entry,
        details=(
            f"{receipt.committed_at:%Y-%m-%d %H:%M} UTC · {size}",
            f"Groups: {groups}",
            f"From {safe_text(receipt.source)}",
            *(
                ("The commit's answer was lost; the chapter was found by asking.",)
                if receipt.state == "found"
                else ()
            ),
            *(
                ("The commit was sent, but its answer never came. Look at the title on MangaDex.",)
                if receipt.state == "unknown"
                else ()
            ),
            *(("r asks the server again; nothing is sent twice.",) if entry is not None else ()),
        ),
    )


def _what(plan: UploadPlan) -> str:
    details = plan.details
    return _name(
        details.manga_title or details.manga_id,
        details.volume,
        details.chapter,
        details.title,
        details.language,
    )


def _name(manga: str, volume: str | None, chapter: str | None, title: str | None, language: str) -> str:
    number = f"Ch. {chapter}" if chapter else "oneshot"
    if volume:
        number = f"Vol. {volume} {number}"
    shown = f"{safe_text(manga)} · {safe_text(number)}"
    if title:
        shown += f" · {safe_text(title)}"
    return f"{shown} ({safe_text(language)})"
