"""Numbers written with Chinese characters, as pages and chapters are numbered with them: 第二話, 第十二話, 一〇."""

from __future__ import annotations

import re

_DIGITS = {character: value for value, row in enumerate(("〇零", "一壱壹", "二弐貳贰", "三参叁", "四", "五", "六", "七",
                                                        "八", "九")) for character in row}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(f"[{''.join((*_DIGITS, *_TENS))}]{{1,12}}")


def with_plain_digits(text: str) -> str:
    """`text` with digits of ASCII where it had Chinese numerals, by value or digit by digit: 十二 and 一二 are 12.

    What stands inside a word is changed too (一人 is 1人): for comparing names with each other that does no harm.
    """
    return text if text.isascii() else _NUMERAL.sub(lambda found: str(_value(found[0])), text)


def _value(numeral: str) -> int:
    if not any(character in _TENS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = part = 0
    for character in numeral:
        if character in _TENS:
            total += (part or 1) * _TENS[character]
            part = 0
        else:
            part = part * 10 + _DIGITS[character]
    return total + part
