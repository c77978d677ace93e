"""Keys, pastes and answers of a terminal, however they are cut or run together on their way."""

from __future__ import annotations

import pytest
from textual import events
from textual.message import Message

from tui.widgets import terminal_input
from tui.widgets.terminal_input import EscapeAnd, TerminalInput

ANSWERS = [
    "\x1b[?62;22c", "\x1b[>41;390;0c", "\x1b[?2026;2$y", "\x1b[24;80R", "\x1b[8;24;80t", "\x1b[?997;1n", "\x1b[0n",
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "\x1b]10;rgb:ff/ff/ff\x07", "\x1bP>|xterm(390)\x1b\\", "\x1bP1$r0m\x1b\\",
    "\x1bP1+r544e=78\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b[?1u", "\x1b[I", "\x1b[O", "\x1b[99999999999999;1u",
]  # fmt: skip


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(terminal_input, "monotonic", lambda: now[0])
    return now


class Line:
    """A line on which pieces arrive, each so many seconds after the one before."""

    def __init__(self, clock: list[float]) -> None:
        self._clock = clock
        self._input = TerminalInput(escape_delay=0.1)
        self.came: list[str] = []

    def arrive(self, *pieces: str, after: float = 0.0) -> list[str]:
        for piece in pieces:
            self.wait(after)
            self._take(list(self._input.feed(piece)))
        return self.came

    def wait(self, seconds: float) -> list[str]:
        end = self._clock[0] + seconds
        while self._clock[0] < end:
            self._clock[0] = min(end, self._clock[0] + 0.05)
            self._take(list(self._input.tick()))
        return self.came

    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            if isinstance(message, EscapeAnd):
                self.came.append(f"alt+{message.apart[1].key}")
            elif isinstance(message, events.Key):
                self.came.append(message.key)
            elif isinstance(message, events.Paste):
                self.came.append(f"paste {message.text!r}")
            else:
                self.came.append(type(message).__name__)


@pytest.fixture
def line(clock: list[float]) -> Line:
    return Line(clock)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[B", "down"), ("\x1b[1;3A", "alt+up"), ("\x1b[19~", "f8"), ("\x1bOP", "f1"), ("\x1b[[A", "f1"),
        ("\x1b[3~", "delete"), ("\x1b[8$", "shift+end"), ("\x1b[106;5u", "ctrl+j"), ("\x1b[27u", "escape"),
        ("\x1b[<0;5;5M", "MouseDown"),
    ],
)  # fmt: skip
def test_a_key_is_the_same_whole_and_in_pieces(line: Line, sent: str, key: str) -> None:
    assert line.arrive("j", sent, "k") == ["j", key, "k"]
    line.came.clear()
    assert line.arrive(*sent, after=0.09) == [key]
    line.came.clear()
    assert line.arrive(sent[:2], *sent[2:], after=0.5) == [
        key
    ]  # only behind the first character it is urgent


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_the_terminal_answers_is_no_key(line: Line, answer: str) -> None:
    assert line.arrive(f"j{answer}{answer}k") == ["j", "k"]
    for cut in range(2, len(answer)):
        line.came.clear()
        assert line.arrive(answer[:cut], answer[cut:] + "j", after=0.09) == ["j"], cut


def test_the_rest_of_a_sequence_that_is_lost_is_waited_for_in_vain(line: Line) -> None:
    line.arrive("\x1b[1;3", "j")
    assert line.wait(3) == []  # that letter is lost with it
    line.arrive("\x1b]11;rgb:", "j")
    assert line.wait(3) == []
    line.arrive("\x1b[")
    assert line.wait(3) == ["escape", "left_square_bracket"]
    assert line.arrive("j") == ["escape", "left_square_bracket", "j"]
    line.came.clear()
    line.arrive("\x1bP>|", *"jjjjjjjj", after=1)
    assert line.wait(3)[:1] != ["greater_than_sign"]


def test_escape_is_told_soon_and_its_rest_is_dropped_when_it_comes_late(line: Line) -> None:
    line.arrive("\x1b")
    assert line.wait(0.2) == ["escape"]
    assert line.arrive("[B", "j", after=0.3) == ["escape", "j"]
    line.came.clear()
    assert line.arrive(*"\x1b[6~", after=0.5) == ["escape"]
    line.came.clear()
    assert line.arrive("\x1b", "Ok", after=0.5) == ["escape", "O", "k"]
    line.came.clear()
    assert line.arrive("\x1b", "\x1b", after=0.5) == ["escape"]
    assert line.wait(0.2) == ["escape", "escape"]
    line.came.clear()
    line.arrive("\x1b")
    line.wait(1.5)
    assert line.arrive("[") == ["escape", "left_square_bracket"]


def test_escape_and_a_key_in_one_may_be_both(line: Line) -> None:
    assert line.arrive("\x1bn", "\x1bPx") == ["alt+n", "alt+P", "x"]
    line.came.clear()
    assert line.arrive("\x1b\x1b[B") == ["escape", "down"]
    line.came.clear()
    assert line.arrive("\x1b]") == []
    assert line.wait(0.2) == ["escape", "right_square_bracket"]


def test_a_paste_is_one_however_it_is_cut(line: Line) -> None:
    whole = "\x1b[200~/a/päth [x]\x1b[B\x1b[201~"
    assert line.arrive(f"a{whole}b") == ["a", "paste '/a/päth [x][B'", "b"]
    line.came.clear()
    assert line.arrive(*whole, after=0.09) == ["paste '/a/päth [x][B'"]
    line.came.clear()
    assert line.arrive("\x1b", whole[1:], after=0.5) == ["escape", "paste '/a/päth [x][B'"]
    line.came.clear()
    line.arrive("\x1b[200~/a", "/b\x1b[20")
    assert line.wait(29) == []
    assert line.wait(2) == ["paste '/a/b[20'"]
    assert line.arrive("\x1b[201~j") == ["paste '/a/b[20'", "j"]


@pytest.mark.parametrize(
    "text",
    [
        "/home/me/ch 1.cbz",
        "~/ch 12",
        "'/a b/港 1'",
        "https://mangadex.org/title/x",
        "32d76d19-8a05-4db0-9fc2-e0b0648fe9d0",
    ],
)
def test_a_path_or_an_id_in_one_is_a_paste_though_nobody_says_so(line: Line, text: str) -> None:
    assert line.arrive(text) == [f"paste {text!r}"]
    line.came.clear()
    assert line.arrive(text + "\r")[-1] == "enter"  # typed ahead, for a field that is there to be filled
    assert len(line.came) == len(text) + 1


@pytest.mark.parametrize("text", ["/harbour 12", "jjj", "/", "~/", "nnn/abc/def", "2024-05-01"])
def test_what_may_have_been_typed_is_keys(line: Line, text: str) -> None:
    assert len(line.arrive(text)) == len(text)
