"""A value that must not be seen: passwords, client secrets, tokens."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote, quote_plus


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


class Redactor:
    """Takes the secrets of this run out of a text, whatever way they came into it.

    The last line of defence: what is printed or logged passes it, so that a server that echoes a token, or a
    traceback that quotes a request, does not leak it.
    """

    _SHORTEST = 4
    """A shorter secret would hide parts of ordinary words."""

    def __init__(self) -> None:
        self._hidden: tuple[str, ...] = ()

    def add(self, *secrets: Secret | None) -> None:
        """Hide these from now on, also in the forms they take in an address, a form body and JSON."""
        forms = set(self._hidden)
        for secret in secrets:
            value = secret.reveal() if secret is not None else ""
            if len(value) >= self._SHORTEST:
                forms |= {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
        self._hidden = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """`text` with every known secret replaced by "(hidden)"."""
        for value in self._hidden:
            text = text.replace(value, "(hidden)")
        return text
