"""How the C library hands out memory, told once at the start.

glibc gives every thread an area of its own, from which nothing is ever handed back, and after the first large block
that is freed it takes large ones from there too. A process whose pages are decoded and sent in threads keeps some
8 MiB for nothing that way. One area for all, and large blocks straight from the kernel, cost no time that can be
measured: Python's threads take turns anyway.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

_LARGEST_HEAP_TOP, _LARGE, _AREAS = -1, -3, -8  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX of malloc.h


def spare_memory() -> None:
    """Call it before the first thread is started. Does nothing where the C library is not glibc."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_AREAS, 1)
        mallopt(_LARGE, 128 * 1024)
        mallopt(_LARGEST_HEAP_TOP, 128 * 1024)


def return_memory() -> None:
    """Hand back to the system what is free below the top of the area too, which the C library never does unasked.
    Does nothing where the C library is not glibc."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Callable[..., int] | None:
    """glibc's function of this name. None with another C library, or a Python without ctypes: only more memory is
    used."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes

        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (ImportError, OSError, AttributeError):
        return None
    return found
