"""What there is to judge a chapter by, and what each of its sources says of the details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.chapter.claims import Claims, Named, plain
from tui.chapter.details import Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.name_claims import by_pattern, comic_info_claims, name_claims
from tui.chapter.sidecar import COMMON, SidecarError, parse_sidecar
from tui.chapter.surroundings import SidecarFile
from tui.patterns import NamePattern


@dataclass(frozen=True, slots=True)
class LastTime:
    """What was uploaded last for one title."""

    manga: Named
    groups: tuple[Named, ...] = ()
    language: str = ""
    chapter: str | None = None
    """Committed last from the same folder, or None."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is to judge a chapter by, besides its path. All of it may be missing."""

    comic_info: bytes | None = None
    inside: bytes | None = None
    """dexup.toml inside the archive."""
    own: tuple[SidecarFile, ...] = ()
    above: tuple[SidecarFile, ...] = ()
    """The nearest first."""
    patterns: tuple[NamePattern, ...] = ()
    manga_names: Mapping[str, Named] = field(default_factory=dict)
    """`plain(name)` -> the title that was chosen for it before."""
    group_names: Mapping[str, Named] = field(default_factory=dict)
    last_here: LastTime | None = None
    """For the folder that the chapter stands in."""
    last_of: Mapping[str, LastTime] = field(default_factory=dict)
    """Id of a title -> what was uploaded last for it, from anywhere."""
    language: str = ""
    """Of the settings."""


def all_claims(path: Path, evidence: Evidence, findings: list[Finding]) -> Iterator[Claims]:
    """What every source says, the strongest first."""
    own = [SidecarFile(path / "dexup.toml", evidence.inside)] if evidence.inside is not None else []
    for file in (*own, *evidence.own):
        yield from _sidecar(file, path, findings, above=False)
    above = [claims for file in evidence.above for claims in _sidecar(file, path, findings, above=True)]
    yield from (one for one in above if one.origin is Origin.SIDECAR)
    if evidence.comic_info is not None:
        yield comic_info_claims(evidence.comic_info)
    read = by_pattern(path, evidence.patterns)
    yield read if read is not None else name_claims(path)[0]
    around = name_claims(path, around_only=read is not None)[1]
    # The folder of a volume is nearer than what somebody wrote for the series; a title that is written down
    # was meant, the name of a folder only happens to be there.
    nearer = {name: value for name, value in around.values.items() if name == "volume"}
    yield replace(around, values=nearer)
    yield from (one for one in above if one.origin is Origin.FOLDER)
    yield replace(around, values={name: value for name, value in around.values.items() if name not in nearer})


def _sidecar(file: SidecarFile, path: Path, findings: list[Finding], *, above: bool) -> Iterator[Claims]:
    where = f"{file.path.parent.name}/{file.path.name}"
    if file.problem:
        findings.append(
            Finding(
                Severity.ERROR,
                "dexup-toml",
                f"{where} cannot be read: {file.problem}.",
                "Check its rights, or take it away.",
            )
        )
        return
    try:
        sidecar = parse_sidecar(file.content)
    except SidecarError as error:
        line = f", line {error.line}" if error.line else ""
        findings.append(
            Finding(Severity.ERROR, "dexup-toml", f"{where}{line}: {error.message}", error.remedy)
        )
        return
    if not above:
        yield Claims(Origin.SIDECAR, sidecar.values, where)
        return
    entry = sidecar.chapters.get(path.name)
    if entry is not None:
        yield Claims(Origin.SIDECAR, entry, where)
    common = {name: value for name, value in sidecar.values.items() if name in COMMON}
    if common:
        yield Claims(Origin.FOLDER, common, where)


def known_claims(claims: Claims, evidence: Evidence) -> Claims:
    """The same with the ids that names were given before."""
    values = dict(claims.values)
    manga, groups = values.get("manga"), values.get("groups")
    if isinstance(manga, Named) and not manga.id:
        values["manga"] = _learned(manga, evidence.manga_names)
    if isinstance(groups, tuple):
        values["groups"] = tuple(one if one.id else _learned(one, evidence.group_names) for one in groups)
    return replace(claims, values=values)


def _learned(one: Named, names: Mapping[str, Named]) -> Named:
    found = names.get(plain(one.name))
    return replace(found, word=one.name) if found is not None else one
