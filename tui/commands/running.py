"""Services for a headless command: opened, logged in, closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from tui.accounts import VARIABLES
from tui.commands.console import Console
from tui.commands.patience import patiently
from tui.mangadex import network
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import LoginRequired
from tui.services import Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import load

if TYPE_CHECKING:
    from tui.chapter.sources.base import IsCancelled

T = TypeVar("T")


@contextlib.contextmanager
def opened(console: Console) -> Iterator[Services]:
    """Services on the user's own files, nobody logged in."""
    paths = Paths.default()
    settings = load(paths.settings_file, os.environ)
    for warning in settings.warnings:
        console.warn(f"dexup: {warning}")
    services = open_services(paths, settings, os.environ)
    console.redact = services.redact
    try:
        yield services
    finally:
        services.close()
        for problem in (*services.problems, services.memory.problem, services.engine.ledger_note):
            if problem:
                console.warn(f"dexup: {problem}")


@contextlib.contextmanager
def logged_in(console: Console, *, patient: bool = False) -> Iterator[Services]:
    """Services with somebody logged in; LoginRequired when that does not work without asking. `patient` sits out
    trouble of the line and the service, for commands that nobody may be watching."""
    with opened(console) as services:
        log_in(services, console, patient=patient)
        yield services


def log_in(services: Services, console: Console, *, patient: bool = False, confirm: bool = True) -> None:
    """The same on services that are there already; `confirm` is explained at Accounts.restore()."""

    network.load(services.settings.service.auth_url)

    def restore() -> bool:
        return asyncio.run(services.accounts.restore(confirm=confirm))

    if not (patiently(services, console, restore) if patient else restore()):
        gaps = services.accounts.environment_gaps
        wanted = f"{', '.join(gaps)} not set" if gaps else "no account is kept on this machine"
        error = LoginRequired("Not logged in", wanted)
        error.remedy = f"Run `dexup login`, or set {', '.join(VARIABLES.values())}."
        raise error


@contextlib.contextmanager
def meanwhile(work: Callable[[IsCancelled], T]) -> Iterator[Future[T]]:
    """Do `work` in a thread of its own beside what is in the block, which may wait for the network. It is cancelled
    when the block ends."""
    over = threading.Event()
    with ThreadPoolExecutor(1, "meanwhile") as pool:
        try:
            yield pool.submit(work, over.is_set)
        finally:
            over.set()


def ask(services: Services, job: Callable[[MangaDex], Awaitable[T]]) -> T:
    """Do `job` in the engine and wait for what it gives."""
    return services.engine.submit(job).result()
