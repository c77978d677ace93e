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


def decode_problem(error: Exception, content: bytes) -> str:
    """What `error`, one of these, says of a file with this content, for people."""
    from PIL import UnidentifiedImageError

    if not content:
        return "the file is empty"
    if isinstance(error, UnidentifiedImageError):  # its text names a buffer of ours
        return "the file is no image of a kind that is known here"
    if "libjxl" in str(error):  # a piece of advice to programmers
        return "it cannot be decoded: the file is damaged"
    return f"it cannot be decoded: {error}"
