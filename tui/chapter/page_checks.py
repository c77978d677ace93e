"""Checks that look at one page alone."""

from __future__ import annotations

from collections.abc import Callable

from tui.chapter.decoders import has_decoder, how_to_install
from tui.chapter.findings import Finding, Severity
from tui.chapter.images import EMPTY, EXTENSIONS
from tui.chapter.limits import Limits
from tui.chapter.pages import ACCEPTED_TYPES, ImageType, Metadata, Page
from tui.chapter.sources.names import extension, is_absolute
from tui.text import format_size

_ACCEPTED = "JPEG, PNG and GIF"
TINY = "page-tiny"
_LEAST_TRAILING = 32
"""Bytes; some programs end a file with a line end or a mark of their own."""
_OR_OUT = "or leave the page out"


def _error(page: Page, rule: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, rule, message, remedy, page=page.key)


def _check_empty(page: Page, _: Limits) -> Finding | None:
    if page.size or page.problem not in ("", EMPTY):
        return None
    return _error(page, "page-empty", "0 bytes: the file is empty.", f"Copy the page again, {_OR_OUT}.")


def _check_readable(page: Page, _: Limits) -> Finding | None:
    if page.problem in ("", EMPTY):
        return None
    remedy = f"Open it with a viewer; if it cannot be shown there, make it anew, {_OR_OUT}."
    said = (
        page.problem if page.problem.startswith("it cannot be decoded") else f"cannot be read: {page.problem}"
    )
    return _error(page, "page-unreadable", f"{said[0].upper()}{said[1:]}.", remedy)


def _check_type(page: Page, _: Limits) -> Finding | None:
    if page.type in ACCEPTED_TYPES or page.type is ImageType.UNKNOWN:
        return None
    name = type_name(page.type)
    article = "an" if name[0] in "AH" else "a"
    return _error(
        page, "type-not-accepted", f"{article.capitalize()} {name} image; only {_ACCEPTED} are accepted.",
        _convert_remedy(page.type),
    )  # fmt: skip


def _convert_remedy(kind: ImageType) -> str:
    if has_decoder(kind):
        return f"Convert it to PNG or JPEG, {_OR_OUT}."
    if install := how_to_install(kind):
        return f"Install what converts it ({install}), save it as PNG elsewhere, {_OR_OUT}."
    return f"Save it as PNG elsewhere, {_OR_OUT}."


def _check_complete(page: Page, _: Limits) -> Finding | None:
    if page.complete or page.problem or not page.size:
        return None
    return _error(
        page, "page-truncated", f"The image breaks off: no end mark in its {format_size(page.size)}.",
        f"Copy or download the page again, {_OR_OUT}.",
    )  # fmt: skip


def _check_file_size(page: Page, limits: Limits) -> Finding | None:
    if page.size <= limits.file_bytes:
        return None
    over = "" if format_size(page.size) != format_size(limits.file_bytes) else f" ({page.size:,} bytes)"
    return _error(
        page, "file-too-large",
        f"{format_size(page.size)}{over}; {format_size(limits.file_bytes)} are allowed.",
        "Save it again as JPEG, or as PNG with fewer colours or pixels.",
    )  # fmt: skip


def _check_pixels(page: Page, limits: Limits) -> Finding | None:
    if page.width < limits.pixels_below and page.height < limits.pixels_below:
        return None
    return _error(
        page, "too-many-pixels",
        f"{page.width:,} × {page.height:,} pixels; both sides must stay below {limits.pixels_below:,}.",
        "Cut it into several pages, or scale it down.",
    )  # fmt: skip


def _check_tiny(page: Page, limits: Limits) -> Finding | None:
    if not page.width or min(page.width, page.height) > limits.tiny_pixels:
        return None
    return Finding(
        Severity.WARNING, TINY,
        f"Only {page.width:,} × {page.height:,} pixels; {limits.tiny_pixels} or less is hardly a page.",
        "Look at it; leave it out if it is no page.", page=page.key,
    )  # fmt: skip


def _check_animated(page: Page, _: Limits) -> Finding | None:
    if not page.animated or page.type not in ACCEPTED_TYPES:
        return None
    if page.type is ImageType.GIF:
        return Finding(
            Severity.NOTE,
            "animated",
            "An animated GIF; its file is sent as it is.",
            "Nothing to do.",
            page=page.key,
        )
    return Finding(
        Severity.WARNING, "animated-png", "An animated PNG; readers may see only its first picture.",
        "Make it a GIF, which moves everywhere, in 256 colours.", page=page.key,
    )  # fmt: skip


def _check_cmyk(page: Page, _: Limits) -> Finding | None:
    if page.type is not ImageType.JPEG or page.components != 4:
        return None
    return Finding(
        Severity.WARNING, "cmyk", "A JPEG in CMYK, the colours of print; browsers may show them wrong.",
        "Save it again as RGB or grey.", page=page.key,
    )  # fmt: skip


def _check_deep(page: Page, _: Limits) -> Finding | None:
    if page.bits <= 8 or page.problem or page.type not in ACCEPTED_TYPES:
        return None
    return Finding(
        Severity.WARNING, "deep-colour", f"{page.bits} bits a channel; 8 are all that is shown.",
        "Save it again with 8 bits: the file shrinks by half.", page=page.key,
    )  # fmt: skip


def _check_place(page: Page, _: Limits) -> Finding | None:
    if page.metadata is not Metadata.PLACE:
        return None
    return Finding(
        Severity.WARNING, "tells-place", "Its metadata tells where the picture was taken (GPS).",
        "Take the metadata out; no pixel changes.", page=page.key,
    )  # fmt: skip


def _check_trailing(page: Page, _: Limits) -> Finding | None:
    if page.trailing < _LEAST_TRAILING:
        return None
    return Finding(
        Severity.NOTE, "trailing-data", f"{format_size(page.trailing)} of something else follow the picture.",
        "Save it again with a picture program if that is not meant to be sent along.", page=page.key,
    )  # fmt: skip


def _check_absolute(page: Page, _: Limits) -> Finding | None:
    if page.location.index < 0 or not is_absolute(page.name):
        return None
    return Finding(
        Severity.NOTE, "absolute-name", "Its name in the archive starts at the root of a disk.",
        "Nothing to do: it is only a name here, and no file is written by it.", page=page.key,
    )  # fmt: skip


def _check_extension(page: Page, _: Limits) -> Finding | None:
    if EXTENSIONS.get(page.name.rpartition(".")[2]) is page.type:
        return None  # as nearly always
    ending = extension(page.name)
    if page.type not in ACCEPTED_TYPES or EXTENSIONS.get(ending) is page.type:
        return None
    stated = f"The name ends in .{ending}" if ending else "The name has no ending"
    return Finding(
        Severity.NOTE, "wrong-extension", f"{stated}, but the content is {type_name(page.type)}.",
        "Nothing to do: it is sent as what it is.", page=page.key,
    )  # fmt: skip


def type_name(kind: ImageType) -> str:
    """ "WebP", "JPEG"."""
    return {ImageType.WEBP: "WebP", ImageType.JXL: "JPEG XL"}.get(kind, kind.value.upper())


NO_PAGE = frozenset({"page-empty", "page-unreadable", "page-truncated", TINY})
"""Rules of what nothing here can mend: another copy of the file is needed, or the page is left out."""

PAGE_CHECKS: tuple[Callable[[Page, Limits], Finding | None], ...] = (
    _check_empty,
    _check_readable,
    _check_type,
    _check_complete,
    _check_file_size,
    _check_pixels,
    _check_tiny,
    _check_animated,
    _check_cmyk,
    _check_deep,
    _check_place,
    _check_trailing,
    _check_absolute,
    _check_extension,
)
"""Of several findings about one page with the same weight, the one that stands first here is told first."""
