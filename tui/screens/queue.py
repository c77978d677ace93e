"""The queue's screen: many chapters at once."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from tui.chapter.claims import Named
from tui.chapter.references import parse_reference
from tui.mangadex.errors import MangaDexError
from tui.screens.chapter import ChapterScreen
from tui.screens.details_lookups import exact_group, exact_manga, search_groups, search_manga
from tui.screens.queue_files import QueueFiles
from tui.text import plural, safe_text
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.fields import set_groups, set_manga
from tui.upload.queue.naming import with_names
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.search_results import Result

_MOST_FOUND = 9


class QueueScreen(QueueFiles):
    """Its ways to the service and to other screens."""

    BINDINGS = bindings("queue.*")

    # Names

    def look_up_names(self) -> None:
        if self.dexup.services.account:
            self._look_up_names()

    @work(exclusive=True, group="queue-names", exit_on_error=False)
    async def _look_up_names(self) -> None:
        """Ids for names that the service knows exactly one of; each name is asked for once."""
        services = self.dexup.services
        manga: dict[str, Named | None] = {}
        groups: dict[str, Named | None] = {}
        try:
            for entry in self._entries:
                title = entry.details.manga_title
                if entry.fixed:
                    continue
                if title and not entry.details.manga_id and title not in manga:
                    manga[title] = _named(await exact_manga(services, title))
                for name in entry.unknown_groups:
                    if name not in groups:
                        groups[name] = _named(await exact_group(services, name))
        except MangaDexError as error:
            self.say(f"Names could not be looked up: {safe_text(error.in_short)}")
        changed = [with_names(entry, manga, groups) for entry in self._entries if not entry.fixed]
        known = {entry.number: entry for entry in self._entries}
        changed = [entry for entry in changed if known[entry.number] != entry]
        if changed:
            self.change(changed, f"Names found on MangaDex for {plural(len(changed), 'chapter')}.")

    def ask_for_groups(self) -> None:
        wanted = [one for entry in self._entries if not entry.fixed for one in entry.details.group_ids]
        if wanted and self.dexup.services.account:
            self._ask_for_groups(wanted)

    @work(group="queue-groups", exit_on_error=False)
    async def _ask_for_groups(self, wanted: Sequence[str]) -> None:
        try:
            if await self._doubts.ask(self.dexup.services, wanted):
                self._show()
        except MangaDexError as error:
            self.say(f"f5 asks for the groups again: {safe_text(error.in_short)}")

    def search(self, entries: Sequence[QueueEntry], column: str, text: str) -> None:
        if not self.dexup.services.account:
            self.say("Log in to search by name, or paste an id or link.")
            return
        self.say(f"Searching {safe_text(text)}…")
        numbers = [entry.number for entry in entries]
        if column == "manga":
            self._search_manga(numbers, text)
        else:
            self._search_groups(numbers, text)

    @work(exclusive=True, group="queue-search", exit_on_error=False)
    async def _search_manga(self, numbers: list[int], text: str) -> None:
        try:
            found = list(await search_manga(self.dexup.services, text))[:_MOST_FOUND]
        except MangaDexError as error:
            self.show_error(error)
            return
        chosen = await self._choose("title", text, found)
        if chosen is not None:
            self.change([set_manga(entry, chosen.id, chosen.name) for entry in self._free(numbers)])

    @work(exclusive=True, group="queue-search", exit_on_error=False)
    async def _search_groups(self, numbers: list[int], text: str) -> None:
        """Names, ids and links with commas between them, one after the other."""
        chosen: dict[str, str] = {}
        try:
            for name in filter(None, (part.strip() for part in text.split(","))):
                found = await self._find_groups(name)
                one = found[0] if len(found) == 1 else await self._choose("group", name, found)
                if one is None:
                    return
                chosen[one.id] = one.name
        except MangaDexError as error:
            self.show_error(error)
            return
        ids, names = tuple(chosen), tuple(chosen.values())
        self.change([set_groups(entry, ids, names) for entry in self._free(numbers)])

    async def _find_groups(self, name: str) -> list[Result]:
        """One if the name says which: some chapter here has it, or only one is called exactly so."""
        for entry in self._entries:
            for id_, known in zip(entry.details.group_ids, entry.details.group_names, strict=False):
                if name in (id_, known):
                    return [Result(id_, known)]
        exact = (
            await exact_group(self.dexup.services, name) if parse_reference(name, "group") is None else None
        )
        if exact is not None:
            return [exact]
        return list(await search_groups(self.dexup.services, name))[:_MOST_FOUND]

    async def _choose(self, what: str, text: str, found: list[Result]) -> Result | None:
        """The one that a person means; said when there is none."""
        if not found:
            self.say(f"✗ No {what} was found for “{safe_text(text)}”. Paste its link, or try another name.")
            return None
        if len(found) == 1 and parse_reference(text) is not None:
            return found[0]
        self.say("")
        choices = [(str(place), f"{one.name}  ({one.note})" if one.note else one.name)
                   for place, one in enumerate(found)]  # fmt: skip
        choice = await self.app.push_screen_wait(Choose(f"Which {what} is “{text}”?", choices))
        if choice is None:
            self.say("It stays as it was.")
            return None
        return found[int(choice)]

    def _free(self, numbers: list[int]) -> list[QueueEntry]:
        entries = [self.entry(number) for number in numbers]
        return [entry for entry in entries if entry is not None and not entry.fixed]

    # Other screens

    def action_add(self) -> None:
        entry = self.entry(self.table.cursor_number)
        self.app.push_screen(ChapterScreen(browse=True, around=entry.source if entry is not None else None))

    def action_open(self) -> None:
        entry = self.entry(self.table.cursor_number)
        if entry is not None:
            self._checked.pop(entry.number, None)  # what is done to its pages there counts here
            self.app.push_screen(ChapterScreen(entry.source))

    def action_check(self) -> None:
        self._checked.clear()
        self._checking.clear()
        self._doubts.clear()
        self.say("")
        self.reload()

    def action_back(self) -> None:
        if self.dexup.services.queue.running:
            self.notify("The queue goes on; b on the start screen comes back here.", markup=False)
        self.dexup.show_session()


def _named(found: Result | None) -> Named | None:
    return Named(found.id, found.name) if found is not None else None
