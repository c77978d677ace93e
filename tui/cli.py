"""The `dexup` command: arguments, terminal checks, exit codes.

Nothing heavy is imported before it is known to be needed: `--version` and `--help` answer at once, a headless
command never loads the screen, and the screen's library is loaded when the terminal has passed its checks.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tui import __version__
from tui.terminal import prepare_environment, terminal_refusal

USAGE = 2
"""Exit code of a wrong command line; argparse uses it too."""

COMMANDS = {
    "check": "look for everything wrong with a chapter; sends nothing",
    "guess": "what dexup would fill in for a chapter, and from where; sends nothing",
    "upload": "upload a chapter and commit it",
    "queue": "many chapters, one after the other",
    "edit": "change a chapter that is published: its details, or its pages",
    "resume": "finish the interrupted upload",
    "session": "show the upload session that is open on the server",
    "abandon": "delete the open upload session and its pages",
    "history": "what was committed from this machine",
    "terms": "show the upload terms, and take back that they were accepted for a time",
    "login": "log in and stay logged in",
    "logout": "forget the account",
    "whoami": "say who is logged in",
    "completions": "print the script with which bash, zsh or fish completes dexup's command line",
    "sandbox": "run only the sandbox server, for scripts and tests",
}
"""Headless command -> what it does. Each is a module of tui.commands with add_arguments() and run()."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run dexup; the result is the exit code (`dexup --help` lists them)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments and arguments[0] in COMMANDS:
            return _run_command(arguments[0], arguments[1:])
        return _run_screen(_parser().parse_args(arguments))
    except BrokenPipeError:
        # The reader of our output has left (`dexup history | head`); nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130


def _run_command(name: str, arguments: list[str]) -> int:
    _spare_the_start()
    gc.disable()  # what is imported stays
    try:
        module = importlib.import_module(f"tui.commands.{name}")
    finally:
        gc.enable()
    parser = argparse.ArgumentParser(
        prog=f"dexup {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  dexup {name:<{width}}  {text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="dexup",
        description="Upload manga chapters to MangaDex from a terminal.",
        epilog=f"Without a screen (each has its own --help):\n{listed}\n\n"
        "Exit codes: 0 done, 1 findings, 2 wrong command line, 3 not logged in, 4 another session is\n"
        "open, 5 gave up but can be resumed, 6 unknown whether committed, 7 refused by the service,\n"
        "130 interrupted.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("path", nargs="?", type=Path, help="folder or archive to open as a chapter")
    parser.add_argument("--version", action="version", version=f"dexup {__version__}")
    parser.add_argument(
        "--screen-reader",
        action="store_true",
        help="line by line, without a screen: for screen readers, braille displays and any terminal",
    )
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="try everything against a built-in stand-in for the service, with sample chapters; "
        "touches nothing of yours",
    )
    parser.add_argument(
        "--sandbox-data",
        type=Path,
        metavar="DIR",
        help="with --sandbox: write the committed chapters there",
    )
    parser.add_argument(
        "--uplink",
        type=int,
        metavar="KBIT",
        help="with --sandbox: speed of the line in kilobits a second, 0 for no limit",
    )
    return parser


def _run_screen(arguments: argparse.Namespace) -> int:
    path: Path | None = arguments.path
    if path is not None and not path.exists():
        import difflib  # late: only what is mistyped needs it

        near = difflib.get_close_matches(str(path), COMMANDS, n=1)
        hint = f" Did you mean `dexup {near[0]}`?" if near else ""
        return _refuse(f"there is no folder, archive or command {_printable(path)}.{hint}")
    if not arguments.sandbox and (arguments.sandbox_data is not None or arguments.uplink is not None):
        return _refuse("--sandbox-data and --uplink need --sandbox.")
    if arguments.uplink is not None and arguments.uplink < 0:
        return _refuse("--uplink must not be negative.")
    refusal = terminal_refusal(os.environ)
    prepare_environment(os.environ)
    _spare_the_start()
    gc.disable()  # what is imported stays; the App lets it collect again when its first frame is painted
    try:
        from tui.launch import launch, launch_sandbox

        if arguments.sandbox:
            return launch_sandbox(
                path,
                data=arguments.sandbox_data,
                uplink_kbit=arguments.uplink,
                by_line=arguments.screen_reader,
                refusal=refusal,
            )
        return launch(path, by_line=arguments.screen_reader, refusal=refusal)
    finally:
        gc.enable()


def _spare_the_start() -> None:
    """Leave out what a start would only wait for."""
    # The HTTP library's own command line, which nobody calls, would load click, pygments and rich.progress; the
    # library does without it where they are not installed. A module that is None counts as missing.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    # Looked for at every lock and every event; where it is not installed, it need not be looked for again.
    if importlib.util.find_spec("sniffio") is None:
        sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


def _refuse(sentence: str) -> int:
    print(f"dexup: {sentence}", file=sys.stderr)
    return USAGE


def _printable(path: Path) -> str:
    from tui.text import safe_text

    return safe_text(str(path))
