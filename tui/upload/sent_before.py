"""Were these very pages committed before, as another chapter?

A folder that is used again for the next chapter holds other pages, and a renamed one the same: so it is the pages
that are compared, by their hashes, and not where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tui.upload.proofs.proof import Proof, Standing, state_words
from tui.upload.receipts import Receipt

MARK_DIGITS = 16
"""Of a page's hash; enough to tell some thousand pages from each other."""
_SHARED = 2
"""A chapter is said to be the same when one page in so many is: credits and notices are in each of a series."""


def page_marks(hashes: Iterable[str]) -> str:
    """The beginnings of the pages' SHA-256 (hex), one behind the other; none of a page without a hash."""
    return "".join(text[:MARK_DIGITS] for text in hashes)


def sent_before(
    receipts: Iterable[Receipt],
    proofs: Mapping[str, Proof],
    hashes: Sequence[str],
    now: float,
) -> tuple[Receipt, ...]:
    """The receipts of chapters that share half of these pages or more and were not deleted since."""
    ours = _set(page_marks(hashes))
    return tuple(
        receipt
        for receipt in receipts
        if ours
        and not receipt.edited
        and _shared(ours, _set(receipt.page_marks))
        and state_words(proofs.get(receipt.plan_id), receipt, now) != Standing.HIDDEN
    )


def _set(marks: str) -> frozenset[str]:
    return frozenset(marks[at : at + MARK_DIGITS] for at in range(0, len(marks), MARK_DIGITS))


def _shared(one: frozenset[str], other: frozenset[str]) -> bool:
    return _SHARED * len(one & other) >= max(len(one), len(other))
