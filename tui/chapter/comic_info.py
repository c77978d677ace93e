"""ComicInfo.xml, the description that comic archives carry (version 2 of the Anansi project's schema)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_COMIC_INFO = 1024 * 1024
"""Bytes that are read; real files have a few thousand."""
_LONGEST = 500


class ComicInfoError(ValueError):
    """The file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class ComicInfo:
    """What of it concerns a chapter. Texts as they stand, trimmed; "" when missing."""

    series: str = ""
    number: str = ""
    volume: str = ""
    title: str = ""
    language: str = ""
    groups: str = ""
    """From Translator, else ScanInformation."""
    web: str = ""
    """Links, separated by blanks."""


def parse_comic_info(content: bytes) -> ComicInfo:
    """Read ComicInfo.xml. ComicInfoError."""
    if len(content) > LARGEST_COMIC_INFO:
        raise ComicInfoError(f"it is larger than {LARGEST_COMIC_INFO // 1024**2} MiB")
    root = _parsed(content)
    if _local(root.tag) != "comicinfo":
        raise ComicInfoError("it holds something else")
    found: dict[str, str] = {}
    for element in root:
        found.setdefault(_local(element.tag), " ".join((element.text or "").split())[:_LONGEST])
    return ComicInfo(
        series=found.get("series", ""),
        number=found.get("number", ""),
        volume=found.get("volume", ""),
        title=found.get("title", ""),
        language=found.get("languageiso", ""),
        groups=found.get("translator", "") or found.get("scaninformation", ""),
        web=found.get("web", ""),
    )


def _parsed(content: bytes) -> Element:
    from xml.etree import ElementTree  # late: few chapters have a ComicInfo.xml

    class NoDoctype(ElementTree.TreeBuilder):
        """Refuses a document type: its entities are the way to attack a parser, and no real file has one."""

        def doctype(self, name: str, pubid: str | None, system: str | None) -> None:  # noqa: ARG002
            raise ComicInfoError("it has a document type definition")

    parser = ElementTree.XMLParser(target=NoDoctype())  # noqa: S314  # expat stops blow-ups; no doctype gets in
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ComicInfoError:
        raise
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise ComicInfoError(f"it is not well-formed XML ({error})") from error
    return root


def _local(tag: object) -> str:
    """The name of an element, lower case, without its namespace; "" for comments and instructions."""
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
