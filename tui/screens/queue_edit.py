"""Typing into the queue's table, and changing many chapters at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from textual import on
from textual.app import ComposeResult

from tui.patterns import parse_pattern
from tui.screens.queue_run import QueueRunning
from tui.screens.queue_words import prompt_of
from tui.text import plural, safe_text
from tui.upload.queue.edits import count_up, fill_down, shift, take_pattern
from tui.upload.queue.entry import EntryState, QueueEntry
from tui.upload.queue.fields import field_text, set_field
from tui.upload.queue.table import QueueTable
from tui.widgets import queue_table
from tui.widgets.cell_bar import CellBar
from tui.widgets.entry_bar import EntryBar
from tui.widgets.line_list import LineList
from tui.widgets.prompt import Prompt
from tui.widgets.queue_columns import EDITABLE

_MOST_STEPS = 50
"""Changes that can be taken back."""
_NUMBERS = ("volume", "chapter")
_NOWHERE = Path()


class QueueEditing(QueueRunning):
    """What keys do to cells. Every change is one step of undo."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        super().__init__(paths)
        self._undo: list[list[QueueEntry]] = []
        self._bar = CellBar("", id="queue-cell")
        self._pattern = ""
        self._file = "dexup-queue.csv"
        self._editing: list[int] = []
        """The entries that the typed text is for."""
        self._left: tuple[int, int, str] | None = None
        """The entry that was typed into last, the one that enter went on to, and the column."""

    def compose_bars(self) -> ComposeResult:
        yield self._bar

    def search(self, entries: Sequence[QueueEntry], column: str, text: str) -> None:
        """Find the manga or the groups called so, for these entries."""
        raise NotImplementedError

    # One cell

    def open_cell(self) -> None:
        entry = self.entry(self.table.cursor_number)
        if entry is None:
            self.say("There is nothing to edit: a chooses chapters.")
            return
        status = self.dexup.services.queue.status
        if status.running and entry.number == status.number:
            self.dexup.show_upload()
            return
        if entry.fixed:
            self.say(_fixed(entry))
            return
        column = self.table.column
        marked = self.table.marked
        self._editing = self.table.chosen if entry.number in marked else [entry.number]
        more = f" (for {len(self._editing)} marked)" if len(self._editing) > 1 else ""
        self._bar.placeholder = prompt_of(column)
        self._bar.open(_shown(entry, column))
        self.table.type_into_cell(safe_text(self._bar.value))
        self.say(f"{prompt_of(column)}{more} · enter takes it, esc leaves it")

    @on(EntryBar.Typed, "#queue-cell")
    def _typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        if not self._bar.is_open:
            return  # typed ahead of the enter that closed it
        self.table.type_into_cell(safe_text(message.text))
        self.say(self._problem(message.text) or prompt_of(self.table.column))

    @on(EntryBar.Stepped)
    def _stepped(self, message: EntryBar.Stepped) -> None:
        message.stop()

    @on(EntryBar.Closed, "#queue-cell")
    def _cell_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        column, text = self.table.column, message.text
        entries = [entry for entry in map(self.entry, self._editing) if entry is not None and not entry.fixed]
        if message.kept and entries:
            problem = self._problem(text)
            if problem:
                self.say(f"✗ {problem}")
                return
        self._bar.close()
        self.table.type_into_cell(None)
        self.table.focus()
        self.say("")
        if not message.kept or not entries:
            return
        if column in ("manga", "groups") and _is_name(column, text):
            self.search(entries, column, text)
        else:
            self.change([set_field(entry, column, text) for entry in entries])
        if len(entries) == 1 and self.table.cursor_row + 1 < self.table.row_count:
            self.table.put_cursor(self.table.cursor_row + 1)
            self._left = (entries[0].number, self.table.cursor_number or 0, column)
            self._show_about()

    def _problem(self, text: str) -> str:
        column = self.table.column
        if column in ("manga", "groups") and _is_name(column, text):
            return ""
        try:
            set_field(QueueEntry(_NOWHERE), column, text)
        except ValueError as error:
            return safe_text(error)
        return ""

    # Changes

    def change(self, entries: Sequence[QueueEntry], said: str = "") -> None:
        """Make the entries what they are here, and remember how they were."""
        self._left = None
        now = {entry.number: entry for entry in self._entries}
        new = {entry.number: entry for entry in entries if now.get(entry.number) != entry}
        if not new:
            self.say(said or "Nothing changed.")
            return
        self._undo.append([now[number] for number in new if number in now])
        del self._undo[:-_MOST_STEPS]
        self._write(list(new.values()))
        self.say(said or (f"{plural(len(new), 'chapter')} changed; u takes it back." if len(new) > 1 else ""))

    def _write(self, entries: list[QueueEntry]) -> None:
        new = {
            entry.number: entry
            if entry.state is EntryState.PAUSED
            else replace(entry, state=EntryState.WAITING, problem="")
            for entry in entries
        }
        self._entries = [new.get(entry.number, entry) for entry in self._entries]
        self._show()
        self.submit(QueueTable.change, entries)

    def action_undo(self) -> None:
        if not self._undo:
            self.say("There is nothing to take back.")
            return
        self._left = None
        before = self._undo.pop()
        there = {entry.number: entry for entry in self._entries}
        back = [
            replace(there[entry.number], details=entry.details, unknown_groups=entry.unknown_groups,
                    again=entry.again)
            for entry in before
            if entry.number in there and not there[entry.number].fixed
        ]  # fmt: skip
        self._write(back)
        self.say(f"Taken back: {plural(len(back), 'chapter')}.")

    def _next_step(self) -> str:
        if self._left is not None:
            return "d copies what you typed into all below · u takes it back"
        return super()._next_step()

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        if self._left is not None and self.table.cursor_number != self._left[1]:
            self._left = None

    def action_fill(self) -> None:
        number = self.table.cursor_number
        if number is not None:
            column = self.table.column
            if self._left is not None and self._left[1:] == (number, column) and not self.table.marked:
                number = self._left[0]  # who typed it and pressed enter means that one, not what is under it
            self._try(lambda: fill_down(self._entries, number, column, self.table.marked))

    def action_shift(self, by: int) -> None:
        number = self.table.cursor_number
        if number is not None:
            column = self._number_column
            self._try(lambda: shift(self._entries, number, column, by, self.table.marked))

    def action_count(self) -> None:
        entry = self.entry(self.table.cursor_number)
        if entry is None:
            return
        number, column = entry.number, self._number_column
        start = field_text(entry, column)
        dialog = Prompt(
            f"Count the {column}s up from which number?",
            ["From the chapter under the cursor on, or the marked ones, in the order of the table."],
            value=start if start.isdigit() else "1",
            validate=lambda text: "" if text.isdigit() and len(text) <= 6 else "A whole number, such as 1.",
        )

        def answered(text: str | None) -> None:
            if text is not None:
                self._try(lambda: count_up(self._entries, number, column, int(text), self.table.marked))

        self.app.push_screen(dialog, answered)

    def action_pattern(self) -> None:
        """Read numbers, title and language of the marked chapters, or of all, from their names."""
        wanted = set(self.table.marked) or {entry.number for entry in self._entries}
        free = [entry for entry in self._entries if entry.number in wanted and not entry.fixed]
        if not free:
            self.say("There is no chapter whose name could be read.")
            return
        patterns = self.dexup.services.settings.names.patterns
        dialog = Prompt(
            "How are the names of the folders and archives to be read?",
            [
                f"For {plural(len(free), 'chapter')}. The first is called:",
                free[0].source.name,
                "",
                "Fields: {manga} {volume} {chapter} {title} {groups} {language}, {*} for anything; "
                "<…> may be missing; / stands between a folder and what is in it.",
            ],
            value=self._pattern or (patterns[0].text if patterns else ""),
            placeholder="{manga} - c{chapter}< (v{volume})>< - {title}>< [{groups}]>",
            validate=_pattern_problem,
        )
        self.app.push_screen(dialog, lambda text: self._pattern_typed(free, text))

    def _pattern_typed(self, free: Sequence[QueueEntry], text: str | None) -> None:
        if text is None:
            return
        self._pattern = text
        changed, unfit = take_pattern(free, parse_pattern(text))
        said = f"{plural(len(changed), 'name')} read; u takes it back."
        if unfit:
            said = (
                f"It does not fit {plural(unfit, 'name')}. {said}"
                if changed
                else "It fits none of the names."
            )
        self.change(changed, said)
        if changed:
            self.look_up_names()

    @property
    def _number_column(self) -> str:
        return self.table.column if self.table.column in _NUMBERS else "chapter"

    def _try(self, make: Callable[[], list[QueueEntry]]) -> None:
        try:
            self.change(make())
        except ValueError as error:
            self.say(f"✗ {safe_text(error)}")

    def _again(self, entries: list[QueueEntry]) -> None:
        self.change([replace(entry, again=True) for entry in entries], "They wait to be uploaded again.")

    @on(queue_table.QueueTable.ChoiceChanged)
    def _close_bar(self) -> None:
        """A click elsewhere leaves the cell that was being typed into."""
        if self._bar.is_open:
            self._bar.close()
            self.table.type_into_cell(None)


def _pattern_problem(text: str) -> str:
    try:
        parse_pattern(text)
    except ValueError as error:
        return str(error)
    return ""


def _shown(entry: QueueEntry, column: str) -> str:
    """The text that a person starts from."""
    details = entry.details
    assert column in EDITABLE
    if column == "manga":
        return safe_text(details.manga_title or details.manga_id)
    if column == "groups":
        names = [name or id_ for id_, name in zip(details.group_ids, details.group_names, strict=False)]
        return safe_text(", ".join([*names, *entry.unknown_groups]))
    if column == "publish_at":
        return f"{details.publish_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if details.publish_at else ""
    return safe_text(field_text(entry, column))


def _is_name(column: str, text: str) -> bool:
    """The text is no id, no link and no "none", so that it has to be searched."""
    if not text.strip():
        return False
    try:
        set_field(QueueEntry(source=_NOWHERE), column, text)
    except ValueError:
        return True
    return False


def _fixed(entry: QueueEntry) -> str:
    if entry.state is EntryState.COMMITTED:
        return "It is committed: what is said of it is changed on MangaDex."
    return "It was begun: it stays as it is until it is settled."
