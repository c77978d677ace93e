"""What was committed from this machine, and what was interrupted. Needs no login."""

from __future__ import annotations

import argparse

from tui.commands.console import LINK, Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import opened
from tui.text import format_size, plural
from tui.upload.exits import Exit
from tui.upload.ledger import Stage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup history`."""
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many receipts (50)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _history(arguments, console))


def _history(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        receipts = services.engine.receipts().result()[: max(0, arguments.limit)]
        unfinished = services.engine.unfinished().result()
    for receipt in receipts:
        number = f"chapter {receipt.chapter}" if receipt.chapter else "oneshot"
        volume = f"volume {receipt.volume} " if receipt.volume else ""
        console.line(
            f"{receipt.committed_at:%Y-%m-%d %H:%M}  {receipt.manga_title or receipt.manga_id}  "
            f"{volume}{number} [{receipt.language}]  {plural(receipt.pages, 'page')}, "
            f"{format_size(receipt.bytes)}  {LINK}{receipt.chapter_id}"
        )
        console.record(
            {
                "event": "receipt",
                "chapter_id": receipt.chapter_id,
                "link": LINK + receipt.chapter_id,
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
                "committed_at": receipt.committed_at,
                "state": str(receipt.state),
            }
        )
    for entry in unfinished:
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
    if not receipts and not unfinished:
        console.line("Nothing was uploaded from here yet.")
    return Exit.DONE
