"""Archives: their tables, the pages in them, and what is found about these."""

from __future__ import annotations

import random
import struct
import zipfile
from pathlib import Path

from tests.support.archives import pack, rar4_bytes, rar5_bytes, write_tar
from tests.support.chapters import image_bytes, write_zip
from tests.support.fuzzing.mutations import mutated
from tests.support.fuzzing.shown import told
from tests.support.fuzzing.target import Target
from tests.support.fuzzing.texts import SIDECARS, comic_infos
from tui.chapter.checks import check_pages
from tui.chapter.hashing import hash_page
from tui.chapter.sources import SourceError, open_source
from tui.chapter.sources.rar import table_names
from tui.text import safe_text


class Archives(Target):
    """Tables of zip, tar and rar files, the pages in them, and their findings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "archives"
        self._folder.mkdir()
        files = {
            "1.png": image_bytes("PNG", (20, 30)),
            "sub/2.jpg": image_bytes("JPEG", (20, 30)),
            "ComicInfo.xml": comic_infos()[0],
            "dexup.toml": SIDECARS[0],
            "ä/３.gif": image_bytes("GIF", (20, 30)),
        }
        stored = write_zip(self._folder / "s.zip", files).read_bytes()
        packed = write_zip(self._folder / "p.zip", files, packed=True).read_bytes()
        with zipfile.ZipFile(self._folder / "c.zip", "w", zipfile.ZIP_LZMA) as archive:
            archive.comment = b"PK\x05\x06" * 3
            archive.writestr("1.png", files["1.png"])
            archive.writestr("2.png", files["1.png"], zipfile.ZIP_BZIP2)
        tar = write_tar(self._folder / "t.tar", files).read_bytes()
        plain = {name: content for name, content in files.items() if name.isascii()}
        self._samples = {
            "cbz": (stored, packed, (self._folder / "c.zip").read_bytes()),
            "cbt": (tar, write_tar(self._folder / "g.tar", files, format=1).read_bytes()),
            "tgz": (pack(tar, "gz"), pack(tar, "xz"), pack(tar, "bz2")),
            "cbr": (rar5_bytes(files, links={"l": "1.png"}), rar4_bytes(plain)),
        }
        self._words = (
            b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"ustar", b"../", b"/etc", b"\\", b"2 a=\n",
            b"30 size=-1\n", struct.pack("<I", 2**31), b"\0" * 512, b"Rar!", b"\x80\x80\x80\x80\x01",
        )  # fmt: skip

    def case(self, chance: random.Random) -> None:
        ending = chance.choice(sorted(self._samples))
        self.content = mutated(chance, self._samples[ending], self._words)
        path = self._folder / f"a.{ending}"
        path.unlink(missing_ok=True)
        path.write_bytes(self.content)
        try:
            if ending == "cbr":  # a program, which is not ours, would unpack it
                for name in table_names(path) or ():
                    safe_text(name)
                return
            scan = open_source(path).scan()
        except SourceError as error:
            safe_text(error)
            return
        told(check_pages([hash_page(page) for page in scan.pages], scan.skipped))
