"""Options of the headless commands that send pages: how much of the line they may use."""

from __future__ import annotations

import argparse

from tui.mangadex.pace import KBIT, read_kbit
from tui.services import Services


def add_pace(parser: argparse.ArgumentParser) -> None:
    """--limit and --keep-free."""
    parser.add_argument(
        "--limit", type=_kbit, metavar="KBIT", help="cap of the bandwidth in kilobits a second, 0 for none"
    )
    parser.add_argument(
        "--keep-free",
        type=_per_cent,
        default=0,
        metavar="PERCENT",
        help="leave this share of the uplink to others, 0 to 80; its speed is measured",
    )


def use_pace(arguments: argparse.Namespace, services: Services) -> None:
    """What was given overrules the settings."""
    if arguments.limit is not None:
        services.pace.limit = arguments.limit * KBIT
    services.pace.keep_free = arguments.keep_free / 100


def _kbit(text: str) -> int:
    try:
        return read_kbit(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _per_cent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 80:
        raise argparse.ArgumentTypeError("a whole number from 0 to 80")
    return int(text)
