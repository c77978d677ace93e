"""The credentials file: rights, atomic replacement, several accounts and servers."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from tui.secret import Secret
from tui.storage.credentials import Account, CredentialStore
from tui.storage.errors import CredentialsError, StorageError

SERVER = "https://api.example"


def account(username: str = "ann", token: str = "refresh-1", server: str = SERVER) -> Account:
    return Account(
        username, "personal-client-x", Secret("client-secret"), Secret(token), server, "https://auth"
    )


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore(tmp_path / "state" / "credentials.json")


def test_an_account_comes_back_as_it_was_saved(store: CredentialStore) -> None:
    assert store.accounts() == []
    assert store.current(SERVER) is None
    store.save(account())
    assert store.accounts() == [account()]
    assert store.current(SERVER) == account()
    assert store.current("https://other") is None


def test_file_and_folder_are_for_the_owner_only_whatever_the_umask(store: CredentialStore) -> None:
    before = os.umask(0)
    try:
        store.save(account())
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_nothing_but_the_file_and_its_lock_stays(store: CredentialStore) -> None:
    store.save(account())
    store.save(account(token="refresh-2"))
    assert sorted(entry.name for entry in store.path.parent.iterdir()) == [
        ".credentials.json.lock",
        "credentials.json",
    ]


def test_several_accounts_and_servers(store: CredentialStore) -> None:
    store.save(account("ann"))
    store.save(account("bob"))
    store.save(account("ann", server="https://other"))
    assert [entry.username for entry in store.accounts(SERVER)] == ["ann", "bob"]
    assert store.current(SERVER) == account("bob")
    assert store.choose("ANN", SERVER) == account("ann")
    assert store.current(SERVER) == account("ann")
    with pytest.raises(CredentialsError, match="eve"):
        store.choose("eve", SERVER)
    store.forget("Ann", SERVER)
    assert store.current(SERVER) == account("bob")
    assert store.accounts("https://other") == [account("ann", server="https://other")]
    store.forget("ann")
    assert store.accounts() == [account("bob")]


def test_a_renewed_token_replaces_the_old_one_and_revives_nothing(store: CredentialStore) -> None:
    store.save(account())
    store.renew(account(), Secret("refresh-2"))
    assert store.accounts() == [account(token="refresh-2")]
    assert store.find("Ann", SERVER) == account(token="refresh-2")
    assert store.find("ann", "https://other") is None
    store.forget("ann")
    store.renew(account(), Secret("refresh-3"))
    assert store.accounts() == []


def test_two_at_once_lose_nothing(store: CredentialStore) -> None:
    names = [f"user{number}" for number in range(12)]
    threads = [
        threading.Thread(target=CredentialStore(store.path).save, args=(account(name),)) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry.username for entry in store.accounts()} == set(names)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_others_can_read_is_refused_with_the_remedy(store: CredentialStore, mode: int) -> None:
    store.save(account())
    store.path.chmod(mode)
    for use in (store.accounts, lambda: store.save(account("bob")), lambda: store.forget("ann")):
        with pytest.raises(CredentialsError) as caught:
            use()
        assert f"chmod 600 {store.path}" in caught.value.remedy
    store.path.chmod(0o600)
    assert store.accounts() == [account()]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(store: CredentialStore) -> None:
    store.save(account())
    os.chown(store.path, 12345, -1)
    with pytest.raises(CredentialsError, match="another user") as caught:
        store.accounts()
    assert "chmod 600" in caught.value.remedy


def test_a_folder_others_can_write_to_is_refused(store: CredentialStore) -> None:
    store.save(account())
    store.path.parent.chmod(0o777)
    with pytest.raises(CredentialsError, match="other users") as caught:
        store.accounts()
    assert f"chmod 700 {store.path.parent}" in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"not json, secret-in-it",
        b"[]",
        b'{"accounts": 3}',
        b'{"accounts": ["x"]}',
        b'{"accounts": [{"username": 5}]}',
        b"{" + b" " * (1 << 20) + b"}",
    ],
)
def test_a_broken_file_is_named_and_never_quoted_or_overwritten(
    store: CredentialStore, content: bytes
) -> None:
    store.save(account())
    store.path.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        store.save(account("bob"))
    assert str(store.path) in str(caught.value)
    assert "secret-in-it" not in str(caught.value)
    assert store.path.read_bytes() == content


def test_a_failed_write_leaves_the_old_file(store: CredentialStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(account())

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        store.save(account(token="refresh-2"))
    monkeypatch.undo()
    assert store.accounts() == [account()]
    assert len(list(store.path.parent.iterdir())) == 2


def test_secrets_show_in_no_repr_and_a_password_has_no_place(store: CredentialStore) -> None:
    store.save(account(token="refresh-visible"))
    assert "refresh-visible" not in repr(store.accounts())
    assert "client-secret" not in repr(store.accounts())
    entry = json.loads(store.path.read_text())["accounts"][0]
    assert set(entry) == {"username", "client_id", "client_secret", "refresh_token", "api_url", "auth_url"}
