"""The main job over a real SSH connection of 64 kbit/s and a round trip of 150 ms, and what it costs of that line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.slow_line import SlowLine
from tests.support.ssh import SshHost, SshTerminal, dexup_command

BYTES = 20_000
"""What the terminal may get for the whole job at 80x24."""


async def press(terminal: SshTerminal, keys: str, wanted: str) -> None:
    terminal.type(keys)
    await terminal.wait_for(wanted, 60)


async def test_a_chapter_goes_up_over_a_line_as_slow_as_a_modem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("DEXUP_", "COLORTERM"))
    }
    environ |= {"TMPDIR": str(temporary), "XDG_CONFIG_HOME": str(temporary / "config")}
    host = SshHost(dexup_command("--sandbox", "--sandbox-data", data, "--uplink", "0"), environ)
    line = SlowLine(bits_per_second=64_000, latency=0.075)
    costs: list[tuple[str, int]] = []

    async with host.serving(), line.to(host.port) as port, host.login(port) as terminal:

        def spent(what: str) -> None:
            costs.append((what, terminal.received - sum(cost for _, cost in costs)))

        await terminal.wait_for("No upload session is open", 60)
        spent("first screen")
        await press(terminal, "n", "Low Tide")
        await press(terminal, "\r", "ctrl+n goes on")
        spent("the folder, its pages")
        await press(terminal, "jjJJ", " 5  3.png")
        spent("two steps, two moves")
        await press(terminal, "\x0e", "Ready: ctrl+n starts the upload")
        spent("details")
        await press(terminal, "\x0e", "Nothing is published yet: c commits")
        spent("upload")
        await press(terminal, "c", "Publish this chapter?")
        await press(terminal, "y", "Committed")
        spent("commit")
        (sources,) = temporary.glob("dexup-sandbox-*/samples/*Harbour*Low Tide*")
        pages = {int(path.stem): path.read_bytes() for path in sources.glob("*.png")}
        terminal.type("\x11")
        await terminal.wait_end()

    (chapter,) = (data / "chapters").iterdir()
    committed = [page.read_bytes() for page in sorted(chapter.glob("*.png"))]
    assert committed == [pages[number] for number in (1, 2, 4, 5, 3, *range(6, 25))]
    total = sum(cost for _, cost in costs)
    with capsys.disabled():
        print(f"\nbytes over SSH at 80x24 ({line.received} on the line down, {line.sent} up, encrypted):")
        for what, cost in [*costs, ("the whole job", total)]:
            print(f"  {what:<24}{cost:>8}", file=sys.stdout)
    assert total < BYTES
