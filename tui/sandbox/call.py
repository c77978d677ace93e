"""One request on its way through the sandbox: who asks, what for, and over which connection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from tui.sandbox.records import Document, SessionFile, User
from tui.sandbox.replies import ApiError, ValidationError
from tui.sandbox.requests_log import LoggedRequest
from tui.sandbox.service import Service
from tui.sandbox.validation import UUID, Rule, validate

LAST_RESULT = 10_000
"""Collections end here (`mangadex-api.md` 1.8)."""


@dataclass(frozen=True)
class FileRefusal:
    """Files that a scripted fault has refused; empty fields match every file."""

    name: str = ""
    """Regular expression that is looked for in the file's name."""
    sha256: str = ""
    detail: str = "The file could not be processed"
    named: bool = True
    """Whether the detail begins with the file's name."""

    def holds(self, file: SessionFile) -> bool:
        return bool(re.search(self.name, file.name)) and self.sha256 in ("", file.sha256)


@dataclass
class Page:
    """Which part of a collection is wanted."""

    limit: int
    offset: int


@dataclass
class Call:
    """What the endpoints are given."""

    service: Service
    request: Request
    entry: LoggedRequest
    abort: Callable[[], None]
    """Cut the connection; whatever was not sent yet is lost."""
    refusals: list[FileRefusal] = field(default_factory=list)

    # Who

    @property
    def bearer(self) -> str | None:
        """The access token, None without one."""
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    @property
    def user(self) -> User | None:
        """The account that asks; None for guests. ApiError 401 for a dead token."""
        if self.bearer is None:
            return None
        user_id = self.service.tokens.user_of(self.bearer)
        if user_id is None:
            raise ApiError(401, "User not found")
        return self.service.users[user_id]

    def require_user(self) -> User:
        """The account that asks; ApiError 401 for guests."""
        user = self.user
        if user is None:
            raise ApiError(401, "You must be logged in to continue.")
        return user

    def require_reader(self) -> User | None:
        """Whoever may read the catalogue."""
        if not self.service.options.guests_may_search:
            return self.require_user()
        return self.user

    # What

    async def body(self, most: int) -> bytes:
        """The whole request body; ApiError 413 above `most` bytes, after reading it to the end."""
        chunks = []
        size = 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if size <= most:
                chunks.append(chunk)
        if size > most:
            raise ApiError(413, f"The request body is larger than {most} bytes")
        return b"".join(chunks)

    async def document(self, rule: Rule, most: int) -> Any:
        """The JSON body of at most `most` bytes, checked against `rule`."""
        content_type = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        content = await self.body(most)
        if content_type != "application/json":
            raise ApiError(400, "The request's Content-Type must be application/json")
        try:
            document = json.loads(content)
        except ValueError:
            raise ApiError(400, "Could not decode request body: Syntax error") from None
        validate(document, rule)
        return document

    async def drain(self) -> None:
        """Read what is left of the body. A client that is still sending would lose an answer given early."""
        if not getattr(self.request, "_stream_consumed", False):
            async for _chunk in self.request.stream():
                pass

    def wants(self, kind: str) -> bool:
        """Whether relationships of this type shall carry their attributes."""
        return kind in self.values("includes")

    def values(self, name: str) -> list[str]:
        """A query parameter given as name[]=a&name[]=b, or once as name=a."""
        query = self.request.query_params
        return query.getlist(f"{name}[]") or query.getlist(name)

    def ids(self, name: str) -> list[str]:
        """Ids of a query parameter; at most 100."""
        values = self.values(name)
        wrong = [
            f"Error validating /{name}/{position}: Must be at least 36 characters long"
            for position, value in enumerate(values)
            if not UUID.fullmatch(value)
        ]
        if len(values) > 100:
            wrong.append(f"Error validating /{name}: There must be a maximum of 100 items in the array")
        if wrong:
            raise ValidationError(wrong)
        return [value.lower() for value in values]

    def choices(self, name: str, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        """Values of a parameter that knows only some."""
        values = self.values(name)
        listed = ",".join(f'"{choice}"' for choice in known)
        wrong = [
            f"Error validating /{name}/{position}: Does not have a value in the enumeration [{listed}]"
            for position, value in enumerate(values)
            if value not in known
        ]
        if wrong:
            raise ValidationError(wrong)
        return tuple(values) or default

    def flag(self, name: str, default: bool) -> bool:
        """A parameter that is 0 or 1."""
        value = self.request.query_params.get(name)
        if value is None:
            return default
        if value not in ("0", "1", "true", "false"):
            raise ValidationError(
                [f'Error validating /{name}: Does not have a value in the enumeration ["0","1"]']
            )
        return value in ("1", "true")

    def page(self, *, default: int = 10, least: int = 0, most: int = 100) -> Page:
        """limit and offset; 400 for what is out of range or past the last result."""
        limit = self._whole("limit", default, least, most)
        offset = self._whole("offset", 0, 0, LAST_RESULT)
        if offset + limit > LAST_RESULT:
            raise ApiError(400, f"The sum of limit and offset must not be more than {LAST_RESULT}")
        return Page(limit, offset)

    def _whole(self, name: str, default: int, least: int, most: int) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            raise ValidationError(
                [f"Error validating /{name}: String value found, but an integer is required"]
            )
        value = int(text)
        if value < least:
            raise ValidationError([f"Error validating /{name}: Must have a minimum value of {least}"])
        if value > most:
            raise ValidationError([f"Error validating /{name}: Must have a maximum value of {most}"])
        return value

    def order(self, known: tuple[str, ...], default: tuple[str, bool]) -> tuple[str, bool]:
        """The first order[field]=asc|desc: (field, whether descending)."""
        for key, value in self.request.query_params.multi_items():
            if match := re.fullmatch(r"order\[(\w+)\]", key):
                if match[1] not in known or value not in ("asc", "desc"):
                    raise ValidationError([f"Error validating /order/{match[1]}: Invalid order"])
                return match[1], value == "desc"
        return default


def relationship(kind: str, target_id: str, attributes: Document | None = None) -> Document:
    """One entry of relationships[]; attributes only when they were asked for."""
    entry: Document = {"id": target_id, "type": kind}
    if attributes is not None:
        entry["attributes"] = attributes
    return entry
