"""What `dexup upload` does with a chapter that was read, once somebody is logged in."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial

from tui.chapter.checks import check_unattended
from tui.chapter.reading import ReadChapter
from tui.commands.before import ask_before, say_before
from tui.commands.beside import AskedBeside
from tui.commands.console import Console, exit_of
from tui.commands.details import describe_details, find_named, merge_details, name_groups, name_manga
from tui.commands.findings import print_findings
from tui.commands.follow import follow
from tui.commands.guess import write_sidecar
from tui.commands.patience import patiently
from tui.services import Services
from tui.text import format_size, plural
from tui.upload.before import Before, cost_of, in_doubt
from tui.upload.before_words import cost_words
from tui.upload.exits import Exit
from tui.upload.known import learn
from tui.upload.options import OnSession
from tui.upload.plan import PlanRefused, freeze_plan
from tui.upload.uploader import Uploader  # noqa: F401 - the engine would load it when the first page could go out


def upload_chapter(
    arguments: argparse.Namespace,
    services: Services,
    console: Console,
    chapter: ReadChapter,
    *,
    asked_first: bool,
) -> Exit:
    """Check it, say what is wrong, and upload it if nothing is. With `asked_first` the service is asked about the
    chapter before anything is sent, without it beside the first pages."""
    guess = chapter.guess
    if not arguments.group and not arguments.no_group:
        guess = patiently(services, console, partial(find_named, services, guess))
    details, doubts = merge_details(arguments, guess)
    say = 'Say --chapter NUMBER, or --chapter "" for a oneshot.'
    found = check_unattended(details, now=datetime.now(UTC), say_number=say)
    findings = [*chapter.findings, *doubts, *found]
    if arguments.no_group:
        findings = [finding for finding in findings if finding.rule != "no-group"]
    if print_findings(console, findings):
        return console.fail("Nothing was sent", detail="the errors above come first", exit_code=Exit.FINDINGS)
    doubt = in_doubt(details, services.engine.records.doubted().result())
    if doubt is not None:
        return console.fail(
            "Nothing was sent",
            detail=f"a commit of this chapter went out at {doubt.committed_at:%Y-%m-%d %H:%M} UTC, and its "
            "answer was never seen",
            remedy="Run `dexup resume`, which asks what became of it.",
            exit_code=Exit.UNKNOWN,
        )
    hashes = [page.sha256 for page in chapter.pages]
    sizes = [page.size for page in chapter.pages]
    cost = cost_of(sizes, services.engine.options)
    before = None
    if asked_first:
        manga, before = ask_before(services, console, details, hashes)
        details = name_groups(name_manga(console, details, manga), before.groups)
    if arguments.write_toml:
        write_sidecar(console, chapter.source, details)
    for line in describe_details(details):
        console.line(line)
    console.line(f"{plural(len(sizes), 'page')}, {format_size(sum(sizes))}")
    if before is not None:
        say_before(console, before, cost)
        if arguments.on_duplicate == "fail" and (stopped := _stopped_by(console, before)) is not None:
            return stopped
    console.line(f"The upload takes {cost_words(cost)}.")
    try:
        plan = freeze_plan(chapter.source, chapter.pages, details, now=datetime.now(UTC))
    except PlanRefused as refused:
        print_findings(console, refused.findings)
        return console.fail("Nothing was sent", detail="the errors above come first", exit_code=Exit.FINDINGS)
    services.memory.remember_place(chapter.source)
    remember = partial(learn, services.memory, chapter.source, guess)
    beside = None
    if before is not None:
        remember(details)
    else:
        beside = AskedBeside(services, console, details, hashes, cost, named=remember)
    return follow(
        services,
        console,
        commit=not arguments.no_commit,
        wait=arguments.wait,
        beside=beside,
        start=lambda: services.engine.start_upload(
            plan,
            on_session=OnSession(arguments.on_session),
            account=services.account,
        ),
    )


def _stopped_by(console: Console, before: Before) -> Exit | None:
    """How it ends when duplicates are not wanted, and there is one or that is not known."""
    if before.lists_failed is not None:
        return console.fail(
            "Nothing was sent",
            detail="whether the chapter is there already could not be looked up",
            remedy="Run the command again later; without --on-duplicate fail it is uploaded all the same.",
            exit_code=exit_of(before.lists_failed),
        )
    if before.same or before.sent:
        return console.fail(
            "Nothing was sent",
            detail="the chapter is there already" if before.same else "its pages were committed before",
            remedy="Look at the links above; without --on-duplicate fail it is uploaded all the same.",
            exit_code=Exit.FINDINGS,
        )
    return None
