"""One area of memory for all threads, where the C library would make one for each."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_PROBE = """
import threading
from pathlib import Path
{first}
ready, go = threading.Barrier(5), threading.Event()
def hold():
    kept = [bytes(2000) for _ in range(50)]
    ready.wait()
    go.wait()
    return kept
threads = [threading.Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
ready.wait()
ranges = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines()]
# An area begins at a multiple of 64 MiB, and nothing else is likely to.
print(sum(int(start, 16) % (1 << 26) == 0 for start, _ in ranges))
go.set()
"""


def _areas(first: str) -> int:
    code = _PROBE.format(first=first)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_one_area() -> None:
    assert _areas("") >= 2
    assert _areas("from tui.allocator import spare_memory; spare_memory()") == 0
