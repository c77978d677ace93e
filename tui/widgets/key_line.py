"""The keys that work here, in the last line of a screen.

Textual's Footer is a widget for each key and makes them all anew when the focus moves. This one draws one
line, and only when it changed; when not all keys fit it leaves out the last ones, but never the help.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.keys import ACTIONS
from tui.text import cell_width

_PLACES = {id: place for place, id in enumerate(ACTIONS)}
"""The order in which actions stand in the line."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One key with its label."""

    key: str
    shown: str
    label: str
    enabled: bool
    id: str

    @property
    def width(self) -> int:
        """Columns, with the blanks around it."""
        return cell_width(self.shown) + cell_width(self.label) + 3


class KeyLine(Widget):
    """One line; a click on a key presses it."""

    DEFAULT_CSS = """
    KeyLine { height: 1; dock: bottom; background: $panel; color: $foreground; }
    KeyLine > .key-line--key { color: $text-accent; background: $panel; text-style: bold; }
    KeyLine > .key-line--off { color: $text-muted; background: $panel; }
    KeyLine:ansi > .key-line--off { text-style: dim; }
    """
    COMPONENT_CLASSES = {"key-line--key", "key-line--off"}
    auto_links = False

    def __init__(self, *, keep: tuple[str, ...] = ("app.help",), id: str | None = None) -> None:
        """`keep` are ids of actions that are always shown, at the right end."""
        super().__init__(id=id)
        self._keep = keep
        self._keys: list[ShownKey] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)
        self._bindings_updated(self.screen)

    def _bindings_updated(self, screen: Screen[object]) -> None:
        if screen is not self.app.screen:
            return  # a dialog is in front
        keys = keys_to_show(screen)
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render_line(self, _: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        bright = self.get_component_rich_style("key-line--key")
        off = self.get_component_rich_style("key-line--off")
        segments: list[Segment] = []
        at = 0
        for start, key in placed(self._keys, width, self._keep):
            if start > at:
                segments.append(Segment(" " * (start - at), base))
            segments.append(Segment(f" {key.shown}", bright if key.enabled else off))
            segments.append(Segment(f" {key.label} ", base if key.enabled else off))
            at = start + key.width
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        for start, key in placed(self._keys, self.size.width, self._keep):
            if start <= event.x < start + key.width:
                self.app.simulate_key(key.key)


def keys_to_show(screen: Screen[object]) -> list[ShownKey]:
    """The bindings of `screen`, as it is focused now, that are meant to be shown; each action once."""
    shown: dict[str, ShownKey] = {}
    # Textual moves a key that the user chose to the end; here each action keeps its place.
    nodes: dict[object, int] = {}
    found = [
        (
            nodes.setdefault(active.node, len(nodes)),
            _PLACES.get(active.binding.id or "", len(_PLACES)),
            active,
        )
        for active in screen.active_bindings.values()
    ]
    for _, _, active in sorted(found, key=lambda entry: entry[:2]):
        binding = active.binding
        if binding.show and binding.description and binding.action not in shown:
            display = screen.app.get_key_display(binding)
            id = binding.id or ""
            label = getattr(screen, "key_labels", {}).get(id, binding.description)
            shown[binding.action] = ShownKey(binding.key, display, label, active.enabled, id)
    return list(shown.values())


def placed(keys: list[ShownKey], width: int, keep: tuple[str, ...]) -> list[tuple[int, ShownKey]]:
    """The keys that fit into `width` columns, each after its column; those in `keep` at the right end."""
    kept: list[tuple[int, ShownKey]] = []
    room = width
    for id in reversed(keep):
        for key in keys:
            if key.id == id and key.width <= room:
                room -= key.width
                kept.insert(0, (room, key))
    at = 0
    found: list[tuple[int, ShownKey]] = []
    for key in keys:
        if key.id not in keep:
            if at + key.width > room:
                break
            found.append((at, key))
            at += key.width
    return [*found, *kept]
