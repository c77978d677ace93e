"""Looks for the secrets of the test run where none may be."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from tui.sandbox.options import SandboxOptions

PASSWORD = SandboxOptions().password.encode()
CLIENT_SECRET = SandboxOptions().client_secret.encode()
TOKEN = rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
"""The sandbox's access and refresh tokens, like the service's, are JSON web tokens."""

_ANY = re.compile(b"|".join((re.escape(PASSWORD), re.escape(CLIENT_SECRET), TOKEN)))
_PAGES = {".png", ".jpg", ".gif", ".webp"}
_GIVEN = {"settings.toml", "secrets"}
"""Files in which tests give dexup a command that prints a secret."""


def check_no_secret(text: str | bytes) -> None:
    """AssertionError when a secret is in it."""
    found = _ANY.search(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
    assert found is None, f"a secret was printed: {found[0]!r}"


def leaks_below(folder: Path) -> Iterator[str]:
    """Files with a secret in them. A credentials file holds tokens, but no password and not for others to read."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.suffix in _PAGES or path.name in _GIVEN:
            continue
        content = path.read_bytes()
        if path.name != "credentials.json":
            if (found := _ANY.search(content)) is not None:
                yield f"{path}: {found[0]!r}"
        elif PASSWORD in content:
            yield f"{path}: the password"
        elif _ANY.search(content) and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"{path}: others may read it"
