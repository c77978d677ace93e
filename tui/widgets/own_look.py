"""A widget's own style, found out once: asking for it takes longer than drawing a line of text. All that is drawn in
the widget must have true colours if this style has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # no widget, or a class that has it as a base would lose the style sheet of its other one


class OwnLook(_Base):
    """To be named before the widget class that it is added to."""

    _own_look: Style | None = None

    @property
    def own_look(self) -> Style:
        """`rich_style`, kept until the style sheet is applied anew."""
        if self._own_look is None:
            self._own_look = self.rich_style
        return self._own_look

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without the one that makes true colours of others, where there are no others: it takes longer than
        drawing."""
        filters = super().get_line_filters()
        look = self.own_look
        if look.dim or not all(colour and colour.triplet for colour in (look.color, look.bgcolor)):
            return filters
        return [one for one in filters if not isinstance(one, ANSIToTruecolor)]

    def notify_style_update(self) -> None:
        self._own_look = None
        super().notify_style_update()
