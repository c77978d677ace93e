"""A pdf: each of its pages is a page of the chapter, taken out once (see unpacked.py).

Where a page is nothing but one image that fills it, that image is taken: a JPEG byte for byte, any other pixel
for pixel as a PNG. Any other page is drawn, at the resolution of the largest image on it, or at 300 dots per
inch. A process of its own does that, see pdf_pages.py.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import IsCancelled, Progress, Scan, SourceError
from tui.chapter.sources.folder import open_file
from tui.chapter.sources.pdf_pages import LOCKED, MOST_PAGES
from tui.chapter.sources.programs import Program, ProgramFailed, plain_name
from tui.chapter.sources.unpacked import LARGEST_UNPACKED, Spool, Unpacked, open_unpacked, scan_unpacked

_LIBRARIES = {"pypdfium2": "pypdfium2", "PIL": "pillow"}
"""Modules that are needed, and what they are called where one installs them."""
_SCRIPT = Path(__file__).with_name("pdf_pages.py")
_LONGEST_LINE = 4096
_CHUNK = 256 * 1024


class Pdf:
    """A pdf file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Take out all pages and read their beginning and end."""
        return scan_unpacked(self.path, _unpack, on_progress, cancelled)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. SourceError, OSError."""
    return open_unpacked(location, _unpack)


def page_names(path: Path) -> list[str] | None:
    """A name for each page, without drawing it; None when a library is missing. SourceError, OSError."""
    if _missing():
        return None
    with open_file(path):
        pass  # OSError, if it cannot be read
    try:
        with _reader(path, None) as output:  # ended as soon as it has told how many there are
            return [f"{number:04}.png" for number in range(1, _count(_Told(output)) + 1)]
    except ProgramFailed as error:
        raise _unreadable(error) from error


def _missing() -> list[str]:
    return [name for module, name in _LIBRARIES.items() if importlib.util.find_spec(module) is None]


@contextlib.contextmanager
def _reader(path: Path, cancelled: IsCancelled | None) -> Iterator[Program]:
    # -P: nothing is imported from the folder of the script; -B: nothing is written.
    arguments = (sys.executable, "-P", "-B", str(_SCRIPT))
    with (
        plain_name(path) as link,
        Program((*arguments, link), name="the pdf reader", cancelled=cancelled) as output,
    ):
        yield output


def _unpack(path: Path, on_progress: Progress | None, cancelled: IsCancelled | None) -> Unpacked:
    missing = _missing()
    if missing:
        raise SourceError(
            f"Opening a .pdf needs the library {' and '.join(missing)}, which is not installed.",
            "Install it with: pip install 'dexup[pdf]'",
        )
    with open_file(path):
        pass  # OSError, if it cannot be read
    spool = Spool(LARGEST_UNPACKED)
    try:
        with _reader(path, cancelled) as output:
            _take_pages(_Told(output), spool, on_progress, cancelled)
        return spool.finish()
    except ProgramFailed as error:
        raise _unreadable(error) from error
    finally:
        spool.close()


class _Told:
    """What the program tells: lines, and bytes between them."""

    def __init__(self, output: Program) -> None:
        self._output = output
        self._back = b""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; ProgramFailed at the end, with the program's reason when it gave one."""
        if not self._back:
            self._back = self._output.read(_CHUNK)
        if not self._back:
            self._output.finish()
            raise ProgramFailed("the pdf reader ended too early")
        found, self._back = self._back[:size], self._back[size:]
        return found

    def line(self) -> dict[str, Any]:
        """The next line."""
        line = b""
        while not line.endswith(b"\n"):
            if len(line) > _LONGEST_LINE:
                raise ProgramFailed("the pdf reader says more than is sensible")
            here = self.read(_LONGEST_LINE)
            part, end, after = here.partition(b"\n")
            line += part + end
            self._back = after + self._back
        found: dict[str, Any] = json.loads(line)
        return found


def _count(told: _Told) -> int:
    """How many pages there are, which is the first thing told. SourceError."""
    first = told.line()
    if first.get("refused") == LOCKED:
        raise SourceError(
            "This pdf is locked with a password.",
            "Save it without one with a pdf program, or export its pages into a folder.",
        )
    if "refused" in first:
        raise _unreadable(first["refused"])
    return int(first["count"])


def _take_pages(
    told: _Told, spool: Spool, on_progress: Progress | None, cancelled: IsCancelled | None
) -> None:
    count = _count(told)
    if count > MOST_PAGES:
        raise SourceError(
            f"This pdf has {count:,} pages; dexup opens those with up to {MOST_PAGES:,}.",
            "Choose the pdf of one chapter.",
        )
    failure = ""
    for number in range(count):
        if on_progress is not None:
            on_progress(number, count)
        if not failure:
            try:
                _take_page(told, spool, cancelled)
                continue
            except ProgramFailed as error:
                failure = f"this page of the pdf cannot be drawn: {error}"
        spool.end(f"{number + 1:04}.png", problem=failure)


def _take_page(told: _Told, spool: Spool, cancelled: IsCancelled | None) -> None:
    page = told.line()
    left = page.get("size", 0)
    while left > 0:
        stop_if(cancelled)
        chunk = told.read(min(left, _CHUNK))
        spool.write(chunk)
        left -= len(chunk)
    spool.end(page["name"], problem=page.get("problem", ""))


def _unreadable(reason: object) -> SourceError:
    said = str(reason).rstrip(".")
    return SourceError(
        f"This pdf is damaged, or no pdf at all: {said}.",
        "Open it with a pdf program, and export its pages into a folder.",
    )
