"""What can be mended and how. A new way is one more row in RECIPES."""

from __future__ import annotations

from collections.abc import Callable

from tui.chapter.limits import Limits
from tui.chapter.mending.convert import convert, shrink, to_eight_bits, to_gif, to_rgb
from tui.chapter.mending.cut import cut
from tui.chapter.mending.metadata import strip_metadata
from tui.chapter.mending.picture import Made
from tui.chapter.pages import Page
from tui.records import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way of mending one page."""

    name: str
    label: str
    """What it does, in the imperative: "Convert it to PNG or JPEG"."""
    rules: tuple[str, ...]
    """Rules of the findings that it settles; none: it is only done on request."""
    forced: bool
    """The page cannot be uploaded without it."""
    run: Callable[[bytes, Page, Limits], list[Made]]
    """Bytes of the page -> files in reading order. MendError."""

    @property
    def of_many(self) -> str:
        """The label when it is done to several pages."""
        return (
            self.label.replace(" it ", " them ")
            .replace(" its file ", " their files ")
            .replace(" its ", " their ")
        )


RECIPES: tuple[Recipe, ...] = (
    Recipe("convert", "Convert it to PNG, JPEG or GIF", ("type-not-accepted",), True, convert),
    Recipe("cut", "Cut it into pages at quiet places", ("too-many-pixels",), True, cut),
    Recipe("shrink", "Make its file smaller", ("file-too-large",), True, shrink),
    Recipe("rgb", "Save it in the colours of a screen", ("cmyk",), False, to_rgb),
    Recipe("eight-bits", "Save it with 8 bits a channel", ("deep-colour",), False, to_eight_bits),
    Recipe("gif", "Make it a GIF with all its pictures", ("animated-png",), False, to_gif),
    Recipe("strip", "Take out its metadata, losslessly", ("tells-place",), False, strip_metadata),
)

RECIPE_OF = {rule: recipe for recipe in RECIPES for rule in recipe.rules}
"""Rule of a finding -> what settles it."""
BY_NAME = {recipe.name: recipe for recipe in RECIPES}
