"""The gate: nothing is committed unless plan, ledger and server agree on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui.mangadex.models import UploadSession
from tui.upload.plan import UploadPlan
from tui.upload.reconcile import REMOTE, match_files


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What stands between the pages and the commit."""

    session: UploadSession
    """As it was seen."""
    file_ids: Mapping[int, str]
    """Position -> file id of every page that is surely there."""
    missing: tuple[int, ...]
    strangers: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    """Of the strangers, those that are pages of the edited chapter which the plan neither keeps nor leaves out."""
    trusted_ledger: bool = False
    """The server did not list its files, so that the ledger's word had to do."""

    @property
    def is_open(self) -> bool:
        """True when every page is there and nothing else is."""
        return not self.missing and not self.strangers

    def page_order(self, plan: UploadPlan) -> list[str]:
        """The commit's page order: the plan's, never that of answers. KeyError while a page is missing."""
        return [self.file_ids[page.position] for page in plan.pages]


def check_gate(plan: UploadPlan, recorded: Mapping[int, str], session: UploadSession) -> GateVerdict:
    """Compare the plan and the ledger's accepted pages (position -> file id) with the server's session.

    Pages of an edited chapter that the plan leaves out are no strangers: the commit leaves them out, and until
    then the session keeps them.
    """
    if not session.files_known:
        missing = tuple(page.position for page in plan.pages if not recorded.get(page.position))
        return GateVerdict(session, dict(recorded), missing, (), trusted_ledger=True)
    match = match_files(plan.pages, session.files, recorded)
    left_out = plan.edit.left_out if plan.edit is not None else ()
    strangers = tuple(file_id for file_id in match.strangers if file_id not in left_out)
    remote = {file.id for file in session.files if file.source == REMOTE}
    unseen = tuple(file_id for file_id in strangers if file_id in remote)
    return GateVerdict(session, match.kept, match.missing, strangers, unseen)
