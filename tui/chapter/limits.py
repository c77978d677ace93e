"""What the service takes at most (`mangadex-api.md` 4.0, 4.7, 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one upload session and one chapter."""

    file_bytes: int = 20_000_000
    """The guide says 20 MB; the smaller reading of it is safe."""
    session_bytes: int = 150_000_000
    session_files: int = 500
    pixels_below: int = 10_000
    """Width and height must stay below it."""
    tiny_pixels: int = 128
    """A page this wide or high, or less, is hardly one. Not a rule of the service."""
    title_length: int = 255
    number_length: int = 8
    groups: int = 10
    groups_usual: int = 5
    """The website offers no more."""
    url_length: int = 512
    publish_ahead: timedelta = timedelta(days=14)


LIMITS = Limits()
"""The service's own."""
