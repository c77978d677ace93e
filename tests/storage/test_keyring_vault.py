"""Secrets of kept accounts in the keyring: nothing in the file, and a keyring that fails is said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.keyring_backend import MemoryKeyring, memory_keyring
from tui.secret import Secret
from tui.storage.credentials import Account, CredentialStore
from tui.storage.errors import CredentialsError
from tui.storage.keyring_vault import KeyringVault

SERVER = "https://api.example"
ANN = Account(
    "Ann", "personal-client-x", Secret("client-secret"), Secret("refresh-1"), SERVER, "https://auth"
)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    with memory_keyring() as own:
        yield own


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "credentials.json"


def test_the_file_holds_no_secret_and_the_account_comes_back_whole(ring: MemoryKeyring, path: Path) -> None:
    store = CredentialStore(path, keyring=True)
    store.save(ANN)
    assert "client-secret" not in path.read_text()
    assert "refresh-1" not in path.read_text()
    assert store.accounts() == [ANN]
    assert store.choose("ann", SERVER) == ANN
    store.renew(ANN, Secret("refresh-2"))
    found = CredentialStore(path).current(SERVER)  # the setting is about what is saved, not what is read
    assert found is not None
    assert (found.client_secret, found.refresh_token) == (Secret("client-secret"), Secret("refresh-2"))
    store.forget("ann")
    assert ring.items == {}
    assert store.accounts() == []


def test_an_account_moves_with_the_setting(ring: MemoryKeyring, path: Path) -> None:
    CredentialStore(path).save(ANN)
    CredentialStore(path, keyring=True).renew(ANN, Secret("refresh-2"))
    assert list(ring.items) == [("dexup", "ann at https://api.example")]
    assert "refresh" not in json.loads(path.read_text())["accounts"][0].values()
    CredentialStore(path).renew(ANN, Secret("refresh-3"))
    assert ring.items == {}
    found = CredentialStore(path).current(SERVER)
    assert found is not None
    assert found.refresh_token == Secret("refresh-3")


def test_a_keyring_that_is_locked_is_said_without_its_text_and_nothing_falls_back_to_the_file(
    ring: MemoryKeyring, path: Path
) -> None:
    store = CredentialStore(path, keyring=True)
    ring.locked = True
    with pytest.raises(CredentialsError, match=r"refused \(KeyringLocked\)"):
        store.save(ANN)
    assert not path.exists()
    ring.locked = False
    store.save(ANN)
    ring.locked = True
    with pytest.raises(CredentialsError, match="Unlock the keyring"):
        store.current(SERVER)
    with pytest.raises(CredentialsError):
        store.forget("ann")
    assert store.accounts() == []  # logged out all the same


def test_a_keyring_that_does_not_answer_is_left(ring: MemoryKeyring, path: Path) -> None:
    ring.silent = 0.5
    with pytest.raises(CredentialsError, match="its dialog may be on another display"):
        CredentialStore(path, keyring=True, vault=KeyringVault(patience=0.01)).save(ANN)


@pytest.mark.parametrize("held", ["no json", "[]", '{"refresh_token": 1}', '{"refresh_token": "x"}', None])
def test_what_the_keyring_does_not_hold_any_more_asks_for_a_login(
    ring: MemoryKeyring, path: Path, held: str | None
) -> None:
    store = CredentialStore(path, keyring=True)
    store.save(ANN)
    (name,) = ring.items
    if held is None:
        del ring.items[name]
    else:
        ring.items[name] = held
    with pytest.raises(CredentialsError, match="Log in again"):
        store.current(SERVER)


def test_without_the_package_the_remedy_names_the_extra_and_nothing_loads_it_unasked(path: Path) -> None:
    code = (
        "import sys; sys.modules['keyring'] = None\n"
        "from tui.storage.keyring_vault import KeyringVault\n"
        "try: KeyringVault().get('x')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'dexup[keyring]'" in done.stdout
    code = (
        "import sys; from pathlib import Path; from tui.storage.credentials import CredentialStore\n"
        "CredentialStore(Path(sys.argv[1])).accounts(); print('keyring' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
