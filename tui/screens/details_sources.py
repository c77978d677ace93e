"""The keys of the details screen about sources: take what another one says, write the details down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual import work
from textual.widgets import Input

from tui.chapter.claims import Claim, Named
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.selection import ChapterSelection
from tui.chapter.sidecar import dump_sidecar
from tui.chapter.surroundings import own_sidecar
from tui.mangadex.errors import MangaDexError
from tui.screens.base import DexupScreen
from tui.screens.details_form import DetailsForm
from tui.screens.details_lookups import exact_group, exact_manga, search_groups, search_manga
from tui.storage.errors import StorageError
from tui.storage.files import read_bounded, write_private
from tui.text import safe_text
from tui.widgets.dialogs import Confirm
from tui.widgets.field_row import FieldRow
from tui.widgets.search_box import SearchBox
from tui.widgets.search_results import Result

_FIELDS = {"manga": "manga_id", "groups": "group_ids"}
_LARGEST = 1 << 20


class DetailsSources(DexupScreen):
    """What DetailsScreen does with the sources of its values."""

    _selection: ChapterSelection
    _form: DetailsForm
    _manga: SearchBox
    _rows: dict[str, FieldRow]
    _typed_over: tuple[Named, Origin] | None
    """The title that was chosen when something was typed into its field."""

    def _changed(self) -> None:
        raise NotImplementedError

    # Looking up what was named without an id, and the names behind ids

    async def _look_up_manga(self, manga: Named, origin: Origin) -> None:
        """What is typed meanwhile counts; escape brings what was found."""
        services = self.dexup.services
        before = self._manga.text
        found: Result | None = None
        if manga.id and not manga.name:
            found = (await search_manga(services, manga.id))[0]
        elif manga.name and not manga.id:
            found = await exact_manga(services, manga.name)
            if found is None and self._manga.text == before:
                self._manga.search_now(manga.name)
        if found is None:
            return
        if self._manga.text == before:
            self._form.set_manga(found.id, found.name, origin)
            self._manga.set_text(found.name)
        else:
            self._typed_over = Named(found.id, found.name), origin
            self._manga.keep(found.name)

    async def _look_up_groups(self, named: Sequence[Named], origin: Origin) -> None:
        services = self.dexup.services
        groups = []
        for group in named:
            found: Result | None = None
            if not group.id:
                found = await exact_group(services, group.name)
            elif not group.name:
                found = (await search_groups(services, group.id))[0]
            groups.append(Named(found.id, found.name) if found is not None else group)
        if groups != list(named):
            self._form.set_groups(groups, origin)

    # Another source

    def action_other(self) -> None:
        """Take what another source says of the field under the cursor, else of the first that is in doubt."""
        form = self._form
        focused = self.focused.id if isinstance(self.focused, Input) else None
        here = _FIELDS.get(focused or "", focused or "")
        doubtful = [name for name in form.conflicts if name not in form.decided]
        name = here if here in form.conflicts else next(iter([*doubtful, *form.conflicts]), "")
        claim = form.other(name)
        if claim is None:
            self.notify("All sources say the same, or only one says anything.", markup=False)
            return
        self._take(name, claim)

    @work(exclusive=True, group="take-other", exit_on_error=False)
    async def _take(self, name: str, claim: Claim) -> None:
        value = claim.value
        try:
            if isinstance(value, Named):
                self._form.set_manga(value.id, value.name if value.id else "", claim.origin)
                self._manga.set_text(value.name or value.id)
                await self._look_up_manga(value, claim.origin)
            elif isinstance(value, tuple):
                self._form.set_groups(value, claim.origin)
                await self._look_up_groups(value, claim.origin)
            else:
                self._form.take_text(name, value, claim.origin)
                with self.prevent(Input.Changed):
                    self._rows[name].field.value = self._form.texts[name]
        except MangaDexError as error:
            self._manga.row.tag(safe_text(error.in_short), wrong=True)
        self._changed()

    # dexup.toml

    def action_write(self) -> None:
        """Write the details to the chapter's own dexup.toml; asks before another one is replaced."""
        details, _ = self._form.read(datetime.now(UTC))
        path = own_sidecar(self._selection.source)
        content = dump_sidecar(details).encode("utf-8")
        try:
            before = read_bounded(path, _LARGEST)
        except StorageError as error:
            self.notify(safe_text(f"{error.title} {error.remedy}"), markup=False, severity="error")
            return
        if before is None or before == content:
            self._write_sidecar(details)
            return
        lines = [safe_text(path), "Its comments and whatever dexup does not fill in are lost."]
        self.confirm(
            Confirm("Replace this file?", lines, yes="Replace", no="Keep it", dangerous=True),
            lambda: self._write_sidecar(details),
        )

    @work(thread=True, group="write-sidecar", exit_on_error=False)
    def _write_sidecar(self, details: ChapterDetails) -> None:
        path = own_sidecar(self._selection.source)
        try:
            write_private(path, dump_sidecar(details).encode("utf-8"))
        except StorageError as error:
            text, severity = f"{error.title} {error.remedy}", "error"
        else:
            text, severity = f"Written: {path}", "information"
        self.app.call_from_thread(self.notify, safe_text(text), markup=False, severity=severity)
