"""The way through dexup line by line: who is logged in, what the server holds, and what next."""

from __future__ import annotations

import asyncio
import getpass
import signal
from pathlib import Path
from types import FrameType

from tui.by_line.chapter_talk import choose_path, order_pages
from tui.by_line.details_talk import talk_details
from tui.by_line.talk import Back, Leave, Talk
from tui.by_line.upload_talk import resume, upload
from tui.mangadex.credentials import Credentials
from tui.mangadex.errors import LoginRequired, MangaDexError
from tui.screens.session_state import SessionState, read_session_state
from tui.screens.session_words import problem_lines, session_lines, stranded_lines
from tui.secret import Secret
from tui.services import Services
from tui.storage.errors import StorageError
from tui.text import format_size
from tui.upload.exits import Exit
from tui.upload.ledger_file import LedgerError
from tui.upload.view import Phase

_WIDE = 1000
"""Columns: nothing is cut, since nothing has to fit."""
_SHOWN = 10


def run(services: Services, path: Path | None, talk: Talk) -> int:
    """Talk until the person leaves; the result is the exit code."""
    talk.say("dexup, line by line. A question mark says what can be typed; ctrl+c goes back, quit leaves.")
    if services.sandbox is not None:
        talk.say("This is the sandbox: nothing real is touched.")
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        if _logged_in(talk, services):
            _home(talk, services, path)
    except Leave:
        pass
    except KeyboardInterrupt:
        talk.say()
    finally:
        signal.signal(signal.SIGTERM, before)
    view = services.engine.view
    if view.session_id and view.phase not in (Phase.COMMITTED, Phase.IDLE):
        services.engine.stop()
        talk.say(f"The upload session is kept, {view.accepted_count} of {len(view.pages)} pages are there.")
        return int(Exit.RESUMABLE)
    talk.say("Nothing is left undone.")
    return 0


def _terminated(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # signal's own signature
    raise Leave


def _logged_in(talk: Talk, services: Services) -> bool:
    """Log in, with what is kept or by asking; false when the person gives up."""
    problem: MangaDexError | StorageError | None = None
    try:
        if asyncio.run(services.accounts.restore()):
            talk.say(f"Logged in as {services.account}.")
            return True
    except LoginRequired:
        talk.say("The kept login is not valid any more.")
    except (MangaDexError, StorageError) as error:
        problem = error
    while True:
        if problem is not None:
            talk.say_all([f"Not logged in: {problem.title}.", problem.remedy])
        talk.say("Log in with a personal client, from https://mangadex.org/settings, API Clients.")
        try:
            client_id, username = talk.ask("Client id:"), talk.ask("User name:")
            if not client_id or not username:
                return False
            secret = Secret(getpass.getpass("Client secret: "))
            credentials = Credentials(client_id, secret, username, Secret(getpass.getpass("Password: ")))
            name = asyncio.run(services.accounts.log_in(credentials, stay=True))
        except (Back, EOFError):
            return False
        except (MangaDexError, StorageError) as error:
            problem = error
            continue
        talk.say(f"Logged in as {name}.")
        return True


def _home(talk: Talk, services: Services, path: Path | None) -> None:
    """What the server holds, then what next, until the person leaves."""
    while True:
        if path is not None:
            _chapter(talk, services, path)
            path = None
            continue
        state = _session(talk, services)
        choices = {"new": "choose a folder or archive to upload"}
        if state is not None and state.session is not None:
            choices["resume"] = "go on with the open upload session"
            choices["abandon"] = "delete the open upload session; asks first"
        choices |= {"look": "ask the server again", "history": "what was uploaded", "quit": "leave dexup"}
        try:
            word = talk.choose("What next?", choices)
            if word == "quit":
                return
            if word == "new":
                path = choose_path(talk, services)
            elif word == "history":
                _history(talk, services)
            elif word == "resume" and state is not None:
                path = _resume(talk, services, state)
            elif word == "abandon" and state is not None:
                _abandon(talk, services, state)
        except Back:
            talk.say("Back at the start.")


def _session(talk: Talk, services: Services) -> SessionState | None:
    try:
        state = asyncio.run(read_session_state(services))
    except (MangaDexError, LedgerError) as error:
        talk.say_all(problem_lines(error))
        return None
    if state.session is None:
        talk.say("No upload session is open.")
    else:
        talk.say("An upload session is open:")
        talk.say_all([" ".join(line.split()) for line in session_lines(state, _WIDE)])
    talk.say_all([" ".join(line.split()) for line in stranded_lines(state, _WIDE)])
    return state


def _chapter(talk: Talk, services: Services, path: Path) -> None:
    """One chapter, from its pages to its commit; going back leads through the same questions again."""
    while True:
        selection = order_pages(talk, services, path)
        if selection is None:
            return
        try:
            plan = talk_details(talk, services, selection)
        except Back:
            plan = None
        if plan is not None:
            upload(talk, services, plan)
            return


def _resume(talk: Talk, services: Services, state: SessionState) -> Path | None:
    """Go on with the open session; a path when its pages have to be chosen first."""
    entry, session = state.entry, state.session
    if entry is not None:
        resume(talk, services, lambda: services.engine.resume(entry, account=services.account))
        return None
    if session is not None and session.chapter_id:
        talk.say(
            f"It edits the chapter {session.chapter_id}, and its pages were not chosen yet. "
            f"`dexup edit {session.chapter_id} --on-session resume` goes on in it with the order that it is "
            "given. Abandon it, and the chapter stays as it is."
        )
        return None
    talk.say("It was not begun here. Choose its folder: pages that are on the server are not sent again.")
    return choose_path(talk, services)


def _abandon(talk: Talk, services: Services, state: SessionState) -> None:
    assert state.session is not None
    if not talk.confirm(f"{len(state.session.files)} files on the server will be deleted."):
        talk.say("It is kept.")
        return
    try:
        services.engine.abandon(state.session.id, services.account).result()
    except (MangaDexError, LedgerError) as error:
        talk.say_all(problem_lines(error))
    else:
        talk.say("Abandoned.")


def _history(talk: Talk, services: Services) -> None:
    receipts = services.engine.records.receipts().result()[:_SHOWN]
    if not receipts:
        talk.say("Nothing was uploaded from here yet.")
    for receipt in receipts:
        number = f"chapter {receipt.chapter}" if receipt.chapter else "oneshot"
        talk.say(
            f"{receipt.committed_at:%Y-%m-%d %H:%M}: {receipt.manga_title or receipt.manga_id}, {number}, "
            f"{receipt.pages} pages, {format_size(receipt.bytes)}"
        )
