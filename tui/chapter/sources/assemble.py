"""From the header of a file to a page, or to a reason why it is none; the same for all sources."""

from __future__ import annotations

from tui.chapter.comic_info import ComicInfoError, parse_comic_info
from tui.chapter.images import Header
from tui.chapter.natural import page_key
from tui.chapter.pages import ImageType, Page, PageLocation
from tui.chapter.sources.base import SIDECAR, Scan, Skipped
from tui.chapter.sources.names import no_page_reason, promised_type


class Gathering:
    """Collects pages and skipped files while a source is scanned."""

    def __init__(self) -> None:
        self.comic_info: bytes | None = None
        self.sidecar: bytes | None = None
        self._pages: list[Page] = []
        self._skipped: list[Skipped] = []

    def skip(self, name: str, reason: str) -> None:
        """A file that is no page."""
        self._skipped.append(Skipped(name, reason))

    def add(self, location: PageLocation, header: Header, *, size: int, modified_ns: int) -> None:
        """A file that was looked at: an image by content, or one by name alone, which then has a problem."""
        name = location.member
        if header.type is ImageType.UNKNOWN and promised_type(name) is None:
            self.skip(name, no_page_reason(name))
            return
        self._pages.append(
            Page(
                location,
                size=size,
                modified_ns=modified_ns,
                type=header.type,
                width=header.width,
                height=header.height,
                complete=header.complete,
                animated=header.animated,
                problem=header.problem,
                bits=header.bits,
                components=header.components,
                metadata=header.metadata,
                trailing=header.trailing,
            )
        )

    def refuse(self, location: PageLocation, problem: str, *, size: int, modified_ns: int) -> None:
        """A file that could not be looked at: a page with a problem if its name promises an image."""
        if promised_type(location.member) is None:
            self.skip(location.member, f"cannot be read: {problem}")
            return
        self._pages.append(Page(location, size=size, modified_ns=modified_ns, problem=problem))

    def add_description(self, name: str, content: bytes) -> None:
        """A ComicInfo.xml or dexup.toml. The one at the root of the source counts, else the first."""
        if name.rpartition("/")[2].casefold() == SIDECAR:
            if self.sidecar is None or "/" not in name:
                self.sidecar = content
            return
        try:
            parse_comic_info(content)
        except ComicInfoError as error:
            self.skip(name, f"cannot be read: {error}")
            return
        if self.comic_info is None or "/" not in name:
            self.comic_info = content

    def finish(self) -> Scan:
        """Everything found, in natural order."""
        pages = tuple(
            sorted(self._pages, key=lambda page: (page_key(page.location.member), page.location.index))
        )
        skipped = tuple(sorted(self._skipped, key=lambda skipped: page_key(skipped.name)))
        return Scan(pages, skipped, self.comic_info, self.sidecar)
