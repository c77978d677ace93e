"""Logging in, staying logged in, logging out; without a terminal nobody is asked."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pexpect

from tests.support.headless import Dexup
from tui.storage.credentials import CredentialStore

NOT_SET = dict.fromkeys(("DEXUP_CLIENT_ID", "DEXUP_CLIENT_SECRET", "DEXUP_USERNAME", "DEXUP_PASSWORD"))


def test_the_environment_logs_in_and_nothing_is_kept(dexup: Dexup) -> None:
    done = dexup.run("whoami", "--json")
    assert done.code == 0, done.err
    assert done.records[0]["username"] == dexup.environ["DEXUP_USERNAME"]
    assert not list(dexup.home.rglob("credentials.json"))
    assert dexup.run("whoami", **NOT_SET).code == 3


def test_a_kept_login_lasts_and_rotates_until_logout(dexup: Dexup) -> None:
    done = dexup.run("login")
    assert done.code == 0, done.err
    (file,) = dexup.home.rglob("credentials.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert dexup.environ["DEXUP_PASSWORD"] not in file.read_text()
    tokens = set()
    for _ in range(2):
        who = dexup.run("whoami", **NOT_SET)
        assert who.code == 0, who.err
        assert dexup.environ["DEXUP_USERNAME"] in who.out
        tokens.add(json.loads(file.read_text())["accounts"][0]["refresh_token"])
    assert len(tokens) == 2
    assert dexup.run("logout", **NOT_SET).out.startswith("Logged out")
    assert json.loads(file.read_text())["accounts"] == []
    assert dexup.run("whoami", **NOT_SET).code == 3


def test_logging_another_account_out_leaves_the_chosen_one(dexup: Dexup) -> None:
    assert dexup.run("login").code == 0
    (file,) = dexup.home.rglob("credentials.json")
    store = CredentialStore(file)
    (kept,) = store.accounts()
    for name in ("alice", "carol"):
        store.save(replace(kept, username=name))
    store.choose("alice", kept.api_url)
    done = dexup.run("logout", "--account", kept.username, **NOT_SET)
    assert done.out.startswith(f"Logged out {kept.username}"), done.err
    assert [account.username for account in store.accounts()] == ["alice", "carol"]
    current = store.current(kept.api_url)
    assert current is not None
    assert current.username == "alice"


def test_wrong_password_exits_3_with_a_sentence(dexup: Dexup) -> None:
    done = dexup.run("whoami", DEXUP_PASSWORD="wrong-password")
    assert done.code == 3
    assert "wrong-password" not in done.out + done.err
    assert "Traceback" not in done.err
    assert dexup.run("login", DEXUP_PASSWORD="wrong-password").code == 3


def test_missing_variables_are_named_and_nobody_is_asked(dexup: Dexup) -> None:
    done = dexup.run("whoami", DEXUP_PASSWORD=None)
    assert done.code == 3
    assert "DEXUP_PASSWORD not set" in done.err
    asked = dexup.run("login", DEXUP_PASSWORD=None)
    assert asked.code == 2
    assert "DEXUP_PASSWORD" in asked.err


def test_a_secret_command_gives_the_rest(dexup: Dexup) -> None:
    settings = dexup.home / "config" / "dexup" / "settings.toml"
    settings.parent.mkdir(parents=True)
    printed = f"{dexup.environ['DEXUP_PASSWORD']}\nusername: {dexup.environ['DEXUP_USERNAME']}\n"
    settings.write_text(
        f"[login]\nsecret_command = {json.dumps([sys.executable, '-c', f'print({printed!r})'])}\n"
    )
    done = dexup.run("whoami", DEXUP_PASSWORD=None, DEXUP_USERNAME=None)
    assert done.code == 0, done.err
    assert dexup.environ["DEXUP_USERNAME"] in done.out


def test_a_credentials_file_that_others_can_read_is_refused(dexup: Dexup) -> None:
    assert dexup.run("login").code == 0
    (file,) = dexup.home.rglob("credentials.json")
    file.chmod(0o644)
    done = dexup.run("whoami", **NOT_SET)
    assert done.code == 3
    assert f"chmod 600 {file}" in done.err
    file.chmod(0o600)


def test_a_broken_settings_file_exits_2(dexup: Dexup) -> None:
    settings = dexup.home / "config" / "dexup" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[upload]\nbatch_files = 20\n")
    done = dexup.run("whoami")
    assert done.code == 2
    assert "settings.toml, line 2" in done.err


def test_an_unreachable_service_exits_5(dexup: Dexup, tmp_path: Path) -> None:
    done = dexup.run("whoami", DEXUP_API_URL="http://127.0.0.1:9", DEXUP_AUTH_URL="http://127.0.0.1:9")
    assert done.code == 5
    assert "Traceback" not in done.err


def test_on_a_terminal_login_asks_for_what_is_missing_and_shows_no_secret(dexup: Dexup) -> None:
    environ = {name: value for name, value in dexup.environ.items() if name not in NOT_SET}
    child = pexpect.spawn(sys.executable, ["-m", "tui", "login"], env=environ, encoding="utf-8", timeout=30)
    shown = ""
    for question, name in (
        ("Client id: ", "DEXUP_CLIENT_ID"),
        ("Client secret: ", "DEXUP_CLIENT_SECRET"),
        ("User name: ", "DEXUP_USERNAME"),
        ("Password: ", "DEXUP_PASSWORD"),
    ):
        child.expect_exact(question)
        shown += child.before or ""
        child.sendline(dexup.environ[name])
    child.expect_exact(f"Logged in as {dexup.environ['DEXUP_USERNAME']}")
    shown += child.before or ""
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert dexup.environ["DEXUP_PASSWORD"] not in shown
    assert dexup.environ["DEXUP_CLIENT_SECRET"] not in shown
    assert dexup.run("whoami", **NOT_SET).code == 0
