"""What the sandbox was asked, for tests and for `/_sandbox/requests`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.sandbox.link import Message, Receive

MOST_ENTRIES = 20_000
MOST_BODY_BYTES = 65_536


@dataclass(slots=True)
class LoggedRequest:
    """One request and its outcome."""

    method: str
    path: str
    query: str
    at: float
    """Epoch second at which its head was read."""
    request_id: str
    headers: dict[str, str]
    """Lower-case names; the token is not kept."""
    status: int = 0
    """0 while unanswered, and for ever when the connection was cut."""
    body_bytes: int = 0
    body: bytes = b""
    """JSON bodies only."""
    ended_at: float = 0.0
    rate_headers: dict[str, str] = field(default_factory=dict)
    """The rate limit's headers of the answer."""
    fault: str = ""
    """The scripted fault that struck it."""

    def recording(self, receive: Receive) -> Receive:
        """`receive`, with what comes through it counted here."""
        json_body = self.headers.get("content-type", "").startswith("application/json")

        async def counted() -> Message:
            message = await receive()
            chunk = message.get("body", b"")
            self.body_bytes += len(chunk)
            if json_body and len(self.body) < MOST_BODY_BYTES:
                self.body += chunk[: MOST_BODY_BYTES - len(self.body)]
            return message

        return counted

    def as_document(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "at": self.at,
            "requestId": self.request_id,
            "headers": self.headers,
            "status": self.status,
            "bodyBytes": self.body_bytes,
            "body": self.body.decode("utf-8", "replace"),
            "endedAt": self.ended_at,
            "fault": self.fault,
        }


@dataclass
class RequestsLog:
    """The last MOST_ENTRIES requests, oldest first."""

    entries: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))

    def add(self, entry: LoggedRequest) -> None:
        self.entries.append(entry)

    def clear(self) -> None:
        self.entries.clear()

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(list(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, position: int) -> LoggedRequest:
        return self.entries[position]
