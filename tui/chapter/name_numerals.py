"""Numbers that names write out: "Chapter Seven", "Vol. III"."""

from __future__ import annotations

import re

from tui.chapter import name_words as words

_SPELLED = {word: value for value, word in enumerate((
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
), 1)}  # fmt: skip
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_NAMED = "|".join(
    re.escape(word)
    for word in sorted(
        {
            words.fold(word)
            for word in (*words.CHAPTER, *words.VOLUME, *words.SEASON)
            if ord(word[0]) < 0x0E00
        },
        key=len,
        reverse=True,
    )
)
_WRITTEN = re.compile(
    rf"(?<![^\W\d_])(?:{_NAMED})\.?\s+(?P<number>{'|'.join(_SPELLED)}|[ivxlc]+)(?=\s*(?:$|[-–—:~\[(|,]|(?:{_NAMED})(?![^\W_])))"
)
"""What follows has to be set off: "Chapter I Love You" and "Chapter One Piece" are titles."""


def with_digits(text: str) -> str:
    """`text` with digits for a number that is written out behind the word for what it counts."""
    shadow = words.fold(text)
    for found in reversed(list(_WRITTEN.finditer(shadow))):
        start, end = found.span("number")
        number = _SPELLED.get(found["number"]) or _roman(text[start:end])
        if number is not None:
            text = f"{text[:start]}{number}{text[end:]}"
    return text


def _roman(numeral: str) -> int | None:
    """Capitals, in the one way in which a number is written with them: "IV" is 4, "IIII" none."""
    if re.fullmatch(r"(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", numeral) is None:
        return None
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
