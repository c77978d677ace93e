"""Log in and stay logged in: the refresh token is kept, the password never.

Takes DEXUP_CLIENT_ID, DEXUP_CLIENT_SECRET, DEXUP_USERNAME and DEXUP_PASSWORD where they are set, and asks
for the rest when there is a terminal. Make a personal client under https://mangadex.org/settings, API
Clients; it works once it is approved.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Callable

from tui.accounts import VARIABLES
from tui.commands.console import Console
from tui.commands.guard import guarded
from tui.commands.running import opened
from tui.mangadex.credentials import Credentials
from tui.secret import Secret
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup login`. Secrets are no options: other users can see a command line."""
    parser.add_argument("--client-id", metavar="ID", help="id of the personal client")
    parser.add_argument("--username", metavar="NAME", help="user name on MangaDex")


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(False, lambda console: _login(arguments, console))


def _login(arguments: argparse.Namespace, console: Console) -> Exit:
    given = {name: os.environ.get(variable, "") for name, variable in VARIABLES.items()}
    given["client_id"] = arguments.client_id or given["client_id"]
    given["username"] = arguments.username or given["username"]
    missing = [name for name, value in given.items() if not value]
    if missing and not sys.stdin.isatty():
        return console.fail(
            "Not everything is there to log in with",
            detail=", ".join(VARIABLES[name] for name in missing) + " not set",
            remedy="Set them, or run `dexup login` on a terminal.",
        )
    questions: dict[str, tuple[str, Callable[[str], str]]] = {
        "client_id": ("Client id: ", _ask),
        "client_secret": ("Client secret: ", getpass.getpass),
        "username": ("User name: ", _ask),
        "password": ("Password: ", getpass.getpass),
    }
    for name in missing:
        question, asked = questions[name]
        try:
            given[name] = asked(question).strip() if name != "password" else asked(question)
        except EOFError:
            given[name] = ""
        if not given[name]:
            return console.fail("Not logged in", detail="nothing was typed")
    credentials = Credentials(
        given["client_id"], Secret(given["client_secret"]), given["username"], Secret(given["password"])
    )
    with opened(console) as services:
        name = asyncio.run(services.accounts.log_in(credentials, stay=True))
        console.line(f"Logged in as {name}.")
    return Exit.DONE


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return input()
