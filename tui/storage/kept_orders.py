"""The order in which somebody left the pages of a folder or archive; one small file for each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui.storage.errors import StorageError
from tui.storage.files import read_bounded, write_private

_LIMIT = 2 << 20
_MOST = 300


class KeptOrders:
    """A convenience that may be lost: what cannot be read counts as not kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, source: Path) -> Mapping[str, Any] | None:
        """What was kept for this folder or archive."""
        try:
            data = read_bounded(self._file(source), _LIMIT)
            kept = json.loads(data) if data is not None else None
        except (StorageError, ValueError, RecursionError):
            return None
        return kept if isinstance(kept, dict) else None

    def put(self, source: Path, order: Mapping[str, Any]) -> None:
        """Keep `order`; the oldest go when there are too many. StorageError when it cannot be written."""
        # Surrogates stand for bytes of a file name that are not UTF-8; ASCII escapes keep them.
        write_private(self._file(source), json.dumps(order).encode("ascii"))
        self._make_room()

    def note_told(self, source: Path, told: str) -> None:
        """With the order, which stays as it is, note what was said of it, so that it need not be said again.
        StorageError when it cannot be written."""
        kept = self.get(source)
        if kept is not None:
            self.put(source, {**kept, "told": told})

    def _make_room(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_MOST]:
            file.unlink(missing_ok=True)

    def _file(self, source: Path) -> Path:
        return self._folder / f"{hashlib.sha256(os.fsencode(source)).hexdigest()[:24]}.json"
