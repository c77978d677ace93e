"""Questions that the look at the upload session may answer as well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tui.mangadex.errors import Unavailable
from tui.mangadex.models import Chapter, Collection, Group, Manga, UploadSession, User
from tui.upload.asked_or_seen import AskedOrSeen

SEEN = UploadSession(
    "s", manga=Manga("m", "Seen"), groups=(Group("g1", "One"), Group("g2", "Two")), user=User("u", "seen")
)


class Service:
    """Answers when it is let, and knows which questions nobody waits for any more."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.given_up: list[str] = []

    async def _answer(self, what: str) -> None:
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.given_up.append(what)
            raise

    async def me(self) -> User:
        await self._answer("me")
        return User("u", "asked")

    async def manga(self, manga_id: str) -> Manga:
        await self._answer("manga")
        return Manga(manga_id, "Asked")

    async def groups(self, group_ids: Sequence[str]) -> tuple[Group, ...]:
        await self._answer("groups")
        return tuple(Group(one, "Asked") for one in group_ids)

    async def chapters(
        self, *, manga_id: str = "", chapter: str | None = None, language: str = "", limit: int, offset: int
    ) -> Collection[Chapter]:
        return Collection((), total=0)

    async def approval_required(self, manga_id: str, language: str) -> bool:
        return True


async def names(service: Service, session: UploadSession) -> tuple[str, str, list[str]]:
    """Of user, title and groups, when the session is seen before anything is answered; the answers come then."""
    seen = asyncio.create_task(asyncio.sleep(0, session))
    both = AskedOrSeen(service, seen)
    asked = asyncio.gather(both.me(), both.manga("m"), both.groups(("g2", "g1")))
    for _ in range(5):
        await asyncio.sleep(0)
    service.answers.set()
    user, manga, groups = await asked
    return user.username, manga.title, [group.name for group in groups]


async def test_what_was_seen_is_not_asked_any_more() -> None:
    service = Service()
    assert await names(service, SEEN) == ("seen", "Seen", ["Two", "One"])
    assert sorted(service.given_up) == ["groups", "manga", "me"]


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (UploadSession("s"), ("asked", "Asked", ["Asked", "Asked"])),
        (replace(SEEN, manga=Manga("other", "Other")), ("seen", "Asked", ["Two", "One"])),
        (replace(SEEN, groups=SEEN.groups[:1]), ("seen", "Seen", ["Asked", "Asked"])),
        (replace(SEEN, groups=(SEEN.groups[0], Group("g2", "Two", locked=True))), ("seen", "Seen", ["Asked"] * 2)),
    ],
    ids=["nothing", "another title", "a group is missing", "a group is locked"],
)  # fmt: skip
async def test_what_was_not_seen_is_asked_to_the_end(
    session: UploadSession, expected: tuple[str, str, list[str]]
) -> None:
    assert await names(Service(), session) == expected


async def test_an_answer_that_is_there_first_counts_and_so_does_an_error() -> None:
    service = Service()
    service.answers.set()
    never: asyncio.Task[UploadSession] = asyncio.create_task(asyncio.sleep(3600, SEEN))
    both = AskedOrSeen(service, never)
    assert (await both.me()).username == "asked"

    async def fail() -> User:
        raise Unavailable("No answer")

    service.me = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await both.me()
    never.cancel()
