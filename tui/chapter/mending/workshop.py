"""Where mended copies are made and kept: a private folder, one below it for each source."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui.chapter.cancel import stop_if
from tui.chapter.images import read_header
from tui.chapter.limits import LIMITS, Limits
from tui.chapter.mending.cut import join
from tui.chapter.mending.lighten import hardly_changed, losslessly, with_loss
from tui.chapter.mending.picture import Made, MendError
from tui.chapter.mending.recipes import BY_NAME, Recipe
from tui.chapter.page_checks import type_name
from tui.chapter.pages import ImageType, Page, PageLocation
from tui.chapter.sources import READ_ERRORS, open_page, read_problem
from tui.chapter.sources.base import IsCancelled
from tui.text import format_size

_MOST_BYTES = 512 * 1024 * 1024
_ENDINGS = {ImageType.PNG: "png", ImageType.JPEG: "jpg", ImageType.GIF: "gif"}
_KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one page, or of several that were joined."""

    originals: tuple[Page, ...]
    pages: tuple[Page, ...]
    """Mended copies in reading order; hashed not yet."""

    @property
    def before(self) -> str:
        """ "5.webp: WebP 1600×2400, 1.2 MB"."""
        return " + ".join(f"{page.name}: {_described(page)}" for page in self.originals)

    @property
    def after(self) -> str:
        """ "PNG 1600×2400, 1.9 MB"."""
        return _described_all(self.pages)

    @property
    def summary(self) -> str:
        """ "5.webp: WebP 1600×2400, 1.2 MB → PNG 1600×2400, 1.9 MB"."""
        return f"{self.before} → {self.after}"


def saving(mended: Sequence[Mended]) -> str:
    """ "12.1 MB → 9.8 MB" for all of them together."""
    before = sum(page.size for one in mended for page in one.originals)
    after = sum(page.size for one in mended for page in one.pages)
    return f"{format_size(before)} → {format_size(after)}"


class Workshop:
    """Mends pages into `folder`, which is made when it is needed, for its owner alone."""

    def __init__(self, folder: Path, limits: Limits = LIMITS) -> None:
        self._folder = folder
        self._limits = limits

    def mend(self, page: Page, recipe: Recipe) -> Mended:
        """Do what the recipe says, and whatever else the result then needs. Blocking. MendError."""
        made = self._run(recipe, _bytes_of(page), page)
        return Mended((page,), self._keep(made, (page,), recipe.name))

    def join(self, pages: Sequence[Page]) -> Mended:
        """Pages one below the other as one. Blocking. MendError."""
        made = join([_bytes_of(page) for page in pages], pages, self._limits)
        return Mended(tuple(pages), self._keep(made, tuple(pages), "join"))

    def lighten(
        self,
        pages: Sequence[Page],
        *,
        on_progress: Callable[[int, int], None] = lambda _, __: None,
        cancelled: IsCancelled | None = None,
    ) -> list[Mended]:
        """Copies of the largest pages that make all of them together fit into one session: with the same pixels
        where that is enough, else coded anew, else with as little loss as fits, the same for all. Moving pictures
        stay. Blocking. MendError, Cancelled."""
        total = sum(page.size for page in pages)
        still = [page for page in pages if not (page.animated or page.remote_id or page.problem)]
        largest = sorted(still, key=lambda page: -page.size)
        made: dict[str, Mended] = {}
        sizes = {page.key: page.size for page in largest}
        for way in (losslessly, hardly_changed):
            for done, page in enumerate(largest):
                if total <= self._limits.session_bytes:
                    return list(made.values())
                stop_if(cancelled)
                on_progress(done, len(largest))
                lighter = way(_bytes_of(page), page)
                if lighter is not None and len(lighter.content) < sizes[page.key]:
                    made[page.key] = Mended((page,), self._keep([lighter], (page,), "lighten"))
                    total += len(lighter.content) - sizes[page.key]
                    sizes[page.key] = len(lighter.content)
        if total <= self._limits.session_bytes:
            return list(made.values())
        share = (sum(sizes.values()) - (total - self._limits.session_bytes)) / max(1, sum(sizes.values()))
        for done, page in enumerate(largest):
            if total <= self._limits.session_bytes:
                break
            stop_if(cancelled)
            on_progress(done, len(largest))
            try:
                lossy = with_loss(_bytes_of(page), int(sizes[page.key] * share))
            except MendError:
                continue  # it was saved coarsely before; others may give more
            made[page.key] = Mended((page,), self._keep([lossy], (page,), "lighten"))
            total += len(lossy.content) - sizes[page.key]
        if total > self._limits.session_bytes:
            raise MendError(
                f"even as coarse JPEGs the pages take {format_size(total)}; make several chapters of it"
            )
        return list(made.values())

    def clean(self, *, keep: frozenset[Path] = frozenset(), now: float | None = None) -> None:
        """Delete copies that are old and of none of the folders in `keep` (uploads that are not finished)."""
        if not self._folder.is_dir():
            return
        oldest = (time.time() if now is None else now) - _KEPT_DAYS * 86_400
        for folder in self._folder.iterdir():
            if folder not in keep and folder.is_dir() and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _run(self, recipe: Recipe, content: bytes, page: Page) -> list[Made]:
        """The recipe, then on each result what it still needs: a converted strip is cut, a large piece made
        smaller."""
        done: list[Made] = []
        for made in recipe.run(content, page, self._limits):
            header = read_header(io.BytesIO(made.content), len(made.content))
            piece = replace(
                page, type=header.type, width=header.width, height=header.height, size=len(made.content),
                animated=header.animated,
            )  # fmt: skip
            if header.problem or header.type not in _ENDINGS:
                raise MendError(f"the result is not a picture that can be sent ({header.problem})")
            if max(header.width, header.height) >= self._limits.pixels_below and recipe.name != "cut":
                done += self._run(BY_NAME["cut"], made.content, piece)
            elif len(made.content) > self._limits.file_bytes and recipe.name != "shrink":
                done += self._run(BY_NAME["shrink"], made.content, piece)
            else:
                done.append(made)
        return done

    def _keep(self, made: Sequence[Made], originals: tuple[Page, ...], recipe: str) -> tuple[Page, ...]:
        first = originals[0]
        folder = self._folder / hashlib.sha256(os.fsencode(first.location.source)).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem = hashlib.sha256(
            "\n".join(page.key for page in originals).encode("utf-8", "replace")
        ).hexdigest()
        pages = []
        for number, one in enumerate(made, 1):
            digest = hashlib.sha256(one.content).hexdigest()
            name = f"{stem[:8]}-{recipe}-{number:02}-{digest[:12]}.{_ENDINGS[one.type]}"
            _write(folder / name, one.content)
            header = read_header(io.BytesIO(one.content), len(one.content))
            pages.append(
                Page(
                    PageLocation(folder, name),
                    size=len(one.content),
                    modified_ns=first.modified_ns,
                    type=header.type,
                    width=header.width,
                    height=header.height,
                    complete=header.complete,
                    animated=header.animated,
                    bits=header.bits,
                    components=header.components,
                    metadata=header.metadata,
                    sha256=digest,
                    made_from=_roots_of(originals),
                    shown_name=_name_of(originals, number, len(made), _ENDINGS[one.type]),
                )
            )
        return tuple(pages)


def _roots_of(pages: Sequence[Page]) -> tuple[str, ...]:
    """Keys of what is on the user's disk: a copy of a copy is a copy of the original."""
    return tuple(dict.fromkeys(key for page in pages for key in page.made_from or (page.key,)))


def _name_of(originals: Sequence[Page], number: int, count: int, ending: str) -> str:
    """ "5.png", "5-2.png": the name of the first original with a new ending."""
    stem, dot, _ = originals[0].name.rpartition(".")
    part = f"-{number}" if count > 1 else ""
    return f"{stem if dot and stem else originals[0].name}{part}.{ending}"


def _described(page: Page) -> str:
    return f"{type_name(page.type)} {page.width}×{page.height}, {format_size(page.size)}"


def _described_all(pages: Sequence[Page]) -> str:
    """ "PNG 800×1200, 1.2 MB", and of many "5 pages: PNG 800×4990–5010, 6.2 MB"."""
    if len(pages) < 3:
        return " + ".join(_described(page) for page in pages)
    types = "/".join(dict.fromkeys(type_name(page.type) for page in pages))
    wide, high = (_span([getattr(page, side) for page in pages]) for side in ("width", "height"))
    return f"{len(pages)} pages: {types} {wide}×{high}, {format_size(sum(page.size for page in pages))}"


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}–{high}"


def _bytes_of(page: Page) -> bytes:
    try:
        with open_page(page.location) as stream:
            content = stream.read(_MOST_BYTES + 1)
    except READ_ERRORS as error:
        raise MendError(f"it cannot be read: {read_problem(error)}") from error
    if len(content) > _MOST_BYTES:
        raise MendError("the file is too large to be mended")
    return content


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise MendError(f"the copy cannot be written: {error.strerror}") from error
