"""Finding titles and groups: kept answers, links of every kind, and what is said of what was found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast

import pytest

from tui.mangadex.client import MangaDex
from tui.mangadex.errors import Banned, MangaDexError, NotFound, Unavailable
from tui.mangadex.models import Chapter, Collection, Group, Manga
from tui.storage.search_cache import SearchCache
from tui.upload.search import NotOfThisKind, Search, group_note, manga_note

R = TypeVar("R")
ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
MANGA = Manga(
    ID,
    "Harbour Lights",
    alt_titles=("港の灯", "Minato no Akari"),
    authors=("Sato Aiko", "Mori Ken"),
    year=2019,
    content_rating="erotica",
)
GROUP = Group(ID, "Example Scans", locked=True, member_ids=("me",))


class Client:
    """The catalogue, counting what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble: MangaDexError | None = None

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.trouble is not None:
            raise self.trouble

    async def search_manga(self, title: str) -> Collection[Manga]:
        self._ask(title)
        return Collection((MANGA,) * (20 if title == "many" else 1))

    async def search_groups(self, name: str) -> Collection[Group]:
        self._ask(name)
        return Collection((GROUP,))

    async def manga(self, manga_id: str) -> Manga:
        self._ask(f"manga {manga_id}")
        return MANGA

    async def group(self, group_id: str) -> Group:
        self._ask(f"group {group_id}")
        return GROUP

    async def groups(self, group_ids: tuple[str, ...]) -> tuple[Group, ...]:
        self._ask("groups " + " ".join(group_ids))
        return (GROUP,)

    async def chapter(self, chapter_id: str) -> Chapter:
        self._ask(f"chapter {chapter_id}")
        return Chapter(chapter_id, manga_id="its-manga", group_ids=("g1", "g2"))

    async def ask(self, job: Callable[[MangaDex], Awaitable[R]]) -> R:
        return await job(cast("MangaDex", self))


class Bench:
    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000.0
        self.client = Client()
        self.cache = SearchCache(path, lambda: self.now)
        self.search = Search(self.client, self.cache, "https://api.mangadex.org")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path / "searches.json")


async def test_an_answer_is_kept_for_a_day_with_all_that_was_found(bench: Bench) -> None:
    first = await bench.search.manga("harbour")
    bench.now += 3600
    again = await Search(bench.client, bench.cache, "https://api.mangadex.org").manga("  HARBOUR ")
    assert again.found == first.found == (MANGA,)
    assert again.age == 3600
    assert bench.client.asked == ["harbour"]
    assert (await bench.search.groups("harbour")).found == (GROUP,), "another kind, another question"
    assert (await Search(bench.client, bench.cache, "https://x").manga("harbour")).age == 0, "another service"
    await bench.search.manga("harbour", fresh=True)
    bench.now += 90_000
    await bench.search.manga("harbour")
    assert bench.client.asked == ["harbour"] * 5


async def test_an_answer_as_long_as_can_be_says_that_others_may_match(bench: Bench) -> None:
    assert (await bench.search.manga("many")).may_be_more
    assert (await bench.search.manga("MANY")).may_be_more, "from what was kept"
    assert not (await bench.search.manga("few")).may_be_more


async def test_an_old_answer_does_when_there_is_no_new_one(bench: Bench) -> None:
    await bench.search.manga("harbour")
    bench.now += 90_000
    bench.client.trouble = Unavailable("Trouble", "503")
    answer = await bench.search.manga("harbour")
    assert (answer.found, answer.age, answer.problem) == ((MANGA,), 90_000, "Trouble: 503")
    with pytest.raises(Unavailable):
        await bench.search.manga("other")
    bench.client.trouble = Banned("Shut out")
    with pytest.raises(Banned):
        await bench.search.manga("harbour")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (ID, [f"manga {ID}"]),
        (f"https://mangadex.org/title/{ID}/harbour-lights?tab=chapters", [f"manga {ID}"]),
        (f"mangadex.org/manga/{ID.upper()}", [f"manga {ID}"]),
        (f"https://api.mangadex.org/manga/{ID}", [f"manga {ID}"]),
        (f"https://mangadex.org/chapter/{ID}/3", [f"chapter {ID}", "manga its-manga"]),
    ],
)
async def test_any_link_to_a_title(bench: Bench, text: str, asked: list[str]) -> None:
    assert (await bench.search.manga(text)).found == (MANGA,)
    assert bench.client.asked == asked


async def test_any_link_to_a_group_and_links_to_something_else(bench: Bench) -> None:
    await bench.search.groups(f"https://mangadex.org/group/{ID}/example")
    await bench.search.groups(f"https://mangadex.org/chapter/{ID}")
    assert bench.client.asked == [f"group {ID}", f"chapter {ID}", "groups g1 g2"]
    for link in ("title", "user", "author"):
        with pytest.raises(NotOfThisKind, match="not a group's"):
            await bench.search.groups(f"https://mangadex.org/{link}/{ID}")
    bench.client.trouble = NotFound("not_found_http_exception", "Manga not found", status=404)
    with pytest.raises(NotFound, match="knows no title with this id"):
        await bench.search.manga(ID)


async def test_kept_answers_that_are_not_what_they_should_be_are_asked_anew(bench: Bench) -> None:
    await bench.search.groups("example")
    ((key, (_, (good,))),) = bench.cache._read().items()
    wrongs: list[object] = ["x", [1], [{}], [{**good, "id": 3}], [{**good, "locked": "yes"}]]
    wrongs += [[{**good, "member_ids": [1]}], [good | {"name": ["x"]}]]
    for wrong in wrongs:
        bench.cache.put(key, wrong)
        assert (await bench.search.groups("example")).found == (GROUP,)
    assert len(bench.client.asked) == 8


async def test_a_cache_that_cannot_be_written_is_not_in_the_way(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    search = Search(bench.client, SearchCache(tmp_path / "file" / "searches.json"), "https://x")
    assert (await search.manga("harbour")).found == (MANGA,)
    assert "file" in search.problem


def test_notes() -> None:
    assert manga_note(MANGA, "harb light") == "Sato Aiko & Mori Ken, 2019, erotica"
    assert manga_note(MANGA, "MINATO") == "= Minato no Akari, Sato Aiko & Mori Ken, 2019, erotica"
    assert manga_note(Manga("m", "T", state="draft")) == "draft: takes no uploads"
    assert group_note(GROUP, own_id="someone") == "locked: only members may upload"
    assert group_note(GROUP, own_id="me") == "locked: you are a member"
    assert group_note(Group("g", "G", official=True, inactive=True)) == "official, inactive"
