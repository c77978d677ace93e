"""The command palette: every action that works here, by name."""

from __future__ import annotations

from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from tui.screens.help import key_name


class Palette(CommandPalette):
    """The library's, without what would be sent again and again, or without need."""

    DEFAULT_CSS = """
    Palette, Palette:ansi { background: transparent; }
    Palette #--input, Palette #--results, Palette CommandList, Palette LoadingIndicator { border: none; }
    """

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False


class ActionCommands(Provider):
    """The active bindings of the screen and of the widget that has the focus."""

    async def discover(self) -> Hits:
        for text, help_text, action in self._found():
            yield DiscoveryHit(Content(text), partial(self.screen.run_action, action), help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, help_text, action in self._found():
            score = matcher.match(f"{text} {help_text}")
            if score > 0:
                yield Hit(score, Content(text), partial(self.screen.run_action, action), help=help_text)

    def _found(self) -> list[tuple[str, str, str]]:
        found: dict[str, tuple[str, str, str]] = {}
        # What the key line shows comes first; the sort keeps the order of the rest.
        for active in sorted(
            self.screen.active_bindings.values(), key=lambda active: not active.binding.show
        ):
            binding = active.binding
            if binding.id and binding.tooltip and active.enabled and binding.id not in found:
                text = f"{binding.description}  ({key_name(binding.key)})"
                found[binding.id] = (text, binding.tooltip, binding.action)
        return list(found.values())
