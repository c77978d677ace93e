"""What can be wrong with a file of ours."""

from __future__ import annotations


class StorageError(Exception):
    """A file of dexup's own cannot be used. `title` says which and why, `remedy` what to do about it.

    The texts may hold paths and file contents: pass them through safe_text() before showing.
    """

    def __init__(self, title: str, remedy: str = "") -> None:
        super().__init__(f"{title} {remedy}".strip())
        self.title = title
        self.remedy = remedy


class SettingsError(StorageError):
    """The settings file, or a variable that overrides it, breaks a rule."""


class CredentialsError(StorageError):
    """The credentials file cannot be trusted or read."""


class SecretCommandError(StorageError):
    """The command that prints the credentials failed."""
