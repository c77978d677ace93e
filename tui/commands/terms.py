"""Show the upload terms and for how long they were accepted in the app; --revoke takes that back.

A command that commits always needs its own --accept-terms: what was accepted in the app is for the app.
"""

from __future__ import annotations

import argparse

from tui.commands.console import Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import opened
from tui.storage.consent import TERMS
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup terms`."""
    parser.add_argument("--account", metavar="NAME", help="user name (the account that stays logged in)")
    parser.add_argument("--revoke", action="store_true", help="accept them at each commit again")
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _terms(arguments, console))


def _terms(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        api_url = services.settings.service.api_url
        account = arguments.account or ""
        if not account:
            given, kept = services.accounts.environment, services.accounts.store.current(api_url)
            account = given.username if given is not None else kept.username if kept is not None else ""
        consent = services.consent.standing(account, api_url) if account else None
        console.line(f"Upload terms: {TERMS}")
        if arguments.revoke:
            revoked = bool(account) and services.consent.revoke(account, api_url)
            consent = None
            console.line("Taken back." if revoked else "There was nothing to take back.")
        if consent is not None:
            console.line(
                f"{account} accepted them in the app on {consent.given_at:%Y-%m-%d} "
                f"until {consent.until:%Y-%m-%d %H:%M} UTC."
            )
        else:
            console.line("They are accepted at each commit.")
        console.record(
            {
                "event": "terms",
                "link": TERMS,
                "account": account,
                "accepted_at": consent.given_at if consent is not None else None,
                "until": consent.until if consent is not None else None,
            }
        )
    return Exit.DONE
