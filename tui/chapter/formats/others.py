"""What a file is that is no image: a page that failed to load is often saved under an image's name."""

from __future__ import annotations

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"8BPS", "a Photoshop picture"),
    (b"\x1f\x8b", "a gzip file"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML text"),
    (b"{", "a JSON text"),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def name_of_other(head: bytes) -> str:
    """What a file that is no image seems to be, by its first bytes: "a web page (HTML)"; empty when that is not
    to be told."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, name in _MARKUP:
        if start.startswith(signature):
            return name
    if head and not head.strip(b"\0"):
        return "nothing but zeros"
    return _text(head) if head and head.translate(None, _CONTROLS) == head else ""


def _text(head: bytes) -> str:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":  # the last character may be cut
            return ""
    return "a text"
