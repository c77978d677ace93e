"""One area of memory for all threads, where the C library would make one for each."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_PROBE = """
import threading
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
import ctypes
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fflush.argtypes = [ctypes.c_void_p]
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(out)
go.set()
"""


def _areas(first: str) -> int:
    code = _PROBE.format(first=first)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_one_area() -> None:
    assert _areas("") >= 3
    assert _areas("from tui.allocator import spare_memory; spare_memory()") == 1
