"""The line between the client and the sandbox: added latency and a shared uplink."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Link:
    """One uplink for all connections.

    The server does not read on before the bytes that it has read could have come over such a line, so that
    TCP itself slows the sender down and the sender's progress stays honest.
    """

    def __init__(self, bits_per_second: float = 0, latency: float = 0) -> None:
        self.bits_per_second = bits_per_second
        self.latency = latency
        self._free_at = 0.0
        """When the line will have carried everything that was asked of it, in the event loop's time."""

    async def carry(self, size: int) -> None:
        """Return when `size` bytes more have arrived."""
        if self.bits_per_second <= 0 or not size:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + size * 8 / self.bits_per_second
        await asyncio.sleep(self._free_at - now)

    async def delay(self) -> None:
        """The added latency of one request."""
        if self.latency > 0:
            await asyncio.sleep(self.latency)

    def throttled(self, receive: Receive) -> Receive:
        """`receive` at the speed of the line."""

        async def slow() -> Message:
            message = await receive()
            await self.carry(len(message.get("body", b"")))
            return message

        return slow
