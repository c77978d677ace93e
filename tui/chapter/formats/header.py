"""What an image file says of itself before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from tui.chapter.pages import ImageType, Metadata


class HeaderError(ValueError):
    """The bytes do not follow their format. The text says where, for people."""


@dataclass(frozen=True, slots=True)
class Header:
    """Result of reading a header; also of a broken one, with `problem` saying what is wrong."""

    type: ImageType = ImageType.UNKNOWN
    width: int = 0
    """Pixels; 0 when unknown."""
    height: int = 0
    complete: bool = True
    """False when the end-of-image mark is missing."""
    animated: bool = False
    problem: str = ""
    bits: int = 0
    """Bits a colour channel; 0 when unknown."""
    components: int = 0
    """Colour channels; 4 in a JPEG is CMYK; 0 when unknown."""
    metadata: Metadata = Metadata.NONE
    trailing: int = 0
    """Bytes behind the end of the picture that are no part of it, zeros not counted."""
