"""How every headless command runs: errors said in words, and the exit code that belongs to them."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tui.chapter.source_error import SourceError
from tui.commands.console import Console
from tui.crash import write_crash_report
from tui.mangadex.errors import MangaDexError
from tui.storage.errors import StorageError
from tui.storage.paths import Paths
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
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - Python would print it with whatever its text quotes
        path = write_crash_report(Paths.default().state, error, console.redact)
        return console.fail(
            f"dexup has a fault ({type(error).__name__}) and had to stop",
            detail=f"a report without any secret is in {path}" if path is not None else "",
            remedy="An upload session, if one was open, is kept: `dexup resume` goes on.",
            exit_code=Exit.RESUMABLE,
        )
