"""What a key can do about a finding: changes of the order, each one step for undo; a mended copy; a look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tui.chapter.order import PageOrder, SortBy


class OrderFix(Protocol):
    """A change of the order that would settle a finding."""

    @property
    def label(self) -> str:
        """What the key does, in the imperative: "Sort by natural name"."""

    def apply(self, order: PageOrder) -> PageOrder:
        """The order afterwards; the same one when nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Sort:
    """Put all pages in another order."""

    by: SortBy

    @property
    def label(self) -> str:
        return f"Sort by {self.by.value} order"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.sorted(self.by)


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Bring a page to the beginning or the end."""

    key: str
    first: bool

    @property
    def label(self) -> str:
        return "Move it to the beginning" if self.first else "Move it to the end"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.move_to({self.key}, 1 if self.first else len(order.pages))


@dataclass(frozen=True, slots=True)
class Mend:
    """Make a mended copy of a page and put it in its place. Takes time and a place for the copy, so it is done
    by a Workshop, not here."""

    key: str
    recipe: str
    """Name of the recipe (`mending/recipes.py`)."""
    label: str


@dataclass(frozen=True, slots=True)
class MendAll:
    """The same for several pages at once."""

    keys: tuple[str, ...]
    recipe: str
    label: str


@dataclass(frozen=True, slots=True)
class Lighten:
    """Make the largest pages smaller until the chapter fits. Done by a Workshop."""

    label: str = "Make the largest pages smaller until it fits"


@dataclass(frozen=True, slots=True)
class Join:
    """Make one page of several that belong together, one below the other. Done by a Workshop too."""

    keys: tuple[str, ...]
    """In reading order."""
    label: str = "Join it to its neighbour"


@dataclass(frozen=True, slots=True)
class LineUp:
    """Bring pages together in an order of their own, where the first of all of them stands."""

    keys: tuple[str, ...]
    label: str = "Put them in the order of their numbers"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.line_up(self.keys)


@dataclass(frozen=True, slots=True)
class Look:
    """Nothing to change: look at the page, large, to decide."""

    key: str

    @property
    def label(self) -> str:
        return "Look at it"


@dataclass(frozen=True, slots=True)
class Group:
    """Bring a series of pages together, in the order that they have, behind all others."""

    keys: frozenset[str]

    @property
    def label(self) -> str:
        return "Put the second series behind the first"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.move_to(self.keys, len(order.pages))


@dataclass(frozen=True, slots=True)
class ExcludeAll:
    """Leave several pages out."""

    keys: frozenset[str]
    label: str = "Leave the second series out"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.exclude(self.keys)


@dataclass(frozen=True, slots=True)
class Exclude:
    """Leave a page out."""

    key: str

    @property
    def label(self) -> str:
        return "Leave it out"

    def apply(self, order: PageOrder) -> PageOrder:
        return order.exclude({self.key})
