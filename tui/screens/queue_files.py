"""Saving and loading the queue from its screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work

from tui.screens.queue_edit import QueueEditing
from tui.storage.errors import StorageError
from tui.text import plural, safe_text
from tui.upload.ledger_file import LedgerError
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.files import Merged, save_queue, take_file
from tui.upload.queue.filling import new_entry
from tui.upload.queue.table import QueueFull
from tui.widgets.dialogs import Confirm, Message
from tui.widgets.prompt import Prompt

_ENDINGS = (".csv", ".toml")


class QueueFiles(QueueEditing):
    """Files that speak of many chapters."""

    def action_save(self) -> None:
        if not self._entries:
            self.say("The queue is empty: there is nothing to save.")
            return
        lines = [".csv is for spreadsheets and keeps everything; .toml is like dexup.toml."]
        dialog = Prompt("Save the queue as", lines, value=self._file, validate=_wrong_name)
        self.app.push_screen(dialog, self._save_as)

    def _save_as(self, text: str | None) -> None:
        if text is None:
            return
        self._file, path = text, Path(text).expanduser()
        if path.exists():
            dialog = Confirm(f"Replace {safe_text(path.name)}?", [str(path)], yes="Replace", no="Keep")
            self.confirm(dialog, lambda: self._save(path))
        else:
            self._save(path)

    @work(group="queue-file", exit_on_error=False)
    async def _save(self, path: Path) -> None:
        try:
            await asyncio.to_thread(save_queue, path, self._entries)
        except StorageError as error:
            self.app.push_screen(Message("The queue was not saved", [error.title, error.remedy]))
        else:
            self.say(f"{plural(len(self._entries), 'chapter')} saved in {safe_text(path)}")

    def action_load(self) -> None:
        lines = ["Chapters that are in the queue already are changed, others are added."]
        dialog = Prompt("Load a .csv or .toml file", lines, value=self._file, validate=_wrong_name)
        self.app.push_screen(dialog, self._load_from)

    def _load_from(self, text: str | None) -> None:
        if text is not None:
            self._file = text
            self.say("Reading the file and the names of its chapters…")
            self._load(Path(text).expanduser())

    @work(exclusive=True, group="queue-load", exit_on_error=False)
    async def _load(self, path: Path) -> None:
        try:
            merged = await asyncio.to_thread(self._read_file, path)
        except StorageError as error:
            self.say("")
            self.app.push_screen(Message("The file was not loaded", [error.title, error.remedy]))
            return
        except (LedgerError, QueueFull) as error:
            self.notify(safe_text(error), markup=False, severity="error")
            return
        for entry in merged.changed:
            self._checked.pop(entry.number, None)
        await self.read_table()
        self.say(str(merged))
        self.look_up_names()

    def _read_file(self, path: Path) -> Merged:
        """In a thread."""
        services = self.dexup.services
        known = services.known()

        def make(source: Path) -> QueueEntry:
            return new_entry(source, known=known)

        return take_file(services.engine.queue, path, make)[0]


def _wrong_name(text: str) -> str:
    return "" if text.casefold().endswith(_ENDINGS) else "It must end in .csv or .toml."
