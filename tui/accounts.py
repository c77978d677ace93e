"""Who is logged in: by a password, a kept account, the environment, or a command that prints the credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.mangadex.credentials import Credentials, Tokens
from tui.mangadex.errors import LoginRequired
from tui.mangadex.models import User
from tui.secret import Redactor, Secret
from tui.storage.credentials import Account, CredentialStore
from tui.storage.errors import StorageError
from tui.storage.secret_command import FIELDS, run_secret_command
from tui.storage.settings import ServiceSettings
from tui.upload.engine import Engine

VARIABLES = {name: f"DEXUP_{name.upper()}" for name in FIELDS}
"""Credential field -> the environment variable that gives it to scripts."""


class Accounts:
    """Logging in and out. What a login brings is used by the engine's client from then on."""

    def __init__(
        self,
        engine: Engine,
        store: CredentialStore,
        service: ServiceSettings,
        *,
        environ: Mapping[str, str],
        secret_command: tuple[str, ...],
        redact: Redactor,
        problems: list[str],
        sandbox: Credentials | None = None,
    ) -> None:
        """`problems` gets what went wrong with kept accounts without stopping anything; with `sandbox` it is
        that login which :meth:`restore` uses, and nothing of the user's own."""
        self.store = store
        self.redact = redact
        self.problems = problems
        self.name = ""
        """User name of who is logged in; "" when nobody is."""
        self.user_id = ""
        """Id of the same; "" until it was asked for."""
        self.confirmed = False
        """The service itself has said who is logged in; until then the name is what was typed."""
        self._engine = engine
        self._service = service
        self._environ = environ
        self._secret_command = secret_command
        self._sandbox = sandbox
        self._auth: TokenAuth | None = None
        self._logged_out = False

    @property
    def environment(self) -> Credentials | None:
        """The login that the DEXUP_* variables give, when they give all of it. It is never stored."""
        return _complete(self._variables())

    @property
    def environment_gaps(self) -> tuple[str, ...]:
        """The variables that are missing when some, but not all, are set."""
        found = self._variables()
        return tuple(VARIABLES[name] for name in FIELDS if name not in found) if found else ()

    async def restore(self, *, confirm: bool = True) -> bool:
        """Log in without asking: with the environment's credentials, a kept account, or the secret command.
        Without `confirm` the service is not asked who that is, unless an e-mail address was typed for the name.

        False when there is nothing to log in with. Raises the kinds of MangaDexError (LoginRequired when the
        kept token is dead and nothing else helps) and of StorageError.
        """
        if self._sandbox is not None:
            if not self._logged_out:
                await self.log_in(self._sandbox, stay=True)
            return not self._logged_out
        given = self.environment
        if given is not None:
            await self.log_in(given, stay=False, confirm=confirm)
            return True
        kept = await asyncio.to_thread(self.store.current, self._service.api_url)
        if kept is not None and self._may_use(kept):
            try:
                await self.switch(kept, confirm=confirm)
                return True
            except LoginRequired:
                if not self._secret_command:
                    raise
        if self._secret_command:
            printed = await asyncio.to_thread(run_secret_command, self._secret_command, self._environ)
            found = printed | self._variables()
            given = _complete(found)
            if given is None:
                missing = ", ".join(name for name in FIELDS if name not in found)
                raise LoginRequired("Not logged in", f"the secret command gives no {missing}")
            await self.log_in(given, stay=False, confirm=confirm)
            return True
        return False

    async def log_in(self, credentials: Credentials, *, stay: bool, confirm: bool = True) -> str:
        """Log in with a password; the user name. With `stay` the refresh token and the client secret are kept
        (never the password), so that :meth:`restore` works in a later run. `confirm` as there.

        LoginFailed and the other MangaDexError kinds; the account of before stays logged in then.
        """
        self.redact.add(credentials.client_secret, credentials.password)
        keeper = _TokenKeeper(self)
        auth = self._make_auth(credentials.client_id, credentials.client_secret, keeper)

        name = "" if confirm or stay or "@" in credentials.username else credentials.username

        async def job(client: MangaDex) -> None:
            client.lend_to(auth)  # so that a login heeds bans and limits, and the account of before stays
            keeper(await auth.log_in(credentials.username, credentials.password))
            await self._enter(client, auth, typed=name)

        await self._engine.ask(job)
        if stay and keeper.refresh:
            kept = Account(
                username=self.name,
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                refresh_token=keeper.refresh,
                api_url=self._service.api_url,
                auth_url=self._service.auth_url,
            )
            await asyncio.to_thread(self.store.save, kept)
            keeper.account = kept
        return self.name

    async def switch(self, account: Account, *, choose: bool = True, confirm: bool = True) -> None:
        """Go on as a kept account, which by default becomes the current one. LoginRequired when its token is
        dead."""
        if not self._may_use(account):
            raise LoginRequired("Log in again", "the account was kept for another server")
        self.redact.add(account.client_secret, account.refresh_token)
        tokens = Tokens(access=Secret(""), refresh=account.refresh_token, expires_at=0.0)
        keeper = _TokenKeeper(self, account)
        auth = self._make_auth(account.client_id, account.client_secret, keeper, tokens)

        async def job(client: MangaDex) -> None:
            await self._enter(client, auth, kept="" if confirm else account.username)

        await self._engine.ask(job)
        if choose:
            await asyncio.to_thread(self.store.choose, account.username, account.api_url)

    def confirm(self, user: User) -> None:
        """The service has said who is logged in. Engine thread."""
        self.name, self.user_id, self.confirmed = user.username, user.id, True

    async def log_out(self) -> None:
        """Forget the account: its token is revoked if the server lets us, and deleted from this machine.

        An upload session on the server stays as it is.
        """
        auth, name = self._auth, self.name

        async def job(client: MangaDex) -> None:
            if auth is not None:
                await auth.log_out()
            client.use_auth(None)

        await self._engine.ask(job)
        self._auth, self.name, self._logged_out = None, "", True
        self.user_id, self.confirmed = "", False
        if name:
            await asyncio.to_thread(self.store.forget, name, self._service.api_url)

    def _make_auth(
        self, client_id: str, client_secret: Secret, keeper: _TokenKeeper, tokens: Tokens | None = None
    ) -> TokenAuth:
        return TokenAuth(
            self._service.auth_url,
            client_id,
            client_secret,
            tokens=tokens,
            on_tokens=keeper,
            kept_token=keeper.kept,
        )

    async def _enter(self, client: MangaDex, auth: TokenAuth, *, typed: str = "", kept: str = "") -> None:
        """Make requests as this login, if it works; as the one before, if it does not. Engine thread.

        The name that was typed, or kept since the service said it, is taken for the user's; without one it is asked.
        """
        client.use_auth(auth)
        try:
            if typed or kept:
                await auth.ready()
                self.name, self.user_id, self.confirmed = typed or kept, "", bool(kept)
            else:
                self.confirm(await client.me())
        except BaseException:
            client.use_auth(self._auth)
            raise
        self._auth, self._logged_out = auth, False

    def _may_use(self, account: Account) -> bool:
        """A token goes to the servers that gave it and to no other."""
        service = self._service
        return account.api_url == service.api_url and account.auth_url in ("", service.auth_url)

    def _variables(self) -> dict[str, Secret]:
        found = {name: Secret(self._environ.get(variable, "")) for name, variable in VARIABLES.items()}
        return {name: value for name, value in found.items() if value}


class _TokenKeeper:
    """Hears of every new pair of tokens and keeps the refresh token of an account that stays logged in."""

    def __init__(self, accounts: Accounts, account: Account | None = None) -> None:
        self._accounts = accounts
        self.account = account
        self.refresh = account.refresh_token if account is not None else Secret("")

    def __call__(self, tokens: Tokens) -> None:
        self._accounts.redact.add(tokens.access, tokens.refresh)
        if tokens.refresh is None or tokens.refresh == self.refresh:
            return
        self.refresh = tokens.refresh
        if self.account is None:
            return
        try:
            self._accounts.store.renew(self.account, tokens.refresh)
        except StorageError as error:
            # The upload goes on with the token in memory; only the next start has to log in again.
            self._accounts.problems.append(f"The renewed login could not be kept: {error}")

    async def kept(self) -> Secret | None:
        """The refresh token that is kept of the account now, which another dexup may have renewed."""
        ours = self.account
        if ours is None:
            return None
        try:
            kept = await asyncio.to_thread(self._accounts.store.find, ours.username, ours.api_url)
        except StorageError as error:
            self._accounts.problems.append(f"The kept login could not be read: {error}")
            return None
        if kept is None or (kept.client_id, kept.auth_url) != (ours.client_id, ours.auth_url):
            return None  # logged out, or logged in with another client, to which the token belongs
        self._accounts.redact.add(kept.refresh_token)
        return kept.refresh_token


def _complete(found: Mapping[str, Secret]) -> Credentials | None:
    if any(name not in found for name in FIELDS):
        return None
    return Credentials(
        found["client_id"].reveal(), found["client_secret"], found["username"].reveal(), found["password"]
    )
