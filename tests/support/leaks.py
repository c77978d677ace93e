"""Looks for the secrets of the test run where none may be."""

from __future__ import annotations

import json
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
    """Files with a secret in them; only a credentials file may have any, for its owner alone, and no password."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.suffix in _PAGES or path.name in _GIVEN:
            continue
        content = path.read_bytes()
        if path.name == "credentials.json":
            private = not stat.S_IMODE(path.stat().st_mode) & 0o077 and _is_kept(content)
            if PASSWORD in content or not private:
                yield f"{path}: a password, or others may read it"
        elif (found := _ANY.search(content)) is not None:
            yield f"{path}: {found[0]!r}"


def _is_kept(content: bytes) -> bool:
    """Whether it is a credentials file; and its client secret and refresh token are the only secrets in it."""
    kept = json.loads(content)["accounts"]
    return all("access_token" not in account for account in kept)
