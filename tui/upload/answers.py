"""What an answer to a request with pages says of each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.mangadex.models import ErrorDetail, UploadAnswer
from tui.upload.plan import PlannedPage
from tui.upload.reconcile import match_files, may_be


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """Every page of the batch is in exactly one of the three."""

    accepted: dict[int, str]
    """Position -> file id."""
    refused: dict[int, str]
    """Position -> the server's words; certain to be about this page."""
    unsure: dict[int, str]
    """Position -> the server's words, or ""; not accepted, but nothing says that this page is to blame."""
    indistinct: bool = False
    """Files were accepted of which nothing tells which pages they are; the unsure ones may be among them."""
    silent: bool = False
    """The answer says nothing at all of the unsure ones; the server is to be asked whether it keeps them."""


def judge(pages: Sequence[PlannedPage], answer: UploadAnswer) -> BatchVerdict:
    """Match an answer to the pages that were sent, by name and hash, never by place in the answer.

    Errors carry no documented reference to a file (`mangadex-api.md` 4.4): one that names a part is about
    that page; one error for the one page that is missing is about that page; otherwise nobody is blamed yet.
    """
    match = match_files(pages, answer.accepted)
    accepted, strangers = dict(match.kept), match.strangers
    if (
        len(pages) == 1
        and not accepted
        and len(answer.accepted) == 1
        and may_be(pages[0], answer.accepted[0])
    ):
        accepted, strangers = {pages[0].position: answer.accepted[0].id}, ()  # nothing else was sent
    left = [page for page in pages if page.position not in accepted]
    refused: dict[int, str] = {}
    nameless: list[ErrorDetail] = []
    for error in answer.errors:
        named = [page for page in left if page.part_name in f"{error.title} {error.detail} {error.context}"]
        for page in named:
            refused[page.position] = str(error)
        if not named:
            nameless.append(error)
    left = [page for page in left if page.position not in refused]
    if len(left) == 1 and nameless:
        refused[left[0].position] = "; ".join(str(error) for error in nameless)
        left = []
    words = "; ".join(dict.fromkeys(str(error) for error in nameless))
    return BatchVerdict(
        accepted,
        refused,
        {page.position: words for page in left},
        indistinct=bool(left and strangers),
        silent=bool(left and not strangers and not nameless),
    )
