"""Which pages of a plan does the server hold?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui.mangadex.models import SessionFile
from tui.upload.plan import PART_NAME, PlannedPage

_SHA256 = re.compile(r"[0-9a-f]{64}")
REMOTE = "remote"
"""`source` of a file that was a page of the edited chapter before (`mangadex-api.md` 4.3)."""


@dataclass(frozen=True, slots=True)
class Match:
    """The plan's pages beside the server's files. Every file is in exactly one of `kept` and `strangers`."""

    kept: Mapping[int, str]
    """Position -> file id; never the same file for two pages."""
    missing: tuple[int, ...]
    strangers: tuple[str, ...]
    """File ids that are no page of the plan, second copies of a page among them."""


def match_files(
    pages: Sequence[PlannedPage], files: Iterable[SessionFile], recorded: Mapping[int, str] | None = None
) -> Match:
    """Find the plan's pages among the session's files.

    Surest first: the id that the ledger recorded, then the name it was sent under, then its hash, last the
    piece of the hash in the name of a part sent at another position (an earlier plan of the same folder). A
    size or a SHA-256 that differs always rules a file out; what the server left out rules nothing out.

    A page of an edited chapter is the file with its id and no other one, and no such file is ever a new page.
    """
    listed = {file.id: file for file in files if file.id}
    left = {id_: file for id_, file in listed.items() if file.source != REMOTE}
    kept: dict[int, str] = {}
    open_pages = {page.position: page for page in pages if not page.remote_id}

    def keep(page: PlannedPage, file: SessionFile) -> None:
        kept[page.position] = file.id
        del left[file.id]
        del open_pages[page.position]

    remote = [page for page in pages if page.remote_id]
    kept |= {page.position: page.remote_id for page in remote if page.remote_id in listed}
    for file_id in kept.values():
        left.pop(file_id, None)
    for position, file_id in (recorded or {}).items():
        planned, file = open_pages.get(position), left.get(file_id)
        if planned is not None and file is not None and may_be(planned, file):
            keep(planned, file)
    for proof in (_same_name, _same_hash, _same_piece):
        for page in list(open_pages.values()):
            found = next((file for file in left.values() if proof(page, file) and may_be(page, file)), None)
            if found is not None:
                keep(page, found)
    missing = tuple(sorted(page.position for page in pages if page.position not in kept))
    taken = set(kept.values())
    return Match(kept, missing, tuple(file_id for file_id in listed if file_id not in taken))


def may_be(page: PlannedPage, file: SessionFile) -> bool:
    """Whether nothing that the server says of the file speaks against its being the page."""
    if file.size is not None and file.size != page.size:
        return False
    stated = file.hash.lower()
    return not _SHA256.fullmatch(stated) or stated == page.sha256


def _same_name(page: PlannedPage, file: SessionFile) -> bool:
    return file.name == page.part_name


def _same_hash(page: PlannedPage, file: SessionFile) -> bool:
    return file.hash.lower() == page.sha256


def _same_piece(page: PlannedPage, file: SessionFile) -> bool:
    piece = PART_NAME.fullmatch(file.name)
    return piece is not None and page.sha256.startswith(piece[1])


def carry_over(
    before: Sequence[PlannedPage], accepted: Mapping[int, str], now: Sequence[PlannedPage]
) -> dict[int, str]:
    """Position in `now` -> file id, for pages that an earlier plan of the same session had brought in.

    Pages are the same when their bytes are; no file serves two pages. Of pages with equal bytes each keeps its
    own file as long as it stays at its place, since that file bears its name.
    """
    files: dict[tuple[str, int], dict[int, str]] = {}
    for page in before:
        if page.position in accepted and not page.remote_id:
            files.setdefault((page.sha256, page.size), {})[page.position] = accepted[page.position]
    sent = [page for page in now if not page.remote_id]
    carried: dict[int, str] = {}
    for page in sent:
        same = files.get((page.sha256, page.size), {})
        if page.position in same:
            carried[page.position] = same.pop(page.position)
    for page in sent:
        same = files.get((page.sha256, page.size), {})
        if same and page.position not in carried:
            carried[page.position] = same.pop(next(iter(same)))
    return carried
