"""A command of the user's that prints the credentials: a password manager, most often."""

from __future__ import annotations

import json
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
    """What the command prints: a subset of client_id, client_secret, username, password.

    It may print a JSON object, or lines `name: value` / `name=value`; a first line without a name is the password,
    as `pass` keeps it. The command runs without a shell and without input, for at most `seconds`; its output is
    never logged. SecretCommandError when it fails.
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
        )
    except OSError as error:
        raise SecretCommandError(
            f"The secret command {name} cannot be started: {error.strerror}.", remedy
        ) from error
    timed_out = threading.Event()

    def give_up() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(seconds, give_up)
    timer.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read(_LIMIT + 1)
        if len(output) > _LIMIT:
            raise SecretCommandError(f"The secret command {name} prints more than {_LIMIT:,} bytes.", remedy)
        code = process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if timed_out.is_set():
        raise SecretCommandError(f"The secret command {name} did not end within {seconds:g} s.", remedy)
    if code != 0:
        raise SecretCommandError(f"The secret command {name} failed with exit code {code}.", remedy)
    found = _parse(output.decode("utf-8", "replace"))
    if not found:
        raise SecretCommandError(
            f"The secret command {name} printed none of {', '.join(FIELDS)}.",
            "It must print lines such as `client_id: personal-client-...`; a first line alone is the password.",
        )
    return found


def _parse(output: str) -> dict[str, Secret]:
    if output.lstrip().startswith("{"):
        try:
            raw = json.loads(output)
        except ValueError:  # the parser's message would quote the output
            raise SecretCommandError("The secret command prints broken JSON.", "Run it by hand.") from None
        return {
            field: Secret(raw[field]) for field in FIELDS if isinstance(raw.get(field), str) and raw[field]
        }
    found: dict[str, Secret] = {}
    for number, line in enumerate(output.splitlines()):
        cut = min((index for index in (line.find(":"), line.find("=")) if index > 0), default=-1)
        name = line[:cut].strip().casefold().removeprefix("dexup_").replace("-", "_").replace(" ", "_")
        if cut > 0 and name in FIELDS:
            value = line[cut + 1 :].strip()
            if value:
                found[name] = Secret(value)
        elif number == 0 and line:
            found["password"] = Secret(line)
    return found
