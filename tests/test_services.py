"""Services: who is logged in, what is kept, and what never leaves its place."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui.accounts import VARIABLES
from tui.mangadex import errors
from tui.mangadex.credentials import Credentials
from tui.mangadex.errors import LoginFailed, LoginRequired
from tui.sandbox.fault_actions import Banned, Status
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import Fault, SandboxServer
from tui.secret import Secret
from tui.services import SandboxInfo, Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import ServiceSettings, Settings

Open = Callable[..., Services]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(rate_limits=False)) as running:
        yield running


@pytest.fixture
def credentials(server: SandboxServer) -> Credentials:
    info = server.info
    return Credentials(
        info["client_id"], Secret(info["client_secret"]), info["username"], Secret(info["password"])
    )


@pytest.fixture
def opened(server: SandboxServer, tmp_path: Path) -> Iterator[Open]:
    """Opens services on the same files as often as asked, as later runs would."""
    every: list[Services] = []

    def open_them(environ: dict[str, str] | None = None, **settings: object) -> Services:
        service = ServiceSettings(server.info["api"], server.info["auth"])
        chosen = Settings(service=service, **settings)  # type: ignore[arg-type]
        every.append(open_services(Paths.below(tmp_path), chosen, environ or {}))
        return every[-1]

    yield open_them
    for services in every:
        services.close()


def variables(credentials: Credentials) -> dict[str, str]:
    return {
        VARIABLES["client_id"]: credentials.client_id,
        VARIABLES["client_secret"]: credentials.client_secret.reveal(),
        VARIABLES["username"]: credentials.username,
        VARIABLES["password"]: credentials.password.reveal(),
    }


def every_file(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


async def test_nobody_is_logged_in_at_first(opened: Open) -> None:
    services = opened()
    assert not await services.accounts.restore()
    assert services.account == ""
    assert services.accounts.environment is None
    assert services.accounts.environment_gaps == ()


async def test_staying_logged_in_lasts_over_runs_and_keeps_every_new_token(
    opened: Open, credentials: Credentials
) -> None:
    first = opened()
    assert await first.accounts.log_in(credentials, stay=True) == first.account == credentials.username
    (kept,) = first.accounts.store.accounts()
    seen = {kept.refresh_token}
    for _ in range(2):
        later = opened()
        assert await later.accounts.restore()
        assert later.accounts.user_id == first.accounts.user_id
        assert later.account == first.account
        (kept,) = later.accounts.store.accounts()
        seen.add(kept.refresh_token)
    assert len(seen) == 3


async def test_who_is_logged_in_need_not_be_asked_at_once(
    opened: Open, credentials: Credentials, server: SandboxServer
) -> None:
    given = opened(environ=variables(credentials))
    assert await given.accounts.restore(confirm=False)
    await opened().accounts.log_in(credentials, stay=True)
    kept = opened()
    server.requests.clear()
    assert await kept.accounts.restore(confirm=False)
    for services in (given, kept):
        assert (services.account, services.accounts.user_id) == (credentials.username, "")
    assert (given.accounts.confirmed, kept.accounts.confirmed) == (False, True)
    assert "/user/me" not in [entry.path for entry in server.requests]
    given.accounts.confirm(await given.engine.ask(lambda client: client.me()))
    assert given.accounts.confirmed
    assert given.accounts.user_id


async def test_a_login_that_a_second_run_renews_lasts_in_the_first(
    opened: Open, credentials: Credentials, server: SandboxServer
) -> None:
    """A refresh token is good once, and both runs hold the same one."""
    first = opened()
    await first.accounts.log_in(credentials, stay=True)
    second = opened()
    await second.accounts.restore()
    for services in (first, second, first):
        server.faults.add(Fault("GET", "/user/me", Status(401)))  # the access token has ended
        user = await services.engine.ask(lambda client: client.me())
        assert user.username == credentials.username
    (kept,) = first.accounts.store.accounts()
    assert first.redact(kept.refresh_token.reveal()) == "(hidden)"
    assert first.accounts.problems == []


async def test_without_stay_and_from_the_environment_nothing_is_kept(
    opened: Open, credentials: Credentials, tmp_path: Path
) -> None:
    services = opened()
    await services.accounts.log_in(credentials, stay=False)
    assert services.account
    given = opened(variables(credentials))
    assert given.accounts.environment == credentials
    assert await given.accounts.restore()
    assert not (tmp_path / "state" / "credentials.json").exists()


async def test_a_wrong_password_leaves_the_account_of_before(opened: Open, credentials: Credentials) -> None:
    services = opened()
    await services.accounts.log_in(credentials, stay=True)
    wrong = Credentials(
        credentials.client_id, credentials.client_secret, credentials.username, Secret("wrong-password")
    )
    with pytest.raises(LoginFailed) as caught:
        await services.accounts.log_in(wrong, stay=True)
    assert "wrong-password" not in str(caught.value)
    assert services.account == credentials.username
    assert (await services.engine.ask(lambda client: client.me())).username == credentials.username


async def test_a_login_that_is_banned_is_not_tried_again_while_the_ban_lasts(
    opened: Open, credentials: Credentials, server: SandboxServer
) -> None:
    services = opened()
    server.faults.add(Fault("POST", "/realms/*", Banned()))
    before = len(server.requests)
    for _ in range(3):
        with pytest.raises(errors.Banned):
            await services.accounts.log_in(credentials, stay=False)
    assert len(server.requests) == before + 1


async def test_log_out_forgets_and_revokes(opened: Open, credentials: Credentials) -> None:
    services = opened()
    await services.accounts.log_in(credentials, stay=True)
    (kept,) = services.accounts.store.accounts()
    await services.accounts.log_out()
    assert services.account == ""
    assert services.accounts.store.accounts() == []
    assert not await services.accounts.restore()
    with pytest.raises(LoginRequired):
        await services.accounts.switch(kept)


async def test_a_dead_token_asks_for_a_new_login(opened: Open, credentials: Credentials) -> None:
    services = opened()
    await services.accounts.log_in(credentials, stay=True)
    (kept,) = services.accounts.store.accounts()
    services.accounts.store.renew(kept, Secret("dead-token"))
    later = opened()
    with pytest.raises(LoginRequired):
        await later.accounts.restore()
    assert later.account == ""


async def test_a_token_goes_to_the_server_that_gave_it_and_to_no_other(
    opened: Open, credentials: Credentials, server: SandboxServer, tmp_path: Path
) -> None:
    await opened().accounts.log_in(credentials, stay=True)
    with SandboxServer(SandboxOptions(rate_limits=False)) as other:
        for service in (
            ServiceSettings(other.info["api"], server.info["auth"]),
            ServiceSettings(server.info["api"], other.info["auth"]),
        ):
            services = open_services(Paths.below(tmp_path), Settings(service=service), {})
            try:
                assert not await services.accounts.restore()
            finally:
                services.close()
        assert not other.requests


async def test_some_variables_are_named_as_missing(opened: Open, credentials: Credentials) -> None:
    environ = variables(credentials)
    del environ["DEXUP_PASSWORD"]
    services = opened(environ)
    assert services.accounts.environment is None
    assert services.accounts.environment_gaps == ("DEXUP_PASSWORD",)
    assert not await services.accounts.restore()


async def test_the_secret_command_is_used_last_and_stored_never(
    opened: Open, credentials: Credentials, tmp_path: Path
) -> None:
    script = tmp_path / "secrets"
    lines = [f"{name}: {value}" for name, value in variables(credentials).items()]
    script.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
    script.chmod(0o700)
    services = opened(secret_command=(str(script),))
    assert await services.accounts.restore()
    assert not (tmp_path / "state" / "credentials.json").exists()
    script.write_text("#!/bin/sh\necho 'password: only'\n")
    with pytest.raises(LoginRequired, match="client_id, client_secret, username"):
        await opened(secret_command=(str(script),)).accounts.restore()


async def test_everything_secret_is_redacted(opened: Open, credentials: Credentials, tmp_path: Path) -> None:
    services = opened()
    await services.accounts.log_in(credentials, stay=True)
    (kept,) = services.accounts.store.accounts()
    said = (
        f"{credentials.password.reveal()} {kept.refresh_token.reveal()} {credentials.client_secret.reveal()}"
    )
    assert services.redact(said) == "(hidden) (hidden) (hidden)"
    services.close()
    for file in every_file(tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        assert credentials.password.reveal().encode() not in file.read_bytes(), file
        if file.name != "credentials.json":
            assert kept.refresh_token.reveal().encode() not in file.read_bytes(), file


async def test_the_sandbox_is_logged_in_already_until_logged_out(
    server: SandboxServer, tmp_path: Path
) -> None:
    info = server.info
    sandbox = SandboxInfo.of(info, tmp_path / "samples")
    mine = {
        "DEXUP_CLIENT_ID": "mine",
        "DEXUP_CLIENT_SECRET": "mine",
        "DEXUP_USERNAME": "me",
        "DEXUP_PASSWORD": "x",
    }
    services = open_services(
        Paths.below(tmp_path), Settings(secret_command=("/no/such/command",)), mine, sandbox
    )
    try:
        assert services.accounts.environment is None
        assert services.settings.service.api_url == info["api"]
        assert await services.accounts.restore()
        assert services.account == info["username"]
        await services.accounts.log_out()
        assert not await services.accounts.restore()
        assert await services.accounts.log_in(sandbox.credentials, stay=False) == info["username"]
    finally:
        services.close()
