"""Ids of the service, typed or pasted: alone, or inside a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*mangadex\.(?:org|dev)", re.IGNORECASE | re.ASCII)
_LONGEST = 2048

_KINDS = {
    "title": "manga",
    "manga": "manga",
    "group": "group",
    "groups": "group",
    "chapter": "chapter",
    "user": "user",
    "author": "author",
    "list": "list",
    "covers": "cover",
}
"""Words in front of an id in links of the website and of the API -> what the id is of."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An id, and what it is of where the link says so."""

    id: str
    """Lower case, 36 characters."""
    kind: str = ""
    """"manga", "group", "chapter", "user", or "" for an id without a link."""


def read_reference(text: str) -> Reference | None:
    """The id in `text`: alone, or in a link to the service's website or API. None when there is none."""
    text = text.strip().strip("<>\"'()")
    if len(text) > _LONGEST:
        return None
    if _UUID.fullmatch(text):
        return Reference(text.lower())
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    words = [word for word in parts.path.split("/") if word]
    for before, word in zip(["", *words], words, strict=False):
        if _UUID.fullmatch(word):
            return Reference(word.lower(), _KINDS.get(before.lower(), ""))
    return None


def parse_reference(text: str, kind: str = "") -> str | None:
    """The id in `text`; with `kind`, None for a link that is of something else."""
    found = read_reference(text)
    if found is None or (kind and found.kind not in ("", kind)):
        return None
    return found.id
