"""What is fuzzed: everything that reads bytes which somebody else made.

A new target is one more row in TARGETS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.fuzzing.archives import Archives
from tests.support.fuzzing.pages import Headers, Pictures
from tests.support.fuzzing.service import Client, Documents
from tests.support.fuzzing.target import Target
from tests.support.fuzzing.texts import ComicInfos, Names, Sidecars


@dataclass(frozen=True, slots=True)
class Row:
    """One target."""

    name: str
    make: Callable[[Path], Target]
    """Given a folder of its own for files."""
    share: int
    """Of a million cases."""
    seconds: float
    """Of processor time that one case may take."""
    megabytes: int
    """By which one case may raise the process's peak."""


TARGETS: tuple[Row, ...] = (
    Row("headers", Headers, 800_000, 0.5, 8),
    Row("names", lambda _: Names(), 50_000, 0.5, 8),
    Row("documents", lambda _: Documents(), 60_000, 0.5, 16),
    Row("comic-info", lambda _: ComicInfos(), 30_000, 0.5, 16),
    Row("sidecar", lambda _: Sidecars(), 20_000, 1.0, 16),
    Row("archives", Archives, 20_000, 1.5, 80),
    Row("client", Client, 10_000, 1.0, 16),
    Row("pictures", Pictures, 10_000, 5.0, 700),
)
