"""Real image files and archives for tests of everything that reads chapters."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tui.chapter.pages import ImageType, Page, PageLocation

SOURCE = Path("/chapters/one")


def image_bytes(
    kind: str = "PNG", size: tuple[int, int] = (240, 320), *, mode: str = "RGB", seed: int = 0, **options: Any
) -> bytes:
    """An encoded picture with enough in it that cutting the file cuts the picture; each seed's looks different."""
    picture = Image.radial_gradient("L").resize(size).convert(mode)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((seed % 50, seed // 50, 60 + seed % 50, 90), fill=None if mode == "1" else 7)
    chance = random.Random(seed)  # blocks as large as half the picture, at places of their own
    for _ in range(9 if seed else 0):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        corner = (min(size[0], x + size[0] // 6), min(size[1], y + size[1] // 6))
        draw.rectangle((x, y, *corner), fill=None if mode == "1" else 200)
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def animation_bytes(
    kind: str = "GIF", frames: int = 3, *, loop: bool = True, duration: int | list[int] = 100
) -> bytes:
    """An animated GIF, PNG or WebP. `duration`: milliseconds of each picture, or of all."""
    pictures = [Image.new("RGB", (60, 80), (index * 40, 0, 90)) for index in range(frames)]
    stream = io.BytesIO()
    options = {"loop": 0} if loop else {}
    pictures[0].save(stream, kind, save_all=True, append_images=pictures[1:], duration=duration, **options)
    return stream.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write `files` below `folder`; names may hold `/`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: Mapping[str, bytes], *, packed: bool = False) -> Path:
    """Write `files` into a zip, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_page(name: str, **values: Any) -> Page:
    """A page that nothing is wrong with, unless `values` say otherwise; no file is behind it."""
    usual: dict[str, Any] = {
        "size": 1000,
        "modified_ns": 0,
        "type": ImageType.PNG,
        "width": 800,
        "height": 1200,
        "sha256": name,
    }
    return Page(PageLocation(SOURCE, name), **(usual | values))
