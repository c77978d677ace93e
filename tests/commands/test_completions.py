from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.completions import FOLDER, scripts
from tui.entry import SHELLS, completions, main


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_are_those_of_the_parsers(shell: str) -> None:
    kept = (FOLDER / f"dexup.{shell}").read_text(encoding="utf-8")
    assert kept == scripts()[shell], "run: python -m tests.support.completions"


def _completed(*words: str) -> set[str]:
    """What bash offers for the last of these words."""
    listed = " ".join(f"'{word}'" for word in words)
    program = f"{completions('bash')}\nCOMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _dexup\n"
    done = subprocess.run(
        ["bash", "-c", program + 'printf "%s\\n" "${COMPREPLY[@]}"'],
        text=True,
        capture_output=True,
        check=True,
    )
    assert not done.stderr
    return set(done.stdout.split())


def test_bash_completes_commands_options_and_values() -> None:
    assert _completed("dexup", "up") == {"upload"}
    assert {"--manga", "--limit", "--json"} <= _completed("dexup", "upload", "folder", "--")
    assert _completed("dexup", "upload", "--on-session", "") == {"fail", "resume", "abandon"}
    assert "run" in _completed("dexup", "queue", "")
    assert _completed("dexup", "queue", "run", "--l") == {"--limit"}
    assert _completed("dexup", "completions", "z") == {"zsh"}
    assert _completed("dexup", "upload", "--manga", "") == set()  # then bash offers files


def test_a_version_or_a_script_loads_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["dexup", "completions", "fish"])
    assert main() == 0
    assert capsys.readouterr().out == completions("fish")
    loaded = "import sys, tui.entry; sys.argv = ['dexup', '--version']; tui.entry.main(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", loaded], text=True, capture_output=True, check=True)
    assert not {"argparse", "tui.cli", "pathlib", "asyncio"} & set(done.stdout.split())
