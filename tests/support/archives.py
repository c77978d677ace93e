"""Real tar, rar, 7z and pdf files, good and odd ones, and the programs that open them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

SEVEN_ZIP = shutil.which("7zz") or shutil.which("7z") or ""
BSDTAR = shutil.which("bsdtar") or ""
UNAR = shutil.which("unar") or ""
CHANGED = 1_600_000_000
"""Second of the last change of every member."""


def needs(program: str, name: str) -> pytest.MarkDecorator:
    """Skip a test where a program is not installed."""
    return pytest.mark.skipif(not program, reason=f"{name} is not installed here")


def only_programs(monkeypatch: pytest.MonkeyPatch, folder: Path, *programs: str) -> Path:
    """Let dexup find nothing but these programs. Returns the folder they are in."""
    folder.mkdir(exist_ok=True)
    for program in programs:
        (folder / Path(program).name).symlink_to(program)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def use_temporary(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let temporary files be made in `folder`, as if dexup had been started with this TMPDIR."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def open_files() -> int:
    """Files that this process has open. Linux only."""
    return len(list(Path("/proc/self/fd").iterdir()))


def write_script(path: Path, text: str) -> Path:
    """A program that is a few lines of shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def write_tar(
    path: Path,
    files: Mapping[str, bytes],
    *,
    packing: str = "",
    format: int = tarfile.PAX_FORMAT,
    more: Iterable[tarfile.TarInfo] = (),
) -> Path:
    """Write `files`, and members without bytes, into a tar, packed with "gz", "bz2" or "xz"."""
    with io.BytesIO() as stream:
        with tarfile.open(fileobj=stream, mode="w", format=format) as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mtime = len(content), CHANGED
                archive.addfile(member, io.BytesIO(content))
            for member in more:
                archive.addfile(member)
        plain = stream.getvalue()
    path.write_bytes(pack(plain, packing) if packing else plain)
    return path


def pack(plain: bytes, packing: str) -> bytes:
    """Bytes packed with "gz", "bz2" or "xz"."""
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    return packers[packing](plain)


def _block5(
    kind: int, fields: Sequence[int | bytes], *, flags: int = 0, extra: bytes = b"", data: int = 0
) -> bytes:
    body = _vint(kind) + _vint(flags | bool(extra) | 2 * (data > 0))
    body += (_vint(len(extra)) if extra else b"") + (_vint(data) if data else b"")
    body += b"".join(field if isinstance(field, bytes) else _vint(field) for field in fields) + extra
    head = _vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(head)) + head


def _vint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def rar5_bytes(
    files: Mapping[str, bytes],
    *,
    links: Mapping[str, str] = {},
    wrong_sums: Sequence[str] = (),
    main_flags: int = 0,
    locked: bool = False,
) -> bytes:
    """A rar of version 5 with `files` as they are, unpacked; `links` lead nowhere."""
    out = b"Rar!\x1a\x07\x01\x00" + _block5(1, [main_flags])
    for name, content in files.items():
        checksum = zlib.crc32(content) ^ (name in wrong_sums)
        times = struct.pack("<II", CHANGED, checksum)
        lock = bytes([0, 0, 0x0F]) + bytes(16) + bytes(16)
        extra = _vint(len(lock) + 1) + _vint(1) + lock if locked else b""
        raw = name.encode()
        out += _block5(
            2, [6, len(content), 0o100644, times, 0, 1, len(raw), raw], extra=extra, data=len(content)
        )
        out += content
    for name, target in links.items():
        to, raw = target.encode(), name.encode()
        record = _vint(5) + _vint(1) + _vint(0) + _vint(len(to)) + to
        extra = _vint(len(record)) + record
        times = struct.pack("<II", CHANGED, 0)
        out += _block5(2, [6, 0, 0o120777, times, 0, 1, len(raw), raw], extra=extra)
    return out + _block5(5, [0])


def rar4_bytes(files: Mapping[str, bytes]) -> bytes:
    """A rar of version 4 with `files` as they are, unpacked; names in ASCII."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, content in files.items():
        raw, size = name.replace("/", "\\").encode("ascii"), len(content)
        when = (40 << 25) | (9 << 21) | (13 << 16)  # 13 September 2020, midnight
        fields = struct.pack("<IIBIIBBHI", size, size, 2, zlib.crc32(content), when, 20, 0x30, len(raw), 0x20)
        out += block(0x74, 0x8000, fields + raw) + content
    return out + block(0x7B, 0x4000, b"")


def write_seven_zip(path: Path, folder: Path, *options: str) -> Path:
    """Pack everything in `folder` into a 7z, with options of the program."""
    path.unlink(missing_ok=True)
    command = [SEVEN_ZIP, "a", "-bd", "-t7z", "-snl", *options, "--", str(path.resolve()), "."]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return path


def pdf_bytes(
    pages: Sequence[tuple[str, bytes]], *, images: Sequence[bytes] = (), trailer: bytes = b""
) -> bytes:
    """A pdf. A page is more keys of its dictionary and its drawing; it calls the images /I0, /I1 and so on.

    An image is its dictionary, which states Width and Height, a line end, and its bytes.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    names = []
    for number, image in enumerate(images):
        keys, _, content = image.partition(b"\n")
        objects.append(_stream(b"/Type /XObject /Subtype /Image /BitsPerComponent 8 " + keys, content))
        names.append(b"/I%d %d 0 R" % (number, len(objects)))
    resources = b"/Resources << /XObject << " + b" ".join(names) + b" >> >>"
    kids = []
    for more, drawing in pages:
        objects.append(_stream(b"", drawing))
        box = b"" if "/MediaBox" in more else b"/MediaBox [0 0 240 320] "
        objects.append(
            b"<< /Type /Page /Parent 2 0 R "
            + box
            + more.encode()
            + resources
            + b" /Contents %d 0 R >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [" + b" ".join(kids) + b"] /Count %d >>" % len(kids)
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + b"trailer << /Size %d /Root 1 0 R " % size
        + trailer
        + b">>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    )


def jpeg_image(jpeg: bytes, size: tuple[int, int], more: str = "", *, space: str = "DeviceRGB") -> bytes:
    """An image of `pdf_bytes()` that is a JPEG."""
    keys = f"/Width {size[0]} /Height {size[1]} /ColorSpace /{space} /Filter /DCTDecode {more}"
    return keys.encode() + b"\n" + jpeg


def _stream(keys: bytes, content: bytes) -> bytes:
    return b"<< /Length %d " % len(content) + keys + b" >>\nstream\n" + content + b"\nendstream"
