"""What speaks against uploading for the groups of many chapters."""

from __future__ import annotations

from collections.abc import Iterable

from tui.mangadex.errors import MangaDexError
from tui.services import Services
from tui.upload.search import group_warnings


class GroupDoubts:
    """Sentences about groups: locked, inactive, gone. The service is asked once for each group."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, ...]] = {}
        """Group id -> what is to be said of it. Not ours: through safe_text()."""
        self._asked: set[str] = set()

    def clear(self) -> None:
        """Ask for all of them anew the next time."""
        self.known.clear()
        self._asked.clear()

    async def ask(self, services: Services, group_ids: Iterable[str]) -> bool:
        """Ask for those that were not asked for yet; true when there is something new to say. MangaDexError, after
        which these are not asked for again until clear()."""
        wanted = [one for one in dict.fromkeys(group_ids) if one not in self._asked]
        if not wanted:
            return False
        self._asked.update(wanted)
        try:
            groups = await services.engine.ask(lambda client: client.groups(wanted))
        except MangaDexError:
            raise
        except BaseException:
            self._asked.difference_update(wanted)  # cancelled: nobody was asked
            raise
        by_id = {group.id: group for group in groups}
        for one in wanted:
            found = [by_id[one]] if one in by_id else []
            self.known[one] = tuple(group_warnings(found, [one], services.accounts.user_id))
        return any(self.known[one] for one in wanted)
