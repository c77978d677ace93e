"""PNG: IHDR, the animation chunk before the data, and IEND."""

from __future__ import annotations

from tui.chapter.formats.exif import has_place
from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType, Metadata

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_COMPONENTS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
_TELLING = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt"})
_MOST_CHUNKS = 2000
_MOST_DATA_CHUNKS = 20_000
"""Writers make them of 8 KiB or more."""
_TAIL = 64 * 1024


def matches(head: bytes) -> bool:
    return head.startswith(_SIGNATURE)


def read(window: Window, *, whole: bool) -> Header:
    """IHDR must come first; chunks are then skipped up to the first data chunk."""
    length, width, height, bits, colour = window.unpack(">I4xIIBB", 8)
    if window.get(12, 4) != b"IHDR" or length != 13:
        raise HeaderError("the PNG does not begin with its header")
    if not 0 < width < 2**31 or not 0 < height < 2**31 or colour not in _COMPONENTS:
        raise HeaderError("the PNG header states an impossible size or colour")
    data, animated, metadata = _walk(window)
    # The end chunk is always the same twelve bytes; whatever follows it is ignored by every decoder.
    complete, trailing = True, 0
    if whole and not (data and window.tail(12) == _END):
        end = _end(window, data) if data else -1
        complete = end >= 0 or (data > 0 and _END in window.tail(_TAIL))
        trailing = window.trailing(end) if end >= 0 else 0
    return Header(
        ImageType.PNG, width, height, complete, animated,
        bits=bits, components=_COMPONENTS[colour], metadata=metadata, trailing=trailing,
    )  # fmt: skip


def _end(window: Window, at: int) -> int:
    """Offset behind the end chunk, going from chunk to chunk; -1 when they do not lead there."""
    for _ in range(_MOST_DATA_CHUNKS):
        head = window.get(at, 8)
        if len(head) < 8:
            return -1
        at += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return at if at <= window.size else -1
    return -1


def _walk(window: Window) -> tuple[int, bool, Metadata]:
    """Offset of the first picture data, 0 when there is none, whether an animation is announced
    before it, and what is told before it."""
    at = 33
    metadata = Metadata.NONE
    animated = False
    for _ in range(_MOST_CHUNKS):
        head = window.get(at, 8)
        if len(head) < 8:
            return 0, animated, metadata
        name = head[4:]
        if name == b"acTL":
            # One frame is a still picture in an animation's clothes.
            frames = window.get(at + 8, 4)
            animated = len(frames) == 4 and int.from_bytes(frames, "big") > 1
        elif name == b"IDAT":
            return at, animated, metadata
        elif name == b"IEND":
            return 0, animated, metadata
        elif name in _TELLING:
            place = name == b"eXIf" and has_place(window.get(at + 8, int.from_bytes(head[:4], "big")))
            metadata = Metadata.PLACE if place else metadata or Metadata.SOME
        at += 12 + int.from_bytes(head[:4], "big")
    raise HeaderError("the PNG has no picture data where it should be")
