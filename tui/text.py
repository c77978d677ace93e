"""Text for people: every string that is not ours is made harmless here, once, before it is shown."""

from __future__ import annotations

import unicodedata

# Direction marks that can make a name read as another one.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Characters without a glyph, in which something can hide. Joiners and variation selectors are left, since
# names in many scripts and emoji need them.
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060\u2061\u2062\u2063\u2064\u2065"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
) | {chr(code) for code in range(0xE0000, 0xE0100)}
_LONGEST_ENDING = 6
"""Of the name of a file, with its dot."""
_HIDDEN = _BIDI | _INVISIBLE


def safe_text(value: object, limit: int = 2000) -> str:
    """`value` as one line that cannot control the terminal.

    Control characters become their pictures (ESC is `␛`), line ends become `⏎`, direction marks, invisible
    characters and lone surrogates become `<U+202E>`. Longer texts are cut at `limit` characters. Markup stays
    literal: give the result to widgets as Content or Text, or with markup=False.
    """
    text = str(value)
    cut = len(text) > limit
    shown: list[str] = []
    for character in text[:limit]:
        code = ord(character)
        if 0x20 <= code < 0x7F:
            shown.append(character)
        elif character == "\n":
            shown.append("⏎")
        elif character == "\t":
            shown.append(" ")
        elif code < 0x20:
            shown.append(chr(0x2400 + code))
        elif code == 0x7F:
            shown.append("␡")
        elif character in _HIDDEN or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs"):
            shown.append(f"<U+{code:04X}>")
        else:
            shown.append(character)
    return "".join(shown) + ("…" if cut else "")


def cell_width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # late: headless commands that print no table need not load it

    return cell_len(text)


def fit(text: str, width: int, *, keep_end: bool = False) -> str:
    """`text` in exactly `width` columns: padded, or cut with `…` (in the middle with `keep_end`)."""
    if width <= 0:
        return ""
    own = cell_width(text)
    if own <= width:
        return text + " " * (width - own)
    if width == 1:
        return "…"
    if keep_end and width >= 8:
        tail = _take_end(text, (width - 1) // 2)
        head = _take(text, width - 1 - cell_width(tail))
        cut = f"{head}…{tail}"
    else:
        cut = _take(text, width - 1) + "…"
    return cut + " " * (width - cell_width(cut))


def fit_around(text: str, width: int, part: tuple[int, int]) -> str:
    """`text` in exactly `width` columns; when it is cut, `part` (from one index to another) and the ending of the
    name (".png") are cut last, then the beginning."""
    if cell_width(text) <= width:
        return fit(text, width)
    start, end = part
    tail = text[start:]
    if start and (width - 1) // 2 <= cell_width(tail) < width:
        cut = f"{_take(text, width - 1 - cell_width(tail))}…{tail}"
        return cut + " " * (width - cell_width(cut))
    dot = text.rfind(".")
    ending = text[dot:] if end <= dot and len(text) - dot <= _LONGEST_ENDING else ""
    left = width - 2 - cell_width(text[start:end]) - cell_width(ending)
    if not start or left < 0 or cell_width(tail) < width:
        return fit(text, width, keep_end=True)
    cut = f"{_take(text[:start], left)}…{text[start:end]}…{ending}"
    return cut + " " * (width - cell_width(cut))


def _take(text: str, width: int) -> str:
    """The longest start of `text` that fits into `width` columns."""
    used = 0
    for index, character in enumerate(text):
        used += cell_width(character)
        if used > width:
            return text[:index]
    return text


def _take_end(text: str, width: int) -> str:
    """The longest end of `text` that fits into `width` columns, never starting with a combining mark."""
    used = 0
    start = len(text)
    while start > 0 and used + cell_width(text[start - 1]) <= width:
        start -= 1
        used += cell_width(text[start])
    while start < len(text) and unicodedata.combining(text[start]):
        start += 1
    return text[start:]


def format_size(size: float) -> str:
    """Bytes in the decimal units that the service's limits use: "18.9 kB", "4.2 MB"."""
    if size < 1000:
        return f"{int(size)} B"
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95 or unit == "GB":
            return f"{size:.1f} {unit}"
    raise AssertionError("unreachable")


def format_span(seconds: float) -> str:
    """A span of time in its two largest units: "42 s", "3 min 10 s", "5 h 2 min", "3 d 4 h"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def format_age(seconds: float) -> str:
    """How long ago: "just now", "12 min ago", "3 h ago", "5 d ago"."""
    if seconds < 45:
        return "just now"
    if seconds < 3570:  # from here on it rounds to a full hour
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 84600:
        return f"{max(1, round(seconds / 3600))} h ago"
    return f"{round(seconds / 86400)} d ago"


def plural(count: int, one: str, many: str | None = None) -> str:
    """ "1 page", "24 pages"."""
    return f"{count} {one if count == 1 else many or one + 's'}"
