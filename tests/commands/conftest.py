"""A sandbox and the command that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.headless import Dexup
from tests.support.killing import Forge
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import SandboxServer


@pytest.fixture
def options(tmp_path: Path) -> SandboxOptions:
    """How the sandbox behaves; a test may override it."""
    return SandboxOptions(data=tmp_path / "data", rate_limits=False)


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    """Makes the processes of all tests."""
    with Forge() as made:
        yield made


@pytest.fixture
def dexup(tmp_path: Path, options: SandboxOptions, forge: Forge) -> Iterator[Dexup]:
    with SandboxServer(options) as server:
        command = Dexup(tmp_path / "home", server, tmp_path / "data", forge=forge)
        try:
            yield command
        finally:
            command.close()
