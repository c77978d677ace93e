"""Writes the shell scripts below tui/commands/shells from the parsers: `python -m tests.support.completions`.

They are files, not made when asked, since a shell asks at each of its starts and loading every command takes ten
times as long as reading a file. A test compares them with the parsers.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tui.cli import COMMANDS, _parser
from tui.entry import SHELLS

FOLDER = Path(__file__).parents[2] / "tui" / "commands" / "shells"


@dataclass
class Option:
    """One option or positional choice."""

    names: list[str]
    help: str
    takes: bool
    choices: list[str] = field(default_factory=list)


@dataclass
class Words:
    """What may follow some words of a command line."""

    path: tuple[str, ...]
    options: list[Option]
    commands: dict[str, str]
    choices: list[str]
    """Of positional arguments."""


def _described(action: argparse.Action) -> str:
    text = (action.help or "").replace("%%", "%")
    return text.split(";")[0].split("(")[0].strip()


def words_of(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Words]:
    """The parser's words, then those of its subcommands."""
    found = Words(path, [], {}, [])
    below: list[tuple[str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            found.commands = {name: helps.get(name, "") for name in action.choices}
            below += action.choices.items()
        elif action.option_strings:
            names = list(action.option_strings)
            choices = [str(choice) for choice in action.choices or ()]
            found.options.append(Option(names, _described(action), action.nargs != 0, choices))
        elif action.choices:
            found.choices += [str(choice) for choice in action.choices]
    yield found
    for name, sub in below:
        yield from words_of(sub, (*path, name))


def everything() -> list[Words]:
    """The whole command line."""
    found = list(words_of(_parser()))
    found[0].commands = dict(COMMANDS)
    for name in COMMANDS:
        module = importlib.import_module(f"tui.commands.{name}")
        parser = argparse.ArgumentParser(prog=f"dexup {name}")
        module.add_arguments(parser)
        found += words_of(parser, (name,))
    return found


def _lists(words: Words) -> tuple[str, str]:
    options = " ".join(name for option in words.options for name in option.names)
    return " ".join([*words.commands, *words.choices]), options


def bash(found: list[Words]) -> str:
    lines = [
        "# Completes dexup in bash. Made by tests/support/completions.py.",
        "_dexup() {",
        '    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path="" plain="" options=""',
        '    local word index choices=""',
        "    for ((index = 1; index < COMP_CWORD; index++)); do",
        "        word=${COMP_WORDS[index]}",
        '        case "${path:+$path }$word" in',
        f"            {'|'.join(repr(' '.join(w.path)) for w in found if w.path)}) "
        'path="${path:+$path }$word" ;;',
        "        esac",
        "    done",
        '    case "$path" in',
    ]
    for words in found:
        plain, options = _lists(words)
        lines.append(f"        '{' '.join(words.path)}') plain='{plain}' options='{options}' ;;")
    lines += ["    esac", '    case "$path $before" in']
    for words in found:
        for option in words.options:
            if option.choices:
                patterns = "|".join(f"'{' '.join(words.path)} {name}'" for name in option.names)
                lines.append(f"        {patterns}) choices='{' '.join(option.choices)}' ;;")
    lines += [
        "    esac",
        '    if [[ -n $choices ]]; then COMPREPLY=($(compgen -W "$choices" -- "$current"))',
        '    elif [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$current"))',
        '    elif [[ -n $plain ]]; then COMPREPLY=($(compgen -W "$plain" -- "$current"))',
        "    fi",
        "}",
        "complete -o default -o bashdefault -F _dexup dexup",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def zsh(found: list[Words]) -> str:
    lines = [
        "#compdef dexup",
        "# Completes dexup in zsh. Made by tests/support/completions.py.",
        "_dexup() {",
        '    local path_words="" word index',
        "    local -a commands options",
        "    for ((index = 2; index < CURRENT; index++)); do",
        "        word=${words[index]}",
        '        case "${path_words:+$path_words }$word" in',
        f"            ({'|'.join(_quoted(' '.join(w.path)) for w in found if w.path)}) "
        'path_words="${path_words:+$path_words }$word" ;;',
        "        esac",
        "    done",
        '    case "$path_words" in',
    ]
    for words in found:
        plain = [_quoted(f"{name}:{text}") for name, text in words.commands.items()]
        plain += [_quoted(choice) for choice in words.choices]
        options = [
            _quoted(f"{name}:{option.help.replace(':', ' -')}")
            for option in words.options
            for name in option.names
        ]
        lines.append(f"        ({_quoted(' '.join(words.path))})")
        lines.append(f"            commands=({' '.join(plain)})")
        lines.append(f"            options=({' '.join(options)}) ;;")
    lines += ["    esac", '    case "$path_words ${words[CURRENT-1]}" in']
    for words in found:
        for option in words.options:
            for name in option.names if option.choices else ():
                choices = " ".join(option.choices)
                pattern = _quoted(" ".join([*words.path, name]))
                lines.append(f"        ({pattern}) compadd {choices}; return ;;")
    lines += [
        "    esac",
        "    if [[ ${words[CURRENT]} == -* ]]; then _describe option options; return; fi",
        "    (( ${#commands} )) && _describe command commands",
        "    _files",
        "}",
        '_dexup "$@"',
    ]
    return "\n".join(lines) + "\n"


def fish(found: list[Words]) -> str:
    lines = ["# Completes dexup in fish. Made by tests/support/completions.py."]
    for words in found:
        seen = "; and ".join(f"__fish_seen_subcommand_from {name}" for name in words.path)
        when = seen or "__fish_use_subcommand"
        below = f"; and not __fish_seen_subcommand_from {' '.join(words.commands)}" if words.path else ""
        for name, text in words.commands.items():
            lines.append(f"complete -c dexup -n {_quoted(when + below)} -a {name} -d {_quoted(text)}")
        if words.choices:
            lines.append(f"complete -c dexup -n {_quoted(when)} -f -a {_quoted(' '.join(words.choices))}")
        for option in words.options:
            line = f"complete -c dexup -n {_quoted(when)}"
            for name in option.names:
                line += f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}"
            line += " -r" if option.takes else ""
            line += f" -f -a {_quoted(' '.join(option.choices))}" if option.choices else ""
            lines.append(f"{line} -d {_quoted(option.help)}")
    return "\n".join(lines) + "\n"


def scripts() -> dict[str, str]:
    """Shell -> script."""
    found = everything()
    made = {"bash": bash, "zsh": zsh, "fish": fish}
    return {shell: made[shell](found) for shell in SHELLS}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for shell, text in scripts().items():
        (FOLDER / f"dexup.{shell}").write_text(text, encoding="utf-8")
