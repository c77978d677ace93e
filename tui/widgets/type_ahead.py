"""Keys that come faster than the App can follow, as over a slow line: each waits until the one before has had its
whole effect.

Textual hands a key to what has the focus, and runs what the key is bound to only when the key has come up through
all parents to the App. Of "/abc" in one packet, the letters would be given to the list before "/" has opened the
field that they are meant for, and be commands there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from tui.widgets.terminal_input import EscapeAnd

T = TypeVar("T")

_ROUNDS = 4
"""How often a messenger goes the way of a key before the next one is let in: once behind the key itself, and once
for each message that leads from what the key did to what it opens (a list tells its browser, that its screen)."""
_PATIENCE = 2.0
"""Seconds after which a further key waits no longer for one whose handler does not come to an end."""


@dataclass(frozen=True, slots=True, eq=False)
class _Typed:
    """A key, or a paste, and what was there to be seen when it came."""

    event: events.Key | events.Paste
    seen: tuple[Screen[Any], ...]


class Passed(Message):
    """The messenger: it comes up to the App behind everything that was on the same way before it."""

    def __init__(self, typed: _Typed, rounds: int) -> None:
        super().__init__()
        self.typed = typed
        self.rounds = rounds
        """Still to go."""


class TypeAheadApp(App[T]):
    """An App that lets in one key at a time, in the order of typing.

    A key goes to the screen that is in front when its turn comes, if that is one that it was typed at or one that
    opened since and takes such keys (`TAKES_EARLY_KEYS`, true for screens that do not say); else it is dropped. A
    screen may say with `open_since` from when on it can be typed at.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[_Typed] = deque()
        self._under_way: _Typed | None = None
        self._given_to: tuple[Screen[Any], Widget | None] | None = None
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            # It has come up. What has opened meanwhile by itself is not what it was typed for.
            if self._given_to in (None, (self.screen, self.focused)):
                await super().on_event(event)
        else:
            self._typed.append(
                _Typed(event, tuple(one for one in self.screen_stack if _was_open(one, event.time)))
            )
            if self._under_way is None or monotonic() - self._since > _PATIENCE:
                await self._let_in()

    async def on_passed(self, message: Passed) -> None:
        message.stop()
        if message.typed is not self._under_way or not self.screen_stack:
            return  # waited for no more, or the App has ended
        if message.rounds:
            self._send(message.typed, message.rounds - 1, self.focused or self.screen)
        else:
            await self._let_in()

    async def _let_in(self) -> None:
        """Give the next key that is to be given to anything, once that can take it."""
        self._under_way = self._given_to = None
        while self._typed and self.screen_stack:
            front = self.screen
            typed = self._typed[0]
            early = front not in typed.seen
            if early and not getattr(front, "TAKES_EARLY_KEYS", True):
                self._typed.popleft()
                continue
            if isinstance(typed.event, EscapeAnd):
                self._typed.popleft()
                keys = (typed.event,) if self._bound(typed.event) else typed.event.apart
                self._typed.extendleft(_Typed(key.copy(), typed.seen) for key in reversed(keys))
                continue
            self._under_way, self._since = typed, monotonic()
            if not _was_open(front, inf):
                front.call_after_refresh(self._send, typed, _ROUNDS - 1, self)
                return
            self._typed.popleft()
            self._given_to = (front, self.focused)
            target = self.focused or front
            await super().on_event(typed.event)
            self._send(typed, _ROUNDS - 1, target)
            return

    def _bound(self, key: EscapeAnd) -> bool:
        """Whether Alt and that key does anything here. Else it was Escape, and then the key."""
        return key.key in self.screen.active_bindings

    def _send(self, typed: _Typed, rounds: int, way: MessagePump) -> None:
        message = Passed(typed, rounds)
        if not way.post_message(message):
            self.post_message(message)  # what had the key is closed by now


def _was_open(screen: Screen[Any], time: float) -> bool:
    if not hasattr(screen, "open_since"):
        return screen.is_mounted
    return screen.open_since is not None and screen.open_since <= time
