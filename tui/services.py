"""What screens and commands work with: one object that holds settings, accounts, memory and the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.accounts import Accounts
from tui.mangadex.client import MangaDex
from tui.mangadex.clock import SystemClock
from tui.mangadex.credentials import Credentials
from tui.mangadex.pace import KBIT, Pace, limit_words
from tui.secret import Redactor, Secret
from tui.storage.consent import ConsentStore
from tui.storage.credentials import CredentialStore
from tui.storage.errors import StorageError
from tui.storage.files import make_private_folder
from tui.storage.kept_limits import KeptLimits
from tui.storage.kept_orders import KeptOrders
from tui.storage.memory import Memory
from tui.storage.paths import Paths
from tui.storage.search_cache import SearchCache
from tui.storage.settings import ServiceSettings, Settings, save_value
from tui.upload.engine import ClientHooks, Engine, EngineOptions
from tui.upload.ledger_file import LedgerError
from tui.upload.queue.runner import QueueRunner
from tui.upload.search import Search

if TYPE_CHECKING:
    from tui.chapter.details import ChapterDetails
    from tui.chapter.guess import Guess
    from tui.chapter.reading import ReadChapter
    from tui.chapter.sources.base import IsCancelled
    from tui.upload.known import Known


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
    accounts: Accounts
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
    problems: list[str] = field(default_factory=list)
    """What went wrong with files of ours without stopping anything, for showing."""

    @property
    def account(self) -> str:
        """User name of who is logged in; "" when nobody is."""
        return self.accounts.name

    def keep_zone(self, zone: str) -> None:
        """Remember the time zone in which publish times are typed, in the settings. StorageError."""
        if zone == self.settings.upload.zone:
            return
        self.settings = replace(self.settings, upload=replace(self.settings.upload, zone=zone))
        if self.sandbox is None:
            save_value(self.paths.settings_file, "upload.zone", zone)

    def known(self) -> Known:
        """What this machine knows of chapters before anybody typed anything. Blocking: small files, the ledger."""
        from tui.upload.known import know  # late: it loads all that reads names

        try:
            receipts = self.engine.records.receipts().result()
            proofs = self.engine.records.proofs().result()
        except LedgerError as error:
            receipts, proofs = [], {}
            self.problems.append(f"The last chapter of a series is not known: {error}")
        upload = self.settings.upload
        return know(
            self.memory, receipts, proofs, patterns=self.settings.names.patterns, language=upload.language
        )

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


def open_services(
    paths: Paths, settings: Settings, environ: Mapping[str, str], sandbox: SandboxInfo | None = None
) -> Services:
    """Services on these files and this service, with the engine started and nobody logged in yet.

    With `sandbox` the addresses are the sandbox's, and the user's own credentials are not looked at.
    """
    if sandbox is not None:
        own = ServiceSettings(api_url=sandbox.api_url, auth_url=sandbox.auth_url)
        settings = replace(settings, service=own, secret_command=(), keyring=False)
        environ = {}
    api_url = settings.service.api_url

    redact = Redactor()
    pace = Pace(SystemClock(), limit=settings.upload.limit_kbit * KBIT)

    def make_client(hooks: ClientHooks) -> MangaDex:
        return MangaDex(
            api_url,
            None,
            on_wait=hooks.on_wait,
            on_note=hooks.on_note,
            on_request=hooks.on_request,
            pace=pace,
            limits=KeptLimits(paths.limits_file, api_url, hooks.on_note),
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
        from tui.upload.known import learn

        try:
            learn(memory, source, guess, details)
        except StorageError as error:  # the upload does not depend on it
            problems.append(f"What was chosen could not be remembered: {error}")

    return Services(
        paths=paths,
        settings=settings,
        accounts=Accounts(
            engine,
            CredentialStore(paths.credentials_file, keyring=settings.keyring),
            settings.service,
            environ=environ,
            secret_command=settings.secret_command,
            redact=redact,
            problems=problems,
            sandbox=sandbox.credentials if sandbox is not None else None,
        ),
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
