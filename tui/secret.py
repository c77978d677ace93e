"""A value that must not be seen: passwords, client secrets, tokens."""

from __future__ import annotations

from typing import Final


class Secret:
    """Holds a secret so that no repr, traceback, log line or JSON dump can print it.

    Read it with :meth:`reveal`, at the last moment, where it is sent.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """The value itself. Never keep the result in a variable that outlives the call."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __str__(self) -> str:
        return "(hidden)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is not pickled")
