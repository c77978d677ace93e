"""Why a path cannot be a chapter. Apart from the sources, so that who only has to say it need not load them."""

from __future__ import annotations


class SourceError(Exception):
    """A path that cannot be a chapter. May hold a file name: pass the texts through safe_text()."""

    def __init__(self, title: str, remedy: str) -> None:
        super().__init__(f"{title} {remedy}")
        self.title = title
        self.remedy = remedy
