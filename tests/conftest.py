"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.leaks import leaks_below


@pytest.fixture(scope="session", autouse=True)
def nothing_secret_was_written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end of the run every file that any test has left is searched for the secrets that were used."""
    yield
    assert list(leaks_below(tmp_path_factory.getbasetemp())) == []
