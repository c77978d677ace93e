"""What the README says of settings, files, commands and keys is what dexup knows."""

import re
import tomllib
from pathlib import Path

from tui.chapter.sidecar import parse_sidecar
from tui.cli import COMMANDS
from tui.keys import ACTIONS
from tui.storage.rules import SECTIONS
from tui.storage.settings import Settings, parse
from tui.upload.exits import Exit

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
SETTINGS, SIDECAR = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
_KEYS = {"#": "number_sign", "<": "less_than_sign", ">": "greater_than_sign", "=": "equals_sign"} | {
    "?": "question_mark", "/": "slash", ".": "full_stop", "+": "plus", "-": "minus",
}  # fmt: skip


def test_every_setting_is_named_with_its_default_or_a_right_example() -> None:
    read = parse(SETTINGS.encode(), Path("settings.toml"))
    assert read.warnings == ()
    written = tomllib.loads(SETTINGS)
    for section in SECTIONS.keys() - {"service", "keys"}:
        assert written[section].keys() == SECTIONS[section].keys(), section
    assert read.screen == Settings().screen
    assert read.sandbox == Settings().sandbox


def test_the_example_of_dexup_toml_is_read() -> None:
    sidecar = parse_sidecar(SIDECAR.replace("title/…", "title/11111111-2222-4333-8444-555555555555").encode())
    assert sidecar.values.keys() >= {"volume", "chapter", "title", "language", "publish_at"}


def test_every_command_and_exit_code_is_there() -> None:
    commands = TEXT[TEXT.index("## Without a screen") : TEXT.index("## Settings")]
    assert set(re.findall(r"\bdexup ([a-z]+)", commands)) >= COMMANDS.keys()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", commands, re.MULTILINE)} == set(map(int, Exit))


def test_every_key_of_the_tables_is_one_of_dexup() -> None:
    known = {key for action in ACTIONS.values() for key in action.keys.split(",")} | {"enter", "space", "esc"}
    for cell in re.findall(r"^\| (`[^|]*) \|", TEXT[: TEXT.index("## Without a screen")], re.MULTILINE):
        for key in re.findall(r"`([^`]+)`", cell):
            assert _KEYS.get(key, key) in known, key


def test_every_picture_and_every_file_named_is_there() -> None:
    for path in re.findall(r"\]\(([\w/.]+)\)", TEXT) + re.findall(
        r"`((?:tui|tests|screenshots)/[\w/.*]+)`", TEXT
    ):
        assert list(ROOT.glob(path.rstrip("/"))), path
