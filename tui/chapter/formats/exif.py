"""The directory of an Exif block: which way is up, and whether it says where the picture was taken."""

from __future__ import annotations

import struct
from collections.abc import Iterator

ORIENTATION = 0x0112
_PLACE = 0x8825
_SHORT = 3


def orientation_of(exif: bytes) -> int:
    """Which way is up, 1 to 8; 1 when it does not say. `exif` begins with its byte order."""
    for tag, kind, value in _entries(exif):
        if tag == ORIENTATION and kind == _SHORT:
            return value if 1 <= value <= 8 else 1
    return 1


def has_place(exif: bytes) -> bool:
    """Whether it has a directory of GPS data."""
    return any(tag == _PLACE for tag, _, _ in _entries(exif))


def _entries(exif: bytes) -> Iterator[tuple[int, int, int]]:
    """Tag, kind, and the value as far as it is one short number, of the first directory."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 10:
        return
    (start,) = struct.unpack_from(f"{order}I", exif, 4)
    if start + 2 > len(exif):
        return
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for entry in range(start + 2, min(start + 2 + 12 * count, len(exif) - 11), 12):
        tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
        (value,) = struct.unpack_from(f"{order}H", exif, entry + 8)
        yield tag, kind, value
