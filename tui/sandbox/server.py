"""The sandbox on a socket of this machine."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from types import TracebackType
from typing import Any

from tui.sandbox.announce import serve_forever
from tui.sandbox.options import SandboxOptions
from tui.sandbox.unavailable import SandboxUnavailable

try:
    import python_multipart  # noqa: F401 - starlette imports it only when the first file comes
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from tui.sandbox.app import SandboxApp
    from tui.sandbox.auth_routes import OPENID
    from tui.sandbox.faults import Fault, Faults
    from tui.sandbox.link import Link
    from tui.sandbox.requests_log import RequestsLog
    from tui.sandbox.service import Service
except ModuleNotFoundError as error:
    if (error.name or "").startswith("tui"):
        raise
    raise SandboxUnavailable(error.name) from error

__all__ = ["Fault", "SandboxOptions", "SandboxServer", "serve_forever"]

_HOST = "127.0.0.1"
_START_SECONDS = 10.0
_RECEIVE_BUFFER = 65_536
"""Bytes that the kernel takes ahead of a throttled line; more would let the sender believe in a faster one."""


class SandboxServer:
    """A sandbox that serves on 127.0.0.1 from a thread of its own; a context manager.

    Ports, tokens and sessions are new with every start of a server object; one object starts once.
    """

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options if options is not None else SandboxOptions()
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}
        self.state = Service(self.options)
        """What the service knows: sessions, chapters, page bytes, tokens."""
        self._app = SandboxApp(self.state, self._abort)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None

    @property
    def faults(self) -> Faults:
        """Scripted faults; from any thread."""
        return self._app.faults

    @property
    def requests(self) -> RequestsLog:
        """Every request so far, oldest first, without those to /_sandbox."""
        return self._app.requests

    @property
    def mistakes(self) -> list[str]:
        """What went wrong in the sandbox itself, one line each; answered with 500. Empty unless it has a bug."""
        return self._app.mistakes

    @property
    def link(self) -> Link:
        """Latency and uplink; both may be changed while the server runs."""
        return self._app.link

    @property
    def info(self) -> dict[str, str]:
        """Where it is and how to log in; `manga` and `group` are ids to upload to. RuntimeError before start."""
        if self._socket is None:
            raise RuntimeError("The sandbox has not been started")
        base = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        return {
            "api": base,
            "auth": base + OPENID,
            "client_id": self.options.client_id,
            "client_secret": self.options.client_secret,
            "username": self.options.username,
            "password": self.options.password,
            "manga": self.state.manga_id,
            "group": self.state.group_id,
        }

    def start(self, port: int | None = None) -> SandboxServer:
        """Listen on `port` (0: any free one; None: the options' one) and serve. OSError when it is taken."""
        # Named as TCP, since asyncio switches Nagle's delay off for such sockets only: an answer's body would
        # wait some 40 ms for the receipt of its head.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self.options.uplink_bits_per_second:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            listener.bind((_HOST, self.options.port if port is None else port))
            listener.listen(128)
        except OSError:
            listener.close()
            raise
        self._socket = listener
        config = uvicorn.Config(
            self._app,
            http=self._protocol(),
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # the app's own clock says what time it is
            timeout_keep_alive=30,
        )
        # Its complaints about connections that faults have cut would land on the user's terminal.
        for name in ("uvicorn.error", "uvicorn.access"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._wait_until_started()
        return self

    def stop(self) -> None:
        """Cut all connections, stop serving, delete what was temporary. Harmless when not running."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.should_exit = True
            # Requests that hang in a fault would be waited for.
            server.force_exit = True
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._abort_all)
            self._thread.join(_START_SECONDS)
        if self._socket is not None:
            self._socket.close()
        self.state.close()

    def __enter__(self) -> SandboxServer:
        return self.start() if self._thread is None else self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the start
            self._failure = error

    async def _serve(self) -> None:
        assert self._server is not None and self._socket is not None
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._socket])

    def _wait_until_started(self) -> None:
        assert self._server is not None and self._thread is not None
        waited = threading.Event()
        for _ in range(int(_START_SECONDS / 0.005)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.005)
        self.stop()
        raise RuntimeError("The sandbox did not start") from self._failure

    def _protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's protocol, with its transports kept so that faults can cut them."""
        transports = self._transports

        class Protocol(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                self._peer = transport.get_extra_info("peername")
                transports[self._peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self._peer, None)
                super().connection_lost(exc)

        return Protocol

    def _abort(self, address: Any) -> None:
        transport = self._transports.get(tuple(address))
        if transport is not None:
            transport.abort()

    def _abort_all(self) -> None:
        for transport in list(self._transports.values()):
            transport.abort()
