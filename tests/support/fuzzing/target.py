"""Something that reads foreign bytes."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod


class Target(ABC):
    """One reader, or several that follow one another."""

    content = b""
    """The input of the last case, to be kept when it fails."""

    @abstractmethod
    def case(self, chance: random.Random) -> None:
        """Make one damaged input, and read it. Raises what nobody expects; our own errors are expected."""

    def close(self) -> None:  # noqa: B027  # most have nothing to close
        """After the last case."""
