"""The details of a chapter as far as everything around it tells them; each field says from where.

`guess_details(path, evidence)` is a pure function: what stands in files and in the memory comes in with the
evidence. Sources, the strongest first: the chapter's own dexup.toml, ComicInfo.xml, the name (by a pattern of
the user's, else by our own reading), the folders around it, dexup.toml in a folder above, the last time, the
settings. Where two of them differ, the stronger one is taken and the difference is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.chapter.claims import DETAIL_OF, FIELDS, Claim, Claims, Named, same
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.evidence import Evidence, LastTime, all_claims, known_claims
from tui.chapter.findings import Finding, Severity
from tui.chapter.numbers import NUMBER, normalise_number

_QUIET = frozenset({Origin.LAST_TIME, Origin.NEXT, Origin.DEFAULT})
"""What these say counts only where nothing else is said, so it differs from nothing."""
_WORDS = {"manga": "manga", "groups": "groups", "publish_at": "publish time", "external_url": "external link"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that differ about a field."""

    taken: Claim
    others: tuple[Claim, ...]

    @property
    def field(self) -> str:
        """As ChapterDetails calls it."""
        return DETAIL_OF.get(self.taken.field, self.taken.field)

    @property
    def may_agree(self) -> bool:
        """Whether it is an id beside names, so that only the service can say if they mean the same."""
        values = [one.value for one in (self.taken, *self.others)]
        named = [value for value in values if isinstance(value, Named)]
        return len({value.id for value in named if value.id}) == 1 and not any(
            value.id and value.name for value in named
        )


@dataclass(frozen=True, slots=True)
class Guess:
    """What is known of a chapter before anybody typed anything."""

    details: ChapterDetails = field(default_factory=ChapterDetails)
    """Only groups with an id; a `manga_title` without `manga_id` is a word to search for."""
    manga: Named = field(default_factory=Named)
    groups: tuple[Named, ...] = ()
    """All groups that were named, in their order; those without an id must be searched for."""
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()
    """dexup.toml files that cannot be used (errors), conflicts and groups without an id (warnings)."""
    zone: str = ""
    """Time zone that a dexup.toml names, or empty."""

    @property
    def unknown_groups(self) -> tuple[str, ...]:
        """Names of groups whose id is not known."""
        return tuple(group.name for group in self.groups if not group.id)


def guess_details(path: Path, evidence: Evidence | None = None) -> Guess:
    """Weigh the evidence for the chapter at `path`. Reads no file, asks nobody, never fails."""
    evidence = evidence or Evidence()
    findings: list[Finding] = []
    claims = [known_claims(one, evidence) for one in all_claims(path, evidence, findings)]
    taken: dict[str, Claim] = {}
    conflicts: list[Conflict] = []
    manga = _choose_manga(claims, evidence.last_here)
    last = _last_time(manga, evidence)
    for name in FIELDS:
        said = [
            Claim(name, one.values[name], one.origin, one.readings.get(name))
            for one in claims
            if name in one.values
        ]
        if name == "manga":
            said = _with_ids_first(said)
        chosen = said[0] if said else None
        if name == "manga":
            chosen = manga
        elif chosen is None and last is not None:
            chosen = _from_last(name, last, path, taken)
        if chosen is None and name == "language" and evidence.language:
            chosen = Claim(name, evidence.language, Origin.DEFAULT)
        if chosen is None:
            continue
        taken[name] = chosen
        others = [one for one in said if one.origin not in _QUIET and not _agrees(one, chosen)]
        if chosen.reading is not None:
            others.insert(0, replace(chosen, value=chosen.reading, reading=None))
        if others and chosen.origin not in _QUIET:
            conflicts.append(Conflict(chosen, tuple(_distinct(others))))
    if (
        "title" in taken
        and taken["title"].value == "Oneshot"
        and "chapter" in taken
        and taken["chapter"].value
    ):
        del taken["title"]  # the number came from elsewhere
    findings += [conflict_finding(conflict) for conflict in conflicts]
    groups = taken["groups"].value if "groups" in taken else ()
    assert isinstance(groups, tuple)
    findings += [unknown_group(group.name) for group in groups if not group.id]
    zone = next((str(one.values["zone"]) for one in claims if one.values.get("zone")), "")
    return Guess(_details(taken), _named(manga), groups, tuple(conflicts), tuple(findings), zone)


# Choosing


def _agrees(one: Claim, chosen: Claim) -> bool:
    return same(one, chosen) or (one.reading is not None and one.reading == chosen.value)


def _with_ids_first(said: list[Claim]) -> list[Claim]:
    return sorted(said, key=lambda claim: not (isinstance(claim.value, Named) and claim.value.id))


def _choose_manga(claims: Sequence[Claims], last: LastTime | None) -> Claim | None:
    """An id before a word to search for; the last time counts where no other title is named."""
    said = _with_ids_first(
        [Claim("manga", one.values["manga"], one.origin) for one in claims if "manga" in one.values]
    )
    first = said[0] if said else None
    if last is None or not last.manga.id:
        return first
    before = Claim("manga", last.manga, Origin.LAST_TIME)
    if first is None or (not _id_of(first) and same(first, before)):
        return before
    # The folder was called so the last time too.
    return before if first.origin is Origin.FOLDER_NAME and not _id_of(first) else first


def _id_of(claim: Claim | None) -> str:
    return _named(claim).id


def _named(claim: Claim | None) -> Named:
    return claim.value if claim is not None and isinstance(claim.value, Named) else Named()


def _last_time(manga: Claim | None, evidence: Evidence) -> LastTime | None:
    """What was uploaded last for the same title: from this folder, or from anywhere."""
    here, chosen = evidence.last_here, _id_of(manga)
    if here is not None and chosen and here.manga.id == chosen:
        return here
    return evidence.last_of.get(chosen) if chosen else None


def _from_last(name: str, last: LastTime, path: Path, taken: Mapping[str, Claim]) -> Claim | None:
    if name == "groups" and last.groups:
        return Claim(name, last.groups, Origin.LAST_TIME)
    if name == "language" and last.language:
        return Claim(name, last.language, Origin.LAST_TIME)
    # A name with digits says something of the number, even if it could not be read with certainty.
    if (
        name == "chapter"
        and last.chapter
        and not any(c.isdigit() for c in path.name)
        and "title" not in taken
    ):
        following = _following(last.chapter)
        return Claim(name, following, Origin.NEXT) if following else None
    return None


def _following(number: str) -> str:
    """ "12" -> "13", "12.5" -> "13"."""
    found = NUMBER.fullmatch(number)
    try:
        return normalise_number(str(int(found[1]) + 1)) if found is not None else ""
    except ValueError:
        return ""


def _distinct(claims: list[Claim]) -> list[Claim]:
    found: list[Claim] = []
    for claim in claims:
        if not any(same(claim, other) for other in found):
            found.append(claim)
    return found


def _details(taken: Mapping[str, Claim]) -> ChapterDetails:
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    for name, claim in taken.items():
        if isinstance(claim.value, Named):
            values |= {"manga_id": claim.value.id, "manga_title": claim.value.name}
        elif isinstance(claim.value, tuple):
            known = [one for one in claim.value if one.id]
            values["group_ids"] = tuple(one.id for one in known)
            values["group_names"] = tuple(one.name for one in known)
        else:
            values[name] = claim.value
        origins[DETAIL_OF.get(name, name)] = claim.origin
    return ChapterDetails(**values, origins=origins)  # type: ignore[arg-type]  # each value has its field's type


# Findings


def conflict_finding(conflict: Conflict, remedy: str = "Say the right one yourself.") -> Finding:
    """Sources that differ, in words. Not ours: through safe_text()."""
    taken = conflict.taken
    others = "; ".join(
        f"{one.origin} says {one.shown()[:120]}"
        if one.origin is not taken.origin or one.value != taken.reading
        else f"or {one.shown()[:120]}, of which this is a part"
        for one in conflict.others
    )
    word = _WORDS.get(taken.field, taken.field)
    if conflict.may_agree:
        return Finding(
            Severity.NOTE, "sources-may-differ",
            f"{word.capitalize()}: {taken.origin} says {taken.shown()[:120]} (taken), {others}: "
            "whether that is the same is not known here.",
            "Look at the title before you commit.", field=conflict.field,
        )  # fmt: skip
    return Finding(
        Severity.WARNING, "sources-differ",
        f"{word.capitalize()}: {taken.origin} says {taken.shown()[:120]} (taken), {others}.",
        remedy, field=conflict.field,
    )  # fmt: skip


def with_name(said: Sequence[Claim], found: Named) -> list[Claim]:
    """What sources say of a title, the taken one first, once the name behind its id is known: who says that name
    says the same."""
    taken = said[0]
    if _id_of(taken) != found.id:
        return list(said)
    taken = replace(taken, value=found)
    return [taken, *(one for one in said[1:] if not same(one, taken))]


def unknown_group(name: str) -> Finding:
    """A group that was named and whose id nobody knows: it must not be dropped. Not ours: through safe_text()."""
    return Finding(
        Severity.WARNING, "group-not-found", f"The group “{name[:120]}” is named, but its id is not known.",
        "Search for it, perhaps under another name, or go on without it.", field="group_ids",
    )  # fmt: skip
