"""Writing to a terminal that stalls or goes away."""

from __future__ import annotations

import os
import pty
import threading

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from tui.widgets.terminal_output import TerminalOutput


def test_a_terminal_that_is_gone_holds_nobody_up() -> None:
    master, slave = pty.openpty()
    output = TerminalOutput(slave, "utf-8")
    output.write("é\n")
    output.flush()
    assert os.read(master, 100) == "é\r\n".encode()
    os.close(master)
    writer = WriterThread(output)  # type: ignore[arg-type]  # the part of a file that it uses
    writer.start()

    # Many more than its queue holds: with a dead thread this would wait for ever.
    def draw() -> None:
        for _ in range(3 * MAX_QUEUED_WRITES):
            writer.write("x")

    drawing = threading.Thread(target=draw, daemon=True)
    drawing.start()
    drawing.join(20)
    assert not drawing.is_alive()
    writer.stop()
    assert output.gone
    os.close(slave)


def test_a_descriptor_that_does_not_block_loses_nothing() -> None:
    reader, descriptor = os.pipe()
    os.set_blocking(descriptor, False)
    output = TerminalOutput(descriptor, "ascii")
    text = "".join(f"{number} ü\n" for number in range(50_000))  # more than a pipe holds
    output.write(text)
    found = bytearray()
    taking = threading.Thread(target=lambda: found.extend(_all(reader)))
    taking.start()
    output.flush()
    os.close(descriptor)
    taking.join(20)
    assert found.decode("ascii") == text.replace("ü", "\\xfc")
    os.close(reader)


def _all(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, 65536):
        pieces.append(piece)
    return b"".join(pieces)
