"""What the end of one chapter's upload means for the rest of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from tui.upload.events import Failed
from tui.upload.exits import Exit
from tui.upload.ledger_entry import PageState
from tui.upload.queue.control import Halt
from tui.upload.view import UploadView

_SAME_IN_A_ROW = 2
"""Chapters that were refused in the very same words with 403, after which the account is to blame."""


@dataclass
class Judge:
    """Tells failures of a chapter, after which the queue goes on, from those that every other would meet."""

    _words: str = ""
    _times: int = 0

    def of_entry(self, failure: Failed, view: UploadView) -> bool:
        """True when the chapter is to blame, so that the queue may go on with the next."""
        if failure.account or failure.exit_code not in (Exit.REFUSED, Exit.RESUMABLE):
            return False
        if failure.exit_code == Exit.RESUMABLE:
            # Pages that changed on the disk can be mended; the line or the service cannot, from here.
            return any(page.state is PageState.REFUSED for page in view.pages)
        return not self._same_again(failure)

    def worked(self) -> None:
        """A chapter was committed: the account may upload."""
        self._words, self._times = "", 0

    def _same_again(self, failure: Failed) -> bool:
        if failure.status != 403:
            return False
        words = f"{failure.title} {failure.detail}"
        self._times = self._times + 1 if words == self._words else 1
        self._words = words
        return self._times >= _SAME_IN_A_ROW


_GIVEN_UP = (
    "No upload session of it is kept, so that the next chapter has its turn. "
    "Mend or change what is named, then take the chapter up again (`dexup queue retry`)."
)


def words_of(failure: Failed) -> str:
    """The failure in one line, for the entry. Its own remedy speaks of a session that is not kept here."""
    text = failure.title + (f": {failure.detail}" if failure.detail else "")
    end = "" if text.endswith((".", "!", "?", "…")) else "."
    return f"{text}{end} {_GIVEN_UP}"


def halted_by(failure: Failed) -> Halt:
    """The end of the run for this reason. The entry keeps its session and is resumed by the next run."""
    remedy = failure.remedy
    if failure.exit_code == Exit.SESSION_OPEN:
        remedy = (
            "It was left alone. Resume or abandon it (`dexup session` shows it), then start the queue again."
        )
        if failure.title == BUSY:
            remedy = "Wait until it has ended, or end it; then start the queue again."
    elif failure.exit_code == Exit.RESUMABLE:
        remedy = f"{remedy} Then start the queue again: it goes on where it stopped.".strip()
    return Halt(failure.title, failure.detail, remedy, Exit(failure.exit_code))


BUSY = "The upload cannot start"
"""Title of the failure when another dexup uploads with the account (`engine.py`)."""
