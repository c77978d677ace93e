"""What Pillow can decode on this machine, and how many pixels at once."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import dataclass
from functools import cache

from tui.chapter.pages import ImageType

MOST_PIXELS = 89_000_000
"""4 bytes each, and what Pillow takes without a warning."""
MOST_STRIP_PIXELS = 178_000_000
"""Of what is scaled down or cut in any case. Pillow refuses twice what it warns of."""
_MOST_HUNGRY_PIXELS = 40_000_000
_HUNGRY = frozenset({ImageType.WEBP, ImageType.AVIF, ImageType.HEIC, ImageType.JXL, ImageType.UNKNOWN})
"""Their decoders hold every pixel several times, WebP's in 16 bytes."""


LARGE_PIXELS = 16_000_000
"""From here on a page is worth the trouble of taking little memory."""


def most_pixels(kind: ImageType, otherwise: int = MOST_PIXELS) -> int:
    """How many pixels of a picture of this type are decoded at once, so that it takes some 700 MB at most:
    `otherwise` for the types that take least."""
    return _MOST_HUNGRY_PIXELS if kind in _HUNGRY else otherwise


def most_scaled_pixels(kind: ImageType, *, progressive: bool = False) -> int:
    """The same where a JPEG is scaled down while it is decoded; not a progressive one, of which all is kept until
    its end."""
    return MOST_STRIP_PIXELS if kind is ImageType.JPEG and not progressive else most_pixels(kind)


def without_warning() -> None:
    """Pillow does not warn of many pixels any more: the warning would be painted over the screen, and what counts
    them here says it in words."""
    from PIL import Image

    warnings.simplefilter("ignore", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class _Extra:
    """A library that teaches Pillow one more type."""

    module: str
    library: str
    extra: str


_EXTRAS = {
    ImageType.HEIC: _Extra("pillow_heif", "pillow-heif", "heic"),
    ImageType.JXL: _Extra("pillow_jxl", "pillow-jxl-plugin", "jxl"),
}
"""HEIC are the pictures of phones."""


@cache
def has_decoder(kind: ImageType) -> bool:
    """Whether what Pillow needs for this type is there, and Pillow."""
    needed = ("PIL", _EXTRAS[kind].module) if kind in _EXTRAS else ("PIL",)
    return all(importlib.util.find_spec(module) is not None for module in needed)


def missing_decoder(kind: ImageType) -> str:
    """What is to be installed for this type: "the library pillow-heif: pip install 'dexup[heic]'"."""
    extra = _EXTRAS.get(kind)
    return f"the library {extra.library}: {how_to_install(kind)}" if extra else "the library Pillow"


def how_to_install(kind: ImageType) -> str:
    """The command; empty for a type that needs none."""
    return f"pip install 'dexup[{_EXTRAS[kind].extra}]'" if kind in _EXTRAS else ""


@cache
def teach_pillow(kind: ImageType) -> None:
    """From now on Pillow opens this type, if the library for it is there."""
    if kind in _EXTRAS and has_decoder(kind):
        library = importlib.import_module(_EXTRAS[kind].module)
        if kind is ImageType.HEIC:
            library.register_heif_opener()
