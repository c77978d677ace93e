"""One request and its answer on the wire, with the scripted faults that strike between."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from starlette.responses import Response

from tui.sandbox.fault_actions import Action, Cut, Drip, Hang
from tui.sandbox.link import Message, Receive
from tui.sandbox.requests_log import MOST_BODY_BYTES, LoggedRequest
from tui.sandbox.service import Service

MOST_BYTES = 400_000_000
"""A request body is read up to here before the connection is closed."""


class Gone(Exception):
    """The connection is closed; nobody hears an answer."""


class Exchange:
    """Reads the body, strikes with the faults at their moments, sends the answer."""

    def __init__(
        self,
        scope: MutableMapping[str, Any],
        receive: Receive,
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
        entry: LoggedRequest,
        actions: Sequence[Action],
        now: Callable[[], float],
    ) -> None:
        self._transport: asyncio.Transport | None = scope.get("state", {}).get("transport")
        self._receive = receive
        self._send = send
        self._entry = entry
        self._actions = actions
        self._now = now
        self._is_json = entry.headers.get("content-type", "").startswith("application/json")
        self._body_read = False
        self._cut_after = self._bytes_before_cut()

    async def begin(self, service: Service) -> None:
        """What strikes before the body is read."""
        for action in self._actions:
            action.before(service)
        await self._strike("start")

    async def before_handling(self) -> None:
        """What strikes between the body and its handling: the body is read first, and kept for the handler."""
        if any(isinstance(action, Hang) and action.at == "body" for action in self._actions):
            kept = [await self.receive()]
            while kept[-1].get("more_body"):
                kept.append(await self.receive())
            await self._strike("body")
            rest = iter(kept)
            original = self._receive

            async def replayed() -> Message:
                return next(rest, None) or await original()

            self._receive = replayed
            self._entry.body_bytes, self._entry.body, self._body_read = 0, b"", False

    def scripted_answer(self) -> Response | None:
        """The answer of the first fault that has one; the request is not handled then."""
        answers = (action.answer(self._now()) for action in self._actions)
        return next((answer for answer in answers if answer is not None), None)

    async def receive(self) -> Message:
        """ASGI receive for the handler: counts, logs, and cuts in the middle."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._body_read = True
            raise Gone
        body: bytes = message.get("body", b"")
        entry = self._entry
        entry.body_bytes += len(body)
        if self._is_json and len(entry.body) < MOST_BODY_BYTES:
            entry.body += body[: MOST_BODY_BYTES - len(entry.body)]
        if self._cut_after is not None and entry.body_bytes >= self._cut_after:
            await self._cut()
        if entry.body_bytes > MOST_BYTES:
            await self._cut()
        self._body_read = not message.get("more_body", False)
        return message

    async def answer(self, reply: Response) -> None:
        """Send `reply` as the faults will have it.

        A body that nobody wanted is read first, as the service's front servers do: a client that is still
        sending could not hear the answer.
        """
        for action in self._actions:
            reply = action.rewrite(reply)
        while not self._body_read:
            await self.receive()
        await self._strike("answer")
        headers = [*reply.raw_headers, (b"x-request-id", self._entry.request_id.encode())]
        headers += [(name.encode(), value.encode()) for name, value in self._entry.rate_headers.items()]
        self._entry.status = reply.status_code
        await self._send({"type": "http.response.start", "status": reply.status_code, "headers": headers})
        body = bytes(reply.body)
        drip = next((action for action in self._actions if isinstance(action, Drip)), None)
        if drip is not None:
            step = max(1, -(-len(body) // drip.pieces))
            for start in range(0, len(body), step):
                await asyncio.sleep(drip.seconds)
                piece = body[start : start + step]
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            body = b""
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _strike(self, moment: str) -> None:
        """Hang or cut, if a fault says so at this moment."""
        for action in self._actions:
            if isinstance(action, Cut) and action.at == moment:
                await self._cut()
            if isinstance(action, Hang) and action.at == moment:
                await self._hang(action.seconds)

    def _bytes_before_cut(self) -> int | None:
        length = int(self._entry.headers.get("content-length", "0") or 0)
        cuts = (action for action in self._actions if isinstance(action, Cut) and action.at == "body")
        return next((max(1, int(length * action.fraction)) for action in cuts), None)

    async def _cut(self) -> None:
        """Reset the connection, so that the client does not see a clean end."""
        if self._transport is not None:
            connection = self._transport.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
            # The server must know of the end before the application returns, or it would answer 500.
            while (await self._receive())["type"] != "http.disconnect":
                continue
        raise Gone

    async def _hang(self, seconds: float) -> None:
        """Nothing for so long; the end of the connection ends it."""
        deadline = asyncio.get_running_loop().time() + (seconds or 1e9)
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            if self._transport is not None and self._transport.is_closing():
                raise Gone
            await asyncio.sleep(min(left, 0.05))
