"""Keys that arrive before the dialog that they were meant for."""

from __future__ import annotations

from textual.binding import Binding

from tests.support.screens import until
from tui.widgets.dialogs import Choose, Confirm, Prompt
from tui.widgets.type_ahead import TypeAheadApp


class Asking(TypeAheadApp[None]):
    """Opens dialogs by key and keeps their answers."""

    BINDINGS = [
        Binding("m", "prompt", "Prompt"),
        Binding("s", "choose", "Choose"),
        Binding("c", "confirm", "Confirm"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def action_prompt(self) -> None:
        self.push_screen(Prompt("Where to?"), self.answers.append)

    def action_choose(self) -> None:
        self.push_screen(Choose("Which?", [("a", "A"), ("b", "B"), ("c", "C")]), self.answers.append)

    def action_confirm(self) -> None:
        self.push_screen(Confirm("Really?"), self.answers.append)


def type_at_once(app: Asking, keys: str) -> None:
    for key in keys.split():
        app.simulate_key(key)


async def test_a_prompt_takes_what_was_typed_ahead_in_its_order() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "m 1 0 2 4 enter")
        await until(pilot, lambda: app.answers)
    assert app.answers == ["1024"]


async def test_a_choice_takes_what_was_typed_ahead() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "s j j enter")
        await until(pilot, lambda: app.answers)
        type_at_once(app, "s 2")
        await until(pilot, lambda: len(app.answers) == 2)
    assert app.answers == ["c", "b"]


async def test_a_confirmation_is_never_answered_before_it_is_shown() -> None:
    app = Asking()
    async with app.run_test() as pilot:
        type_at_once(app, "c y")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused is not None)
        assert app.answers == []
        await pilot.press("y")
        await until(pilot, lambda: app.answers)
    assert app.answers == [True]
