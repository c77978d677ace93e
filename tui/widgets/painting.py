"""What the terminal shows, kept in memory, so that only what differs from it is sent.

Textual paints whole lines, and a new screen several times over while its parts settle. On a line of 64 kbit/s
one such picture takes two seconds. This model of the terminal drops what is there already, and sends of each
style only what differs from the one before.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from tui.text import cell_width

_FIELD = re.compile(r" *\S+(?: \S+)*| +")
"""Words, and the blanks before them that make a column of them."""
_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_PIECE = re.compile(r"\x1b\[([\d;]*)m|([^\x00-\x1f\x7f-\x9f]+)|([\x00-\x1f\x7f-\x9f])")
_UNSEEN = frozenset({"1", "2", "3", "22", "23"})
"""Attributes that change nothing on a blank."""
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}
"""Attributes and what ends them alone."""
_SHORT_GAP = 4
"""Cells that are there already and cost less to send again than to step over."""
_LONG_BLANK = 9
"""Blanks in a row from which on erasing costs less than sending them."""
_LONG_REST = 4
"""The same where they reach to the end of the line."""
_WIDE = re.compile(
    r"[\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]"
)
"""Characters that every terminal shows two columns wide, and that join with nothing."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell looks, as the parameters of SGR."""

    attributes: frozenset[str] = frozenset()
    front: str = "39"
    """ "" for a blank, which shows no foreground."""
    back: str = "49"


_PLAIN = _Look()
_Cell = tuple[str, _Look]
"""A character and its look; the second column of a wide character has "" for one."""


class Painting:
    """The cells of a terminal. Give every text for it to :meth:`update` and send what that gives back."""

    def __init__(self, *, erases: bool = False) -> None:
        """`erases`: the terminal erases with the background of the style that is set (terminfo's `bce`)."""
        self._erases = erases
        self._rows: dict[int, list[_Cell | None]] = {}
        self._last: dict[int, tuple[int, str]] = {}
        """Line -> column and text of the last update, which most often comes again as it was."""
        self._cursor = ""
        self._width = 0
        self._wide: set[int] = set()
        """Lines with wide characters."""

    def forget(self, width: int = 0) -> None:
        """Nothing is known of the terminal: everything is sent anew. `width`: its columns, if they are known."""
        self._rows.clear()
        self._last.clear()
        self._wide.clear()
        self._cursor = ""
        self._width = width

    def update(self, data: str) -> str:
        """What of `data` need be sent. Text that is no picture passes as it is."""
        if not _MOVE.match(data):
            return data
        parts = _MOVE.split(data)
        out: list[str] = []
        cursor, look = "", _PLAIN
        for row, column, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            body = body.rstrip("\r\n")
            if not body:
                cursor = f"\x1b[{row};{column}H"
            elif self._last.get(int(row)) != (int(column), body):
                look = self._draw(int(row), int(column), body, out, look)
        if look != _PLAIN:
            out.append("\x1b[m")
        if out or cursor != self._cursor:
            out.append(cursor)
            self._cursor = cursor
        return "".join(out)

    def _draw(self, y: int, x: int, body: str, out: list[str], look: _Look) -> _Look:
        """Send what is new of a line. `look` is how the terminal is set, before and, as the result, after it."""
        cells = _cells(body)
        if (
            cells is None
        ):  # characters of which terminals do not agree how wide they are: the whole line counts
            self._rows.pop(y, None)
            self._last[y] = (x, body)
            reset = "\x1b[m" if look != _PLAIN else ""
            out.append(f"\x1b[{y};{x}H{reset}{_anchored(y, x, body)}")
            return _PLAIN
        self._last[y] = (x, body)
        row = self._rows.setdefault(y, [])
        first = x - 1
        row += [None] * (first + len(cells) - len(row))
        wide = _spoil_halves(row, first, cells) if y in self._wide or not body.isascii() else False
        if wide:
            self._wide.add(y)
        at = -1
        index, end = 0, len(cells)
        rest = self._rest(first, cells)
        while index < end:
            cell = cells[index]
            if row[first + index] == cell:
                index += 1
                continue
            if at < 0:
                out.append(f"\x1b[{y};{x + index}H")
            elif at < index:
                gap = cells[at:index]
                if len(gap) <= _SHORT_GAP and all(_step(look, other[1])[0] == "" for other in gap):
                    out += [character for character, _ in gap]
                else:
                    out.append(f"\x1b[{index - at}C")
            change, after = _step(look, cell[1])
            if change:
                out.append(f"\x1b[{change}m")
                look = after
            if index >= rest:
                out.append("\x1b[K")
                row[first + index : first + end] = cells[index:]
                break
            length = self._blanks(cells, index) if cell[0] == " " else 1
            if wide and index + 1 < end and cells[index + 1][0] == "":
                length = 2
            row[first + index : first + index + length] = cells[index : index + length]
            if length >= _LONG_BLANK:
                out.append(f"\x1b[{length}X")
                at = index  # erasing does not move the cursor
                index += length
                continue
            out += [character for character, _ in cells[index : index + length]]
            index += length
            at = index
        return look

    def _rest(self, first: int, cells: list[_Cell]) -> int:
        """Where the blanks begin that reach to the end of the line and can be erased at once; past the end when there
        are none."""
        end = len(cells)
        if first + end != self._width or cells[-1][0] != " " or not self._erased(cells[-1][1]):
            return end
        start = end - 1
        while start and cells[start - 1] == cells[-1]:
            start -= 1
        return start if end - start >= _LONG_REST else end

    def _erased(self, look: _Look) -> bool:
        """Whether erasing leaves this look."""
        return not look.attributes and (self._erases or look.back == _PLAIN.back)

    def _blanks(self, cells: list[_Cell], start: int) -> int:
        """How many cells from `start` on can be erased at once; 1 when it does not pay."""
        if not self._erases or cells[start][1].attributes:
            return 1
        end = start
        while end < len(cells) and cells[end] == cells[start]:
            end += 1
        return end - start if end - start >= _LONG_BLANK else 1


def _anchored(y: int, x: int, body: str) -> str:
    """`body`, which begins at that line and column, with all that follows characters of unsure width in its own
    column, on terminals that show these wider or narrower as well."""
    parts: list[str] = []
    for sgr, text, other in _PIECE.findall(body):
        if other:
            return body
        if not text:
            parts.append(f"\x1b[{sgr}m")
            continue
        for field in _FIELD.findall(text):
            width = cell_width(field)
            if field.isascii() or all(_is_simple(one) or _WIDE.match(one) for one in field):
                parts.append(field)
            else:
                parts.append(f"{' ' * width}\x1b[{y};{x}H{field}\x1b[{y};{x + width}H")
            x += width
    return "".join(parts)


def _spoil_halves(row: list[_Cell | None], first: int, cells: list[_Cell]) -> bool:
    """A terminal that gets one half of a wide character anew has lost the other. Of those that will change in part,
    both halves are unknown from here on, in what is there and in what comes. Whether wide ones come."""
    end = first + len(cells)
    wide = [index for index, (character, _) in enumerate(cells) if character == ""]
    if first and first < len(row) and _is_second(row[first]):
        row[first - 1] = row[first] = None
    if end < len(row) and _is_second(row[end]):
        row[end - 1] = row[end] = None
    spoilt = True
    while spoilt:  # where a half of one is a half of another, it goes on
        spoilt = False
        for index in range(first + 1, end):
            if _is_second(row[index]) and (
                row[index - 1] != cells[index - 1 - first] or row[index] != cells[index - first]
            ):
                row[index - 1] = row[index] = None
                spoilt = True
        for index in wide:
            pair = row[first + index - 1 : first + index + 1]
            if None in pair and pair != [None, None]:
                row[first + index - 1] = row[first + index] = None
                spoilt = True
    return bool(wide)


def _is_second(cell: _Cell | None) -> bool:
    return cell is not None and cell[0] == ""


def _cells(body: str) -> list[_Cell] | None:
    """The cells of a line; None when it holds what may be of any width, or another sequence."""
    cells: list[_Cell] = []
    look, blank = _PLAIN, _blank_of(_PLAIN)
    for sgr, text, other in _PIECE.findall(body):
        if other:
            return None
        if not text:
            look = _look_of(sgr)
            blank = _blank_of(look)
            continue
        if text.isascii():
            cells += [(character, blank if character == " " else look) for character in text]
            continue
        for character in text:
            if _is_simple(character):
                cells.append((character, blank if character == " " else look))
            elif _WIDE.match(character):
                cells += [(character, look), ("", look)]
            else:
                return None
    return cells


@lru_cache(4096)
def _is_simple(character: str) -> bool:
    return cell_width(character) == 1 and not unicodedata.combining(character) and ord(character) < 0xFE00


@lru_cache(4096)
def _look_of(sgr: str) -> _Look:
    """Textual sets each style from scratch, so that its parameters say everything."""
    attributes: set[str] = set()
    front, back = "39", "49"
    left = sgr.split(";")
    while left:
        code = left.pop(0)
        if code in ("38", "48"):
            taken = 2 if left[:1] == ["5"] else 4
            colour, left = ";".join([code, *left[:taken]]), left[taken:]
            front, back = (colour, back) if code == "38" else (front, colour)
        elif len(code) in (2, 3) and code[0] in "39" and code[:-1] in ("3", "9"):
            front = code
        elif len(code) in (2, 3) and code[:-1] in ("4", "10"):
            back = code
        elif code in ("", "0"):
            attributes, front, back = set(), "39", "49"
        else:
            attributes.add(code)
    return _Look(frozenset(attributes), front, back)


@lru_cache(4096)
def _blank_of(look: _Look) -> _Look:
    seen = look.attributes - _UNSEEN
    return _Look(seen, look.front if seen else "", look.back)


@lru_cache(4096)
def _step(now: _Look, wanted: _Look) -> tuple[str, _Look]:
    """The parameters that lead from one look to the other, "" when it looks the same; and how the terminal is set
    then."""
    superfluous = now.attributes - wanted.attributes
    if not wanted.front:
        superfluous -= _UNSEEN
    if not superfluous:
        return _way([], now, wanted)
    ways = [_way(["0"], _PLAIN, wanted)]
    off = {_OFF.get(attribute) for attribute in superfluous}
    if None not in off:
        left = frozenset(attribute for attribute in now.attributes if _OFF.get(attribute) not in off)
        ways.append(_way(sorted(filter(None, off)), replace(now, attributes=left), wanted))
    return min(ways, key=lambda way: len(way[0]))  # the first of them is the one that old terminals know


def _way(codes: list[str], start: _Look, wanted: _Look) -> tuple[str, _Look]:
    codes += sorted(wanted.attributes - start.attributes)
    if wanted.front and wanted.front != start.front:
        codes.append(wanted.front)
    if wanted.back != start.back:
        codes.append(wanted.back)
    after = _Look(start.attributes | wanted.attributes, wanted.front or start.front, wanted.back)
    return ";".join(codes), after
