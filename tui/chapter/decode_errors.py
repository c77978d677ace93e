"""What Pillow raises for a file that cannot be decoded. Each of its formats stumbles in a way of its own."""

from __future__ import annotations

import struct
import zlib


def decode_errors() -> tuple[type[Exception], ...]:
    """The kinds of them; Pillow is imported for one, and must be there.

    RuntimeError is AVIF's word for damage, struct.error that of metadata, and MemoryError what a header causes
    that claims more than there is.
    """
    from PIL import Image

    return (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        LookupError,
        ArithmeticError,
        TypeError,
        AttributeError,
        RuntimeError,
        MemoryError,
        struct.error,
        zlib.error,
        Image.DecompressionBombError,
    )
