"""Change a published chapter: what is said of it, or its pages. Never asks.

Without --pages and --order it is one request, and needs no upload session. With them an upload session is begun
that holds the chapter's pages; only new pages are sent, and the chapter stays as it is until the commit.

  dexup edit CHAPTER --title "Low Tide" --chapter 12.5
  dexup edit CHAPTER --order 2,1,3- --accept-terms            two pages change places
  dexup edit CHAPTER --order 1-4,new,6- --pages 5.png --accept-terms   page 5 is replaced
  dexup edit CHAPTER --pages FOLDER --accept-terms            every page is replaced
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tui.chapter.checks import check_details
from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding
from tui.chapter.pages import Page
from tui.chapter.references import parse_reference
from tui.commands.console import LINK, TERMS, Console
from tui.commands.findings import print_findings
from tui.commands.follow import follow
from tui.commands.guard import add_json, guarded
from tui.commands.new_pages import read_new_pages
from tui.commands.pacing import add_pace, use_pace
from tui.commands.page_list import NEW, parse_page_list
from tui.commands.patience import patiently
from tui.commands.running import ask, logged_in
from tui.commands.upload import group_id, number
from tui.mangadex.clock import SystemClock
from tui.mangadex.models import Chapter
from tui.services import Services
from tui.text import plural
from tui.upload.editing import OpenedEdit, OtherSession, details_of, freeze_edit, open_edit
from tui.upload.exits import Exit
from tui.upload.metadata import ChangedMeanwhile, compare, metadata_of, save_metadata
from tui.upload.options import OnSession
from tui.upload.plan import PlanRefused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup edit`."""
    parser.add_argument("chapter_id", type=_chapter, metavar="CHAPTER", help="id or link of the chapter")
    parser.add_argument("--volume", type=number, metavar="N", help='number, or "" for none')
    parser.add_argument("--chapter", type=number, metavar="N", help='number, or "" for a oneshot')
    parser.add_argument("--title", metavar="T", help='title of the chapter, or "" for none')
    parser.add_argument("--lang", metavar="CODE", help="language of the pages, such as en or pt-br")
    parser.add_argument(
        "--group",
        type=group_id,
        action="append",
        metavar="ID",
        help="id or link of a group, in the place of those that are there; repeatable",
    )
    parser.add_argument("--no-group", action="store_true", help="no group, in the place of those there")
    parser.add_argument(
        "--pages",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="new pages: folders, archives, images",
    )
    parser.add_argument(
        "--order",
        metavar="LIST",
        help="the pages of the chapter: numbers of its pages now, ranges, and the word new for those of "
        "--pages (1-4,new,6-); what is not listed leaves. Only the new ones, when it is not given",
    )
    parser.add_argument(
        "--on-session",
        choices=[str(choice) for choice in OnSession],
        default=str(OnSession.FAIL),
        help="what to do when the account has an upload session open: fail (exit 4, the default), resume it "
        "if it is for this chapter, or abandon it",
    )
    parser.add_argument("--accept-terms", action="store_true", help=f"you accept the upload terms: {TERMS}")
    parser.add_argument("--no-commit", action="store_true", help="send new pages, do not change the chapter")
    add_pace(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _edit(arguments, console))


def _edit(arguments: argparse.Namespace, console: Console) -> Exit:
    of_pages = bool(arguments.pages or arguments.order)
    if arguments.no_group:
        arguments.group = []
    given = (arguments.volume, arguments.chapter, arguments.title, arguments.lang, arguments.group)
    if not of_pages and all(value is None for value in given):
        return console.fail("Nothing is to be changed", remedy="`dexup edit --help` says what can be.")
    if of_pages and arguments.group is not None:
        return console.fail(
            "Groups and pages cannot be changed at once",
            detail="a commit says nothing of groups",
            remedy="Run the command twice: once for the groups, once with --pages or --order.",
        )
    if of_pages and not (arguments.accept_terms or arguments.no_commit):
        return console.fail(
            "To commit new pages you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, then add --accept-terms; or add --no-commit to send the pages only.",
        )
    with logged_in(console, patient=True) as services:
        use_pace(arguments, services)
        chapter = patiently(
            services, console, lambda: ask(services, lambda client: client.chapter(arguments.chapter_id))
        )
        details = _wanted(arguments, chapter)
        findings = check_details(details, now=datetime.now(UTC))
        if of_pages:
            return _edit_pages(arguments, services, console, chapter, findings)
        if print_findings(console, findings):
            return _nothing_changed(console)
        return _edit_details(services, console, chapter, details)


def _wanted(arguments: argparse.Namespace, chapter: Chapter) -> ChapterDetails:
    """The chapter's details with what was typed."""
    details = details_of(chapter)
    if arguments.volume is not None:
        details = replace(details, volume=arguments.volume or None)
    if arguments.chapter is not None:
        details = replace(details, chapter=arguments.chapter or None)
    if arguments.title is not None:
        details = replace(details, title=arguments.title or None)
    if arguments.lang is not None:
        details = replace(details, language=arguments.lang)
    if arguments.group is not None:
        groups = tuple(dict.fromkeys(arguments.group))
        details = replace(details, group_ids=groups, group_names=("",) * len(groups))
    return details


# What is said of it


def _edit_details(services: Services, console: Console, chapter: Chapter, details: ChapterDetails) -> Exit:
    mine = metadata_of(details)
    changes = compare(chapter.metadata, mine, chapter.metadata)
    if not changes:
        console.line("The chapter says so already; nothing was sent.")
        console.record({"event": "result", "exit": int(Exit.DONE)})
        return Exit.DONE
    clock = SystemClock()
    try:
        saved = ask(services, lambda client: save_metadata(client, clock, chapter, mine))
    except ChangedMeanwhile as changed:
        return _changed_meanwhile(console, chapter, details, changed.now)
    for change in changes:
        console.line(f"{change.field.capitalize()}: {change.theirs} → {change.mine}")
    console.line(LINK + saved.id)
    console.record(
        {
            "event": "chapter-changed",
            "chapter": saved.id,
            "version": saved.version,
            "changes": {change.field: [change.theirs, change.mine] for change in changes},
        }
    )
    console.record({"event": "result", "exit": int(Exit.DONE)})
    return Exit.DONE


def _changed_meanwhile(console: Console, chapter: Chapter, details: ChapterDetails, now: Chapter) -> Exit:
    differences = compare(chapter.metadata, metadata_of(details), now.metadata)
    for one in differences:
        console.warn(f"dexup: {one.field}: was {one.before}, you want {one.mine}, now it is {one.theirs}")
    console.record(
        {
            "event": "conflict",
            "chapter": now.id,
            "fields": {one.field: [one.before, one.mine, one.theirs] for one in differences},
        }
    )
    return console.fail(
        "The chapter was changed meanwhile",
        detail=f"version {now.version} in the place of {chapter.version}; nothing was written",
        remedy="Look at it, then run the command again.",
        exit_code=Exit.REFUSED,
    )


# Its pages


def _edit_pages(
    arguments: argparse.Namespace,
    services: Services,
    console: Console,
    chapter: Chapter,
    findings: Sequence[Finding],
) -> Exit:
    new, found = read_new_pages(arguments.pages, services.settings.upload.order)
    listed = arguments.order or "new"
    try:
        if chapter.pages:  # wrong lists are said before a session is begun
            parse_page_list(listed, chapter.pages, new=bool(new))
    except ValueError as error:
        return console.fail("The order cannot be made", detail=str(error))
    if print_findings(console, [*findings, *found]):
        return _nothing_changed(console)
    opened = _open(arguments, services, console, chapter)
    if opened is None:
        return Exit.SESSION_OPEN
    try:
        order = parse_page_list(listed, len(opened.pages), new=bool(new))
    except ValueError as error:
        return console.fail("The order cannot be made", detail=str(error), remedy=_KEPT)
    pages: list[Page] = []
    for place in order:
        pages += new if place == NEW else [opened.pages[place - 1]]
    details = _wanted(arguments, opened.chapter)
    if not opened.is_changed(pages) and metadata_of(details) == opened.chapter.metadata:
        return console.fail("Nothing is to be changed", detail="the pages are in this order", remedy=_KEPT)
    try:
        plan = freeze_edit(opened, pages, details, now=datetime.now(UTC))
    except PlanRefused as refused:
        print_findings(console, refused.findings)
        return _nothing_changed(console, _KEPT)
    assert plan.edit is not None
    console.line(
        f"{plural(plan.edit.pages_before, 'page')} before, {len(pages)} after: "
        f"{len(plan.new_pages)} new, {len(plan.edit.left_out)} left out."
    )
    return follow(
        services,
        console,
        commit=not arguments.no_commit,
        start=lambda: services.engine.start_upload(plan, account=services.account),
    )


_KEPT = "The upload session is open; `dexup abandon --yes` ends it, and the chapter stays as it is."


def _open(
    arguments: argparse.Namespace, services: Services, console: Console, chapter: Chapter
) -> OpenedEdit | None:
    """The chapter's edit session; None when an open one is in the way, which was said then."""
    choice = OnSession(arguments.on_session)
    if choice is OnSession.ABANDON:
        session = ask(services, lambda client: client.open_session())
        if session is not None:
            services.engine.abandon(session.id, services.account).result()
            console.line(f"Upload session {session.id} abandoned.")
    elif choice is OnSession.FAIL:
        session = ask(services, lambda client: client.open_session())
        if session is not None and session.chapter_id == chapter.id:
            console.fail(
                "This chapter is being edited already",
                detail=f"session {session.id}, {plural(len(session.files), 'file')}",
                remedy="--on-session resume goes on in it, --on-session abandon begins anew.",
                exit_code=Exit.SESSION_OPEN,
            )
            return None
    clock = SystemClock()
    try:
        return ask(services, lambda client: open_edit(client, clock, chapter.id))
    except OtherSession as other:
        console.fail(
            other.title,
            detail=other.detail,
            remedy=f"{other.remedy} `dexup session` shows it.",
            exit_code=Exit.SESSION_OPEN,
        )
        return None


def _nothing_changed(console: Console, remedy: str = "") -> Exit:
    return console.fail(
        "Nothing was changed",
        detail="the errors above come first",
        remedy=remedy,
        exit_code=Exit.FINDINGS,
    )


def _chapter(text: str) -> str:
    found = parse_reference(text, "chapter")
    if not found:
        raise argparse.ArgumentTypeError("not the id or MangaDex link of a chapter")
    return found
