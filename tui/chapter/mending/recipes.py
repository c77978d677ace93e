"""What can be mended and how. A new way is one more row in RECIPES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui.chapter.limits import Limits
from tui.chapter.mending.convert import convert, shrink, to_eight_bits, to_gif, to_rgb
from tui.chapter.mending.cut import cut, is_long
from tui.chapter.mending.metadata import strip_metadata
from tui.chapter.mending.picture import Made
from tui.chapter.pages import ACCEPTED_TYPES, ImageType, Page


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
    fits: Callable[[Page], bool]
    """Whether there is anything about such a page that it would change for the better."""

    def can_mend(self, page: Page) -> bool:
        """Whether the page is one to offer it for: whole, on this machine, and with something to mend."""
        return page.complete and not (page.problem or page.remote_id or not page.size) and self.fits(page)

    @property
    def of_many(self) -> str:
        """The label when it is done to several pages."""
        return (
            self.label.replace(" it ", " them ")
            .replace(" its file ", " their files ")
            .replace(" its ", " their ")
        )


def _is_refused(page: Page) -> bool:
    return page.type not in ACCEPTED_TYPES and page.type is not ImageType.UNKNOWN


def _is_still(page: Page) -> bool:
    return page.type in ACCEPTED_TYPES and not page.animated


def _is_in_print_colours(page: Page) -> bool:
    return page.type is ImageType.JPEG and page.components == 4


def _is_deep(page: Page) -> bool:
    return page.type is ImageType.PNG and page.bits > 8


def _moves_as_png(page: Page) -> bool:
    return page.type is ImageType.PNG and page.animated


def _may_tell(page: Page) -> bool:
    return page.type in (ImageType.JPEG, ImageType.PNG)


RECIPES: tuple[Recipe, ...] = (
    Recipe("convert", "Convert it to PNG, JPEG or GIF", ("type-not-accepted",), True, convert, _is_refused),
    Recipe("cut", "Cut it into pages at quiet places", ("too-many-pixels",), True, cut, is_long),
    Recipe("shrink", "Make its file smaller", ("file-too-large",), True, shrink, _is_still),
    Recipe("rgb", "Save it in the colours of a screen", ("cmyk",), False, to_rgb, _is_in_print_colours),
    Recipe("eight-bits", "Save it with 8 bits a channel", ("deep-colour",), False, to_eight_bits, _is_deep),
    Recipe("gif", "Make it a GIF with all its pictures", ("animated-png",), False, to_gif, _moves_as_png),
    Recipe("strip", "Take out its metadata, losslessly", ("tells-place",), False, strip_metadata, _may_tell),
)

RECIPE_OF = {rule: recipe for recipe in RECIPES for rule in recipe.rules}
"""Rule of a finding -> what settles it."""
BY_NAME = {recipe.name: recipe for recipe in RECIPES}
