"""Print the script with which a shell completes dexup's commands and options at the tab key.

bash   dexup completions bash > ~/.local/share/bash-completion/completions/dexup
zsh    dexup completions zsh > a folder of $fpath, as _dexup
fish   dexup completions fish > ~/.config/fish/completions/dexup.fish
"""

from __future__ import annotations

import argparse
import sys

from tui.upload.exits import Exit

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup completions`."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to complete")


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    sys.stdout.write(script(arguments.shell))
    return Exit.DONE


def script(shell: str) -> str:
    """The script for `shell`, written by tests/support/completions.py from the parsers."""
    from pathlib import Path

    return (Path(__file__).parent / "shells" / f"dexup.{shell}").read_text(encoding="utf-8")
