"""Starting, pausing and stopping the queue from its screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on

from tui.screens.queue_base import QueueBase
from tui.screens.queue_words import consent_lines
from tui.text import plural, safe_text
from tui.upload.queue.edits import moved
from tui.upload.queue.entry import BEGUN, SETTLED, EntryState, QueueEntry
from tui.upload.queue.runner import consent_to
from tui.upload.queue.table import QueueTable
from tui.widgets import queue_table
from tui.widgets.dialogs import Confirm


class QueueRunning(QueueBase):
    """What keys do to the run and to the order."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        super().__init__(paths)
        self._placed = False
        self._labelled = ""
        """What the last line calls p."""
        self._followed: int | None = None
        """The entry that the cursor was put on last."""

    def _show(self) -> None:
        """The cursor begins at what is not done, and goes along with the run until somebody moves it away."""
        super()._show()
        if not self._entries or self.table.typed is not None:
            return
        if not self._placed:
            self._placed = True
            first = next((entry.number for entry in self._entries if entry.state not in SETTLED), None)
            self._put_on(first)
        status = self.dexup.services.queue.status
        if status.running and self.table.cursor_number == self._followed:
            self._put_on(status.number)

    def _put_on(self, number: int | None) -> None:
        places = [place for place, entry in enumerate(self._entries) if entry.number == number]
        if places:
            self.table.put_cursor(places[0])
        self._followed = self.table.cursor_number

    @property
    def key_labels(self) -> dict[str, str]:
        """Labels of keys that do another thing now."""
        labels = {"queue.pause": self._pause_label()}
        if self.dexup.services.queue.running:
            labels["queue.start"] = "Stop"
        return labels

    def _pause_label(self) -> str:
        """What p does to the chosen entries."""
        chosen = [entry for entry in map(self.entry, self.table.chosen) if entry is not None]
        if len(chosen) == 1 and self._is_at(chosen[0]):
            return "Skip"
        first = next((entry for entry in chosen if not entry.fixed), None)
        if first is None or first.state is EntryState.WAITING:
            return "Leave out"
        return "Take up" if first.state is EntryState.PAUSED else "Try again"

    def _is_at(self, entry: QueueEntry) -> bool:
        """Whether the run is at this entry."""
        status = self.dexup.services.queue.status
        return status.running and entry.number == status.number

    def _show_about(self) -> None:
        super()._show_about()
        label = self._pause_label()
        if label != self._labelled:
            self._labelled = label
            self.refresh_bindings()

    def action_start(self) -> None:
        services = self.dexup.services
        if services.queue.running:
            self._stop()
        elif not services.account:
            self.dexup.show_login()
        elif services.engine.view.active:
            self.say("An upload is under way: finish or stop it first (r on the start screen shows it).")
        else:
            self._ask()

    def _ask(self) -> None:
        open_ones = [entry for entry in self._entries if entry.state not in SETTLED]
        problems = {
            entry.number: "its pages were committed before (A uploads them once more)"
            for entry in open_ones
            if self._was_sent(entry)
        }
        problems |= {row.number: row.problems[0] for row in self.table.rows if row.errors}
        wanted = [entry for entry in open_ones if entry.number not in problems]
        bad = [(entry, problems[entry.number]) for entry in open_ones if entry.number in problems]
        if not wanted:
            self.say("Nothing is ready to be uploaded." if bad else "Nothing is left to upload.")
            return
        dialog = Confirm(
            f"Publish {plural(len(wanted), 'chapter')}{', one after the other' if len(wanted) > 1 else ''}?",
            consent_lines(wanted, bad, self._checked, self._doubts.known),
            yes="Accept the terms and start",
            no="Not yet",
            dangerous=False,
        )
        self.confirm(dialog, lambda: self._start(wanted))

    def _start(self, wanted: list[QueueEntry]) -> None:
        services = self.dexup.services
        if services.queue.running:
            return
        self._followed = self.table.cursor_number
        services.queue.start(services.account, consent_to(wanted), terms_accepted=True)
        self.say("")
        self._look()

    def _stop(self) -> None:
        lines = [
            "The chapter under way keeps its upload session and goes on at the next start.",
            "Chapters that are committed stay committed.",
        ]
        dialog = Confirm("Stop the queue?", lines, yes="Stop", no="Go on", dangerous=False)
        self.confirm(dialog, self.dexup.services.queue.stop)

    def action_hold(self) -> None:
        runner = self.dexup.services.queue
        if not runner.running:
            self.say("The queue is not running: s starts it.")
        elif runner.status.paused:
            runner.go_on()
        else:
            runner.pause()
        self._look()

    def action_pause(self) -> None:
        """Leave the chosen entries out, or take them up again, as the first of them is."""
        chosen = [entry for entry in map(self.entry, self.table.chosen) if entry is not None]
        if not chosen:
            return
        if len(chosen) == 1 and self._is_at(chosen[0]):
            self._skip(chosen[0])
            return
        first = next((entry for entry in chosen if not entry.fixed), None)
        if first is None:
            self.say("It is begun or committed: there is nothing to leave out.")
            return
        numbers, paused = self.table.chosen, first.state is EntryState.WAITING
        self.submit(lambda table: table.pause(numbers, paused=paused))

    def _skip(self, entry: QueueEntry) -> None:
        lines = [
            f"Entry {entry.number}, {safe_text(entry.what())}, is under way. Its pages on the server are deleted, "
            "so that the next chapter has its turn; your files stay. p takes it up again later."
        ]
        dialog = Confirm("Leave this chapter for later?", lines, yes="Leave it out", no="Go on with it")
        self.confirm(dialog, lambda: self.dexup.services.queue.skip(entry.number))

    def action_remove(self) -> None:
        chosen = [entry for entry in map(self.entry, self.table.chosen) if entry is not None]
        free = [entry for entry in chosen if entry.state not in BEGUN]
        if not free:
            self.say("A chapter that was begun stays until it is settled." if chosen else "")
            return
        numbers = [entry.number for entry in free]
        lines = [f"{entry.number}  {safe_text(entry.what())}  {safe_text(entry.source)}" for entry in free]
        title = f"Take {plural(len(free), 'chapter')} out of the queue?"
        dialog = Confirm(
            title, ["Files, and what is on MangaDex, stay.", "", *lines], yes="Take out", no="Keep"
        )
        self.confirm(dialog, lambda: self.submit(QueueTable.remove, numbers))

    def action_again(self) -> None:
        chosen = [entry for entry in map(self.entry, self.table.chosen) if entry is not None]
        there = [
            entry for entry in chosen if entry.state is EntryState.ALREADY_THERE or self._was_sent(entry)
        ]
        if not there:
            self.say("This is for a chapter that is said to be there already.")
            return
        rows = {row.number: row for row in self.table.rows}
        lines = [
            f"{entry.number}  {safe_text(entry.what())}: {' '.join(rows[entry.number].problems[:1])}"
            for entry in there
        ]
        dialog = Confirm("Upload again although it is there?", lines, yes="Upload again", no="Leave it")
        self.confirm(dialog, lambda: self._again(there))

    def _was_sent(self, entry: QueueEntry) -> bool:
        checked = self._checked.get(entry.number)
        return not entry.fixed and not entry.again and checked is not None and checked.sent is not None

    def _again(self, entries: list[QueueEntry]) -> None:
        raise NotImplementedError

    @on(queue_table.QueueTable.MoveWanted)
    def _move_wanted(self, message: queue_table.QueueTable.MoveWanted) -> None:
        message.stop()
        numbers = [entry.number for entry in self._entries]
        order = moved(numbers, self.table.chosen, message.by)
        if order != numbers:
            by_number = {entry.number: entry for entry in self._entries}
            self._entries = [by_number[number] for number in order]
            self._show()
            self.submit(QueueTable.arrange, order)
