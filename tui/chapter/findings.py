"""What is wrong, or doubtful, with a chapter, said before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.chapter.fixes import Join, Lighten, Look, Mend, MendAll, OrderFix


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The service would refuse it, or pages would be lost: no plan can be frozen."""
    WARNING = "warning"
    """Allowed, but probably not what was meant."""
    NOTE = "note"
    """Good to know; nothing to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. The texts may hold file names: pass them through safe_text() before showing."""

    severity: Severity
    rule: str
    """Stable name of the rule, for scripts: "file-too-large"."""
    message: str
    """What is wrong, with the number measured and the limit."""
    remedy: str
    """What to do about it."""
    page: str | None = None
    """Key of the page, or None when it is about the chapter as a whole or a detail field."""
    field: str | None = None
    """Name of the ChapterDetails field, or None."""
    fix: OrderFix | Mend | MendAll | Lighten | Join | Look | None = None
    """What would settle it at a key, or None."""
