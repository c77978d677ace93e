"""dexup with a probe in it: how late its event loop is. `python -m tests.bench.lagged FILE [ARGUMENT...]`.

Asks every 10 ms to be called 10 ms later and notes how much later it was. FILE gets a line for each: the
time, in seconds of time.perf_counter() which all processes share, and the seconds of delay.
"""

from __future__ import annotations

import asyncio
import sys
import time

from tui import app, cli

_EVERY = 0.010


async def _probe(path: str) -> None:
    with open(path, "w", encoding="ascii") as file:  # noqa: ASYNC230, PTH123 - opened once, before it counts
        while True:
            due = time.perf_counter() + _EVERY
            await asyncio.sleep(_EVERY)
            now = time.perf_counter()
            file.write(f"{now} {now - due}\n")


def main() -> int:
    path, *arguments = sys.argv[1:]
    mount = app.DexupApp.on_mount
    probes = []

    def on_mount(self: app.DexupApp) -> None:
        probes.append(asyncio.get_running_loop().create_task(_probe(path)))
        mount(self)

    app.DexupApp.on_mount = on_mount  # type: ignore[method-assign]
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
