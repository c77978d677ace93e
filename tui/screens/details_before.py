"""What the details screen knows and says of a chapter before its upload starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tui.chapter.details import ChapterDetails
from tui.text import plural, safe_text
from tui.upload.before import Before, Cost
from tui.upload.before_words import cost_words, same_lines, same_words, sent_lines

Key = tuple[object, ...]
_MOST = 3


def key_of(details: ChapterDetails) -> Key:
    """What the answer depends on; another key wants another look."""
    return (details.manga_id, details.group_ids, details.chapter, details.language)


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer of one look."""

    key: Key = ()
    before: Before = field(default_factory=Before)
    problem: str = ""
    """Why nothing could be asked, or empty."""

    def holds_for(self, details: ChapterDetails) -> bool:
        """Whether it was asked for these details, and answered."""
        return self.key == key_of(details) and not self.problem

    def lines(self, cost: Cost) -> list[str]:
        """What to show below the form; safe."""
        lines: list[str] = []
        for chapter in self.before.same[:_MOST]:
            lines.append(f"! There already: {same_words(chapter)}")
            if chapter.link:
                lines.append(f"  {chapter.link}")
        if len(self.before.same) > _MOST:
            lines.append(f"! and {len(self.before.same) - _MOST} more")
        lines += [line if line.startswith(" ") else f"! {line}" for line in sent_lines(self.before.sent)]
        if self.before.others:
            first = same_words(self.before.others[0])
            more = f" and {len(self.before.others) - 1} more" if len(self.before.others) > 1 else ""
            lines.append(f"· Also there, not a duplicate: {first}{more}")
        lines += [f"! {safe_text(doubt)}" for doubt in self.before.group_doubts]
        if self.before.needs_approval:
            lines.append("· Staff will have to approve this upload before it can be seen.")
        lines += [f"· Not known: {problem}" for problem in self.unknown()]
        lines.append(f"· The upload takes {cost_words(cost)}.")
        return lines

    def unknown(self) -> list[str]:
        """What could not be asked; safe."""
        problems = list(self.before.problems)
        if self.problem:
            problems.append(f"whether the chapter is there already ({self.problem})")
        return [safe_text(problem, 300) for problem in problems]

    def question(self, warnings: Sequence[str]) -> tuple[str, list[str]]:
        """Title and lines of the question before the upload; no lines when there is nothing to ask."""
        lines = [safe_text(warning) for warning in (*warnings, *self.before.group_doubts)]
        lines += [f"Not known: {problem}" for problem in self.unknown()]
        sent = sent_lines(self.before.sent)
        if not self.before.same:
            title = "These pages were committed before" if sent else "Upload all the same?"
            return title, [*sent, *(["", *lines] if sent and lines else lines)]
        count = len(self.before.same)
        title = "This chapter is there already"
        if count > 1:
            title += f", {plural(count, 'time')}"
        if lines:
            lines = ["", *lines]
        return title, [*same_lines(self.before.same), *sent, *lines]
