"""What was committed from this machine, what became of it, and what was interrupted.

Needs no login, except for --refresh, which asks MangaDex about every chapter that it shows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

from tui.commands.console import LINK, Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import logged_in, opened
from tui.services import Services
from tui.text import format_size, plural
from tui.upload.exits import Exit
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.proofs.proof import UNKNOWN, Proof, Standing, pages_differ, proof_lines, state_words
from tui.upload.receipts import Receipt
from tui.upload.wanted import matching

INTERRUPTED = "interrupted"
STATES = (*map(str, Standing), UNKNOWN, INTERRUPTED)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup history`."""
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many receipts (50)")
    parser.add_argument(
        "--search",
        default="",
        metavar="WORDS",
        help="only what holds this phrase, or else all these words: title, group, folder …",
    )
    parser.add_argument(
        "--state",
        type=_state,
        action="append",
        default=[],
        metavar="STATE",
        help=f"only this state, repeatable: {', '.join(STATES)} (hyphens do for blanks)",
    )
    parser.add_argument("--refresh", action="store_true", help="ask MangaDex first what became of them")
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _history(arguments, console))


def _history(arguments: argparse.Namespace, console: Console) -> Exit:
    opening = logged_in if arguments.refresh else opened
    with opening(console) as services:
        if arguments.refresh:
            services.engine.look_after_chapters(services.account, everything=True).result()
        return _print(services, arguments, console)


def _print(services: Services, arguments: argparse.Namespace, console: Console) -> Exit:
    receipts = services.engine.records.receipts().result()
    proofs = services.engine.records.proofs().result()
    unfinished = services.engine.records.unfinished().result()
    now = time.time()
    states = arguments.state
    shown = [
        receipt
        for receipt in receipts
        if not states or state_words(proofs.get(receipt.plan_id), receipt, now) in states
    ]
    shown = matching(shown, arguments.search, _text)[: max(0, arguments.limit)]
    for receipt in shown:
        _receipt(console, receipt, proofs, now)
    left = matching(unfinished, arguments.search, _entry_text) if not states or INTERRUPTED in states else []
    for entry in left:
        _unfinished(console, entry)
    if not receipts and not unfinished:
        console.line("Nothing was uploaded from here yet.")
    elif not shown and not left:
        console.line("Nothing matches.")
    return Exit.DONE


def _receipt(console: Console, receipt: Receipt, proofs: Mapping[str, Proof], now: float) -> None:
    proof = proofs.get(receipt.plan_id)
    state = state_words(proof, receipt, now)
    link = LINK + receipt.chapter_id if receipt.chapter_id else ""
    number = f"chapter {receipt.chapter}" if receipt.chapter else "oneshot"
    volume = f"volume {receipt.volume} " if receipt.volume else ""
    console.line(
        f"{receipt.committed_at:%Y-%m-%d %H:%M}  {receipt.manga_title or receipt.manga_id}  "
        f"{volume}{number} [{receipt.language}]  {plural(receipt.pages, 'page')}, "
        f"{format_size(receipt.bytes)}  {state}  {link}"
    )
    if proof is not None and pages_differ(proof, receipt.pages):
        console.line(f"    MangaDex counts {plural(proof.pages or 0, 'page')}: look at the chapter.")
    console.record(
        {
            "event": "receipt",
            "chapter_id": receipt.chapter_id,
            "link": link,
            "manga_id": receipt.manga_id,
            "manga_title": receipt.manga_title,
            "volume": receipt.volume,
            "chapter": receipt.chapter,
            "title": receipt.title,
            "language": receipt.language,
            "groups": list(receipt.group_names),
            "pages": receipt.pages,
            "bytes": receipt.bytes,
            "source": str(receipt.source),
            "account": receipt.account,
            "committed_at": receipt.committed_at,
            "state": str(receipt.state),
            "standing": state,
            "pages_counted": proof.pages if proof is not None else None,
            "pages_differ": pages_differ(proof, receipt.pages),
            "asked_at": proof.asked_at or None if proof is not None else None,
            "next_at": proof.next_at or None if proof is not None else None,
            "shown_at": proof.shown_at or None if proof is not None else None,
            "text": state if receipt.state == "unknown" else " ".join(proof_lines(proof, receipt.pages, now)),
        }
    )


def _unfinished(console: Console, entry: LedgerEntry) -> None:
    gone = entry.stage is Stage.GONE
    console.line(
        f"Interrupted: {entry.plan.source}; "
        + ("its upload session is gone." if gone else "`dexup resume` goes on.")
    )
    console.record(
        {
            "event": "unfinished",
            "source": str(entry.plan.source),
            "session": entry.session_id,
            "pages": len(entry.plan.pages),
            "account": entry.account,
            "stage": str(entry.stage),
        }
    )


def _text(receipt: Receipt) -> str:
    parts = (receipt.manga_title, receipt.title, receipt.chapter, receipt.volume, receipt.language)
    known = (*parts, *receipt.group_names, str(receipt.source), receipt.chapter_id, receipt.manga_id)
    return " ".join(part for part in known if part)


def _entry_text(entry: LedgerEntry) -> str:
    details = entry.plan.details
    parts = (details.manga_title, details.title, details.chapter, *details.group_names)
    return " ".join(part for part in (*parts, str(entry.plan.source)) if part)


def _state(text: str) -> str:
    wanted = text.strip().casefold().replace("-", " ")
    if wanted not in STATES:
        raise argparse.ArgumentTypeError(f"one of: {', '.join(STATES)}")
    return wanted
