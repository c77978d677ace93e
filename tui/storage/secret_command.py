"""A command of the user's that prints the credentials: a password manager, most often."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from tui.secret import Secret
from tui.storage.errors import SecretCommandError

SECONDS = 60.0
"""Long enough to unlock a password manager."""
_LIMIT = 64 * 1024
FIELDS = ("client_id", "client_secret", "username", "password")


def run_secret_command(
    command: Sequence[str], environ: Mapping[str, str], *, seconds: float = SECONDS
) -> dict[str, Secret]:
    """What the command prints: a subset of client_id, client_secret, username, password. Blocking.

    It may print a JSON object, or lines `name: value` / `name=value`; a first line without a name is the
    password, as `pass` keeps it. The command runs without a shell and without input, for at most `seconds`;
    its output is never logged. SecretCommandError when it fails.
    """
    name = command[0]
    remedy = "Run it by hand, or correct login.secret_command in the settings file."
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,  # so that what it starts ends with it
        )
    except OSError as error:
        raise SecretCommandError(
            f"The secret command {name} cannot be started: {error.strerror}.", remedy
        ) from error
    timed_out = threading.Event()

    def give_up() -> None:
        timed_out.set()
        _kill(process)

    timer = threading.Timer(seconds, give_up)
    timer.start()
    assert process.stdout is not None
    try:
        output = process.stdout.read(_LIMIT + 1)
        if len(output) > _LIMIT:
            raise SecretCommandError(f"The secret command {name} prints more than {_LIMIT:,} bytes.", remedy)
        code = process.wait()
    finally:
        timer.cancel()
        _kill(process)
        process.wait()
        process.stdout.close()
    if timed_out.is_set():
        raise SecretCommandError(f"The secret command {name} did not end within {seconds:g} s.", remedy)
    if code != 0:
        raise SecretCommandError(f"The secret command {name} failed with exit code {code}.", remedy)
    found = _parse(output.decode("utf-8", "replace"))
    if not found:
        raise SecretCommandError(
            f"The secret command {name} printed none of {', '.join(FIELDS)}.",
            "It must print lines such as `client_id: ...`; a first line without a name is the password.",
        )
    return found


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started."""
    if os.name == "nt":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        if process.returncode is None:  # not waited for yet, so the number is still its own
            os.killpg(process.pid, signal.SIGKILL)


def _parse(output: str) -> dict[str, Secret]:
    if output.lstrip().startswith("{"):
        try:
            raw = json.loads(output)
        except ValueError:
            raw = None  # a password may begin with a brace; the lines are read below
        if isinstance(raw, dict):
            return {
                name: Secret(raw[name]) for name in FIELDS if isinstance(raw.get(name), str) and raw[name]
            }
    found: dict[str, Secret] = {}
    for number, line in enumerate(output.splitlines()):
        cut = min((index for index in (line.find(":"), line.find("=")) if index > 0), default=-1)
        name = line[: max(cut, 0)].strip().casefold().removeprefix("dexup_").replace("-", "_")
        if name in FIELDS:
            value = line[cut + 1 :].strip()
            if value:
                found[name] = Secret(value)
        elif number == 0 and line:
            found["password"] = Secret(line)
    return found
