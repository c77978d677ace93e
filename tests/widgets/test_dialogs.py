"""Questions and messages: the safe answer first, nothing that markup or length can break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input

from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tui.text import safe_text
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm, Dialog, Message
from tui.widgets.prompt import Prompt

SIZES = pytest.mark.parametrize("size", [(80, 24), (60, 16)])
CONTROLS = {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F))}
LONG = "a long line of words that the server sent and nobody had counted " * 30


class Asked(App[None]):
    """Keeps the answers."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.copied: list[str] = []

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self))


async def ask(pilot: Pilot[None], dialog: Dialog[Any]) -> Asked:
    app = pilot.app
    assert isinstance(app, Asked)
    await app.push_screen(dialog, app.answers.append)
    await until(pilot, lambda: app.screen is dialog and app.focused is not None)
    await press(pilot, "")
    return app


def unbroken(app: Asked, *wanted: str) -> None:
    """One whole frame, inside the screen, with what must be seen in it."""
    rows = app.text.split("\n")
    tops = [row for row in rows if "╭" in row]
    ends = [row for row in rows if "╰" in row]
    assert len(tops) == len(ends) == 1, app.text
    assert tops[0].strip().startswith("╭")
    assert tops[0].strip().endswith("╮")
    for words in wanted:
        assert words in app.text, f"{words!r} is not in view\n{app.text}"
    assert not CONTROLS & set(app.text)


async def test_confirm_says_no_unless_yes_was_chosen() -> None:
    keys = {
        "enter": False,
        "escape": False,
        "n": False,
        "y": True,
        "right enter": True,
        "tab enter": True,
        "left left enter": False,
    }
    async with Asked().run_test(size=(80, 24)) as pilot:
        for pressed in keys:
            app = await ask(pilot, Confirm("Delete it?", ["24 files"], yes="Delete", no="Keep"))
            assert isinstance(app.focused, Button)
            assert app.focused.id == "no"
            assert "Keep (n)" in app.text
            assert "Delete (y)" in app.text
            await press(pilot, pressed)
        assert dict(zip(keys, app.answers, strict=True)) == keys


async def test_dialogs_answer_clicks() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Confirm("Delete it?"))
        await pilot.click("#yes")
        await ask(pilot, Message("Done", copy="x"))
        await pilot.click("#copy")
        await pilot.click("#close")
        assert app.answers == [True, None]
        assert app.copied == ["x"]


async def test_no_key_but_its_own_closes_a_confirmation() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Confirm("Delete it?", ["what"]))
        await press(pilot, [*"abcdefgxzYN0123456789", "f1", "f5", "up", "down", "pagedown", "home", "ctrl+s"])
        assert app.answers == []
        assert app.focused is not None
        assert app.focused.id == "no"


async def test_prompt_takes_only_what_is_valid() -> None:
    def number(text: str) -> str:
        return "" if text.isdecimal() else f"[b]{text}[/b] is no number"

    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Prompt("Move to", ["1 to 24"], value="1x", validate=number))
        await press(pilot, "enter")
        assert app.answers == []
        assert "[b]1x[/b] is no number" in app.text
        await press(pilot, "end backspace 2")
        assert "is no number" not in app.text
        await press(pilot, "enter")
        assert app.answers == ["12"]


async def test_prompt_left_with_escape_answers_nothing() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Prompt("Move to", value="7"))
        await press(pilot, "8 escape")
        assert app.answers == [None]


async def test_prompt_letters_are_text() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Prompt("Name"))
        await press(pilot, "y n q enter")
        assert app.answers == ["ynq"]


async def test_choose() -> None:
    keys = {"enter": "a", "down enter": "b", "j j enter": "c", "2": "b", "9 3": "c", "escape": None}
    async with Asked().run_test(size=(80, 24)) as pilot:
        for pressed in keys:
            app = await ask(pilot, Choose("Which?", [("a", "One"), ("b", "[/] two"), ("c", "Three")]))
            assert "2  [/] two" in app.text
            await press(pilot, pressed)
        assert dict(zip(keys, app.answers, strict=True)) == keys


async def test_message_stays_until_it_is_dismissed_and_copies_on_request() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        lines = ["what the server said", "status 503, request 1f2e3d", "", "It is safe to try again."]
        app = await ask(pilot, Message("The service has trouble", lines, copy="https://example.invalid/1"))
        await press(pilot, "a x 1 f5")
        unbroken(app, "The service has trouble", *lines, "Copy (y)", "Close (esc)")
        await press(pilot, "y")
        assert app.copied == ["https://example.invalid/1"]
        assert "Sent to the terminal's clipboard." in app.text
        await press(pilot, "escape")
        assert app.answers == [None]


async def test_message_without_a_link_copies_nothing() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Message("Trouble"))
        assert "Copy" not in app.text
        await press(pilot, "y")
        assert app.copied == []
        assert app.answers == []


@SIZES
@pytest.mark.parametrize(
    "make",
    [
        lambda title, lines: Confirm(title, lines, yes="Delete", no="Keep"),
        lambda title, lines: Message(title, lines, copy="x"),
        lambda title, lines: Prompt(title, lines),
        lambda title, lines: Choose(title, [(line, line) for line in lines], lines),
    ],
    ids=["confirm", "message", "prompt", "choose"],
)
async def test_hostile_and_long_texts_leave_the_frame_whole(
    make: Callable[[str, list[str]], Dialog[Any]], size: tuple[int, int]
) -> None:
    async with Asked().run_test(size=size) as pilot:
        app = await ask(pilot, make(LONG, [*HOSTILE.values(), LONG]))
        kind = type(app.screen)
        last = {Confirm: "Keep (n)", Message: "Close (esc)"}.get(kind, "enter takes it, esc leaves it")
        unbroken(app, last, "[bold]page[/bold].png")
        if kind is Prompt:
            assert app.screen.region.contains_region(app.screen.query_one(Input).region)
        await press(pilot, "escape")
        assert app.answers == [False if kind is Confirm else None]


async def test_every_hostile_text_is_shown_as_it_is() -> None:
    texts = [text[:25] for text in HOSTILE.values()]
    async with Asked().run_test(size=(80, 24)) as pilot:
        for start in range(0, len(texts), 10):
            part = texts[start : start + 10]
            app = await ask(pilot, Message(f"title {part[4]}", [f"({text})" for text in part]))
            unbroken(app, f"title {safe_text(part[4])}", *(f"({safe_text(text)})" for text in part))
            await press(pilot, "escape")


@SIZES
async def test_long_text_scrolls_to_its_end_by_keys(size: tuple[int, int]) -> None:
    async with Asked().run_test(size=size) as pilot:
        app = await ask(pilot, Confirm("Really?", [*(f"line {number}" for number in range(40)), "the end"]))
        assert "line 0" in app.text
        assert "the end" not in app.text
        await press(pilot, ["down"])
        assert "line 0" not in app.text
        await press(pilot, ["pagedown"] * 6)
        assert "the end" in app.text
        await press(pilot, ["pageup"] * 7)
        assert "line 0" in app.text
        assert app.focused is not None
        assert app.focused.id == "no"


async def test_tab_completes_a_prompt() -> None:
    def complete(typed: str) -> tuple[str, list[str]]:
        names = [name for name in ("page 1.png", "page 2.png", "\x1b[31mred.png") if name.startswith(typed)]
        return ("page " if len(names) == 2 else names[0] if names else typed), names

    async with Asked().run_test(size=(80, 24)) as pilot:
        app = await ask(pilot, Prompt("Which file?", value="", complete=complete))
        await press(pilot, "p tab")
        await until(pilot, lambda: "page 1.png  page 2.png" in app.text)
        assert app.screen.query_one(Input).value == "page "
        await press(pilot, "2 tab")
        await until(pilot, lambda: app.screen.query_one(Input).value == "page 2.png")
        await press(pilot, "x tab")
        await until(pilot, lambda: "Nothing begins like this." in app.text)
        await press(pilot, "backspace enter")
        assert app.answers == ["page 2.png"]
