"""One upload an account at a time: the service has one session for it, and two processes would share it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


class AccountBusy(Exception):
    """Another dexup uploads with this account. `holder` says which."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"Another dexup is uploading with this account ({holder}).")
        self.holder = holder


class AccountLock:
    """A lock file held for as long as an upload runs; the system frees it when the process dies."""

    def __init__(self, folder: Path, account: str) -> None:
        # User names are the same whatever their case, for the service at least.
        digest = hashlib.sha256(account.casefold().encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._path = folder / f"upload-{digest}.lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Hold it from now on. Raises AccountBusy, or OSError when the folder cannot be written."""
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            holder = os.pread(descriptor, 100, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AccountBusy(holder or "it did not say who it is") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others upload."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int) -> None:
    import fcntl  # late: systems without it (Windows) fail here, with the module's name

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
