"""The hashes of the pages' bytes. Reading them whole also shows what the headers could not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tui.chapter.cancel import stop_if
from tui.chapter.pages import Page
from tui.chapter.sources import READ_ERRORS, open_page, read_problem

_CHUNK = 1024 * 1024


def hash_page(page: Page, cancelled: Callable[[], bool] | None = None) -> Page:
    """`page` with the SHA-256 of its bytes. Blocking; Cancelled.

    When the bytes cannot be read, or are not as many as the scan found, the page comes back with a `problem`
    and no hash.
    """
    digest = hashlib.sha256()
    length = 0
    try:
        with open_page(page.location) as stream:
            while length <= page.size:
                stop_if(cancelled)
                chunk = stream.read(_CHUNK)
                if not chunk:
                    break
                digest.update(chunk)
                length += len(chunk)
    except READ_ERRORS as error:
        return replace(page, problem=read_problem(error), sha256="")
    if length != page.size:
        return replace(page, problem="it has changed since it was listed", sha256="")
    return replace(page, sha256=digest.hexdigest())


def hash_pages(
    pages: Sequence[Page],
    *,
    on_page: Callable[[Page], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Page, ...]:
    """All `pages` hashed, in the same order, several at once; `on_page` hears of each. What has a hash is not read
    again. Blocking; Cancelled."""
    hashed: list[Page] = []
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for page in pool.map(lambda page: page if page.is_read else hash_page(page, cancelled), pages):
            stop_if(cancelled)
            hashed.append(page)
            if on_page is not None:
                on_page(page)
    return tuple(hashed)
