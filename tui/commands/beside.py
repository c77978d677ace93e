"""The questions of `dexup upload` whose answers stop nothing, asked while the first pages go up: five requests a second
are all that the service allows, and the line should not wait for them. The commit waits for the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from tui.chapter.details import ChapterDetails
from tui.commands.before import look_with, say_before
from tui.commands.console import Console
from tui.commands.details import describe_names, name_groups, name_manga
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import MangaDexError, NotFound
from tui.mangadex.models import Manga
from tui.services import Services
from tui.upload.asked_or_seen import AskedOrSeen
from tui.upload.before import Before, Cost

T = TypeVar("T")

_Answers = tuple[MangaDexError | None, Manga | MangaDexError, Before | MangaDexError]


class AskedBeside:
    """What is asked of one chapter, once, and what becomes of the answers."""

    def __init__(
        self,
        services: Services,
        console: Console,
        details: ChapterDetails,
        hashes: Sequence[str],
        cost: Cost,
        named: Callable[[ChapterDetails], None],
    ) -> None:
        """`hashes` are the pages' SHA-256; `named` gets the details with the names that were found."""
        self._services = services
        self._console = console
        self._details = details
        self._look = look_with(services, details, hashes)
        self._cost = cost
        self._named = named
        self._asked: Future[_Answers] | None = None
        self._told = False

    def begin(self) -> None:
        """Ask, unless that was done already."""
        if self._asked is None:
            self._asked = self._services.engine.submit(self._ask)

    def told(self, seconds: float = 0.0) -> bool:
        """Whether the answers are there and told, so many seconds from now at the latest.

        A question without an answer is told as well. Only a title that is not there is raised (NotFound).
        """
        if not self._told and self._asked is not None:
            try:
                answers = self._asked.result(seconds)
            except TimeoutError:
                return False
            self._told = True
            self._tell(*answers)
        return self._told

    async def _ask(self, client: MangaDex) -> _Answers:
        seen = asyncio.create_task(self._services.engine.session_at_gate())
        service = AskedOrSeen(client, seen)
        try:
            return await asyncio.gather(
                _or_error(self._confirm(service)),
                _or_error(service.manga(self._details.manga_id)),
                _or_error(self._look(service)),
            )
        finally:
            seen.cancel()
            await asyncio.gather(seen, return_exceptions=True)

    async def _confirm(self, service: AskedOrSeen) -> None:
        if not self._services.accounts.confirmed:
            self._services.accounts.confirm(await service.me())

    def _tell(
        self, unconfirmed: MangaDexError | None, manga: Manga | MangaDexError, before: Before | MangaDexError
    ) -> None:
        services, console = self._services, self._console
        if isinstance(manga, NotFound):
            console.warn(
                "dexup: the upload session is kept: `dexup abandon --yes` ends it, `dexup resume` goes on."
            )
            raise manga
        problems = [
            f"{what} ({error})"
            for what, error in (("who is logged in", unconfirmed), ("the title", manga))
            if isinstance(error, MangaDexError)
        ]
        if isinstance(before, MangaDexError):
            problems.append(f"whether the chapter is there already ({before})")
            before = Before(lists_failed=before)
        details = name_groups(self._details, before.groups)
        if isinstance(manga, Manga):
            details = name_manga(console, details, manga)
        services.engine.complete(services.account, details.manga_title, details.group_names).result()
        for line in describe_names(details):
            console.line(line)
        say_before(console, replace(before, problems=(*problems, *before.problems)), self._cost)
        self._named(details)


async def _or_error(question: Awaitable[T]) -> T | MangaDexError:
    try:
        return await question
    except MangaDexError as error:
        return error
