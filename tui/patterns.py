"""The user's own patterns for names of folders and archives: "{manga} - c{chapter}< (v{volume})>< [{groups}]>".

`{field}` is a value, `{*}` anything, `<...>` may be missing, a blank fits blanks and underscores, case and width
do not count, `/` stands between a folder and what is in it, and everything else stands for itself. A pattern
must fit the whole name (without the archive's ending). Matching takes time in the square of a name's length at
most, whatever the pattern: what failed at a place is not tried there again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PATTERN_FIELDS = ("manga", "volume", "chapter", "title", "groups", "language")
LONGEST_PATTERN = 200
_LONGEST_NAME = 500
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{1,3})?[a-z]?(?![\d.]\d)", re.IGNORECASE)
_CODE = re.compile(
    r"[a-z]{2,3}(?:[-_][a-z]{2,4})?(?![^\W\d_])|[^\W\d_]{4,20}(?:[ ][^\W\d_]{4,20})?", re.IGNORECASE
)
_TOKEN = re.compile(r"\{([^{}]*)\}|([<>])|([^{}<>]+)|([{}])")


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    """ "text", "field", "maybe" (what is optional begins; `other` is behind it), "end"."""
    text: str = ""
    next: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern, read. Made by :func:`parse_pattern`."""

    text: str
    parts: int
    """Names it speaks of: 1, or more with `/`."""
    steps: tuple[_Step, ...]

    def match(self, names: Sequence[str]) -> dict[str, str] | None:
        """The values in the last of `names` (folders first, the chapter's own name last); None if it does not
        fit. Texts trimmed; nothing is checked beyond their form."""
        if len(names) < self.parts:
            return None
        text = "/".join(unicodedata.normalize("NFKC", name[:_LONGEST_NAME]) for name in names[-self.parts :])
        found: dict[str, str] = {}
        if not self._fits(text, 0, 0, found, set()):
            return None
        return {name: " ".join(value.replace("_", " ").split()) for name, value in found.items()}

    def _fits(
        self, text: str, step: int, at: int, found: dict[str, str], failed: set[tuple[int, int]]
    ) -> bool:
        if (step, at) in failed:
            return False
        one = self.steps[step]
        if one.kind == "end":
            fits = at == len(text)
        elif one.kind == "maybe":
            fits = self._fits(text, one.next, at, found, failed) or self._fits(
                text, one.other, at, found, failed
            )
        elif one.kind == "text":
            end = _literal(one.text, text, at)
            fits = end is not None and self._fits(text, one.next, end, found, failed)
        else:
            fits = False
            for end in _ends(one.text, text, at):
                if self._fits(text, one.next, end, found, failed):
                    if one.text != "*":
                        found[one.text] = text[at:end]
                    fits = True
                    break
        if not fits:
            failed.add((step, at))
        return fits


def parse_pattern(text: str) -> NamePattern:
    """Read a pattern. ValueError, in words, for one that cannot be used."""
    if not text.strip() or len(text) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has 1 to {LONGEST_PATTERN} characters")
    steps: list[_Step] = []
    open_at: list[int] = []
    seen: set[str] = set()
    for field, angle, literal, stray in _TOKEN.findall(text):
        here = len(steps)
        if stray:
            raise ValueError(f"a {stray} stands alone; a field is written {{chapter}}")
        if angle == "<":
            open_at.append(here)
            steps.append(_Step("maybe", next=here + 1))
        elif angle == ">":
            if not open_at:
                raise ValueError("there is a > without its <")
            begin = open_at.pop()
            steps[begin] = _Step("maybe", next=begin + 1, other=here)
        elif literal:
            steps.append(_Step("text", unicodedata.normalize("NFKC", literal), here + 1))
        else:
            if field != "*" and field not in PATTERN_FIELDS:
                raise ValueError(f"{{{field}}} is not a field; known are {', '.join(PATTERN_FIELDS)} and *")
            if field in seen:
                raise ValueError(f"{{{field}}} stands there twice")
            if steps and steps[-1].kind == "field" and not _numbers(field, steps[-1].text):
                raise ValueError(f"nothing stands between {{{steps[-1].text}}} and {{{field}}}")
            seen |= {field} - {"*"}
            steps.append(_Step("field", field, here + 1))
    if open_at:
        raise ValueError("there is a < without its >")
    if not seen:
        raise ValueError("it names no field, such as {chapter}")
    steps.append(_Step("end"))
    return NamePattern(text, text.count("/") + 1, tuple(steps))


def _numbers(*fields: str) -> bool:
    return any(field in ("chapter", "volume") for field in fields)


def _literal(literal: str, text: str, at: int) -> int | None:
    """Where `literal` ends if it stands at `at`."""
    for character in literal:
        if character in " _":
            end = at
            while end < len(text) and text[end] in " _\t":
                end += 1
            if end == at:
                return None
            at = end
        elif at < len(text) and text[at].casefold() == character.casefold():
            at += 1
        else:
            return None
    return at


def _ends(field: str, text: str, at: int) -> Iterator[int]:
    """Where a value that begins at `at` may end, the likeliest first."""
    if _numbers(field):
        found = _NUMBER.match(text, at)
        if found is not None:
            yield found.end()
            if not found[0][-1].isdigit():
                yield found.end() - 1
        return
    if field == "language":
        found = _CODE.match(text, at)
        if found is not None:
            yield found.end()
        return
    stop = text.find("/", at)
    something = False
    for end in range(at + 1, (stop if stop >= 0 else len(text)) + 1):
        something = something or text[end - 1] not in " _"
        if something:
            yield end
