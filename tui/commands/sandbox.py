"""Run only the sandbox: a stand-in for MangaDex on this machine, for scripts and tests.

The first line on standard output is one JSON object with the keys api, auth, client_id, client_secret,
username, password, manga and group. It serves until it is interrupted.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.commands.console import Console
from tui.sandbox.announce import serve_forever
from tui.sandbox.options import SandboxOptions
from tui.sandbox.unavailable import SandboxUnavailable
from tui.upload.exits import Exit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup sandbox`."""
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="0, the default, takes any free port"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="keep committed chapters below DIR/chapters (else they vanish)",
    )
    line = parser.add_argument_group("the line")
    line.add_argument("--latency", type=_amount, default=0.0, metavar="MS", help="wait before every answer")
    line.add_argument(
        "--uplink",
        type=_amount,
        default=0.0,
        metavar="KBIT",
        help="speed of the uploads in kilobits a second",
    )
    account = parser.add_argument_group("the account")
    account.add_argument("--token-life", type=_amount, metavar="S", help="life of an access token (900)")
    account.add_argument("--refresh-life", type=_amount, metavar="S", help="life of a refresh token")
    account.add_argument(
        "--reusable-refresh", action="store_true", help="a refresh token may be exchanged more than once"
    )
    account.add_argument("--approval-required", action="store_true", help="staff approves its uploads first")
    account.add_argument(
        "--approval-after",
        type=_amount,
        default=0.0,
        metavar="S",
        help="with --approval-required: staff approves after S seconds (else POST /_sandbox/approve does)",
    )
    account.add_argument("--external-urls", action="store_true", help="it may link to chapters elsewhere")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--no-rate-limits", action="store_true", help="never answer 429")
    limits.add_argument(
        "--ban-after",
        type=int,
        default=0,
        metavar="N",
        help="ban for a minute after N refused requests in a minute",
    )
    service = parser.add_argument_group("what the service does not document")
    service.add_argument("--lenient-terms", action="store_true", help="commit without accepted terms")
    service.add_argument(
        "--processing", type=_amount, default=0.0, metavar="S", help="time until a chapter is listed"
    )
    service.add_argument(
        "--lose-pages", type=int, default=0, metavar="N", help="count N pages fewer after processing"
    )
    service.add_argument(
        "--session-life", type=_amount, default=0.0, metavar="S", help="an untouched session vanishes after S"
    )
    service.add_argument(
        "--no-session-files", action="store_true", help="do not list the files of an open session"
    )
    service.add_argument(
        "--refuse-same-content", action="store_true", help="a session takes the same bytes only once"
    )
    service.add_argument("--empty-as-lists", action="store_true", help="send every empty map as []")


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    defaults = SandboxOptions()
    options = SandboxOptions(
        port=arguments.port,
        data=arguments.data.absolute() if arguments.data is not None else None,
        latency=arguments.latency / 1000,
        uplink_bits_per_second=arguments.uplink * 1000,
        access_token_life=defaults.access_token_life
        if arguments.token_life is None
        else arguments.token_life,
        refresh_token_life=(
            defaults.refresh_token_life if arguments.refresh_life is None else arguments.refresh_life
        ),
        single_use_refresh=not arguments.reusable_refresh,
        rate_limits=not arguments.no_rate_limits,
        ban_after=arguments.ban_after,
        strict_terms=not arguments.lenient_terms,
        approval_required=arguments.approval_required,
        approval_seconds=arguments.approval_after,
        processing_seconds=arguments.processing,
        pages_lost=arguments.lose_pages,
        external_urls=arguments.external_urls,
        session_life=arguments.session_life,
        list_session_files=not arguments.no_session_files,
        refuse_same_content=arguments.refuse_same_content,
        maps_as_lists=arguments.empty_as_lists,
    )
    console = Console(json_lines=False)
    try:
        return Exit(serve_forever(options))
    except SandboxUnavailable as error:
        return console.fail(str(error))
    except OSError as error:
        return console.fail(
            "The sandbox cannot start",
            detail=error.strerror or str(error),
            remedy="Choose another port or folder.",
        )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("a number that is not negative")
    return value
