"""The sandbox alone in the foreground: `dexup sandbox`."""

from __future__ import annotations

import json
import signal
import sys
import threading
from types import FrameType

from tui.sandbox.options import SandboxOptions


def serve_forever(options: SandboxOptions) -> int:
    """Serve until SIGTERM or SIGINT; the result is the exit code.

    First prints one line of JSON on standard output: what :attr:`SandboxServer.info` holds. Raises
    SandboxUnavailable when a library is missing and OSError when the port is taken. Main thread only.
    """
    from tui.sandbox.server import SandboxServer

    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with SandboxServer(options) as server:
            sys.stdout.write(json.dumps(server.info) + "\n")
            sys.stdout.flush()
            # A wait without a limit would not be interrupted by a signal on every system.
            while not ended.wait(1.0):
                pass
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0
