"""`dexup edit`: what is said of a published chapter, and its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ground import Meanwhile
from tests.support.headless import Dexup, Done, write_chapter
from tests.support.killing import Forge
from tui.commands.page_list import NEW, parse_page_list
from tui.sandbox.records import Chapter
from tui.sandbox.server import Fault
from tui.sandbox.service import Service

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    with Forge() as made:
        yield made


@pytest.fixture
def run(dexup: Dexup, forge: Forge) -> Run:
    """Runs the command in a process of its own that is there at once."""

    def command(*arguments: str | Path) -> Done:
        ended = forge.run(dexup.home, dexup.environ, list(map(str, arguments)))
        return Done(ended.code, ended.out, ended.err)

    return command


@pytest.fixture
def chapter(dexup: Dexup) -> Chapter:
    """One of the sandbox's chapters by the account, with four pages."""
    state = dexup.server.state
    found = next(
        c for c in state.chapters.values() if c.chapter == "10" and c.uploader_id == state.account.id
    )
    del found.pages[4:]
    return found


def pages_of(dexup: Dexup, chapter_id: str) -> list[bytes]:
    state = dexup.server.state
    return [state.page_bytes(chapter_id, n + 1) for n in range(len(state.chapters[chapter_id].pages))]


def changes(dexup: Dexup) -> list[str]:
    return [
        f"{r.method} {r.path}" for r in dexup.server.requests if r.method != "GET" and "realms" not in r.path
    ]


@pytest.mark.parametrize(
    ("text", "listed"),
    [("2,1,3-", [2, 1, 3, 4]), ("1-2, new ,4", [1, 2, NEW, 4]), ("new", [NEW]), ("4", [4])],
)
def test_a_page_list_means(text: str, listed: list[int]) -> None:
    assert parse_page_list(text, 4, new="new" in text) == listed


@pytest.mark.parametrize(
    ("text", "new", "said"),
    [
        ("5", False, "not among the pages 1 to 4"),
        ("3-2", False, "not among"),
        ("0", False, "not among"),
        ("1,1-2", False, "page 1 is listed twice"),
        ("1,,2", False, "neither a page number"),
        ("²", False, "neither a page number"),
        ("1,new", False, "not given"),
        ("1-4", True, "new is missing"),
        ("new,new", True, "new is listed twice"),
    ],
)
def test_a_page_list_that_means_nothing(text: str, new: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_page_list(text, 4, new=new)


def test_details_are_changed_by_one_request(dexup: Dexup, run: Run, chapter: Chapter) -> None:
    link = f"https://mangadex.org/chapter/{chapter.id}"
    done = run("edit", link, "--title", "Neap Tide", "--volume", "", "--lang", "pt-br", "--json")
    assert done.code == 0, done.err
    assert (chapter.title, chapter.volume, chapter.chapter, chapter.language) == (
        "Neap Tide",
        None,
        "10",
        "pt-br",
    )
    assert done.kinds() == ["chapter-changed", "result"]
    assert done.records[0]["changes"]["title"] == ["Ebb", "Neap Tide"]
    assert changes(dexup) == [f"PUT /chapter/{chapter.id}"]
    again = run("edit", link, "--title", "Neap Tide")
    assert (again.code, "nothing was sent" in again.out) == (0, True)


def test_pages_are_put_in_order_replaced_and_committed(
    dexup: Dexup, run: Run, chapter: Chapter, tmp_path: Path
) -> None:
    before = pages_of(dexup, chapter.id)
    new = write_chapter(tmp_path / "new", 2)
    wrong = run("edit", chapter.id, "--order", "1,9", "--accept-terms")
    assert (wrong.code, "9 is not among the pages 1 to 4" in wrong.err) == (2, True)
    assert changes(dexup) == []
    done = run(
        "edit", chapter.id, "--order", "2,1,new,4", "--pages", tmp_path / "new" / "1.png", tmp_path / "new" / "2.png",
        "--title", "Mended", "--accept-terms",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "4 pages before, 5 after: 2 new, 1 left out." in done.out
    assert pages_of(dexup, chapter.id) == [before[1], before[0], *new, before[3]]
    now = dexup.server.state.chapters[chapter.id]
    assert (now.title, now.chapter, now.version) == ("Mended", "10", 2)
    assert done.out.splitlines()[-1].endswith(chapter.id)
    (receipt,) = run("history", "--json").records
    assert receipt["chapter"] == chapter.id or chapter.id in str(receipt)


def test_what_is_not_committed_leaves_the_chapter_as_it_is_and_can_go_on(
    dexup: Dexup, run: Run, chapter: Chapter, tmp_path: Path
) -> None:
    before = pages_of(dexup, chapter.id)
    new = write_chapter(tmp_path / "new", 2)
    edit = ("edit", chapter.id, "--pages", tmp_path / "new")
    assert run(*edit, "--no-commit").code == 0
    assert pages_of(dexup, chapter.id) == before
    refused = run(*edit, "--accept-terms")
    assert (refused.code, "edited already" in refused.err) == (4, True)
    gone = run("abandon", "--yes")
    assert f"The chapter {chapter.id} stays as it is." in gone.out
    assert pages_of(dexup, chapter.id) == before
    assert run(*edit, "--no-commit").code == 0
    done = run("resume", "--accept-terms")
    assert (done.code, f"edit of chapter {chapter.id}" in done.out) == (0, True)
    assert pages_of(dexup, chapter.id) == new


def test_a_change_by_somebody_else_is_shown_and_not_overwritten(
    dexup: Dexup, run: Run, chapter: Chapter
) -> None:
    def rename(_service: Service) -> None:
        chapter.title, chapter.version = "Theirs", 2

    dexup.server.faults.add(Fault("GET", "/chapter/{id}", Meanwhile(before=rename), skip=1))
    done = run("edit", chapter.id, "--title", "Mine", "--json")
    assert done.code == 7
    assert done.records[0]["fields"] == {"title": ["Ebb", "Mine", "Theirs"]}
    assert chapter.title == "Theirs"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Nothing is to be changed"),
        (["--order", "2,1"], "https://mangadex.org/compliance"),
        (["--order", "2,1", "--no-group", "--accept-terms"], "Groups and pages"),
    ],
)
def test_a_wrong_command_line_exits_2_and_asks_nobody(
    dexup: Dexup, run: Run, arguments: list[str], said: str
) -> None:
    done = run("edit", "5f0d7c6e-2b1a-4c3d-8e9f-0a1b2c3d4e5f", *arguments)
    assert (done.code, said in done.err) == (2, True)
    assert not dexup.server.requests
