"""Forget the account: its token is revoked and deleted. An open upload session stays as it is."""

from __future__ import annotations

import argparse
import asyncio

from tui.commands.console import Console
from tui.commands.guard import guarded
from tui.commands.running import opened
from tui.mangadex.errors import MangaDexError
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup logout`."""
    parser.add_argument(
        "--account", metavar="NAME", default="", help="this account instead of the current one"
    )


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(False, lambda console: _logout(arguments, console))


def _logout(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        api_url = services.settings.service.api_url
        kept = services.accounts.store.current(api_url)
        if arguments.account:
            wanted = arguments.account.casefold()
            accounts = services.accounts.store.accounts(api_url)
            kept = next((entry for entry in accounts if entry.username.casefold() == wanted), None)
        if kept is None:
            console.line("Nobody is logged in.")
            return Exit.DONE
        try:
            asyncio.run(services.accounts.switch(kept, choose=False))
            asyncio.run(services.accounts.log_out())
        except MangaDexError as error:
            # The token is dead or the service away: deleting it here is what counts.
            services.accounts.store.forget(kept.username, api_url)
            console.warn(f"dexup: the server could not be told: {error.title}.")
        console.line(f"Logged out {kept.username}.")
        return Exit.DONE
