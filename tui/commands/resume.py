"""Finish the interrupted upload: send the pages that are missing and, with --accept-terms, commit.

Exit codes: 0 committed (or, with --no-commit, all pages are in), 4 the open session is not known to this
machine, 5 not finished yet, 7 its session is gone.
"""

from __future__ import annotations

import argparse

from tui.commands.console import TERMS, Console
from tui.commands.follow import Questions, follow
from tui.commands.guard import add_json, guarded
from tui.commands.pacing import add_pace, use_pace
from tui.commands.patience import patiently
from tui.commands.running import ask, logged_in
from tui.mangadex.client import MangaDex
from tui.mangadex.models import UploadSession
from tui.services import Services
from tui.text import plural
from tui.upload.exits import Exit
from tui.upload.ledger_entry import LedgerEntry, Stage, belongs_to
from tui.upload.plan import UploadPlan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup resume`."""
    parser.add_argument("--accept-terms", action="store_true", help=f"commit; you accept the terms: {TERMS}")
    parser.add_argument("--no-commit", action="store_true", help="send the pages, do not publish")
    add_pace(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _resume(arguments, console))


def _resume(arguments: argparse.Namespace, console: Console) -> Exit:
    with logged_in(console, patient=True) as services:
        use_pace(arguments, services)

        async def job(client: MangaDex) -> UploadSession | None:
            return await client.current_session()

        session = patiently(services, console, lambda: ask(services, job))
        entries = services.engine.records.unfinished().result()  # now: another dexup may have finished some
        entry = _choose(entries, services.account, session)
        if entry is None:
            return _nothing(services, console, entries, session)
        plan = entry.plan
        what = f"the edit of chapter {plan.edit.chapter_id}" if plan.edit is not None else plan.source
        console.line(f"Resuming {what}: {plural(len(plan.pages), 'page')}.")
        commit = arguments.accept_terms and not arguments.no_commit
        code = follow(
            services,
            console,
            commit=commit,
            start=lambda: services.engine.resume(entry, account=services.account),
            beside=_untold(services, console, plan),
        )
        unpublished = code is Exit.DONE and not commit and not arguments.no_commit
        return Exit.RESUMABLE if unpublished and services.engine.view.chapter_id is None else code


def _untold(services: Services, console: Console, plan: UploadPlan) -> Questions | None:
    """What `dexup upload` would have asked and told before its commit, had it come that far: the title's name is
    among it."""
    if plan.edit is not None or plan.details.manga_title:
        return None
    from tui.commands.beside import AskedBeside  # late: it is seldom so
    from tui.upload.before import cost_of

    hashes = [page.sha256 for page in plan.pages]
    cost = cost_of([page.size for page in plan.pages], services.engine.options)
    return AskedBeside(services, console, plan.details, hashes, cost, named=lambda _: None)


def _choose(entries: list[LedgerEntry], account: str, session: UploadSession | None) -> LedgerEntry | None:
    """The unfinished upload to go on with, or None when none of the account's can."""
    own = [entry for entry in entries if belongs_to(entry.account, account) and entry.stage is not Stage.GONE]
    if session is None:
        return own[0] if own else None
    for entry in own:
        if entry.session_id == session.id:
            return entry
    # A lost answer may be settled although a session is open: the session may be the one whose begin was not
    # answered, and a commit that was not answered needs no session.
    unanswered = (entry for entry in own if entry.stage is Stage.COMMITTING or not entry.session_id)
    return next(unanswered, None)


def _nothing(
    services: Services, console: Console, entries: list[LedgerEntry], session: UploadSession | None
) -> Exit:
    if session is not None and session.chapter_id:
        return console.fail(
            "The open upload session edits a chapter, and its pages were not chosen yet",
            detail=f"chapter {session.chapter_id}, session {session.id}",
            remedy=f"`dexup edit {session.chapter_id} --on-session resume ...` goes on in it; "
            "`dexup abandon --yes` ends it, and the chapter stays as it is.",
            exit_code=Exit.SESSION_OPEN,
        )
    if session is not None:
        return console.fail(
            "The open upload session was not started on this machine",
            detail=f"{plural(len(session.files), 'file')}, session {session.id}",
            remedy="`dexup upload PATH --on-session resume ...` goes on in it with the pages of PATH; "
            "`dexup session` shows it.",
            exit_code=Exit.SESSION_OPEN,
        )
    others = sorted({entry.account for entry in entries if not belongs_to(entry.account, services.account)})
    if others:
        return console.fail(
            "The interrupted upload belongs to another account",
            detail=", ".join(others),
            remedy="Log in with that account.",
            exit_code=Exit.LOGIN,
        )
    published = {receipt.source for receipt in services.engine.records.receipts().result()}
    gone = [
        entry
        for entry in entries
        if belongs_to(entry.account, services.account)
        and entry.stage is Stage.GONE
        and entry.plan.source not in published
    ]
    if gone:
        return console.fail(
            "The upload session of the interrupted upload is gone",
            detail=f"{gone[0].plan.source}; it ended on the server and not by this machine",
            remedy="Look at the title on MangaDex first: the chapter may be there. If it is not, `dexup upload` sends "
            "it again; `dexup history` lists the upload until then.",
            exit_code=Exit.REFUSED,
        )
    console.line("Nothing to resume.")
    console.record({"event": "result", "exit": int(Exit.DONE)})
    return Exit.DONE
