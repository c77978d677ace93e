"""Upload a chapter and commit it. Never asks; everything wrong is said before anything is sent.

What is not given is taken from dexup.toml, ComicInfo.xml, the name and the last upload, and printed with its
source. Title and groups count only by their ids (from dexup.toml, a link in ComicInfo.xml, or a name that was
learned before); without one --manga is needed.

What the service knows of the chapter (whether it is there already, approval, names) is asked while the first pages go
up and told before the commit; with --on-duplicate fail, --on-session or --write-toml, before anything is sent.
"""

from __future__ import annotations

import argparse
import importlib
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.chapter.numbers import normalise_number
from tui.chapter.order import ORDERS
from tui.chapter.publish_time import example_time
from tui.chapter.references import parse_reference
from tui.commands.console import TERMS, Console
from tui.commands.guard import add_json, guarded
from tui.commands.pacing import add_pace, use_pace
from tui.commands.running import log_in, logged_in, meanwhile, opened
from tui.mangadex import network
from tui.services import Services
from tui.upload.exits import Exit
from tui.upload.options import OnSession

if TYPE_CHECKING:
    from tui.chapter.reading import Guessing, ReadChapter
    from tui.chapter.sources.base import IsCancelled

_OF_ONE = (
    "path", "manga", "group", "no_group", "volume", "chapter", "title", "lang", "publish_at", "external_url",
    "order", "no_commit", "write_toml",
)  # fmt: skip
"""Arguments that speak of one chapter only."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup upload`."""
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="folder or archive with the pages")
    parser.add_argument(
        "--queue",
        type=Path,
        metavar="FILE",
        help="upload all chapters of a .csv or .toml file instead, one after the other (`dexup queue import "
        "--help` says what is in it)",
    )
    parser.add_argument(
        "--manga",
        type=_manga,
        metavar="ID",
        help="id or link of the title, unless dexup.toml or the memory has it",
    )
    parser.add_argument(
        "--group",
        type=group_id,
        action="append",
        default=[],
        metavar="ID",
        help="id or link of a group; repeatable",
    )
    parser.add_argument("--no-group", action="store_true", help="no group, on purpose")
    parser.add_argument("--volume", type=number, metavar="N", help='number, or "" for none')
    parser.add_argument("--chapter", type=number, metavar="N", help='number, or "" for a oneshot')
    parser.add_argument("--title", metavar="T", help='title of the chapter, or "" for none')
    parser.add_argument("--lang", metavar="CODE", help="language of the pages, such as en or pt-br")
    parser.add_argument(
        "--publish-at",
        type=_moment,
        metavar="T",
        help="publish later: YYYY-MM-DDTHH:MM+01:00 (with its zone)",
    )
    parser.add_argument("--external-url", metavar="U", help="link to the chapter on another site")
    parser.add_argument(
        "--order", choices=ORDERS, help="order of the pages (natural unless the settings say else)"
    )
    parser.add_argument(
        "--on-session",
        choices=[str(choice) for choice in OnSession],
        default=str(OnSession.FAIL),
        help="what to do when the account has an upload session open: fail (exit 4, the default), "
        "resume it with this chapter, or abandon it",
    )
    parser.add_argument(
        "--on-duplicate",
        choices=("warn", "fail"),
        default="warn",
        help="what to do when the same chapter by these groups is there already, or its pages were committed "
        "before as another one: warn and upload it all the same (the default), or fail (exit 1) before anything "
        "is sent",
    )
    parser.add_argument("--accept-terms", action="store_true", help=f"you accept the upload terms: {TERMS}")
    parser.add_argument("--no-commit", action="store_true", help="send the pages, do not publish")
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=0.0,
        metavar="S",
        help="after the commit, wait up to S seconds until MangaDex shows what became of the chapter",
    )
    parser.add_argument(
        "--write-toml", action="store_true", help="write the details to dexup.toml in the folder first"
    )
    add_pace(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    what = _upload if arguments.queue is None else _upload_queue
    return guarded(arguments.json, lambda console: what(arguments, console))


def _upload_queue(arguments: argparse.Namespace, console: Console) -> Exit:
    """The file's chapters, through the queue: a second run goes on where the first one stopped."""
    others = [name for name in _OF_ONE if getattr(arguments, name) not in (None, [], False)]
    if arguments.on_session != OnSession.FAIL or arguments.on_duplicate != "warn":
        others.append("on-session and --on-duplicate")
    if others:
        named = ", ".join(f"--{name.replace('_', '-')}" if name != "path" else "PATH" for name in others)
        return console.fail(f"--queue FILE says all of it: leave out {named}")
    if not arguments.accept_terms:
        return console.fail(
            "To commit chapters you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, then add --accept-terms.",
        )
    from tui.commands.queue_following import import_file, run_queue  # late: one chapter needs no queue

    with logged_in(console, patient=True) as services:
        return run_queue(services, console, import_file(services, console, arguments.queue))


def _upload(arguments: argparse.Namespace, console: Console) -> Exit:
    if arguments.path is None:
        return console.fail("Nothing to upload", remedy="Name a folder or an archive, or --queue FILE.")
    if not (arguments.accept_terms or arguments.no_commit):
        return console.fail(
            "To commit a chapter you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, then add --accept-terms; or add --no-commit to send the pages only.",
        )
    # An answer that may stop the upload, or goes into a file, is waited for; the others come beside the pages.
    asked_first = (
        arguments.on_duplicate == "fail" or arguments.on_session != OnSession.FAIL or arguments.write_toml
    )
    with opened(console) as services:
        network.load(services.settings.service.auth_url)  # before two more threads want the interpreter
        with (
            meanwhile(partial(_know, services)) as knowing,
            meanwhile(partial(_read, arguments, services, knowing)) as reading,
        ):
            log_in(services, console, patient=True, confirm=asked_first)
            use_pace(arguments, services)
            chapter = reading.result()
            from tui.commands.uploading import upload_chapter

            return upload_chapter(arguments, services, console, chapter, asked_first=asked_first)


def _know(services: Services, _cancelled: IsCancelled) -> Guessing:
    """Load what guesses and uploads, and what is known on this machine, while the login waits for the network and
    the pages are decoded."""
    importlib.import_module("tui.commands.uploading")
    return services.known().guess


def _read(
    arguments: argparse.Namespace, services: Services, knowing: Future[Guessing], cancelled: IsCancelled
) -> ReadChapter:
    from tui.chapter.reading import read_chapter  # late: beside the login

    order = arguments.order or services.settings.upload.order
    return read_chapter(
        arguments.path, order, guess=lambda path, scan: knowing.result()(path, scan), cancelled=cancelled
    )


def _manga(text: str) -> str:
    found = parse_reference(text, "manga")
    if not found:
        raise argparse.ArgumentTypeError("not the id or MangaDex link of a title")
    return found


def group_id(text: str) -> str:
    """The id of a group, from an id or a link. ArgumentTypeError."""
    found = parse_reference(text, "group")
    if not found:
        raise argparse.ArgumentTypeError("not the id or MangaDex link of a group")
    return found


def number(text: str) -> str:
    """A volume or chapter number as the service writes it; "" for none. ArgumentTypeError."""
    try:
        return normalise_number(text) if text.strip() else ""
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        example = example_time("+01:00", day="T")
        raise argparse.ArgumentTypeError(f"not a date and time such as {example}") from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"the zone is missing: {text}Z for UTC, {text}+01:00 for another")
    return moment.astimezone(UTC)


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise argparse.ArgumentTypeError("a whole number of seconds")
    return float(text)
