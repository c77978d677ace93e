"""Say who is logged in, and where. Exit code 3 when nobody is."""

from __future__ import annotations

import argparse

from tui.commands.console import Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import logged_in
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup whoami`."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, _whoami)


def _whoami(console: Console) -> Exit:
    with logged_in(console) as services:
        server = services.settings.service.api_url
        way = "environment" if services.accounts.environment is not None else "kept login"
        console.line(f"{services.account} on {server} ({way})")
        console.record({"event": "account", "username": services.account, "api_url": server, "way": way})
        return Exit.DONE
