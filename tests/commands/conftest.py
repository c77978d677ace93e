"""A sandbox and the command that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.headless import Dexup
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import SandboxServer


@pytest.fixture
def options(tmp_path: Path) -> SandboxOptions:
    """How the sandbox behaves; a test may override it."""
    return SandboxOptions(data=tmp_path / "data", rate_limits=False)


@pytest.fixture
def dexup(tmp_path: Path, options: SandboxOptions) -> Iterator[Dexup]:
    with SandboxServer(options) as server:
        command = Dexup(tmp_path / "home", server, tmp_path / "data")
        try:
            yield command
        finally:
            command.close()
