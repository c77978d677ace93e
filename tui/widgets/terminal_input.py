"""What a terminal sends, put together again: keys, pastes and the mouse.

Over a slow line a key's sequence arrives in pieces, and keys that were typed one after the other arrive in one. A
terminal also answers questions that somebody asked before dexup was started; taken for keys, such an answer would
move, exclude or open things. What is no key is dropped here, and a piece waits for its rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.message import Message

_ESC = "\x1b"
_WHOLE = re.compile(
    r"\x1b(?:\[(?:\[.|M...|(?:23|24|3|7|8)\$|(?![\[M])[0-?]*[ -/]*[@-~])|O[0-9;]*[@-~])", re.DOTALL
)
"""A control sequence, also the odd ones: function keys of the Linux console, the first mouse protocol, rxvt."""
_BEGUN = re.compile(r"\x1b(?:\[(?:\[|M.{0,2}|[0-?]*[ -/]*)|O[0-9;]*)", re.DOTALL)
"""The beginning of one."""
_STRING = re.compile(r"\x1b(?:\]\d+;|P(?:[01]?[$+]r|[>!]\|)|_G)")
"""How a terminal's answers in words begin. Behind Escape these characters could be typed as well, but never these
in a row."""
_STRING_BEGUN = re.compile(r"\x1b(?:\]\d*|P[01>!]?[$+]?|_)")
_STRING_END = re.compile(r"\x1b\\|\x07")
_MOUSE = re.compile(r"\x1b\[(?:<[-\d;]+[mM]|M...)", re.DOTALL)
_CURSOR_AT = re.compile(r"\x1b\[(?!1;[256]R)\d+;\d+R")
"""Where the cursor is. In the first row it may be F3 as well."""
_PASTE_START = "\x1b[200~"
_PASTE_END = "\x1b[201~"
_BARE_PASTE = re.compile(
    r"""['"]?(?:~?/[^/\x00-\x1f\x7f]+/|~/|file://|https?://|[0-9a-f]{8}-[0-9a-f]{4}-)[^\x00-\x1f\x7f]{4,}"""
)
"""A path, link or id that came all at once: nobody types so, and consoles and GNU screen do not say that it is a
paste."""
_UNWANTED = {code: None for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: None}
"""What a pasted text may hold that is no text."""

_PATIENCE = 2.0
"""Seconds of silence after which the rest of a sequence comes no more."""
_LONGEST = 6.0
"""Seconds after which it comes no more, whatever else comes."""
_PASTE_PATIENCE = 30.0
"""The same for a paste: its rest would be taken for keys."""
_CUT_PATIENCE = 1.0
"""Seconds after Escape within which the rest of a sequence may come whose beginning was taken for the key."""


class EscapeAnd(events.Key):
    """Escape and another key in one: Alt and that key, or both typed one after the other and arrived together."""

    def __init__(self, key: str, character: str | None, plain: events.Key) -> None:
        super().__init__(key, character)
        self.apart = (events.Key("escape", _ESC), plain)
        """Both keys."""


class TerminalInput:
    """Text from the terminal in, events out. Call :meth:`tick` several times a second, and after :attr:`left`."""

    def __init__(self, *, escape_delay: float = constants.ESCAPE_DELAY) -> None:
        """`escape_delay`: seconds that the rest of a sequence may come behind its first character."""
        self._escape_delay = escape_delay
        self._parser = XTermParser()
        self._held = ""
        self._since = self._begun = 0.0
        """When the last of it came, and the first."""
        self._escape_told = False
        """What is held begins with an Escape that was taken for the key."""
        self._pasted: list[str] | None = None

    def feed(self, text: str) -> Iterator[Message]:
        """What `text`, and what was held before it, means."""
        self._since = monotonic()
        if not self._held:
            self._begun = self._since
        if not self._held and self._pasted is None and _BARE_PASTE.fullmatch(text):
            yield events.Paste(text)
            return
        self._held += text
        while self._held:
            before = len(self._held)
            yield from self._next()
            if len(self._held) == before:
                return  # the rest is still to come
            self._begun = self._since

    def tick(self) -> Iterator[Message]:
        """What is held and has waited long enough."""
        silence = monotonic() - self._since
        if self._pasted is not None:
            if silence >= _PASTE_PATIENCE:
                self._pasted.append(self._held)
                self._held = ""
                yield from self._end_paste()
        elif self._held and (silence >= self._patience() or self._since - self._begun > _LONGEST):
            held, self._held = self._held, ""
            told, self._escape_told = self._escape_told, False
            if held == _ESC and not told:
                yield events.Key("escape", _ESC)
                self._held, self._escape_told = _ESC, True
                self._since = self._begun = monotonic()
            elif len(held) == 2 or _STRING_BEGUN.fullmatch(held):
                if not told:
                    yield events.Key("escape", _ESC)
                yield from self._parser.feed(held[1:])
            # A longer one has lost its rest; its letters are no keys.

    @property
    def left(self) -> float:
        """Seconds until :meth:`tick` has something to do, if nothing comes before."""
        if not self._held or self._pasted is not None:
            return _PATIENCE
        return max(0.0, self._since + self._patience() - monotonic())

    def _patience(self) -> float:
        if self._escape_told:
            return _CUT_PATIENCE
        if self._held == _ESC or _STRING_BEGUN.fullmatch(self._held):
            return self._escape_delay
        return _PATIENCE

    def _next(self) -> Iterator[Message]:
        """What the beginning of `_held` means; it is taken away, unless its rest is still to come."""
        held = self._held
        if self._pasted is not None:
            yield from self._paste(held)
        elif not held.startswith(_ESC):
            plain, escape, rest = held.partition(_ESC)
            self._held = escape + rest
            yield from self._parser.feed(plain)
        elif whole := _WHOLE.match(held):
            self._held = held[whole.end() :]
            if not self._escape_told or whole[0] == _PASTE_START:
                yield from self._sequence(whole[0])
            elif held[1] != "[":
                yield from self._parser.feed(whole[0][1:])
            self._escape_told = False
        elif not self._escape_told and _STRING.match(held):
            if end := _STRING_END.search(held, 2):
                self._held = held[end.end() :]
        elif _BEGUN.fullmatch(held) and not (self._escape_told and held[1] != "["):
            return
        elif self._escape_told:
            self._escape_told = False
            self._held = held[1:]
        elif len(held) > 1 and not _STRING_BEGUN.fullmatch(held):
            self._held = held[1:] if held[1] == _ESC else held[2:]
            yield from self._escape_and(held[1])

    def _escape_and(self, character: str) -> Iterator[Message]:
        if character == _ESC:
            yield events.Key("escape", _ESC)
            return
        plain = next(iter(self._parser.feed(character)), None)
        if not isinstance(plain, events.Key):
            return  # one that is no key by itself either
        known = list(self._parser._sequence_to_key_events(_ESC + character))
        keys = known if len(known) == 1 else list(self._parser._sequence_to_key_events(character, alt=True))
        yield EscapeAnd(keys[0].key, keys[0].character, plain)

    def _sequence(self, sequence: str) -> Iterator[Message]:
        if sequence == _PASTE_START:
            self._pasted = []
        elif _MOUSE.fullmatch(sequence):
            yield from self._parser.feed(sequence)
        elif sequence != _PASTE_END and not _CURSOR_AT.fullmatch(sequence):
            try:
                keys = list(self._parser._sequence_to_key_events(sequence))
            except (ValueError, OverflowError):  # a number that is no character
                return
            yield from (key for key in keys if key.key != "<ignore>")

    def _paste(self, held: str) -> Iterator[Message]:
        assert self._pasted is not None
        text, end, self._held = held.partition(_PASTE_END)
        if not end:
            part = next((n for n in range(len(_PASTE_END) - 1, 0, -1) if text.endswith(_PASTE_END[:n])), 0)
            self._held = text[len(text) - part :]
            text = text[: len(text) - part]
        self._pasted.append(text)
        if end:
            yield from self._end_paste()

    def _end_paste(self) -> Iterator[Message]:
        text = "".join(self._pasted or ())
        self._pasted = None
        yield events.Paste(text.translate(_UNWANTED))
