"""Every endpoint that dexup calls: its route, what it shares a rate limit with, how long its answer may take.

A new endpoint starts with a line here and a method in uploads.py or catalogue.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.mangadex.errors import Refused

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

QUESTION = 1
"""Answers no other request."""
NAMES = 2
"""A look at the upload session may bring the same."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route of the service."""

    method: str
    path: str
    """Template; `{}` stands for an id."""
    bucket: str = ""
    """The rate limit it counts against, in words that fit after "MangaDex limits"; its own when empty."""
    needs_login: bool = True
    changes: bool = True
    """False when sending it twice does no harm, so that it may be tried again after any failure."""
    seconds: float = 60.0
    """How long the whole answer may take, besides the time that the body needs to be sent."""
    yields: int = 0
    """A mere question gives way to what waits with a lower number, and leaves room for pages that go up."""

    @property
    def limit_name(self) -> str:
        return self.bucket or f"{self.method} {self.path}"

    def path_for(self, *ids: str) -> str:
        """The path with `ids` in it.

        Raises Refused for what cannot be an id, so that no path can be made up.
        """
        for value in ids:
            if not _ID.fullmatch(value):
                raise Refused("This is not a MangaDex id", value, method=self.method, path=self.path)
        return self.path.format(*ids)


ME = Endpoint("GET", "/user/me", changes=False, yields=NAMES)

SESSION = Endpoint("GET", "/upload", bucket="looking at the session", changes=False)
BEGIN = Endpoint("POST", "/upload/begin", bucket="beginning a session")
BEGIN_EDIT = Endpoint("POST", "/upload/begin/{}", bucket="beginning a session")
UPLOAD = Endpoint("POST", "/upload/{}", bucket="sending and removing pages", seconds=180.0)
DELETE_FILE = Endpoint("DELETE", "/upload/{}/{}", bucket="sending and removing pages")
DELETE_FILES = Endpoint("DELETE", "/upload/{}/batch", bucket="sending and removing pages")
ABANDON = Endpoint("DELETE", "/upload/{}", bucket="abandoning a session")
COMMIT = Endpoint("POST", "/upload/{}/commit", bucket="committing", seconds=150.0)
APPROVAL = Endpoint("POST", "/upload/check-approval-required", changes=False, yields=QUESTION)

SEARCH_MANGA = Endpoint("GET", "/manga", needs_login=False, changes=False, yields=QUESTION)
MANGA = Endpoint("GET", "/manga/{}", needs_login=False, changes=False, yields=NAMES)
AGGREGATE = Endpoint("GET", "/manga/{}/aggregate", needs_login=False, changes=False, yields=QUESTION)
SEARCH_GROUPS = Endpoint("GET", "/group", needs_login=False, changes=False, yields=QUESTION)
GROUPS = Endpoint("GET", "/group", needs_login=False, changes=False, yields=NAMES)
"""By their ids."""
GROUP = Endpoint("GET", "/group/{}", needs_login=False, changes=False, yields=NAMES)
CHAPTERS = Endpoint("GET", "/chapter", needs_login=False, changes=False, yields=QUESTION)
CHAPTER = Endpoint("GET", "/chapter/{}", needs_login=False, changes=False, yields=QUESTION)
EDIT_CHAPTER = Endpoint("PUT", "/chapter/{}", bucket="changing a chapter")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


DOCUMENTED_RATES: dict[str, Rate] = {
    SESSION.limit_name: Rate(30, 60.0),
    BEGIN.limit_name: Rate(20, 60.0),
    UPLOAD.limit_name: Rate(250, 60.0),
    COMMIT.limit_name: Rate(10, 60.0),
    ABANDON.limit_name: Rate(30, 60.0),
    EDIT_CHAPTER.limit_name: Rate(10, 60.0),
}
"""The published windows (`mangadex-api.md` 3.1); the server's own headers overrule them."""
