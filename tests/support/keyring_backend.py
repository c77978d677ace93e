"""A keyring for tests, behind the real `keyring` package."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class MemoryKeyring(KeyringBackend):
    """Keeps items in memory; may be locked, or not answer."""

    priority: Any = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.items: dict[tuple[str, str], str] = {}
        self.locked = False
        self.silent = 0.0
        """Seconds until it answers."""

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.items[service, username]

    def _check(self) -> None:
        time.sleep(self.silent)
        if self.locked:
            raise KeyringLocked("locked, and its text might hold a secret")


@contextmanager
def memory_keyring() -> Iterator[MemoryKeyring]:
    """The system's keyring is this one."""
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    try:
        yield own
    finally:
        keyring.set_keyring(before)
