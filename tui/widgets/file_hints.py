"""What the keys of the file browser do to the row under the cursor, in words."""

from __future__ import annotations

from tui.chapter.places import Kind
from tui.text import plural
from tui.widgets.file_list import FileList


def keys_here(files: FileList) -> str:
    """One or two lines for the hint below the list; safe to show."""
    listing, place = files.listing, files.cursor_place
    if listing is None:
        return ""
    if listing.problem:
        return f"{listing.problem} backspace goes up."
    if place is None:
        return "backspace goes up, ctrl+g takes a path"
    if files.marked:
        return f"{plural(len(files.marked), 'chapter')} marked · space marks · Q puts them into the queue"
    if place.kind is Kind.PARENT:
        return "enter goes to the folder above"
    if place.kind is Kind.HERE:
        return f"enter takes these {plural(listing.images, 'image')} as a chapter"
    if place.kind is Kind.ARCHIVE:
        return "enter takes this archive as a chapter · space marks it for the queue"
    facts = files.facts_of(place)
    if facts is None:
        return "enter opens · o takes the folder as a chapter"
    if facts.problem:
        return facts.problem
    if facts.is_chapter:
        return f"enter takes this folder: {plural(facts.images, 'image')} · space marks it for the queue"
    if facts.images or facts.nested:
        return "enter opens · o takes it whole as a chapter"
    if facts.folders or facts.archives:
        return "enter opens this folder · Q puts all its chapters into the queue"
    return "enter opens this folder"
