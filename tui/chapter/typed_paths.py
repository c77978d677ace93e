"""Paths as people type them behind the folder that stands in the field already."""

from __future__ import annotations

import re

_ANEW = re.compile(r"(?<=/)(?=/|~/)")
"""After a slash: another one, or the home folder."""


def begun_anew(typed: str) -> str:
    """What follows the first `//` or `/~/`, where a path was typed or pasted behind another one: "/home/me//srv/raws"
    is "/srv/raws"."""
    _, *rest = _ANEW.split(typed, maxsplit=1)
    return re.sub("//+", "/", rest[0]) if rest else typed
