"""What the screens for editing say of a published chapter. All safe to show."""

from __future__ import annotations

from collections.abc import Sequence

from tui.chapter.pages import Page
from tui.mangadex.models import Chapter, ChapterMetadata
from tui.screens.history_rows import LINK, chapter_name
from tui.text import plural, safe_text
from tui.upload.editing import OpenedEdit
from tui.upload.metadata import compare
from tui.upload.plan import UploadPlan


def name_of(chapter: Chapter) -> str:
    """A chapter of the service in one line."""
    found = chapter.metadata
    return chapter_name(
        chapter.manga_title or chapter.manga_id, found.volume, found.chapter, found.title, found.language
    )


def chapter_lines(chapter: Chapter) -> list[str]:
    """What is known of a chapter that may be changed."""
    pairs = zip(chapter.group_names, chapter.group_ids, strict=True)
    groups = ", ".join(safe_text(name or group_id) for name, group_id in pairs)
    pages = plural(chapter.pages, "page") if chapter.pages is not None else "pages not counted"
    when = f", {chapter.created_at:%Y-%m-%d}" if chapter.created_at else ""
    return [
        name_of(chapter),
        f"{groups or 'no group'} · {pages}{when}",
        LINK + safe_text(chapter.id),
    ]


def conflict_lines(before: ChapterMetadata, mine: ChapterMetadata, theirs: ChapterMetadata) -> list[str]:
    """Field by field what it was, what I want, and what somebody else made of it meanwhile."""
    lines = ["Somebody has changed this chapter since you opened it. Nothing was written.", ""]
    found = compare(before, mine, theirs)
    for one in found:
        mark = "!" if one.is_conflict else " "
        lines += [
            f"{mark} {one.field}",
            f"    was      {safe_text(one.before)}",
            f"    yours    {safe_text(one.mine)}",
            f"    now      {safe_text(one.theirs)}",
        ]
    if not found:
        lines.append("What it says is the same; its pages may be others.")
    elif any(one.is_conflict for one in found):
        lines += ["", "! both of you changed it"]
    return lines


def changed_pages(opened: OpenedEdit, pages: Sequence[Page]) -> str:
    """What these pages change, in a few words; empty when nothing."""
    if not opened.is_changed(pages):
        return ""
    kept = [page.remote_id for page in pages if page.remote_id]
    new, gone = len(pages) - len(kept), len(opened.files) - len(kept)
    in_order = [file.id for file in opened.files if file.id in set(kept)] == kept
    parts = [f"{new} new" if new else "", f"{gone} left out" if gone else "", "" if in_order else "moved"]
    return ", ".join(part for part in parts if part)


def edit_lines(plan: UploadPlan) -> list[str]:
    """What a commit changes of a chapter that is there."""
    edit = plan.edit
    assert edit is not None
    new = len(plan.new_pages)
    return [
        f"Changes    {LINK}{safe_text(edit.chapter_id)}",
        f"Pages      {edit.pages_before} before, {len(plan.pages)} after: {new} new, "
        f"{len(edit.left_out)} left out",
    ]
