"""Something to say yes or no to, at rest on the screen."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox


class TickBox(Checkbox):
    """Says by its mark whether it is ticked. The library's does so by the colour of a mark that is always there."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")
