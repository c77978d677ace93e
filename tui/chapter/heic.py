"""HEIC, the pictures of phones: Pillow decodes them with the library pillow-heif, which is an extra."""

from __future__ import annotations

import importlib.util
from functools import cache

EXTRA = "pip install 'dexup[heic]'"
"""What installs the library."""


@cache
def can_decode_heic() -> bool:
    """Whether the library is there, and Pillow."""
    return all(importlib.util.find_spec(module) is not None for module in ("PIL", "pillow_heif"))


@cache
def teach_pillow_heic() -> None:
    """From now on Pillow opens HEIC. Does nothing where the library is missing."""
    if can_decode_heic():
        import pillow_heif

        pillow_heif.register_heif_opener()
