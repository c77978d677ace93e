"""What became of a committed chapter: a value, how it follows from an answer, and when to ask again.

A commit only queues a chapter (`mangadex-api.md` 4.8): it is processed, perhaps approved by staff, perhaps
scheduled, and in no list until then. Pure functions; nothing here asks anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from tui.mangadex.models import Chapter
from tui.text import plural
from tui.upload.receipts import Receipt

_FIRST_DELAY = 10.0
_LONGEST_DELAY = 1800.0
_APPROVAL_DELAY = 6 * 3600.0
"""People approve; asking every half an hour tells nothing more."""
_MARGIN = 30.0
"""After a stated time, so that clocks may differ a little."""
_DAY = 86_400.0
PATIENCE = 7 * _DAY
"""A chapter that is processed longer is not asked for any more, unless somebody wants to know."""
APPROVAL_PATIENCE = 60 * _DAY
_RECOUNT = 3600.0
"""How long a page count that differs is looked at again: it may lag behind the pages."""


class Standing(StrEnum):
    """What is known of a committed chapter."""

    COMMITTED = "committed"
    """The service took it; nobody has asked what became of it yet."""
    PROCESSING = "processing"
    APPROVAL = "waiting for approval"
    SCHEDULED = "scheduled"
    VISIBLE = "visible"
    UNSEEN = "not seen"
    """It has been in no list for so long that it is not asked for any more."""
    HIDDEN = "not shown any more"
    """It was visible once and is in no list now, or is listed as unavailable."""


FINAL = frozenset({Standing.VISIBLE, Standing.UNSEEN, Standing.HIDDEN})
"""What asking again does not change by itself."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the service said of one committed chapter. Times are epoch seconds, 0 for never."""

    plan_id: str
    standing: Standing = Standing.COMMITTED
    asked_at: float = 0.0
    asks: int = 0
    next_at: float = 0.0
    """When to ask again; 0 when nobody needs to."""
    pages: int | None = None
    """Pages that the service counts."""
    shown_at: float = 0.0
    """From when on readers see it, as far as it is known."""
    needs_approval: bool | None = None
    """None while it was not asked."""
    was_visible: bool = False


def first_proof(receipt: Receipt, now: float) -> Proof:
    """Before anybody has asked."""
    committed = receipt.committed_at.timestamp()
    return Proof(
        receipt.plan_id,
        next_at=max(now, committed + _FIRST_DELAY),
        shown_at=receipt.publish_at.timestamp() if receipt.publish_at else 0.0,
    )


def judge(
    proof: Proof, receipt: Receipt, chapter: Chapter | None, *, needs_approval: bool | None, now: float
) -> Proof:
    """The proof after the service was asked; `chapter` is None when it lists no such chapter.

    `needs_approval` is what it said of approval, None when it was not asked this time.
    """
    if needs_approval is not None:
        proof = replace(proof, needs_approval=needs_approval)
    proof = replace(proof, asked_at=now, asks=proof.asks + 1)
    return _absent(proof, receipt, now) if chapter is None else _listed(proof, receipt, chapter, now)


def superseded(proof: Proof) -> Proof:
    """The proof of a commit after which the chapter's pages were edited: what is counted now is not its own."""
    return replace(proof, pages=None, next_at=0.0 if proof.standing is Standing.VISIBLE else proof.next_at)


def pages_differ(proof: Proof | None, pages: int) -> bool:
    """Whether the service counts other pages than the `pages` that were committed."""
    seen = proof is not None and proof.standing is Standing.VISIBLE and proof.pages is not None
    return seen and proof is not None and proof.pages != pages


def _absent(proof: Proof, receipt: Receipt, now: float) -> Proof:
    if proof.was_visible:
        return replace(proof, standing=Standing.HIDDEN, next_at=0.0)
    waited = now - max(receipt.committed_at.timestamp(), proof.shown_at)
    if proof.needs_approval:
        if waited > APPROVAL_PATIENCE:
            return replace(proof, standing=Standing.UNSEEN, next_at=0.0)
        return replace(proof, standing=Standing.APPROVAL, next_at=now + _delay(proof.asks, _APPROVAL_DELAY))
    if waited > PATIENCE:
        return replace(proof, standing=Standing.UNSEEN, next_at=0.0)
    if proof.shown_at > now:
        # Not listed yet, but nothing can be seen before its time either.
        later = min(now + _delay(proof.asks), proof.shown_at + _MARGIN)
        return replace(proof, standing=Standing.SCHEDULED, next_at=later)
    return replace(proof, standing=Standing.PROCESSING, next_at=now + _delay(proof.asks))


def _listed(proof: Proof, receipt: Receipt, chapter: Chapter, now: float) -> Proof:
    proof = replace(proof, pages=chapter.pages)
    if chapter.is_unavailable:
        return replace(proof, standing=Standing.HIDDEN, next_at=0.0)
    times = [moment.timestamp() for moment in (chapter.publish_at, chapter.readable_at) if moment is not None]
    shown_at = max(times, default=0.0)
    proof = replace(proof, shown_at=shown_at)
    if shown_at > now:
        return replace(proof, standing=Standing.SCHEDULED, next_at=shown_at + _MARGIN)
    if chapter.pages == 0 and receipt.pages and not chapter.external_url:
        if now - receipt.committed_at.timestamp() > PATIENCE:
            return replace(proof, standing=Standing.UNSEEN, next_at=0.0)
        return replace(proof, standing=Standing.PROCESSING, next_at=now + _delay(proof.asks))
    proof = replace(proof, standing=Standing.VISIBLE, was_visible=True, next_at=0.0)
    since = now - max(receipt.committed_at.timestamp(), shown_at)
    if pages_differ(proof, receipt.pages) and since < _RECOUNT:
        return replace(proof, next_at=now + _delay(proof.asks))
    return proof


def _delay(asks: int, longest: float = _LONGEST_DELAY) -> float:
    """Twice as long after each look: 20 s, 40 s ... half an hour."""
    return min(longest, _FIRST_DELAY * 2.0 ** min(asks, 20))


# Words. Plain and safe to show: every part of them is ours.


UNKNOWN = "outcome unknown"


def state_words(proof: Proof | None, receipt: Receipt, now: float) -> str:
    """A few words, the same that a filter by state takes."""
    if receipt.state == "unknown":
        return UNKNOWN
    if proof is not None and proof.asks:
        return str(proof.standing)
    ahead = receipt.publish_at is not None and receipt.publish_at.timestamp() > now
    return str(Standing.SCHEDULED if ahead else Standing.COMMITTED)


def proof_lines(proof: Proof | None, pages: int, now: float) -> list[str]:
    """The same in sentences: what it means, and when it will be asked again. `pages` were committed."""
    if proof is None:
        return ["Committed; nobody has asked yet whether it can be seen."]
    lines = [_sentence(proof)]
    if pages_differ(proof, pages):
        lines.append(
            f"! MangaDex counts {plural(proof.pages or 0, 'page')}, {pages} were committed: look at the chapter."
        )
    elif proof.standing is Standing.VISIBLE and proof.pages is not None and pages:
        lines[0] += f" MangaDex counts {plural(proof.pages, 'page')}, as many as were committed."
    if proof.asked_at:
        again = f", again {clock_words(proof.next_at)}" if proof.next_at > now else ""
        lines.append(f"Asked {clock_words(proof.asked_at)}{again}.")
    return lines


def _sentence(proof: Proof) -> str:
    match proof.standing:
        case Standing.COMMITTED:
            return "Committed; nobody has asked yet whether it can be seen."
        case Standing.PROCESSING:
            return "MangaDex processes the pages; the chapter is in no list yet."
        case Standing.APPROVAL:
            return "It waits for approval by the staff; until then only they see it."
        case Standing.SCHEDULED:
            when = clock_words(proof.shown_at)
            listed = "" if proof.pages else " (not listed yet)"
            return f"Scheduled for {when}{listed}."
        case Standing.VISIBLE:
            return "It can be seen."
        case Standing.UNSEEN:
            return "It never appeared in a list and is not asked for any more. Look at the title on MangaDex."
        case Standing.HIDDEN:
            if proof.was_visible:
                return "It could be seen once and is not shown any more: deleted, hidden or unavailable."
            return "MangaDex lists it as unavailable."
    raise AssertionError(proof.standing)


def clock_words(epoch: float) -> str:
    """ "2026-12-24 18:00:00 UTC"."""
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d %H:%M:%S} UTC"
