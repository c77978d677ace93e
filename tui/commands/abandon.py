"""Delete the open upload session and the pages it holds. Committed chapters are not touched.

Without --yes it only says what would be lost (exit code 2).
"""

from __future__ import annotations

import argparse

from tui.commands.console import Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import logged_in
from tui.commands.session import open_session, print_session
from tui.text import plural
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup abandon`."""
    parser.add_argument("--yes", action="store_true", help="really delete it")
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _abandon(arguments, console))


def _abandon(arguments: argparse.Namespace, console: Console) -> Exit:
    with logged_in(console, patient=True) as services:
        session = open_session(services)
        if session is None:
            console.line("No upload session is open.")
            console.record({"event": "session", "session": None})
            return Exit.DONE
        print_session(console, session, services.engine.records.entry_for_session(session.id).result())
        lost = plural(len(session.files), "page")
        if session.chapter_id:
            new = sum(file.source != "remote" for file in session.files)
            lost = f"the edit of chapter {session.chapter_id} with {plural(new, 'new page')}"
        if not arguments.yes:
            return console.fail(
                "Nothing was deleted",
                detail=f"{lost} would be lost",
                remedy="Add --yes to delete the session.",
            )
        services.engine.abandon(session.id, services.account).result()
        if session.chapter_id:
            console.line(f"Abandoned. The chapter {session.chapter_id} stays as it is.")
        else:
            console.line(f"Abandoned; {lost} deleted on the server.")
        console.record({"event": "abandoned", "session": session.id, "files": len(session.files)})
        return Exit.DONE
