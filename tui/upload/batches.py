"""Which pages go into the next request, and how many requests go at a time: both follow what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tui.upload.options import EngineOptions

_SMALLEST_BYTES = 150_000
_LARGEST_BYTES = 40_000_000
_USUAL_IN_FLIGHT = 2
_LONG_WAIT = 0.6
"""Part of the time that the other requests send in which an answer should have come, lest the line idles."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one request went."""

    bytes: int
    sending: float
    """Seconds from its first byte to its last."""
    waiting: float
    """Seconds from its last byte to its answer: the round trip, and the server's work."""
    beside: int
    """Requests under way at its end, itself included."""

    @property
    def speed(self) -> float:
        """Bytes a second; 0 when it took no time that can be measured."""
        seconds = self.sending + self.waiting
        return self.bytes / seconds if seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one request may hold now, and how many go at a time; every method returns new limits."""

    files: int
    bytes: int
    in_flight: int
    options: EngineOptions = field(default_factory=EngineOptions)
    refused_bytes: int | None = None
    """A request with so many was too large for the server; none that holds several pages reaches it again."""

    @classmethod
    def start(cls, options: EngineOptions, speed: float = 0.0) -> BatchLimits:
        """What is right before this upload has measured anything; `speed` of the line is in bytes a second, 0 when
        it is not known."""
        in_flight = min(_USUAL_IN_FLIGHT, options.in_flight)
        size = _size_for(speed / in_flight, options) if speed > 0 else options.batch_bytes
        return cls(options.batch_files, size, in_flight, options)

    def after_success(self, measured: Measured) -> BatchLimits:
        """Grow back by one file; bytes and requests in flight follow what was measured."""
        size = _size_for(measured.speed, self.options) if measured.speed > 0 else self.bytes
        return replace(
            self,
            files=min(self.files + 1, self.options.batch_files),
            bytes=size,
            in_flight=self._in_flight_after(measured),
        )

    def _in_flight_after(self, measured: Measured) -> int:
        """Two keep the line busy while one waits for its answer; three when that takes longer than to send one
        alone. One more at a time."""
        alone = measured.sending / max(1, measured.beside)
        wanted = _USUAL_IN_FLIGHT + (measured.waiting > alone * _LONG_WAIT)
        return min(wanted, self.in_flight + 1, self.options.in_flight)

    def after_trouble(self) -> BatchLimits:
        """Half of everything, and one at a time: a time-out or a refusal of the size."""
        return replace(
            self, files=max(1, self.files // 2), bytes=max(_SMALLEST_BYTES, self.bytes // 2), in_flight=1
        )

    def after_too_large(self, refused: int) -> BatchLimits:
        """The server does not take a request with `refused` bytes of pages."""
        least = refused if self.refused_bytes is None else min(refused, self.refused_bytes)
        return replace(self.after_trouble(), refused_bytes=least)


def _size_for(speed: float, options: EngineOptions) -> int:
    """Bytes that a request should hold which goes up at so many bytes a second."""
    return int(min(max(speed * options.batch_seconds, _SMALLEST_BYTES), _LARGEST_BYTES))


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
