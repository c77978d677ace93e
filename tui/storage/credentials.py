"""The accounts that stay logged in: refresh tokens and client secrets, never a password."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.secret import Secret
from tui.storage.errors import CredentialsError
from tui.storage.files import exclusive, read_bounded, write_private
from tui.storage.keyring_vault import KeyringVault

_LIMIT = 1 << 20
_TEXT_FIELDS = ("username", "client_id", "api_url", "auth_url")
_SECRET_FIELDS = ("client_secret", "refresh_token")


@dataclass(frozen=True, slots=True)
class Account:
    """One account that stays logged in."""

    username: str
    client_id: str
    client_secret: Secret
    refresh_token: Secret
    api_url: str
    auth_url: str = ""
    """The server that gave the token. A token is sent to this server and to no other."""

    @property
    def key(self) -> tuple[str, str]:
        """User name (in lower case, as the service compares it) and server."""
        return self.username.casefold(), self.api_url


@dataclass(slots=True)
class _Contents:
    accounts: list[Account] = field(default_factory=list)
    current: dict[str, str] = field(default_factory=dict)
    """API address -> user name chosen there."""
    in_keyring: set[tuple[str, str]] = field(default_factory=set)
    """Keys of the accounts whose secrets the file does not hold; they are empty here."""


class CredentialStore:
    """The credentials file: 0600, in a folder that nobody else can write to, replaced in one step.

    Every method reads the file anew, so that a token which another dexup has renewed is not overwritten by an
    older one. All raise CredentialsError or StorageError.
    """

    def __init__(self, path: Path, *, keyring: bool = False, vault: KeyringVault | None = None) -> None:
        """`keyring`: the secrets of what is saved from now on go into the system's keyring, not into the file."""
        self._path = path
        self._keyring = keyring
        self._vault = vault or KeyringVault()

    @property
    def path(self) -> Path:
        return self._path

    def accounts(self, api_url: str = "") -> list[Account]:
        """All accounts, or those of one server, in the order in which they logged in."""
        contents = self._read()
        own = [account for account in contents.accounts if api_url in ("", account.api_url)]
        return [self._whole(account, contents) for account in own]

    def current(self, api_url: str) -> Account | None:
        """The account chosen for this server: the one chosen last, else the one that logged in last."""
        contents = self._read()
        own = [account for account in contents.accounts if account.api_url == api_url]
        chosen = contents.current.get(api_url, "").casefold()
        for account in own:
            if account.username.casefold() == chosen:
                return self._whole(account, contents)
        return self._whole(own[-1], contents) if own else None

    def find(self, username: str, api_url: str) -> Account | None:
        """This account as it is kept now, None when it is not."""
        contents = self._read()
        key = username.casefold(), api_url
        return next((self._whole(kept, contents) for kept in contents.accounts if kept.key == key), None)

    def save(self, account: Account, *, choose: bool = True) -> None:
        """Add the account, or replace what was kept of it; by default it becomes the current one."""

        def change(contents: _Contents) -> None:
            for index, kept in enumerate(contents.accounts):
                if kept.key == account.key:
                    contents.accounts[index] = account
                    break
            else:
                contents.accounts.append(account)
            self._place(account, contents)
            if choose:
                contents.current[account.api_url] = account.username

        self._change(change)

    def renew(self, account: Account, refresh_token: Secret) -> None:
        """Keep the token that replaced the old one; nothing when the account was forgotten meanwhile."""

        def change(contents: _Contents) -> None:
            for index, kept in enumerate(contents.accounts):
                if kept.key == account.key:
                    new = replace(kept, client_secret=account.client_secret, refresh_token=refresh_token)
                    contents.accounts[index] = new
                    self._place(new, contents)

        self._change(change)

    def choose(self, username: str, api_url: str) -> Account:
        """Make it the current account of the server."""
        found: list[Account] = []

        def change(contents: _Contents) -> None:
            found.extend(kept for kept in contents.accounts if kept.key == (username.casefold(), api_url))
            if found:
                contents.current[api_url] = found[0].username
                found[0] = self._whole(found[0], contents)

        self._change(change)
        if not found:
            raise CredentialsError(
                f"The account {username} is not kept on this machine.", "Log in with it once."
            )
        return found[0]

    def forget(self, username: str, api_url: str = "") -> None:
        """Delete what is kept of the account (on every server when `api_url` is empty)."""

        gone: list[tuple[str, str]] = []

        def change(contents: _Contents) -> None:
            leaving = [
                kept.key
                for kept in contents.accounts
                if kept.username.casefold() == username.casefold() and api_url in ("", kept.api_url)
            ]
            contents.accounts = [kept for kept in contents.accounts if kept.key not in leaving]
            gone.extend(key for key in leaving if key in contents.in_keyring)
            contents.in_keyring.difference_update(leaving)
            for server, chosen in list(contents.current.items()):
                if chosen.casefold() == username.casefold() and api_url in ("", server):
                    del contents.current[server]

        self._change(change)
        for key in gone:  # after the file, so that a keyring that does not answer keeps nobody logged in
            self._vault.delete(_name(key))

    def _place(self, account: Account, contents: _Contents) -> None:
        """Put the secrets of an account where they belong. The file is written after this."""
        if self._keyring:
            self._vault.set(_name(account.key), {name: getattr(account, name) for name in _SECRET_FIELDS})
            contents.in_keyring.add(account.key)
        elif account.key in contents.in_keyring:
            contents.in_keyring.discard(account.key)
            # Whoever turned the keyring off may have done so because it does not answer.
            with contextlib.suppress(CredentialsError):
                self._vault.delete(_name(account.key))

    def _whole(self, account: Account, contents: _Contents) -> Account:
        """The account with its secrets."""
        if account.key not in contents.in_keyring:
            return account
        secrets = self._vault.get(_name(account.key))
        if any(name not in secrets for name in _SECRET_FIELDS):
            raise CredentialsError(
                f"The keyring does not hold the login of {account.username} any more.", "Log in again."
            )
        return replace(
            account, client_secret=secrets["client_secret"], refresh_token=secrets["refresh_token"]
        )

    def _change(self, change: Callable[[_Contents], None]) -> None:
        with exclusive(self._path):
            contents = self._read()
            change(contents)
            self._write(contents)

    def _read(self) -> _Contents:
        self._check_rights()
        data = read_bounded(self._path, _LIMIT)
        if data is None:
            return _Contents()
        remedy = f"Move {self._path} away and log in again."
        try:
            raw = json.loads(data)
        except ValueError:  # the parser's message would quote the file
            raise CredentialsError(f"{self._path} is not readable as JSON.", remedy) from None
        if not isinstance(raw, dict) or not isinstance(raw.get("accounts"), list):
            raise CredentialsError(f"{self._path} has no list of accounts.", remedy)
        current = raw.get("current")
        accounts = [_account(entry, self._path, remedy) for entry in raw["accounts"]]
        return _Contents(
            accounts=accounts,
            in_keyring={
                account.key
                for account, entry in zip(accounts, raw["accounts"], strict=True)
                if entry.get("secrets") == "keyring"
            },
            current={str(key): str(value) for key, value in current.items()}
            if isinstance(current, dict)
            else {},
        )

    def _write(self, contents: _Contents) -> None:
        entries = [
            {name: getattr(account, name) for name in _TEXT_FIELDS}
            | (
                {"secrets": "keyring"}
                if account.key in contents.in_keyring
                else {name: getattr(account, name).reveal() for name in _SECRET_FIELDS}
            )
            for account in contents.accounts
        ]
        text = json.dumps({"version": 1, "current": contents.current, "accounts": entries}, indent=1)
        write_private(self._path, text.encode())

    def _check_rights(self) -> None:
        """Refuse what somebody else can read, or could have written."""
        if os.name == "nt":
            return
        try:
            file = self._path.stat()
            folder = self._path.parent.stat()
        except FileNotFoundError:
            return
        except OSError as error:
            raise CredentialsError(
                f"{self._path} cannot be looked at: {error.strerror}.", "Check the rights of its folder."
            ) from error
        if not stat.S_ISREG(file.st_mode):
            raise CredentialsError(f"{self._path} is not a file.", "Move it away and log in again.")
        if file.st_uid != os.geteuid():
            raise CredentialsError(
                f"{self._path} belongs to another user.",
                f"Take it over with `chown {os.geteuid()} {self._path}` and `chmod 600 {self._path}`, "
                "or move it away and log in again.",
            )
        if file.st_mode & 0o077:
            raise CredentialsError(
                f"{self._path} can be read by other users (mode {stat.S_IMODE(file.st_mode):03o}).",
                f"Run `chmod 600 {self._path}`; if others may have read it, make a new client secret.",
            )
        if folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX:
            raise CredentialsError(
                f"{self._path.parent} can be written to by other users.",
                f"Run `chmod 700 {self._path.parent}`.",
            )


def _account(entry: object, path: Path, remedy: str) -> Account:
    if not isinstance(entry, dict) or not all(
        isinstance(entry.get(name, ""), str) for name in (*_TEXT_FIELDS, *_SECRET_FIELDS)
    ):
        raise CredentialsError(f"{path} holds an account that cannot be read.", remedy)
    return Account(
        username=entry.get("username", ""),
        client_id=entry.get("client_id", ""),
        client_secret=Secret(entry.get("client_secret", "")),
        refresh_token=Secret(entry.get("refresh_token", "")),
        api_url=entry.get("api_url", ""),
        auth_url=entry.get("auth_url", ""),
    )


def _name(key: tuple[str, str]) -> str:
    """What the secrets of an account are called in the keyring, where a person may see it."""
    username, api_url = key
    return f"{username} at {api_url}"
