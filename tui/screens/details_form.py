"""What is typed into the details screen, as values: the form's state without any widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tui.chapter.checks import check_details
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.languages import LANGUAGES, parse_language
from tui.chapter.numbers import normalise_number
from tui.chapter.publish_time import parse_publish_time

TEXT_FIELDS = ("volume", "chapter", "title", "language", "publish_at", "zone", "external_url")


@dataclass
class DetailsForm:
    """Chosen manga and groups, the text of every other field, and where each value came from."""

    details: ChapterDetails
    """Manga, groups and origins; the other fields are made of `texts`."""
    texts: dict[str, str] = field(default_factory=dict)
    unknown_groups: tuple[str, ...] = ()
    """Group names of the file name that were not found; never dropped silently."""
    no_group: bool = False
    """No group was chosen on purpose."""

    @classmethod
    def start(cls, guessed: ChapterDetails, language: str, zone: str) -> DetailsForm:
        """The form as the file name and ComicInfo.xml fill it."""
        origins = dict(guessed.origins)
        chosen = guessed.language
        if not chosen and language:
            chosen, origins["language"] = language, Origin.DEFAULT
        texts = {
            "volume": guessed.volume or "",
            "chapter": guessed.chapter or "",
            "title": guessed.title or "",
            "language": chosen,
            "publish_at": guessed.publish_at.strftime("%Y-%m-%d %H:%M") if guessed.publish_at else "",
            "zone": zone,
            "external_url": guessed.external_url or "",
        }
        details = replace(
            guessed,
            group_ids=(),
            group_names=(),
            manga_title="" if not guessed.manga_id else guessed.manga_title,
            origins=origins,
        )
        return cls(details, texts)

    def set_text(self, name: str, text: str) -> None:
        """The user typed into a field."""
        self.texts[name] = text
        self._origin(name, Origin.TYPED)

    def set_manga(self, manga_id: str, title: str, origin: Origin) -> None:
        """A manga was chosen, or "" to choose none."""
        self.details = replace(self.details, manga_id=manga_id, manga_title=title)
        self._origin("manga_id", origin)

    def add_group(self, group_id: str, name: str, origin: Origin) -> None:
        """One more group; one that is there already is not added twice."""
        if group_id in self.details.group_ids:
            return
        self.no_group = False
        self.details = replace(
            self.details,
            group_ids=(*self.details.group_ids, group_id),
            group_names=(*self.details.group_names, name),
        )
        self._origin("group_ids", origin)

    def drop_group(self) -> None:
        """The last group leaves."""
        self.details = replace(
            self.details, group_ids=self.details.group_ids[:-1], group_names=self.details.group_names[:-1]
        )
        self._origin("group_ids", Origin.TYPED)

    def _origin(self, name: str, origin: Origin) -> None:
        self.details = replace(self.details, origins={**self.details.origins, name: origin})

    # What it means

    def read(self, now: datetime) -> tuple[ChapterDetails, list[Finding]]:
        """The details that the form stands for, and everything wrong with them."""
        wrong: list[Finding] = []
        values: dict[str, object] = {}
        for name in ("volume", "chapter"):
            text = self.texts[name].strip()
            try:
                values[name] = normalise_number(text) if text else None
            except ValueError as error:
                values[name] = text
                wrong.append(_error(name, f"{name}-number", str(error)))
        values["title"] = self.texts["title"].strip() or None
        typed = self.texts["language"].strip()
        values["language"] = parse_language(typed) or typed
        try:
            values["publish_at"] = parse_publish_time(self.texts["publish_at"], self.texts["zone"])
        except ValueError as error:
            values["publish_at"] = None
            wrong.append(_error("publish_at", "publish-time", str(error)))
        values["external_url"] = self.texts["external_url"].strip() or None
        details = replace(self.details, **values)  # type: ignore[arg-type]  # each value has its field's type
        fields = {finding.field for finding in wrong}
        found = [finding for finding in check_details(details, now=now) if finding.field not in fields]
        if self.no_group:
            found = [finding for finding in found if finding.rule != "no-group"]
        for name in self.unknown_groups:
            found.append(
                Finding(
                    Severity.WARNING,
                    "group-not-found",
                    f"The group {name!r} of the file name was not found.",
                    "Search for it under another name, or go on without it.",
                    field="group_ids",
                )
            )
        weights = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
        return details, sorted([*wrong, *found], key=lambda finding: weights[finding.severity])

    def tags(self, details: ChapterDetails) -> Mapping[str, str]:
        """What to say beside each field that is right: its meaning and its source."""
        origins = self.details.origins
        said = {name: f"from {origin}" for name, origin in origins.items() if origin is not Origin.TYPED}
        for name in ("volume", "chapter"):
            number: str | None = getattr(details, name)
            if number is not None and number != self.texts[name].strip():
                said[name] = f"sent as {number}"
        if not self.texts["chapter"].strip():
            said["chapter"] = "empty: a oneshot"
        if not self.texts["volume"].strip():
            said["volume"] = "empty: not in a volume"
        language = LANGUAGES.get(details.language)
        if language:
            source = f" · {said['language']}" if "language" in said else ""
            said["language"] = f"{language}{source}"
        if details.publish_at is not None:
            said["publish_at"] = f"{details.publish_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        else:
            said["publish_at"] = "empty: at once"
        return said


def _error(name: str, rule: str, message: str) -> Finding:
    return Finding(Severity.ERROR, rule, message, "Correct it.", field=name)
