"""Where `dexup` begins: what needs nothing but its own text is answered before anything else is loaded.

`--version` and `completions` are asked by other programs, the latter at every start of a shell.
"""

import sys

SHELLS = ("bash", "zsh", "fish")


def main() -> int:
    """Run dexup; the result is the exit code."""
    given = sys.argv[1:]
    if given == ["--version"]:
        from tui import __version__

        sys.stdout.write(f"dexup {__version__}\n")
        return 0
    if len(given) == 2 and given[0] == "completions" and given[1] in SHELLS:
        sys.stdout.write(completions(given[1]))
        return 0
    import gc

    from tui.cli import main as run

    try:
        return run(given)
    finally:
        gc.freeze()  # or the interpreter looks at everything that is loaded once more before it ends


def completions(shell: str) -> str:
    """The script that teaches `shell` to complete dexup's command line."""
    folder = __file__.rpartition("/")[0] or "."
    with open(f"{folder}/commands/shells/dexup.{shell}", encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes longer than the rest
        return file.read()
