"""Writing a mended chapter to a new folder: what no rule touches is copied byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tui.chapter.findings import Finding
from tui.chapter.fixes import Mend
from tui.chapter.limits import LIMITS
from tui.chapter.mending.picture import MendError
from tui.chapter.mending.recipes import BY_NAME, Recipe
from tui.chapter.mending.workshop import Workshop
from tui.chapter.pages import Page
from tui.chapter.sources import READ_ERRORS, open_page, read_problem
from tui.commands.console import Console
from tui.storage.errors import StorageError
from tui.text import plural

_BLOCK = 1 << 20


def write_fixed(console: Console, pages: Sequence[Page], findings: Sequence[Finding], folder: Path) -> bool:
    """Write the chapter into `folder`, mending what stands in the way of an upload; true when every page is in
    it. StorageError when the folder is not empty or cannot be written."""
    recipes = {
        one.fix.key: BY_NAME[one.fix.recipe]
        for one in findings
        if isinstance(one.fix, Mend) and BY_NAME[one.fix.recipe].forced
    }
    missing = written = 0
    chapter: list[Page] = []
    taken: set[str] = set()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StorageError(f"{folder} is not empty.", "Name a folder that is new or empty.")
        with tempfile.TemporaryDirectory(prefix="dexup-mending-") as temporary:
            workshop = Workshop(Path(temporary))
            for page in pages:
                made: tuple[Page, ...] = (page,)
                if page.key in recipes:
                    made = _mended(console, workshop, page, recipes[page.key])
                chapter += made
            for one in _lightened(console, workshop, chapter):
                problem = _copy(one, folder / _free_name(one.name, taken))
                if problem:
                    console.line(f"Not copied: {one.name}: {problem}.")
                    console.record({"event": "not-copied", "name": one.name, "reason": problem})
                    missing += 1
                else:
                    written += 1
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.", "Check its rights.") from error
    console.line(f"Written to {folder}: {plural(written, 'page')}.")
    return not missing


def _mended(console: Console, workshop: Workshop, page: Page, recipe: Recipe) -> tuple[Page, ...]:
    """What becomes of the page; itself when it cannot be mended, so that it is missed in no copy."""
    try:
        mended = workshop.mend(page, recipe)
    except MendError as error:
        console.line(f"Not mended, copied as it is: {page.name}: {error}.")
        console.record({"event": "not-mended", "name": page.name, "reason": str(error)})
        return (page,)
    console.line(f"Mended: {mended.summary}.")
    console.record({"event": "mended", "name": page.name, "pages": [one.name for one in mended.pages]})
    return mended.pages


def _lightened(console: Console, workshop: Workshop, chapter: Sequence[Page]) -> list[Page]:
    """The pages, the largest made smaller where they are too large together."""
    if sum(page.size for page in chapter) <= LIMITS.session_bytes:
        return list(chapter)
    try:
        lighter = {one.originals[0].key: one for one in workshop.lighten(chapter)}
    except MendError as error:
        console.line(f"Not mended: the chapter cannot be made to fit: {error}.")
        console.record({"event": "not-mended", "name": "", "reason": str(error)})
        return list(chapter)
    for one in lighter.values():
        console.line(f"Mended: {one.summary}.")
        console.record({"event": "mended", "name": one.originals[0].name, "pages": [one.pages[0].name]})
    return [lighter[page.key].pages[0] if page.key in lighter else page for page in chapter]


def _free_name(name: str, taken: set[str]) -> Path:
    """A relative path below the folder that nothing is called yet. `..` and roots have no meaning there."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")] or ["page"]
    stem, dot, ending = parts[-1].rpartition(".")
    number = 1
    candidate = "/".join(parts)
    while candidate.casefold() in taken:
        number += 1
        last = f"{stem}-{number}.{ending}" if dot else f"{parts[-1]}-{number}"
        candidate = "/".join([*parts[:-1], last])
    taken.add(candidate.casefold())
    return Path(candidate)


def _copy(page: Page, path: Path) -> str:
    """Why the page cannot be read, or empty when it is copied. OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        source = open_page(page.location)
    except READ_ERRORS as error:
        return read_problem(error)
    with source, path.open("xb") as target:
        while True:
            try:
                block = source.read(_BLOCK)
            except READ_ERRORS as error:
                problem = read_problem(error)
                break
            if not block:
                return ""
            target.write(block)
    path.unlink()
    return problem
