"""What screens and commands work with: one object that holds settings, accounts, memory and the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.mangadex.clock import SystemClock
from tui.mangadex.credentials import Credentials, Tokens
from tui.mangadex.errors import LoginRequired
from tui.mangadex.models import User
from tui.mangadex.pace import KBIT, Pace, limit_words
from tui.secret import Redactor, Secret
from tui.storage.consent import ConsentStore
from tui.storage.credentials import Account, CredentialStore
from tui.storage.errors import StorageError
from tui.storage.files import make_private_folder
from tui.storage.kept_orders import KeptOrders
from tui.storage.memory import Memory
from tui.storage.paths import Paths
from tui.storage.search_cache import SearchCache
from tui.storage.secret_command import FIELDS, run_secret_command
from tui.storage.settings import ServiceSettings, Settings, save_value
from tui.upload.engine import ClientHooks, Engine, EngineOptions
from tui.upload.known import Known, know, learn
from tui.upload.ledger_file import LedgerError
from tui.upload.queue.runner import QueueRunner
from tui.upload.search import Search

if TYPE_CHECKING:
    from tui.chapter.details import ChapterDetails
    from tui.chapter.guess import Guess
    from tui.chapter.reading import ReadChapter
    from tui.chapter.sources.base import IsCancelled

VARIABLES = {name: f"DEXUP_{name.upper()}" for name in FIELDS}
"""Credential field -> the environment variable that gives it to scripts."""


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """The embedded sandbox that this run talks to, and what there is to know of it."""

    api_url: str
    auth_url: str
    client_id: str
    client_secret: str
    """Not secret: the login screen shows the sandbox's credentials."""
    username: str
    password: str
    manga: str
    """Id of a title to upload to."""
    group: str
    samples: Path
    """Folder with the sample chapters."""

    @classmethod
    def of(cls, info: Mapping[str, str], samples: Path) -> SandboxInfo:
        """From what the server says of itself (`SandboxServer.info`)."""
        return cls(
            api_url=info["api"],
            auth_url=info["auth"],
            client_id=info["client_id"],
            client_secret=info["client_secret"],
            username=info["username"],
            password=info["password"],
            manga=info["manga"],
            group=info["group"],
            samples=samples,
        )

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.client_id, Secret(self.client_secret), self.username, Secret(self.password))


@dataclass
class Services:
    """Everything below the screens. Made by :func:`open_services`, ended by :meth:`close`."""

    paths: Paths
    settings: Settings
    credentials: CredentialStore
    memory: Memory
    consent: ConsentStore
    search: Search
    engine: Engine
    queue: QueueRunner
    pace: Pace
    """How fast pages go up; `limit` and `keep_free` may be set at any time."""
    redact: Redactor
    environ: Mapping[str, str]
    sandbox: SandboxInfo | None = None
    account: str = ""
    """User name of who is logged in; "" when nobody is."""
    user_id: str = ""
    """Id of the same."""
    problems: list[str] = field(default_factory=list)
    """What went wrong with files of ours without stopping anything, for showing."""
    _auth: TokenAuth | None = None
    _logged_out: bool = False

    @property
    def environment(self) -> Credentials | None:
        """The login that the DEXUP_* variables give, when they give all of it. It is never stored."""
        return _complete(self._variables())

    @property
    def environment_gaps(self) -> tuple[str, ...]:
        """The variables that are missing when some, but not all, are set."""
        found = self._variables()
        return tuple(VARIABLES[name] for name in FIELDS if name not in found) if found else ()

    async def restore(self) -> User | None:
        """Log in without asking: with the environment's credentials, a kept account, or the secret command.

        None when there is nothing to log in with. Raises the kinds of MangaDexError (LoginRequired when the
        kept token is dead and nothing else helps) and of StorageError.
        """
        if self.sandbox is not None:
            return None if self._logged_out else await self.log_in(self.sandbox.credentials, stay=True)
        given = self.environment
        if given is not None:
            return await self.log_in(given, stay=False)
        kept = await asyncio.to_thread(self.credentials.current, self.settings.service.api_url)
        if kept is not None and self._may_use(kept):
            try:
                return await self.switch(kept)
            except LoginRequired:
                if not self.settings.secret_command:
                    raise
        if self.settings.secret_command:
            printed = await asyncio.to_thread(run_secret_command, self.settings.secret_command, self.environ)
            found = printed | self._variables()
            given = _complete(found)
            if given is None:
                missing = ", ".join(name for name in FIELDS if name not in found)
                raise LoginRequired("Not logged in", f"the secret command gives no {missing}")
            return await self.log_in(given, stay=False)
        return None

    async def log_in(self, credentials: Credentials, *, stay: bool) -> User:
        """Log in with a password. With `stay` the refresh token and the client secret are kept (never the
        password), so that :meth:`restore` works in a later run.

        LoginFailed and the other MangaDexError kinds; the account of before stays logged in then.
        """
        self.redact.add(credentials.client_secret, credentials.password)
        keeper = _TokenKeeper(self)
        auth = self._make_auth(credentials.client_id, credentials.client_secret, keeper)

        async def job(client: MangaDex) -> User:
            try:
                keeper(await auth.log_in(credentials.username, credentials.password))
            finally:
                await auth.aclose()  # its own connection; from here on it sends through the client
            return await self._enter(client, auth)

        user = await self.engine.ask(job)
        if stay and keeper.refresh:
            kept = Account(
                username=user.username,
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                refresh_token=keeper.refresh,
                api_url=self.settings.service.api_url,
                auth_url=self.settings.service.auth_url,
            )
            await asyncio.to_thread(self.credentials.save, kept)
            keeper.account = kept
        return user

    async def switch(self, account: Account) -> User:
        """Go on as a kept account, which becomes the current one. LoginRequired when its token is dead."""
        if not self._may_use(account):
            raise LoginRequired("Log in again", "the account was kept for another server")
        self.redact.add(account.client_secret, account.refresh_token)
        tokens = Tokens(access=Secret(""), refresh=account.refresh_token, expires_at=0.0)
        keeper = _TokenKeeper(self, account)
        auth = self._make_auth(account.client_id, account.client_secret, keeper, tokens)

        async def job(client: MangaDex) -> User:
            return await self._enter(client, auth)

        user = await self.engine.ask(job)
        await asyncio.to_thread(self.credentials.choose, account.username, account.api_url)
        return user

    async def log_out(self) -> None:
        """Forget the account: its token is revoked if the server lets us, and deleted from this machine.

        An upload session on the server stays as it is.
        """
        auth, name = self._auth, self.account

        async def job(client: MangaDex) -> None:
            if auth is not None:
                await auth.log_out()
            client.use_auth(None)

        await self.engine.ask(job)
        self._auth, self.account, self._logged_out = None, "", True
        self.user_id = ""
        if name:
            await asyncio.to_thread(self.credentials.forget, name, self.settings.service.api_url)

    def keep_zone(self, zone: str) -> None:
        """Remember the time zone in which publish times are typed, in the settings. StorageError."""
        if zone == self.settings.upload.zone:
            return
        self.settings = replace(self.settings, upload=replace(self.settings.upload, zone=zone))
        if self.sandbox is None:
            save_value(self.paths.settings_file, "upload.zone", zone)

    def known(self) -> Known:
        """What this machine knows of chapters before anybody typed anything. Blocking: small files, the ledger."""
        try:
            receipts = self.engine.receipts().result()
        except LedgerError as error:
            receipts = []
            self.problems.append(f"The last chapter of a series is not known: {error}")
        upload = self.settings.upload
        return know(self.memory, receipts, patterns=self.settings.names.patterns, language=upload.language)

    def set_limit(self, kbit: int) -> None:
        """Cap the bandwidth from now on, in kilobits a second; 0 lifts the cap."""
        self.pace.limit = kbit * KBIT
        self.engine.note(f"The bandwidth is {limit_words(kbit)} now.")

    @property
    def limit_kbit(self) -> int:
        """The cap, 0 when there is none."""
        return round(self.pace.limit / KBIT)

    def close(self, deadline: float = 5.0) -> None:
        """Stop the queue and the engine; the session on the server is kept."""
        self.queue.stop()
        self.queue.join(deadline / 2)
        self.engine.close(deadline)

    def _make_auth(
        self, client_id: str, client_secret: Secret, keeper: _TokenKeeper, tokens: Tokens | None = None
    ) -> TokenAuth:
        return TokenAuth(
            self.settings.service.auth_url, client_id, client_secret, tokens=tokens, on_tokens=keeper
        )

    async def _enter(self, client: MangaDex, auth: TokenAuth) -> User:
        """Make requests as this login, if it works; as the one before, if it does not. Engine thread."""
        client.use_auth(auth)
        try:
            user = await client.me()
        except BaseException:
            client.use_auth(self._auth)
            raise
        self._auth, self.account, self._logged_out = auth, user.username, False
        self.user_id = user.id
        return user

    def _may_use(self, account: Account) -> bool:
        """A token goes to the servers that gave it and to no other."""
        service = self.settings.service
        return account.api_url == service.api_url and account.auth_url in ("", service.auth_url)

    def _variables(self) -> dict[str, Secret]:
        found = {name: Secret(self.environ.get(variable, "")) for name, variable in VARIABLES.items()}
        return {name: value for name, value in found.items() if value}


class _TokenKeeper:
    """Hears of every new pair of tokens and keeps the refresh token of an account that stays logged in."""

    def __init__(self, services: Services, account: Account | None = None) -> None:
        self._services = services
        self.account = account
        self.refresh = account.refresh_token if account is not None else Secret("")

    def __call__(self, tokens: Tokens) -> None:
        self._services.redact.add(tokens.access, tokens.refresh)
        if tokens.refresh is None or tokens.refresh == self.refresh:
            return
        self.refresh = tokens.refresh
        if self.account is None:
            return
        try:
            self._services.credentials.renew(self.account, tokens.refresh)
        except StorageError as error:
            # The upload goes on with the token in memory; only the next start has to log in again.
            self._services.problems.append(f"The renewed login could not be kept: {error}")


def open_services(
    paths: Paths, settings: Settings, environ: Mapping[str, str], sandbox: SandboxInfo | None = None
) -> Services:
    """Services on these files and this service, with the engine started and nobody logged in yet.

    With `sandbox` the addresses are the sandbox's, and the user's own credentials are not looked at.
    """
    if sandbox is not None:
        own = ServiceSettings(api_url=sandbox.api_url, auth_url=sandbox.auth_url)
        settings = replace(settings, service=own, secret_command=())
        environ = {}
    api_url = settings.service.api_url

    redact = Redactor()
    pace = Pace(SystemClock(), limit=settings.upload.limit_kbit * KBIT)

    def make_client(hooks: ClientHooks) -> MangaDex:
        def on_wait(reason: str, until: float) -> None:
            # Outside an upload nothing ends the wait that a screen would show.
            if engine.view.active:
                hooks.on_wait(reason, until)
            else:
                hooks.on_note(f"waiting: {reason}")

        return MangaDex(
            api_url, None, on_wait=on_wait, on_note=hooks.on_note, on_request=hooks.on_request, pace=pace
        )

    make_private_folder(paths.state)
    engine = Engine(
        make_client,
        paths.ledger_file,
        options=EngineOptions(batch_files=settings.upload.batch_files, in_flight=settings.upload.in_flight),
        log_path=paths.log_file,
        redact=redact,
    )
    engine.start()

    memory = Memory(paths.memory_file)
    problems: list[str] = []

    def read(path: Path, cancelled: IsCancelled) -> ReadChapter:
        from tui.chapter.reading import read_chapter  # late: not every start reads a chapter

        kept = KeptOrders(paths.orders_folder)
        return read_chapter(path, settings.upload.order, kept=kept.get, cancelled=cancelled)

    def learned(source: Path, guess: Guess, details: ChapterDetails) -> None:
        try:
            learn(memory, source, guess, details)
        except StorageError as error:  # the upload does not depend on it
            problems.append(f"What was chosen could not be remembered: {error}")

    return Services(
        paths=paths,
        settings=settings,
        credentials=CredentialStore(paths.credentials_file),
        memory=memory,
        consent=ConsentStore(paths.consent_file),
        search=Search(engine, SearchCache(paths.searches_file), api_url),
        engine=engine,
        queue=QueueRunner(engine, read, learned),
        problems=problems,
        pace=pace,
        redact=redact,
        environ=environ,
        sandbox=sandbox,
    )


def _complete(found: Mapping[str, Secret]) -> Credentials | None:
    if any(name not in found for name in FIELDS):
        return None
    return Credentials(
        found["client_id"].reveal(), found["client_secret"], found["username"].reveal(), found["password"]
    )
