"""What is typed into the details screen, as values: the form's state without any widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

from tui.chapter.checks import check_details
from tui.chapter.claims import Claim, Named, plain, same
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.guess import Conflict, Guess, conflict_finding, unknown_group, with_name
from tui.chapter.languages import parse_language
from tui.chapter.numbers import normalise_number
from tui.chapter.publish_time import parse_publish_time, parse_zone

TEXT_FIELDS = ("volume", "chapter", "title", "language", "publish_at", "zone", "external_url")


@dataclass
class DetailsDraft:
    """What was typed for the chapter that is open; it outlives the screen."""

    form: DetailsForm | None = None
    """None until the details were shown."""


@dataclass
class DetailsForm:
    """Chosen manga and groups, the text of every other field, and where each value came from."""

    details: ChapterDetails
    """Manga, groups and origins; the other fields are made of `texts`."""
    texts: dict[str, str] = field(default_factory=dict)
    unknown_groups: tuple[str, ...] = ()
    """Names of groups whose id is not known; never dropped silently."""
    no_group: bool = False
    """No group was chosen on purpose."""
    conflicts: dict[str, list[Claim]] = field(default_factory=dict)
    """Field of ChapterDetails -> what each source says, the one that is taken first."""
    decided: set[str] = field(default_factory=set)
    """Fields whose value somebody chose: a conflict about them is settled."""
    findings: tuple[Finding, ...] = ()
    """About dexup.toml files."""
    other_remedy: str = "ctrl+t there takes the other one."
    """What to do where sources differ."""
    settled: dict[str, str] = field(default_factory=dict)
    """Name of a group that was not known -> the id that was chosen for it."""

    learned: Named = field(default_factory=Named)
    """The title that was chosen before for the word that a source says, or empty."""
    namesake: Named = field(default_factory=Named)
    """Another title, which is really called so, or empty."""

    @classmethod
    def start(cls, guess: Guess, zone: str) -> DetailsForm:
        """The form as everything around the chapter fills it."""
        guessed = guess.details
        when = guessed.publish_at
        texts = {
            "volume": guessed.volume or "",
            "chapter": guessed.chapter or "",
            "title": guessed.title or "",
            "language": guessed.language,
            "publish_at": f"{when.astimezone(_zone_of(zone)):%Y-%m-%d %H:%M}" if when else "",
            "zone": zone or ("UTC" if when else ""),
            "external_url": guessed.external_url or "",
        }
        details = replace(guessed, manga_title=guessed.manga_title if guessed.manga_id else "")
        conflicts = {one.field: [one.taken, *one.others] for one in guess.conflicts}
        # The screen shows every value, so a file that could not be used stops nobody here.
        broken = tuple(
            replace(finding, severity=Severity.WARNING) for finding in guess.findings if finding.field is None
        )
        none = "group_ids" in guessed.origins and not guess.groups
        return cls(
            details,
            texts,
            guess.unknown_groups,
            none,
            conflicts=conflicts,
            findings=broken,
            learned=guess.manga if guess.manga.word and guess.manga.id else Named(),
        )

    def carry(self, earlier: DetailsForm) -> None:
        """Take over what somebody typed or chose in an earlier form; every other field keeps its guess."""
        kept = set(earlier.decided)
        for name in TEXT_FIELDS:
            if name in kept:
                self.texts[name] = earlier.texts[name]
        old = earlier.details
        if not old.manga_id:  # half a name was typed, and nothing chosen
            kept.discard("manga_id")
        if "manga_id" in kept:
            self.details = replace(self.details, manga_id=old.manga_id, manga_title=old.manga_title)
        if "group_ids" in kept or earlier.no_group:
            self.details = replace(self.details, group_ids=old.group_ids, group_names=old.group_names)
            self.unknown_groups, self.no_group = earlier.unknown_groups, earlier.no_group
            self.settled = dict(earlier.settled)
        for name in kept:
            self._origin(name, old.origins.get(name, Origin.TYPED))
        self.conflicts |= {name: said for name, said in earlier.conflicts.items() if name in kept}
        self.decided |= kept

    def set_text(self, name: str, text: str) -> None:
        """The user typed into a field."""
        self.texts[name] = text
        self._decided(name, Origin.TYPED)

    def set_manga(self, manga_id: str, title: str, origin: Origin) -> None:
        """A manga was chosen, or "" to choose none."""
        self.details = replace(self.details, manga_id=manga_id, manga_title=title)
        if "manga_id" in self.conflicts:
            said = with_name(self.conflicts.pop("manga_id"), Named(manga_id, title))
            self.conflicts |= {"manga_id": said} if len(said) > 1 else {}
        self._decided("manga_id", origin)

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
        self._decided("group_ids", origin)

    def choose_group(self, group_id: str, name: str) -> None:
        """Somebody searched a group: it stands for one of the unknown ones, that of its name or the first."""
        left = list(self.unknown_groups)
        if left:
            word = next((one for one in left if plain(one) == plain(name)), left[0])
            left.remove(word)
            self.settled[word] = group_id
        self.unknown_groups = tuple(left)
        self.add_group(group_id, name, Origin.TYPED)

    def drop_group(self) -> None:
        """The last group leaves."""
        self.details = replace(
            self.details, group_ids=self.details.group_ids[:-1], group_names=self.details.group_names[:-1]
        )
        self._decided("group_ids", Origin.TYPED)

    def other(self, name: str) -> Claim | None:
        """What another source says of a field; the next one with every call, in turn. None without a conflict.

        The field counts as decided from then on; whoever calls puts the value in.
        """
        said = self.conflicts.get(name)
        if not said:
            return None
        self.conflicts[name] = [*said[1:], said[0]]
        self.decided.add(name)
        return said[1]

    def offer_namesake(self, manga: Named) -> None:
        """The title that is really called as the source says: ctrl+t takes it. It was settled before that another
        one is meant, so it is no doubt."""
        learned = self.learned
        if manga.id == learned.id:
            return
        self.namesake = manga
        origin = self.details.origins.get("manga_id", Origin.FILE_NAME)
        claims = self.conflicts.setdefault("manga_id", [Claim("manga", learned, origin)])
        other = Claim("manga", manga, origin)
        if not any(same(other, claim) for claim in claims):
            claims.insert(1, other)

    def take_text(self, name: str, value: object, origin: Origin) -> None:
        """What a source says of a text field."""
        if isinstance(value, datetime):
            zone = self.texts["zone"] = self.texts["zone"] or "UTC"
            self.texts[name] = f"{value.astimezone(_zone_of(zone)):%Y-%m-%d %H:%M}"
        else:
            self.texts[name] = str(value or "")
        self._origin(name, origin)

    def set_groups(self, groups: Sequence[Named], origin: Origin) -> None:
        """These groups in the place of those before; the ones without an id have to be searched for."""
        known = [group for group in groups if group.id]
        self.unknown_groups = tuple(group.name for group in groups if not group.id)
        self.details = replace(
            self.details,
            group_ids=tuple(group.id for group in known),
            group_names=tuple(group.name for group in known),
        )
        self._origin("group_ids", origin)

    def _decided(self, name: str, origin: Origin) -> None:
        if origin is Origin.TYPED:
            self.decided.add(name)
        self._origin(name, origin)

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
        values["publish_at"], problem = self._publish_at()
        wrong += [problem] if problem is not None else []
        values["external_url"] = self.texts["external_url"].strip() or None
        details = replace(self.details, **values)  # type: ignore[arg-type]  # each value has its field's type
        fields = {finding.field for finding in wrong}
        found = [finding for finding in check_details(details, now=now) if finding.field not in fields]
        if self.no_group:
            found = [finding for finding in found if finding.rule != "no-group"]
        found += [unknown_group(name) for name in self.unknown_groups]
        found += [
            conflict_finding(Conflict(said[0], tuple(said[1:])), self.other_remedy)
            for name, said in self.conflicts.items()
            if name not in self.decided and any(claim.value != self.namesake for claim in said[1:])
        ]
        found += self.findings
        if self.namesake.id and details.manga_id == self.learned.id:
            found.append(_namesake_note(self.learned, self.namesake, self.other_remedy))
        weights = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
        return details, sorted([*wrong, *found], key=lambda finding: weights[finding.severity])

    def _publish_at(self) -> tuple[datetime | None, Finding | None]:
        """The moment that is typed, or what is wrong with it or its zone."""
        text, zone = self.texts["publish_at"].strip(), self.texts["zone"].strip()
        if zone or (text and _needs_zone(text)):
            try:
                parse_zone(zone)
            except ValueError as error:
                remedy = "It is asked once and remembered." if not zone else "Correct it."
                return None, Finding(Severity.ERROR, "publish-zone", str(error), remedy, field="zone")
        try:
            return parse_publish_time(text, zone), None
        except ValueError as error:
            return None, _error("publish_at", "publish-time", str(error))


def _needs_zone(text: str) -> bool:
    """Whether a time is right but for its zone."""
    try:
        return parse_publish_time(text, "UTC") is not None and _fails(text)
    except ValueError:
        return False


def _fails(text: str) -> bool:
    try:
        parse_publish_time(text, "")
    except ValueError:
        return True
    return False


def _zone_of(zone: str) -> tzinfo:
    try:
        return parse_zone(zone)
    except ValueError:
        return UTC


def _error(name: str, rule: str, message: str) -> Finding:
    return Finding(Severity.ERROR, rule, message, "Correct it.", field=name)


def _namesake_note(learned: Named, namesake: Named, remedy: str) -> Finding:
    """That another title was chosen before than the one that is called as a source says."""
    word, chosen, called = learned.word[:80], learned.name[:80], namesake.name[:80]
    return Finding(
        Severity.NOTE,
        "learned-title",
        f"“{word}” stood for {chosen} last time; there is {called}, too.",
        remedy,
        field="manga_id",
    )
