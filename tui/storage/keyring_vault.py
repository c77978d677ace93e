"""Secrets of kept accounts in the system's keyring, for who asks for it (`keyring = true` below [login]).

Needs the extra `keyring`. A keyring may be there and yet not answer: without a session bus, or with its
password dialog on a display that nobody over SSH can see. So every call has a time limit, and a failure is
said; nothing falls back to a file behind the user's back.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from typing import Any

from tui.secret import Secret
from tui.storage.errors import CredentialsError

_SERVICE = "dexup"
_PATIENCE = 10.0
"""Seconds that a call may take; long enough to type a password into the keyring's own dialog."""
_REMEDY = "Unlock the keyring, or take `keyring = true` out of the settings and log in again."


class KeyringVault:
    """Name -> some texts that are secret. Every method raises CredentialsError."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience

    def get(self, name: str) -> dict[str, Secret]:
        """The secrets of that name; empty when there are none."""
        text = self._call(lambda keyring: keyring.get_password(_SERVICE, name))
        if text is None:
            return {}
        try:
            found = json.loads(text)
        except ValueError:  # the parser's message would quote the secrets
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise CredentialsError(
                f"What the keyring holds for {name} was not written by dexup.", "Log in again."
            )
        return {key: Secret(value) for key, value in found.items()}

    def set(self, name: str, secrets: dict[str, Secret]) -> None:
        """Keep the secrets under that name, in the place of those before."""
        text = json.dumps({key: value.reveal() for key, value in secrets.items()})
        self._call(lambda keyring: keyring.set_password(_SERVICE, name, text))

    def delete(self, name: str) -> None:
        """Forget the secrets of that name; nothing when there are none."""

        def job(keyring: Any) -> None:
            if keyring.get_password(_SERVICE, name) is not None:
                keyring.delete_password(_SERVICE, name)

        self._call(job)

    def _call(self, job: Callable[[Any], Any]) -> Any:
        try:
            import keyring  # late: it is an extra, and takes 85 ms to load
        except ImportError:
            raise CredentialsError(
                "The settings ask for the keyring, and the package for it is not there.",
                "Install it with `pip install 'dexup[keyring]'`, or take `keyring = true` out of the settings.",
            ) from None
        answers: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put((job(keyring), None))
            except Exception as error:  # noqa: BLE001  # backends raise what their libraries raise
                answers.put((None, error))

        # A daemon: a call that never comes back must not keep dexup from ending.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            value, error = answers.get(timeout=self._patience)
        except queue.Empty:
            raise CredentialsError(
                f"The keyring has not answered for {self._patience:.0f} seconds; its dialog may be on another "
                "display.",
                _REMEDY,
            ) from None
        if error is not None:
            # Only the kind of the error: its text is the backend's and could hold what was to be stored.
            raise CredentialsError(f"The keyring refused ({type(error).__name__}).", _REMEDY)
        return value
