"""The service: every call of the client, and the words that screens make of what it answers."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from tests.support.bench import ID, Bench, open_bench, token_answer
from tests.support.fuzzing import answers
from tests.support.fuzzing.shown import shown
from tests.support.fuzzing.target import Target
from tui.mangadex.decode import parse_json
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import ChapterDraft, ChapterMetadata, UploadSession
from tui.mangadex.multipart import FilePart
from tui.screens.session_state import SessionState
from tui.screens.session_words import problem_lines, session_lines
from tui.text import safe_text


class Documents(Target):
    """What servers answer, through the readers of the client and the words of the screens."""

    def case(self, chance: random.Random) -> None:
        self.content = answers.damaged(chance)
        document = parse_json(self.content)
        for read in answers.READERS:
            try:
                found = read(document)
            except MangaDexError as error:
                shown(problem_lines(error))
                continue
            if isinstance(found, UploadSession):
                shown(session_lines(SessionState(session=found), 80))


class Client(Target):
    """Every call of the client, when the server and the auth server answer anything whatsoever."""

    def __init__(self, _: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._bench = self._loop.run_until_complete(self._stack.enter_async_context(open_bench()))

    def close(self) -> None:
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()

    def case(self, chance: random.Random) -> None:
        self.content = answers.damaged(chance)
        self._loop.run_until_complete(self._call(chance))

    async def _call(self, chance: random.Random) -> None:
        bench = self._bench
        bench.clock.advance(5000)  # past every ban, and past the token's life
        bench.clock.slept.clear()
        status = chance.choice(
            (200, 200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 409, 413, 429, 500, 503)
        )
        headers = httpx.Headers(
            [(chance.choice(_HEADERS), chance.choice(_VALUES)) for _ in range(chance.choice((0, 1, 2)))],
            encoding="latin-1",
        )
        bench.reply(httpx.Response(status, content=self.content, headers=headers), answers.sound())
        token = httpx.Response(chance.choice((200, 200, 400, 503)), content=answers.damaged_token(chance))
        bench.reply_token(token, token_answer())
        try:
            found = await chance.choice(_CALLS)(bench)
        except MangaDexError as error:
            shown(problem_lines(error))
        else:
            safe_text(found)
        for kept in (
            bench.waits,
            bench.notes,
            bench.lines,
            bench.saved,
            bench.network.seen,
            bench.network.at,
        ):
            kept.clear()
        bench.network.token_forms.clear()


_HEADERS = (
    "x-ratelimit-remaining", "x-ratelimit-retry-after", "retry-after", "date", "x-request-id", "content-type",
    "location", "x-captcha-sitekey",
)  # fmt: skip
_VALUES = (
    "", "0", "-1", "1e308", "nan", "inf", "9" * 39, "1" * 400, "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 99999",
    "Fri, 31 Dec 9999 23:59:59 -2359", "text/html", "//evil", "0x10", "\xb2\xb9",
)  # fmt: skip


def _part() -> FilePart:
    return FilePart("0001.png", "image/png", 4, lambda: io.BytesIO(b"data"))


_CALLS: tuple[Callable[[Bench], Awaitable[object]], ...] = (
    lambda bench: bench.client.me(),
    lambda bench: bench.client.current_session(),
    lambda bench: bench.client.begin(ID, [ID]),
    lambda bench: bench.client.begin_edit(ID, 3),
    lambda bench: bench.client.upload(ID, [_part()]),
    lambda bench: bench.client.delete_files(ID, [ID]),
    lambda bench: bench.client.abandon(ID),
    lambda bench: bench.client.commit(
        ID, ChapterDraft("1", "2", None, "en"), [ID], terms_accepted=True
    ),
    lambda bench: bench.client.approval_required(ID, "en"),
    lambda bench: bench.client.search_manga("x"),
    lambda bench: bench.client.manga(ID),
    lambda bench: bench.client.groups([ID]),
    lambda bench: bench.client.search_groups("x"),
    lambda bench: bench.client.chapters(manga_id=ID),
    lambda bench: bench.client.own_chapters(ID),
    lambda bench: bench.client.chapter(ID),
    lambda bench: bench.client.aggregate(ID),
    lambda bench: bench.client.update_chapter(ID, 1, ChapterMetadata("1", "2", None, "en")),
)  # fmt: skip
