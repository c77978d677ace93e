"""The whole App on throw-away files and a real sandbox, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.app import DexupApp
from tui.sandbox.options import SandboxOptions
from tui.sandbox.samples import write_samples
from tui.sandbox.server import SandboxServer
from tui.services import SandboxInfo, Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import Settings


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample chapters; do not change them."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


@pytest.fixture(scope="session")
def harbour(samples: Path) -> Path:
    """The sample folder of 24 good pages."""
    return next(path for path in sorted(samples.iterdir()) if path.is_dir() and "Harbour" in path.name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(data=tmp_path / "data", rate_limits=False)) as running:
        yield running


@pytest.fixture
def services(tmp_path: Path, server: SandboxServer, samples: Path) -> Iterator[Services]:
    known = SandboxInfo.of(server.info, samples)
    made = open_services(Paths.below(tmp_path / "profile"), Settings(), {}, known)
    yield made
    made.close()


@pytest.fixture
def app(services: Services) -> DexupApp:
    """Logs in by itself, as `dexup --sandbox` does."""
    return DexupApp(services)
