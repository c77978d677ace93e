"""Search as you type: one question for what was meant, and a choice without leaving the field."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.hostile import HOSTILE
from tests.support.screens import Host, Messages, lines_of, press, until
from tui.mangadex.errors import ConnectFailed, Unavailable
from tui.widgets import search_box
from tui.widgets.search_box import SearchBox
from tui.widgets.search_results import Result, SearchAnswer

FOUND = [Result(str(number), f"Harbour {number}", "2019, ongoing") for number in range(1, 9)]


class Catalogue:
    """Answers searches when told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Sequence[Result] | Exception = FOUND
        self.note = ""
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def search(self, text: str, fresh: bool) -> SearchAnswer:
        self.asked.append(f"{text} anew" if fresh else text)
        answer = self.answer
        await self.may_answer.wait()
        if isinstance(answer, Exception):
            raise answer
        return SearchAnswer(answer, self.note)


class Bench:
    """A search box, alone on a screen."""

    def __init__(self, *, keep_text: bool = True, first: Sequence[Result] = ()) -> None:
        self.catalogue = Catalogue()
        self.box = SearchBox("manga", "Manga", self.catalogue.search, keep_text=keep_text, first=first)
        self.app = Host(self.box)
        self.seen = Messages()

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self.app))

    @property
    def field(self) -> Input:
        return self.box.row.field

    @property
    def chosen(self) -> list[str]:
        return [message.result.id for message in self.seen.of(SearchBox.Chosen)]

    async def search(self, pilot: Pilot[None], text: str) -> None:
        """Type `text` and wait for what it brings."""
        await press(pilot, list(text))
        await until(pilot, lambda: self.box.results.results)
        await press(pilot, "")


async def test_asks_once_when_the_typing_rests_and_chooses_with_the_arrows() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        assert bench.catalogue.asked == ["harbour"]
        assert "▸ Harbour 1  (2019, ongoing)" in bench.text
        assert "Harbour 7" not in bench.text, "six rows at most"
        await press(pilot, "down down up enter")
        assert bench.chosen == ["2"]
        assert bench.field.value == "Harbour 2"
        assert "Harbour 1" not in bench.text
        await press(pilot, "enter")
        assert bench.chosen == ["2"], "there is nothing more to choose"
        assert bench.catalogue.asked == ["harbour"], "a chosen name is not searched for"


async def test_rows_below_the_sixth_scroll_into_view() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        await press(pilot, "down down down down down down down")
        assert "▸ Harbour 8" in bench.text
        await press(pilot, "enter")
        assert bench.chosen == ["8"]


async def test_too_short_asks_nobody_and_what_was_found_goes_away() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.field.focus()
        await bench.search(pilot, "ha")
        await press(pilot, "backspace")
        assert "Harbour" not in bench.text
        assert bench.catalogue.asked == ["ha"]


async def test_enter_never_takes_what_was_found_for_another_text() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        bench.catalogue.answer = [Result("other", "Another title")]
        for key in (*"xyz", "enter"):
            bench.app.simulate_key(key)
        await until(pilot, lambda: "Another title" in bench.text)
        assert bench.chosen == []
        assert bench.catalogue.asked == ["harbour", "harbourxyz"]
        await press(pilot, "enter")
        assert bench.chosen == ["other"]


async def test_an_answer_that_comes_late_does_not_replace_a_newer_one() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.field.focus()
        bench.catalogue.may_answer.clear()
        bench.catalogue.answer = [Result("old", "Old answer")]
        bench.box.search_now("first")
        await until(pilot, lambda: bench.catalogue.asked == ["first"])
        assert "Searching…" in bench.text
        bench.catalogue.answer = [Result("new", "New answer")]
        bench.box.search_now("second")
        await until(pilot, lambda: bench.catalogue.asked == ["first", "second"])
        bench.catalogue.may_answer.set()
        await until(pilot, lambda: "New answer" in bench.text)
        assert [result.id for result in bench.box.results.results] == ["new"]


async def test_nothing_found_and_errors_stand_beside_the_field() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.field.focus()
        bench.catalogue.answer = []
        bench.box.search_now("none")
        await until(pilot, lambda: "Nothing found" in bench.text)
        bench.catalogue.answer = Unavailable("The service has trouble", "[/]\x1b[31m503")
        bench.box.search_now("trouble")
        await until(pilot, lambda: "✗ The service has trouble: [/]␛[3" in bench.text)
        bench.catalogue.answer = ConnectFailed("No connection")
        bench.box.search_now("net")
        await until(pilot, lambda: "✗ No connection" in bench.text)
        assert bench.field.value == "net", "what was typed stays"
        bench.catalogue.answer = FOUND
        bench.box.search_now("again")
        await until(pilot, lambda: "Harbour 1" in bench.text)
        assert "✗" not in bench.text


async def test_escape_closes_the_results_first_and_leaving_the_field_does_too() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        await press(pilot, "escape")
        assert "Harbour 1" not in bench.text
        assert bench.field.value == "harbour"
        bench.box.search_now("harbour")
        await until(pilot, lambda: "Harbour 1" in bench.text)
        bench.app.screen.set_focus(None)
        await until(pilot, lambda: "Harbour 1" not in bench.text)
        assert bench.chosen == []


async def test_several_choices_with_one_field() -> None:
    bench = Bench(keep_text=False, first=[Result("last", "Last time's group")])
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await press(pilot, "down")
        assert "▸ Last time's group" in bench.text
        await press(pilot, "enter")
        await bench.search(pilot, "harbour")
        await press(pilot, "enter")
        assert bench.chosen == ["last", "1"]
        assert bench.field.value == ""
        assert bench.seen.of(SearchBox.Emptied) == []
        await press(pilot, "backspace")
        assert len(bench.seen.of(SearchBox.Emptied)) == 1
        assert bench.catalogue.asked == ["harbour"], "what is offered first was not asked for"


async def test_what_was_used_before_comes_first_and_asks_nobody() -> None:
    bench = Bench(keep_text=False, first=[Result("none", "No group")])
    used = [Result("u1", "Harbour Lights", "used before"), Result("3", "Harbour 3"), Result("u2", "[/]Tide")]
    bench.box.offer_used(used)
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await press(pilot, "down")
        assert [result.id for result in bench.box.results.results] == ["u1", "3", "u2", "none"]
        await press(pilot, "down down enter")
        assert bench.chosen == ["u2"]
        await press(pilot, "t i")
        assert "▸ [/]Tide" in bench.text
        await press(pilot, "enter")
        assert bench.chosen == ["u2", "u2"]
        assert bench.catalogue.asked == []
        bench.catalogue.may_answer.clear()
        await press(pilot, [*"harbour", "down"])
        assert "▸ Harbour 3" in bench.text
        await until(pilot, lambda: bench.catalogue.asked == ["harbour"])
        bench.catalogue.may_answer.set()
        await until(pilot, lambda: len(bench.box.results.results) > 2)
        ids = [result.id for result in bench.box.results.results]
        assert ids == ["u1", "3", "1", "2", "4", "5", "6", "7", "8"], "each once"
        assert "▸ Harbour 3" in bench.text, "the cursor stays on its row"


async def test_an_answer_says_how_old_it_is_and_f5_asks_anew() -> None:
    bench = Bench()
    bench.catalogue.note = "as of 3 h ago"
    async with bench.app.run_test(size=(100, 24)) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        assert "as of 3 h ago" in bench.text
        bench.catalogue.note = ""
        await press(pilot, "f5")
        await until(pilot, lambda: "as of" not in bench.text)
        assert bench.catalogue.asked == ["harbour", "harbour anew"]


async def test_typing_on_cancels_the_request() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.field.focus()
        bench.catalogue.may_answer.clear()
        bench.catalogue.answer = [Result("old", "Old answer")]
        await press(pilot, list("harbour"))
        await until(pilot, lambda: bench.catalogue.asked)
        await press(pilot, ["x"])
        assert not [worker for worker in bench.box.workers if worker.is_running]
        bench.catalogue.answer = FOUND
        bench.catalogue.may_answer.set()
        await until(pilot, lambda: "Harbour 1" in bench.text)
        assert bench.catalogue.asked == ["harbour", "harbourx"]


async def test_hostile_names_are_shown_as_they_are() -> None:
    bench = Bench()
    names = list(HOSTILE.values())
    async with bench.app.run_test(size=(60, 16), message_hook=bench.seen) as pilot:
        bench.field.focus()
        bench.catalogue.answer = [Result(str(at), name, name) for at, name in enumerate(names)]
        bench.box.search_now("hostile")
        await until(pilot, lambda: "▸ [bold]page[/bold].png  ([bold]page[/bold].png)" in bench.text)
        for at in range(len(names)):
            assert bench.box.results.cursor_row == at
            assert len([line for line in lines_of(bench.app) if "▸" in line]) == 1
            assert not {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160))} & set(
                bench.text
            )
            await press(pilot, "down")
        await press(pilot, "enter")
        assert bench.chosen == [str(len(names) - 1)]


def test_the_service_is_asked_sparingly() -> None:
    """Five requests a second are allowed in all; typing must not spend them."""
    assert search_box._REST >= 0.25
    assert search_box._SHORTEST >= 2


async def test_what_is_typed_replaces_what_was_chosen_and_escape_brings_it_back() -> None:
    bench = Bench()
    async with bench.app.run_test(size=(80, 24), message_hook=bench.seen) as pilot:
        bench.field.focus()
        await bench.search(pilot, "harbour")
        await press(pilot, "enter")
        await press(pilot, "x y z")
        assert bench.field.value == "xyz"
        await until(pilot, lambda: bench.box.results.results)
        assert "esc undoes" in bench.text
        await press(pilot, "escape")
        assert bench.field.value == "Harbour 1"
        assert not bench.box.results.results
        assert len(bench.seen.of(SearchBox.Restored)) == 1
        await press(pilot, "escape")
        assert len(bench.seen.of(SearchBox.Restored)) == 1, "there is nothing more to undo"


async def test_a_search_that_takes_long_says_so_until_the_answer_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_box, "_LATE", 0.01)
    bench = Bench()
    bench.catalogue.may_answer.clear()
    async with bench.app.run_test(size=(80, 24)) as pilot:
        bench.field.focus()
        await press(pilot, "h a r")
        await until(pilot, lambda: "Still waiting for an answer…" in bench.text)
        bench.catalogue.may_answer.set()
        await until(pilot, lambda: bench.box.results.results)
        assert "Still waiting" not in bench.text
