"""What a process loads: the screen's library only for the screen, the HTTP library only for requests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tui.cli import COMMANDS

_PROBE = """
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    {code}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def loaded_after(code: str) -> set[str]:
    """Top-level names of everything that a fresh process has imported after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE.format(code=code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option: str) -> None:
    loaded = loaded_after(f"import tui.cli; tui.cli.main([{option!r}])")
    assert "tui" in loaded
    assert not loaded & {
        "textual",
        "rich",
        "httpx",
        "PIL",
        "sqlite3",
        "asyncio",
        "platformdirs",
        "tomlkit",
        "starlette",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_headless_command_loads_no_screen(command: str) -> None:
    loaded = loaded_after(f"import tui.cli; tui.cli.main([{command!r}, '--help'])")
    assert "argparse" in loaded
    assert not loaded & {"textual", "PIL"}


def test_a_usage_error_loads_nothing_heavy() -> None:
    loaded = loaded_after("import tui.cli; tui.cli.main(['--no-such-option'])")
    assert not loaded & {"textual", "httpx", "PIL"}


def test_the_start_loads_no_reader_of_chapters_and_no_sandbox() -> None:
    loaded = loaded_after("import tui.launch, tui.app")
    assert {"textual", "httpx"} <= loaded
    assert loaded & {"zipfile", "tarfile", "xml", "zoneinfo", "PIL", "starlette"} == set()


def test_an_upload_loads_no_reader_of_chapters_before_its_login_is_out() -> None:
    loaded = loaded_after("import tui.commands.upload")
    assert "httpx" in loaded
    assert loaded & {"zipfile", "tarfile", "xml", "tomllib", "PIL"} == set()
