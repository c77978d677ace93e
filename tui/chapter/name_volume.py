"""The volume that a name tells, out of its marks and tags."""

from __future__ import annotations

from tui.chapter.name_marks import Kind, Mark
from tui.chapter.name_tags import Tags


def volume_of(marks: list[Mark], tags: Tags, chapter: Mark | None) -> str | None:
    """The volume; a season counts as one (the service keeps seasons there)."""
    for kind in (Kind.VOLUME, Kind.SEASON):
        of_kind = [mark for mark in marks if mark.kind is kind]
        of_kind = [mark for mark in of_kind if len(of_kind) > 1 or not _is_version(mark, chapter)]
        # Behind another one it is part of the title, or the version: "Vol.3 Ch.9 - Vol.3 Extras", "Vol.4 v2".
        ahead = [mark for mark in of_kind if chapter is not None and mark.start < chapter.start]
        named = [mark for mark in of_kind if not mark.letter]
        of_kind = ahead or named or of_kind
        if of_kind:
            numbers = {mark.number for mark in of_kind}
            several = any(mark.several for mark in of_kind)
            return None if several or len(numbers) > 1 else of_kind[0].number or None
        if kind is Kind.VOLUME and tags.volume is not None:
            # Beside "c12" a "(v2)" is the volume; beside "c012" and "Chapter 12" it may be the release's version.
            plain = chapter is None or (chapter.letter and not chapter.spelled.startswith("0"))
            return tags.volume if plain or not tags.volume_letter else None
    return None


def _is_version(mark: Mark, chapter: Mark | None) -> bool:
    """ "Chapter 12 v2" is the second version of the release."""
    return chapter is not None and mark.start > chapter.start and mark.letter and len(mark.spelled) == 1
