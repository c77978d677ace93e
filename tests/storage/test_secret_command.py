"""The secret command: what it may print, and that it is bounded."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tui.storage.errors import SecretCommandError
from tui.storage.secret_command import run_secret_command


def run(code: str, **options: float) -> dict[str, str]:
    found = run_secret_command([sys.executable, "-S", "-c", code], os.environ, **options)
    return {name: secret.reveal() for name, secret in found.items()}


def test_json_lines_and_the_way_of_pass() -> None:
    everything = {"client_id": "c", "client_secret": "s=1", "username": "u", "password": "p:w"}
    assert run(f"import json; print(json.dumps({everything!r}))") == everything
    lines = "client-id: c\nDEXUP_CLIENT_SECRET=s=1\nusername: u\npassword: p:w\nurl: https://x"
    assert run(f"print({lines!r})") == everything
    assert run(r"print('pa:ss w=rd\nusername: u')") == {"password": "pa:ss w=rd", "username": "u"}
    assert run("print('{brace')") == {"password": "{brace"}


def test_it_has_no_shell_and_no_input(tmp_path: Path) -> None:
    script = "import sys; print(sys.argv[1]); print('username:', repr(sys.stdin.read()))"
    found = run_secret_command([sys.executable, "-S", "-c", script, "$HOME; echo x"], os.environ)
    assert found["password"].reveal() == "$HOME; echo x"
    assert found["username"].reveal() == "''"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('password: hunter2'); sys.exit(3)", "exit code 3"),
        ("print('x' * 70000)", "more than 65,536 bytes"),
        ("print('\\nnothing: here')", "printed none of"),
    ],
)
def test_failures_are_named_and_quote_no_output(code: str, said: str) -> None:
    with pytest.raises(SecretCommandError, match=said) as caught:
        run(code)
    assert "hunter2" not in str(caught.value)
    assert caught.value.remedy


def test_a_missing_program_is_named() -> None:
    with pytest.raises(SecretCommandError, match="no-such-program"):
        run_secret_command(["no-such-program"], os.environ)


def test_a_command_that_hangs_is_ended_with_its_children() -> None:
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])"
    )
    began = time.monotonic()
    with pytest.raises(SecretCommandError, match=r"within 0\.3 s"):
        run(code, seconds=0.3)
    assert time.monotonic() - began < 30  # far below the child's minute: its end was not waited for
