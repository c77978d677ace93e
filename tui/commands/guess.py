"""Say what dexup would fill in for chapters, field by field, with where each value comes from. Sends nothing.

Names are enough: a PATH need not exist. Of one that does, ComicInfo.xml and dexup.toml inside and around it count too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Severity
from tui.chapter.guess import Guess
from tui.chapter.sidecar import dump_sidecar
from tui.chapter.sources import Scan, SourceError, open_source
from tui.chapter.surroundings import own_sidecar
from tui.commands.console import Console
from tui.commands.findings import print_findings
from tui.commands.guard import add_json, guarded
from tui.commands.running import opened
from tui.storage.errors import StorageError
from tui.storage.files import write_private
from tui.upload.exits import Exit

_TEXTS = (
    ("Volume", "volume"),
    ("Chapter", "chapter"),
    ("Title", "title"),
    ("Language", "language"),
    ("Publish at", "publish_at"),
    ("External link", "external_url"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup guess`."""
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="folder or archive, or just its name"
    )
    parser.add_argument(
        "--write", action="store_true", help="write it to dexup.toml in each folder, or beside each archive"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --write: replace a dexup.toml that is there"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, lambda console: _guess(arguments, console))


def _guess(arguments: argparse.Namespace, console: Console) -> Exit:
    code = Exit.DONE
    with opened(console) as services:
        known = services.known()
        for path in arguments.paths:
            # Of a mere name, the folder that one happens to be in says nothing.
            guess = known.guess(path.absolute() if path.exists() else path, _scan(path, console))
            tell_guess(console, path, guess)
            if any(finding.severity is Severity.ERROR for finding in guess.findings):
                code = Exit.FINDINGS
            elif arguments.write:
                write_sidecar(console, path.absolute(), guess.details, force=arguments.force)
    return code


def _scan(path: Path, console: Console) -> Scan | None:
    if not path.exists():
        return None
    try:
        return open_source(path).scan()
    except SourceError as error:
        console.warn(f"dexup: {error}")
        return None


def tell_guess(console: Console, path: Path, guess: Guess) -> None:
    """Print the fields with their sources, what sources differ about, and what is not known."""
    details, origins = guess.details, guess.details.origins
    console.line(f"{path}:")

    def field(label: str, name: str, value: str) -> None:
        if value or name in origins:
            console.line(f"  {label}: {value or 'none'}" + (f" [{origins[name]}]" if name in origins else ""))

    title = guess.manga.name or details.manga_title
    field("Manga", "manga_id", " ".join(part for part in (title, f"({details.manga_id})") if part != "()"))
    names = [group.name or group.id for group in guess.groups]
    field("Groups", "group_ids", ", ".join(names))
    for label, name in _TEXTS:
        value = getattr(details, name)
        field(label, name, "" if value is None else str(value))
    if not console.json_lines:
        print_findings(console, guess.findings)
    console.record(
        {
            "event": "guess",
            "path": str(path),
            "manga_id": details.manga_id,
            "manga_title": title,
            "groups": [{"id": group.id, "name": group.name} for group in guess.groups],
            **{name: getattr(details, name) for _, name in _TEXTS},
            "sources": {name: str(origin) for name, origin in origins.items()},
            "conflicts": [
                {
                    "field": conflict.field,
                    "taken": conflict.taken.shown(),
                    "others": [{"value": one.shown(), "source": str(one.origin)} for one in conflict.others],
                }
                for conflict in guess.conflicts
            ],
            "findings": [
                {
                    "severity": str(one.severity),
                    "rule": one.rule,
                    "message": one.message,
                    "remedy": one.remedy,
                }
                for one in guess.findings
            ],
        }
    )


def write_sidecar(console: Console, source: Path, details: ChapterDetails, *, force: bool = False) -> None:
    """Write the details to the chapter's own dexup.toml. StorageError; one that says something else stays."""
    path = own_sidecar(source)
    if not source.exists():
        raise StorageError(f"There is no folder or archive {source}.", "Check the path.")
    content = dump_sidecar(details).encode("utf-8")
    if path.exists() and not force and path.read_bytes()[: len(content) + 1] != content:
        raise StorageError(f"{path} is there already and says something else.", "Add --force to replace it.")
    write_private(path, content)
    console.line(f"  Written: {path}")
    console.record({"event": "written", "path": str(path)})
