"""Many chapters, one after the other: put them into the queue, correct what their names do not tell, run it.

An entry keeps its number whatever becomes of it. NUMBERS are like 3, 2-9 or 1,4,7-; "all" is every entry.
Exit codes of run: 0 everything is committed, 1 some entries are not (each is named), else as for `dexup upload`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tui.chapter.many import find_chapters
from tui.commands.console import TERMS, Console
from tui.commands.guard import add_json, guarded
from tui.commands.pacing import add_pace, use_pace
from tui.commands.queue_following import entry_line, entry_record, import_file, run_queue
from tui.commands.running import logged_in, opened
from tui.services import Services
from tui.text import plural
from tui.upload.exits import Exit
from tui.upload.queue.edits import moved_to, shift
from tui.upload.queue.entry import EntryState, QueueEntry, entry_findings, in_words
from tui.upload.queue.fields import FIELDS, set_field
from tui.upload.queue.files import save_queue
from tui.upload.queue.filling import new_entry
from tui.upload.queue.table import QueueFull, QueueTable

_SHIFT = re.compile(r"[+-][0-9]{1,4}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup queue`."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")

    def command(name: str, text: str, *, numbers: bool = False) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        if numbers:
            made.add_argument("numbers", metavar="NUMBERS", help="entries: 3, 2-9, 1,4,7- or all")
        add_json(made)
        return made

    add = command("add", "append chapters; a folder of chapters stands for all of them")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    for option, name, text in (
        ("--manga", "manga", "id or link of the title"),
        ("--lang", "language", "language of the pages, such as en or pt-br"),
        ("--volume", "volume", "volume number"),
        ("--publish-at", "publish_at", "publish later: YYYY-MM-DDTHH:MM+01:00 (with its zone)"),
    ):
        add.add_argument(option, dest=name, help=text)
    add.add_argument(
        "--group", dest="groups", action="append", help="id or link of a group; repeatable; or none"
    )
    command("list", "show the queue")
    change = command("set", "change fields: set 3-9 volume=2 groups=ID chapter=+1", numbers=True)
    change.add_argument("fields", nargs="+", metavar="FIELD=VALUE", help=f"fields: {', '.join(FIELDS)}")
    command("remove", "take entries out of the queue; the files stay", numbers=True)
    move = command("move", "put entries at a place, counted from 1", numbers=True)
    move.add_argument("place", type=int, metavar="PLACE")
    command("pause", "leave entries out of the next runs", numbers=True)
    command("retry", "take up entries that were paused or had failed", numbers=True)
    run_parser = command("run", "upload and commit every entry in its order; never asks")
    run_parser.add_argument(
        "--accept-terms", action="store_true", help=f"you accept the upload terms: {TERMS}"
    )
    export = command("export", "write the queue to a .csv or .toml file")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    load = command(
        "import", "read a .csv or .toml file: chapters that are in the queue change, others are added"
    )
    load.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help=f"a .csv whose first line names its columns, source and any of {', '.join(FIELDS)}; or a .toml with a "
        "table [[chapters]] of the same names for each; `dexup queue export` writes such files",
    )
    add_pace(run_parser)
    command("clear", "take every entry out of the queue that was not begun").add_argument(
        "--committed", action="store_true", help="only those that are committed"
    )


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    commands: dict[str, Callable[[argparse.Namespace, Console], Exit]] = {
        "add": _add,
        "list": _list,
        "set": _set,
        "remove": _remove,
        "move": _move,
        "pause": _pause,
        "retry": _pause,
        "run": _run,
        "export": _export,
        "import": _import,
        "clear": _clear,
    }

    def job(console: Console) -> Exit:
        try:
            return commands[arguments.what](arguments, console)
        except (QueueFull, ValueError) as error:
            return console.fail(str(error))

    return guarded(arguments.json, job)


def _add(arguments: argparse.Namespace, console: Console) -> Exit:
    typed = {name: getattr(arguments, name) for name in ("manga", "language", "volume", "publish_at")}
    chosen = {name: text for name, text in typed.items() if text is not None}
    if arguments.groups:
        chosen["groups"] = " ".join(arguments.groups)
    set_fields(QueueEntry(Path()), chosen)  # wrong options are said before anything is read
    with opened(console) as services:
        there = {entry.source for entry in services.engine.queue.do(QueueTable.entries)}
        sources = [path.absolute() for path in find_chapters(arguments.paths)]
        known = services.known()
        entries = [new_entry(source, known=known, typed=chosen) for source in sources if source not in there]
        for source in sources:
            if source in there:
                console.warn(f"dexup: {source} is in the queue already.")
        numbers = services.engine.queue.do(QueueTable.add, entries)
        return _show(services, console, numbers, f"{plural(len(numbers), 'chapter')} added.")


def _list(_: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        services.engine.queue.do(QueueTable.reconcile)
        return _show(services, console, None, "")


def _set(arguments: argparse.Namespace, console: Console) -> Exit:
    pairs = [field.partition("=") for field in arguments.fields]
    for name, equals, _ in pairs:
        if not equals or name not in FIELDS:
            raise ValueError(f"{name} is not FIELD=VALUE; fields: {', '.join(FIELDS)}")
    with opened(console) as services:
        entries, numbers = _chosen(services, arguments.numbers)
        changed = {entry.number: entry for entry in entries if entry.number in numbers}
        for name, _, text in pairs:
            if name in ("volume", "chapter") and _SHIFT.fullmatch(text.strip()):
                now = list(changed.values())
                changed |= {e.number: e for e in shift(now, now[0].number, name, int(text), set(changed))}
            else:
                changed = {number: set_field(entry, name, text) for number, entry in changed.items()}
        done = services.engine.queue.do(QueueTable.change, list(changed.values()))
        return _told(services, console, numbers, done, "changed")


def _remove(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        _, numbers = _chosen(services, arguments.numbers)
        gone = services.engine.queue.do(QueueTable.remove, numbers)
        return _told(services, console, numbers, gone, "removed")


def _move(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        entries, numbers = _chosen(services, arguments.numbers)
        order = moved_to([entry.number for entry in entries], numbers, arguments.place)
        services.engine.queue.do(QueueTable.arrange, order)
        return _show(services, console, None, "")


def _pause(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        _, numbers = _chosen(services, arguments.numbers)
        pausing = arguments.what == "pause"
        done = services.engine.queue.do(QueueTable.pause, numbers, paused=pausing)
        return _told(services, console, numbers, done, "paused" if pausing else "waiting again")


def _run(arguments: argparse.Namespace, console: Console) -> Exit:
    if not arguments.accept_terms:
        return console.fail(
            "To commit chapters you have to accept the upload terms",
            detail=TERMS,
            remedy="Read them, look at `dexup queue list`, then add --accept-terms.",
        )
    with logged_in(console, patient=True) as services:
        use_pace(arguments, services)
        return run_queue(services, console)


def _export(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        if arguments.file.exists() and not arguments.force:
            raise ValueError(f"{arguments.file} is there already; --force replaces it.")
        entries = services.engine.queue.do(QueueTable.entries)
        save_queue(arguments.file, entries)
        console.line(f"{plural(len(entries), 'chapter')} written to {arguments.file}.")
        console.record({"event": "exported", "file": str(arguments.file), "entries": len(entries)})
        return Exit.DONE


def _import(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        numbers = import_file(services, console, arguments.file)
        return _show(services, console, numbers, "")


def _clear(arguments: argparse.Namespace, console: Console) -> Exit:
    with opened(console) as services:
        entries = services.engine.queue.do(QueueTable.entries)
        numbers = [
            entry.number
            for entry in entries
            if not arguments.committed or entry.state is EntryState.COMMITTED
        ]
        gone = services.engine.queue.do(QueueTable.remove, numbers)
        return _told(services, console, numbers, gone, "removed")


# Words


def _show(services: Services, console: Console, numbers: Sequence[int] | None, said: str) -> Exit:
    entries = services.engine.queue.do(QueueTable.entries)
    now = datetime.now(UTC)
    for entry in entries:
        if numbers is not None and entry.number not in numbers:
            continue
        console.line(f"{entry_line(entry)}  [{entry.state}]")
        problem = entry.problem or ("" if entry.fixed else in_words(entry_findings(entry, now)))
        if problem:
            console.line(f"     {problem}")
        console.record(entry_record(entry))
    if not entries:
        console.line("The queue is empty: `dexup queue add PATH` puts chapters into it.")
    elif said:
        console.line(said)
    return Exit.DONE


def _told(
    services: Services, console: Console, wanted: Sequence[int], done: Sequence[int], word: str
) -> Exit:
    left = sorted(set(wanted) - set(done))
    _show(services, console, done, f"{plural(len(done), 'entry', 'entries')} {word}.")
    if left:
        named = ", ".join(map(str, left))
        return console.fail(
            f"Not {word}: {named}", remedy="They are being uploaded, are committed, or are so already."
        )
    return Exit.DONE


def _chosen(services: Services, text: str) -> tuple[list[QueueEntry], list[int]]:
    """All entries, and the numbers that `text` names; ValueError for one that is not there."""
    entries = services.engine.queue.do(QueueTable.entries)
    return entries, read_numbers(text, [entry.number for entry in entries])


def read_numbers(text: str, there: Sequence[int]) -> list[int]:
    """The numbers in "3", "2-9", "1,4,7-" or "all", in the queue's order. ValueError in words."""
    if text == "all":
        return list(there)
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(-)?([0-9]{1,9})?\s*", part)
        if match is None or (match[3] and not match[2]):
            raise ValueError(f"“{part[:40]}” is no number of an entry: write 3, 2-9, 1,4,7- or all.")
        first = int(match[1])
        last = int(match[3]) if match[3] else max([first, *there]) if match[2] else first
        inside = [number for number in there if first <= number <= last]
        if not inside:
            raise ValueError(f"There is no entry {part.strip()}.")
        found.update(inside)
    return [number for number in there if number in found]


def set_fields(entry: QueueEntry, fields: dict[str, str]) -> QueueEntry:
    """The entry with these fields; ValueError names the field."""
    for name, text in fields.items():
        try:
            entry = set_field(entry, name, text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return entry
