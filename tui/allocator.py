"""How the C library hands out memory, told once at the start.

glibc gives every thread an area of its own, from which nothing is ever handed back, and after the first large block
that is freed it takes large ones from there too. A process whose pages are decoded and sent in threads keeps some
8 MiB for nothing that way. One area for all, and large blocks straight from the kernel, cost no time that can be
measured: Python's threads take turns anyway.
"""

from __future__ import annotations

import sys

_LARGEST_HEAP_TOP, _LARGE, _AREAS = -1, -3, -8  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX of malloc.h


def spare_memory() -> None:
    """Call it before the first thread is started. Does nothing where the C library is not glibc."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
    except (ImportError, OSError, AttributeError):
        return  # another C library, or a Python without ctypes: only more memory is used
    mallopt(_AREAS, 1)
    mallopt(_LARGE, 128 * 1024)
    mallopt(_LARGEST_HEAP_TOP, 128 * 1024)
