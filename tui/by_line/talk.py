"""Lines said and questions asked, one after another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from tui.glyphs import Glyphs
from tui.text import safe_text

_WORDS = str.maketrans({"✗": "Error:", "✓": "", "…": "...", "·": ",", "→": "to", "×": " by ", "№": "number"})
"""Marks that a screen shows, as words: a voice skips them or reads their names."""


_MOST_LISTED = 6
"""Words in a question; more are tiring to hear each time."""


class Back(Exception):
    """The person wants to go back: ctrl+c, or "back"."""


class Leave(Exception):
    """The person wants to leave, or nothing more can be typed."""


class Talk:
    """The conversation. `read` asks for one line, with a prompt; it raises EOFError at the end."""

    def __init__(
        self,
        repertoire: str = "utf-8",
        *,
        out: TextIO | None = None,
        read: Callable[[str], str] = input,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._out = out or sys.stdout
        self._glyphs = Glyphs(repertoire)
        self._read = read
        self._redact = redact

    def say(self, text: str = "") -> None:
        """One line; safe to be given texts that are not ours."""
        print(self._shown(text), file=self._out, flush=True)

    def say_all(self, lines: Sequence[str]) -> None:
        """Each line; empty ones are left out, since there is nothing to hear."""
        for line in lines:
            if line.strip():
                self.say(line)

    def ask(self, question: str) -> str:
        """One line of text. Back with ctrl+c, Leave at the end of the input."""
        try:
            return self._read(f"{self._shown(question)} ").strip()
        except KeyboardInterrupt:
            self.say()
            raise Back from None
        except EOFError:
            self.say()
            raise Leave from None

    def choose(self, question: str, choices: Mapping[str, str]) -> str:
        """One of the words; the start of a word is enough. "?" says what each of them does."""
        listed = (
            ", ".join(choices) if len(choices) <= _MOST_LISTED else "a word, or a question mark for the list"
        )
        while True:
            typed = self.ask(f"{question} {listed}:").casefold()
            found = [word for word in choices if typed and word.startswith(typed)]
            if typed in choices:
                return typed
            if len(found) == 1:
                return found[0]
            if typed in ("?", "help"):
                self.say_all([f"{word}: {what}" for word, what in choices.items()])
            elif typed in ("b", "back"):
                raise Back
            elif typed in ("q", "quit"):
                raise Leave
            elif found:
                self.say(f"That may be {' or '.join(found)}.")
            elif typed:
                self.say(f"There is no {typed}. A question mark says what each word does.")

    def confirm(self, question: str) -> bool:
        """Only the whole word "yes" means yes."""
        return self.ask(f"{question} Type yes to do it, anything else leaves it:").casefold() == "yes"

    def _shown(self, text: str) -> str:
        spoken = safe_text(text.removeprefix("· ").strip()).translate(_WORDS)
        spoken = spoken.replace(" , ", ", ").replace("  by  ", " by ").strip()
        if spoken.startswith("! "):
            spoken = f"Warning: {spoken[2:]}"
        return self._glyphs.shown(self._redact(spoken))
