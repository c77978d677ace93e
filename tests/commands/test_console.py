"""What a headless command prints, and where."""

from __future__ import annotations

import errno
import io
import os

import pytest

from tui.commands.console import Console


@pytest.mark.parametrize("json_lines", [False, True])
def test_a_terminal_that_has_hung_up_ends_no_command(
    monkeypatch: pytest.MonkeyPatch, json_lines: bool
) -> None:
    reader, writer = os.openpty()
    console = Console(json_lines=json_lines)
    with io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True) as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setattr("sys.stderr", terminal)
        console.line("before")
        console.record({"event": "before"})
        assert b"before" in os.read(reader, 100)
        os.close(reader)
        for _ in range(2):
            console.line("after")
            console.record({"event": "after"})
            console.warn("after")
        with pytest.raises(OSError) as gone:  # it is really gone
            os.write(writer, b"x")
        assert gone.value.errno == errno.EIO
        monkeypatch.undo()
