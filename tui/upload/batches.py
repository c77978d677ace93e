"""Which pages go into the next request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tui.upload.options import EngineOptions

_SMALLEST_BYTES = 500_000
_LARGEST_BYTES = 40_000_000


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one request may hold now; every method returns new limits."""

    files: int
    bytes: int
    options: EngineOptions = field(default_factory=EngineOptions)
    refused_bytes: int | None = None
    """A request with so many was too large for the server; none that holds several pages reaches it again."""

    @classmethod
    def start(cls, options: EngineOptions) -> BatchLimits:
        """What is right before anything was measured."""
        return cls(options.batch_files, options.batch_bytes, options)

    def after_success(self, bytes_per_second: float) -> BatchLimits:
        """Grow back by one file, and let the bytes follow the measured speed."""
        wanted = bytes_per_second * self.options.batch_seconds
        size = int(min(max(wanted, _SMALLEST_BYTES), _LARGEST_BYTES)) if bytes_per_second > 0 else self.bytes
        return replace(self, files=min(self.files + 1, self.options.batch_files), bytes=size)

    def after_trouble(self) -> BatchLimits:
        """Half of everything: a time-out or a refusal of the size."""
        return replace(self, files=max(1, self.files // 2), bytes=max(_SMALLEST_BYTES, self.bytes // 2))

    def after_too_large(self, refused: int) -> BatchLimits:
        """The server does not take a request with `refused` bytes of pages."""
        least = refused if self.refused_bytes is None else min(refused, self.refused_bytes)
        return replace(self.after_trouble(), refused_bytes=least)


def take_batch(sizes: Sequence[int], limits: BatchLimits) -> int:
    """How many of the pages with these sizes, from the first on, make the next request (at least one)."""
    total = 0
    for count, size in enumerate(sizes):
        total += size
        too_large = total > limits.bytes or (
            limits.refused_bytes is not None and total >= limits.refused_bytes
        )
        if count == limits.files or (count > 0 and too_large):
            return count
    return len(sizes)


def halves(positions: Sequence[int]) -> list[tuple[int, ...]]:
    """A refused batch as two, so that the bad page stands alone in the end."""
    middle = (len(positions) + 1) // 2
    return [tuple(part) for part in (positions[:middle], positions[middle:]) if part]
