"""Keys that come faster than the App can follow, all in one packet: each has its effect before the next."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.support.screens import press, until
from tui.widgets import type_ahead
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.prompt import Prompt
from tui.widgets.terminal_input import EscapeAnd
from tui.widgets.type_ahead import TypeAheadApp


class Wanted(Message):
    """One thing tells the next that a field is wanted."""


class Middle(Input):
    """Passes on what it is told, as a browser does between its list and its screen."""

    class Passed(Message):
        pass

    def key_f2(self) -> None:
        self.post_message(Wanted())

    def on_wanted(self, message: Wanted) -> None:
        message.stop()
        self.post_message(self.Passed())


class Form(Screen[None]):
    """Takes its time to open; its second field has the focus."""

    BINDINGS = [Binding("escape", "app.pop_screen", "Back")]

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    async def on_mount(self) -> None:
        await asyncio.sleep(0)
        self.query_one("#second").focus()


class Asking(TypeAheadApp[None]):
    """Opens fields, dialogs and screens by key, and keeps what was done."""

    AUTO_FOCUS = "#start"
    BINDINGS = [
        Binding("f3", "note('f3')", "Note"),
        Binding("f4", "prompt", "Prompt"),
        Binding("f5", "choose", "Choose"),
        Binding("f6", "confirm", "Confirm"),
        Binding("f7", "form", "Form"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.form = Form()

    def compose(self) -> ComposeResult:
        yield Middle(id="start")
        yield Input(id="end")

    @property
    def texts(self) -> list[str]:
        return [field.value for field in self.screen.query(Input)]

    def on_middle_passed(self) -> None:
        self.query_one("#end").focus()

    def action_note(self, what: str) -> None:
        self.answers.append(what)

    def action_prompt(self) -> None:
        self.push_screen(Prompt("Where to?"), self.answers.append)

    def action_choose(self) -> None:
        self.push_screen(Choose("Which?", [("a", "A"), ("b", "B"), ("c", "C")]), self.answers.append)

    def action_confirm(self) -> None:
        self.push_screen(Confirm("Really?"), self.answers.append)

    def action_form(self) -> None:
        self.push_screen(self.form)


def type_at_once(app: Asking, keys: str) -> None:
    for key in keys.split():
        app.simulate_key(key)


async def opened(pilot: Pilot[None], kind: type[Screen[Any]]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.focused is not None)


async def test_a_field_that_a_key_opens_in_several_steps_gets_what_follows() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "a f2 b c f3 d")
        await until(pilot, lambda: app.texts == ["a", "bcd"])
        assert app.answers == ["f3"]


async def test_a_paste_keeps_its_place_between_keys() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "a f2 b")
        app.post_message(events.Paste("/a/path"))
        type_at_once(app, "c")
        await until(pilot, lambda: app.texts == ["a", "b/a/pathc"])


async def test_a_screen_gets_what_was_typed_for_it_and_the_one_behind_nothing() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f7 x y")
        await until(pilot, lambda: app.screen is app.form and app.texts == ["", "xy"])
        type_at_once(app, "z escape w")
        await until(pilot, lambda: app.screen is not app.form and app.texts == ["w", ""])


async def test_a_prompt_takes_what_was_typed_ahead_in_its_order() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f4 1 0 2 4 enter x")
        await until(pilot, lambda: app.answers == ["1024"] and app.texts == ["x", ""])


async def test_a_choice_takes_what_was_typed_ahead() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f5 j j enter f5 2")
        await until(pilot, lambda: app.answers == ["c", "b"])


async def test_a_confirmation_is_never_answered_before_it_is_shown() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f6 y enter y")
        await opened(pilot, Confirm)
        await press(pilot, "")
        assert app.answers == []
        await press(pilot, "y")
        await until(pilot, lambda: app.answers == [True])
        assert app.texts == ["", ""]


async def test_what_opens_by_itself_gets_no_key_that_was_typed_before() -> None:
    """A question comes up between a key and what it is bound to."""
    app = Asking()
    async with app.run_test() as pilot:
        app.simulate_key("enter")
        app.call_later(app.action_confirm)
        type_at_once(app, "y f3")
        await opened(pilot, Confirm)
        await press(pilot, "")
        assert app.answers == []
        await press(pilot, "n")
        await until(pilot, lambda: app.answers[-1:] == [False])


async def test_a_handler_without_an_end_holds_keys_up_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type_ahead, "_PATIENCE", 0.0)
    app = Asking()
    async with app.run_test() as pilot:
        start, end = app.query_one("#start", Input), app.query_one("#end", Input)
        may_end = asyncio.Event()
        start.call_later(may_end.wait)
        await asyncio.sleep(0)
        type_at_once(app, "a")
        await asyncio.sleep(0)
        app.screen.set_focus(end)
        type_at_once(app, "b")
        async with asyncio.timeout(10):
            while end.value != "b":  # noqa: ASYNC110  # the pilot would wait for the handler
                await asyncio.sleep(0)
        assert start.value == ""
        may_end.set()
        await until(pilot, lambda: start.value == "a")


async def test_the_app_may_end_while_keys_wait() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f4 x escape f4 y")
        app.exit()
        await pilot.pause()


def escape_and(key: str, alt: str) -> EscapeAnd:
    return EscapeAnd(alt, None, events.Key(key, key))


async def test_alt_and_a_key_is_escape_and_the_key_where_nothing_is_bound_to_it() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "f4 1")
        app.post_message(escape_and("x", "alt+x"))
        await until(pilot, lambda: app.answers == [None] and app.texts == ["x", ""])
        app.post_message(escape_and("b", "ctrl+left"))  # as some terminals send it; a field knows that key
        type_at_once(app, "y")
        await until(pilot, lambda: app.texts == ["yx", ""])
