"""The plan's pages as they are on the disk now."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import BinaryIO

from tui.chapter.pages import PageLocation
from tui.mangadex.errors import PageChanged
from tui.mangadex.multipart import FilePart, check_part
from tui.upload.plan import PlannedPage


def part_of(page: PlannedPage) -> FilePart:
    """The page as a part of a request."""
    return FilePart(
        name=page.part_name,
        media_type=page.media_type,
        size=page.size,
        open=partial(_open, page.location),
        sha256=page.sha256,
    )


async def changed_pages(pages: Iterable[PlannedPage]) -> dict[int, PageChanged]:
    """Position -> what is wrong with the file of each page that is not what the plan says any more. Reads all of
    them."""
    found: dict[int, PageChanged] = {}
    for page in pages:
        try:
            await check_part(part_of(page))
        except PageChanged as error:
            found[page.position] = error
    return found


def _open(location: PageLocation) -> BinaryIO:
    from tui.chapter.sources import open_page  # late: the readers of files are needed for the first page only

    return open_page(location)
