"""Where bytes are kept: files of open sessions in a spool, committed chapters under chapters/<id>/."""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
import uuid
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui.sandbox.records import Chapter, SessionFile, StoredPage

SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}


class PageStore:
    """Pages on disk, never in memory. All methods block."""

    def __init__(self, data: Path | None) -> None:
        self._spool = Path(tempfile.mkdtemp(prefix="dexup-sandbox-spool-"))
        self._root = data if data is not None else self._spool / "data"
        self._chapters = self._root / "chapters"
        self._chapters.mkdir(parents=True, exist_ok=True)
        self.nowhere = self._spool / "nowhere"
        """Path of a file that was not kept."""

    def close(self) -> None:
        """Delete the spool; a data folder that was given stays."""
        shutil.rmtree(self._spool, ignore_errors=True)

    def spool(self, content: bytes) -> Path:
        """Keep an uploaded file; where it is."""
        path = self._spool / str(uuid.uuid4())
        path.write_bytes(content)
        return path

    def forget(self, file: SessionFile) -> None:
        file.path.unlink(missing_ok=True)

    def read_page(self, chapter: Chapter, number: int) -> bytes:
        """The bytes of page `number`, counted from 1; IndexError when there is none."""
        if not 1 <= number <= len(chapter.pages):
            raise IndexError(number)
        page = chapter.pages[number - 1]
        return page.path.read_bytes() if page.path is not None else drawn_page(chapter.id, number)

    def folder_of(self, chapter_id: str) -> Path:
        return self._chapters / chapter_id

    def remove_chapter(self, chapter_id: str) -> None:
        shutil.rmtree(self.folder_of(chapter_id), ignore_errors=True)

    def commit(
        self, chapter_id: str, files: Sequence[SessionFile], document: dict[str, Any]
    ) -> list[StoredPage]:
        """Put `files` in this order under chapters/<id>/ as 0001.png ..., with chapter.json beside them.

        The folder appears whole or not at all.
        """
        parts = self._root / "incoming" / str(uuid.uuid4())
        parts.mkdir(parents=True)
        final = self.folder_of(chapter_id)
        pages = []
        for number, file in enumerate(files, 1):
            name = f"{number:04d}{SUFFIXES[file.mime_type]}"
            shutil.copyfile(file.path, parts / name)
            pages.append(StoredPage(file.mime_type, file.size, file.sha256, file.name, final / name))
        listed = [
            {"file": page.path.name, "originalFileName": page.name, "sha256": page.sha256, "size": page.size}
            for page in pages
            if page.path is not None
        ]
        text = json.dumps({**document, "pages": listed}, ensure_ascii=False, indent=2)
        (parts / "chapter.json").write_text(text + "\n", encoding="utf-8")
        old = parts.with_suffix(".old")
        if final.exists():
            final.replace(old)
        parts.replace(final)
        shutil.rmtree(old, ignore_errors=True)
        parts.parent.rmdir() if not any(parts.parent.iterdir()) else None
        return pages


def drawn_page(chapter_id: str, number: int) -> bytes:
    """A small PNG that stands for a page of a chapter that nobody uploaded here."""
    width, height = 200, 300
    shade = zlib.crc32(f"{chapter_id}/{number}".encode())
    row = b"\0" + bytes((shade >> (8 * (x * 4 // width))) & 0xFF for x in range(width))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(row * height, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
