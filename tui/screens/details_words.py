"""What is said of the fields of the details and of their findings. Not ours: through safe_text() before showing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tui.chapter.claims import plain
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding
from tui.chapter.languages import LANGUAGES
from tui.chapter.publish_time import say_local, say_moment
from tui.screens.details_form import DetailsForm

_ABOUT = {
    "volume-number": "Volume",
    "chapter-number": "Chapter",
    "publish-time": "Publish at",
    "publish-zone": "Time zone",
}
"""Rules whose words do not name their field."""
_SOURCES = {
    Origin.LAST_TIME: "as in your last upload",
    Origin.NEXT: "last chapter + 1",
    Origin.DEFAULT: "from the settings",
}
"""Where a value came from, where "from" does not say it well."""


def tags(form: DetailsForm, details: ChapterDetails) -> Mapping[str, str]:
    """What to say beside each field that is right: its meaning and its source."""
    origins = form.details.origins
    said = {
        name: _SOURCES.get(origin, f"from {origin}")
        for name, origin in origins.items()
        if origin is not Origin.TYPED
    }
    learned = form.learned
    if (
        "manga_id" in said
        and learned.id == form.details.manga_id
        and plain(learned.word) != plain(learned.name)
    ):
        said["manga_id"] = f"as chosen last time for “{learned.word}”"
        if form.namesake.id:  # short, for 80 columns
            said["manga_id"] = f"as last time; ^t: {form.namesake.name}"
    for name, claims in form.conflicts.items():
        if name in said and "^t" not in said[name]:
            other = "or" if claims[1].origin is claims[0].origin else f"{claims[1].origin}:"
            said[name] += f"; {other} {claims[1].shown()} (^t)"
    for name in ("volume", "chapter"):
        number: str | None = getattr(details, name)
        if number is not None and number != form.texts[name].strip():
            said[name] = f"sent as {number}"
    if not form.texts["chapter"].strip():
        said["chapter"] = "empty: a oneshot"
    if not form.texts["volume"].strip():
        said["volume"] = "empty: not in a volume"
    language = LANGUAGES.get(details.language)
    if language:
        source = f" · {said['language']}" if "language" in said else ""
        said["language"] = f"{language}{source}"
    if details.publish_at is not None:
        said["publish_at"] = say_moment(details.publish_at, datetime.now(UTC))
        said["zone"] = say_local(details.publish_at)
    else:
        empty = not form.texts["publish_at"].strip()
        said["publish_at"] = "empty: at once" if empty else "in which zone? say it below"
    return said


def sentence(finding: Finding) -> str:
    """A finding where its field does not stand beside it. Not ours: through safe_text()."""
    about = _ABOUT.get(finding.rule)
    return f"{about + ': ' if about else ''}{finding.message} {finding.remedy}"
