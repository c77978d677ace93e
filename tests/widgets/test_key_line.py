from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from tests.support.screens import lines_of, press, until
from tui.terminal import Capabilities
from tui.widgets.key_line import KeyLine, ShownKey, placed
from tui.widgets.terminal_app import TerminalApp


class Keyed(App[None]):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("J,alt+down", "move", "Move", id="page.move-down"),
        Binding("z", "hidden", "Hidden", show=False),
        Binding("f1", "explain", "Help", id="app.help"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.moved = 0

    def compose(self) -> ComposeResult:
        yield KeyLine()

    def action_move(self) -> None:
        self.moved += 1


class Plain(TerminalApp[None]):
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "bell", "Open"),
        Binding("backspace", "pop", "Up"),
    ]

    def compose(self) -> ComposeResult:
        yield KeyLine()


def key(label: str, id: str = "") -> ShownKey:
    return ShownKey("x", "x", label, True, id)


async def test_each_action_stands_once_with_its_first_key_and_help_at_the_right_end() -> None:
    async with Keyed().run_test(size=(60, 5)) as pilot:
        line = lines_of(pilot.app)[-1]
        assert line.startswith(" J Move ")
        assert line.endswith(" f1 Help")
        assert len(line) == 59
        assert "Hidden" not in line


async def test_keys_without_a_sign_in_ascii_are_called_by_their_names() -> None:
    async with Plain(Capabilities(repertoire="ascii")).run_test(size=(60, 16)) as pilot:
        assert lines_of(pilot.app)[-1].startswith(" enter Open  bksp Up")


async def test_a_screen_may_say_what_a_key_does_now() -> None:
    app = Keyed()
    async with app.run_test(size=(60, 5)) as pilot:
        app.screen.key_labels = {"page.move-down": "Stay"}  # type: ignore[attr-defined]
        app.screen.refresh_bindings()
        await until(pilot, lambda: lines_of(app)[-1].startswith(" J Stay "))


async def test_a_click_presses_the_key() -> None:
    app = Keyed()
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.click(KeyLine, offset=(3, 0))
        await press(pilot, [])
        assert app.moved == 1
        await pilot.click(KeyLine, offset=(30, 0))
        await press(pilot, [])
        assert app.moved == 1


def test_what_does_not_fit_is_left_out_but_never_the_help() -> None:
    keys = [key("Move"), key("Help", "app.help"), key("Sort"), key("Exclude")]
    keep = ("app.help",)
    assert [(at, shown.label) for at, shown in placed(keys, 60, keep)] == [
        (0, "Move"), (8, "Sort"), (16, "Exclude"), (52, "Help"),
    ]  # fmt: skip
    assert [(at, shown.label) for at, shown in placed(keys, 24, keep)] == [
        (0, "Move"),
        (8, "Sort"),
        (16, "Help"),
    ]
    assert [shown.label for _, shown in placed(keys, 9, keep)] == ["Help"]
    assert placed(keys, 3, keep) == []
    two = [*keys, key("Details", "chapter.next")]
    assert [shown.label for _, shown in placed(two, 32, ("chapter.next", "app.help"))] == [
        "Move",
        "Details",
        "Help",
    ]
