"""One area of memory for all threads, where the C library would make one for each, and free memory handed back."""

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
_HOLES = """
from tui.allocator import return_memory, spare_memory
spare_memory()
blocks = [bytes(2000) for _ in range(10_000)]
blocks = blocks[::100]
def pages():
    return open("/proc/self/statm").read().split()[1]
print(pages())
return_memory()
print(pages())
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_free_between_what_is_kept_goes_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HOLES], capture_output=True, text=True, timeout=60, check=True
    )
    before, after = map(int, done.stdout.split())
    assert before - after > 2000
