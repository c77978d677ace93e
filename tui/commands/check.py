"""Look for everything wrong with a chapter, and send nothing.

Exit codes: 0 nothing stands in the way of an upload, 1 something does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.chapter.findings import Severity
from tui.chapter.order import ORDERS
from tui.chapter.reading import read_chapter
from tui.commands.console import Console
from tui.commands.findings import print_findings
from tui.commands.fixing import write_fixed
from tui.commands.guard import add_json, guarded
from tui.storage.errors import StorageError
from tui.text import format_size, plural
from tui.upload.exits import Exit

_LISTED = 20
"""Files left out that are listed for a person."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup check`."""
    parser.add_argument("path", type=Path, metavar="PATH", help="folder or archive with the pages")
    parser.add_argument("--order", choices=ORDERS, default="natural", help="order of the pages")
    parser.add_argument(
        "--fix",
        type=Path,
        metavar="DIR",
        help="write the mended chapter to this new folder; PATH stays as it is",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _check(arguments, console))


def _check_beside(source: Path, folder: Path) -> None:
    """StorageError when the copies would become pages of the chapter itself."""
    if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
        raise StorageError(f"{folder} lies inside the chapter.", "Name a folder beside it.")


def _check(arguments: argparse.Namespace, console: Console) -> Exit:
    if arguments.fix is not None:
        _check_beside(arguments.path, arguments.fix)
    chapter = read_chapter(arguments.path, arguments.order)
    for position, page in enumerate(chapter.pages, 1):
        console.record(
            {
                "event": "page",
                "position": position,
                "page": page.key,
                "name": page.name,
                "bytes": page.size,
                "type": str(page.type),
                "width": page.width,
                "height": page.height,
                "sha256": page.sha256,
            }
        )
    for number, (name, reason) in enumerate(chapter.skipped, 1):
        console.record({"event": "skipped", "name": name, "reason": reason})
        if number <= _LISTED:
            console.line(f"Left out: {name} ({reason})")
    if len(chapter.skipped) > _LISTED:
        console.line(f"Left out: {len(chapter.skipped) - _LISTED} more (--json lists them all)")
    found_errors = print_findings(console, chapter.findings)
    size = sum(page.size for page in chapter.pages)
    verdict = "not ready for upload" if found_errors else "ready for upload"
    console.line(f"{plural(len(chapter.pages), 'page')}, {format_size(size)}: {verdict}.")
    code = Exit.FINDINGS if found_errors else Exit.DONE
    if arguments.fix is not None:
        whole = write_fixed(console, chapter.pages, chapter.findings, arguments.fix)
        after = read_chapter(arguments.fix, arguments.order)
        still = any(finding.severity is Severity.ERROR for finding in after.findings)
        code = Exit.DONE if whole and not still else Exit.FINDINGS
        console.line("It is ready for upload." if code is Exit.DONE else "It is not ready for upload yet.")
    console.record({"event": "result", "pages": len(chapter.pages), "bytes": size, "exit": int(code)})
    return code
