"""How every headless command runs: errors said in words, and the exit code that belongs to them."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tui.chapter.sources import SourceError
from tui.commands.console import Console
from tui.mangadex.errors import MangaDexError
from tui.storage.errors import StorageError
from tui.upload.exits import Exit
from tui.upload.ledger_file import LedgerError


def add_json(parser: argparse.ArgumentParser) -> None:
    """The --json option, which means the same everywhere."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def guarded(json_lines: bool, command: Callable[[Console], Exit]) -> Exit:
    """Run `command`; an error of the service, of the chapter or of a file of ours becomes a sentence."""
    console = Console(json_lines=json_lines)
    try:
        return command(console)
    except (MangaDexError, StorageError) as error:
        return console.fail_with(error)
    except LedgerError as error:
        return console.fail(str(error), remedy=error.remedy, exit_code=Exit.RESUMABLE)
    except SourceError as error:
        return console.fail(error.title, remedy=error.remedy, exit_code=Exit.FINDINGS)
