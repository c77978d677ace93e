"""Chapter and volume numbers as the service writes them (`mangadex-api.md` 5.4)."""

from __future__ import annotations

import re
import unicodedata

from tui.chapter.limits import LIMITS

NUMBER = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?[a-z]?", re.ASCII)
"""The service's pattern for a number that is there; none at all is null, never ""."""


def is_number(text: str) -> bool:
    """Whether the service takes `text` as it is."""
    return len(text) <= LIMITS.number_length and NUMBER.fullmatch(text) is not None


def normalise_number(text: str) -> str:
    """`text` in the service's form: "05" -> "5", "012.50" -> "12.50", "12A" -> "12a", any digits as ASCII.

    ValueError with a sentence for people when it is not a number.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = re.sub(r"^0+(?=[0-9])", "", plain)
    if not plain:
        raise ValueError("A number is needed here, or nothing at all.")
    if NUMBER.fullmatch(plain) is None:
        raise ValueError("Use digits, at most one decimal point and one letter at the end: 5, 10.5 or 12a.")
    if len(plain) > LIMITS.number_length:
        raise ValueError(f"{len(plain)} characters; the service takes at most {LIMITS.number_length}.")
    return plain
