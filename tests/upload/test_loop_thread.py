"""The thread that the engine works in."""

from __future__ import annotations

from concurrent.futures import Future
from contextvars import ContextVar

from tui.upload.loop_thread import LoopThread

SCREEN: ContextVar[str] = ContextVar("SCREEN", default="none")


def test_nothing_of_who_asks_gets_into_the_loop() -> None:
    thread = LoopThread("test")
    thread.start()
    called: Future[str] = Future()

    async def look() -> str:
        return SCREEN.get()

    token = SCREEN.set("one that is left meanwhile")
    try:
        ran = thread.run(look())
        thread.call(lambda: called.set_result(SCREEN.get()))
        assert (ran.result(10), called.result(10)) == ("none", "none")
    finally:
        SCREEN.reset(token)
        thread.end()
        thread.join(10)
