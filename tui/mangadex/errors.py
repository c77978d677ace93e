"""Everything that can go wrong with a request, each kind saying what the caller may do.

MangaDexError
 ├─ UnsafeAddress       a secret would be sent in the clear, or it is no address: fix the setting
 ├─ LoginFailed         credentials or client refused by the auth server: ask for them again
 ├─ LoginRequired       the refresh token is dead: log in again, then go on
 ├─ RateLimited         kept coming after the client had waited: wait until `until`
 ├─ Forbidden           403 with a JSON error: the account may not do this
 ├─ Banned              403 without a JSON error: send nothing more
 ├─ CaptchaRequired     solve it on the website, then go on
 ├─ NotFound            404
 ├─ Refused             another 4xx: the request itself is wrong, `errors` says why
 │   └─ Conflict        409: the thing has another version by now; read it anew
 ├─ TooLarge            413: send less at once
 ├─ ConnectFailed       nothing was sent: safe to try again
 ├─ Unavailable         a request that changes nothing failed (5xx, time-out, cut): safe to try again
 ├─ UnknownOutcome      a request that changes something got no usable answer: ask what was kept
 ├─ PageChanged         a file is not what the plan says any more: fix that page
 └─ BadAnswer           a 2xx whose body cannot be used
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from tui.mangadex.models import ErrorDetail


class MangaDexError(Exception):
    """Base of all. `title` and `detail` are fit to show once they passed safe_text()."""

    remedy = ""
    """What the user can do, one plain sentence."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        status: int | None = None,
        request_id: str = "",
        method: str = "",
        path: str = "",
        errors: tuple[ErrorDetail, ...] = (),
    ) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.status = status
        self.request_id = request_id
        self.method = method
        self.path = path
        self.errors = errors

    @property
    def in_short(self) -> str:
        """For one line: what the service says where it refused something, else what is wrong in our words first."""
        refused = self.status is not None and 400 <= self.status < 500 and self.status not in (401, 429)
        return self.detail if refused and self.detail else str(self)


class UnsafeAddress(MangaDexError):
    """An address of the service to which no secret may be sent."""

    remedy = "Use an https:// address, or http://127.0.0.1:PORT for a server on this machine."


class LoginProblem(StrEnum):
    """Which part of a login the auth server refused."""

    PASSWORD = "password"  # noqa: S105 - names a part of the form
    CLIENT = "client"
    GRANT = "grant"
    ACCOUNT = "account"
    ADDRESS = "address"
    OTHER = "other"


class LoginFailed(MangaDexError):
    """The auth server refused the credentials or the client."""

    remedy = "Check user name, password, client id and client secret, and that the client is approved."
    problem: LoginProblem = LoginProblem.OTHER


class LoginRequired(MangaDexError):
    """No valid token and no way to get one."""

    remedy = "Log in again (`dexup login`); the upload session is kept and goes on where it stopped."


class _Held(MangaDexError):
    """The service wants to be left alone for a while."""

    _TIMED_REMEDY = ""
    until: float = 0.0
    """Epoch second from which a request is welcome again."""

    def wait_until(self, second: float) -> None:
        """Say until when, also in the remedy."""
        self.until = second
        self.remedy = self._TIMED_REMEDY.format(datetime.fromtimestamp(second, UTC).strftime("%H:%M:%S UTC"))


class RateLimited(_Held):
    """The service keeps answering 429."""

    remedy = "Wait a minute, then go on."
    _TIMED_REMEDY = "Wait until {}, then go on."


class Forbidden(MangaDexError):
    """403 with a JSON error body."""

    remedy = "The server's words say why: a right that the account lacks, or a title or group that is locked."


class Banned(_Held):
    """403 without a JSON error body: the address is banned for a while; going on makes it longer. Until `until`
    the client sends nothing at all."""

    remedy = "Send nothing for a while: each request makes it longer."
    _TIMED_REMEDY = "Send nothing until {}. The upload session is kept; run `dexup resume` then."


class CaptchaRequired(MangaDexError):
    """The service wants a captcha solved before it goes on."""

    remedy = "Solve a captcha on the MangaDex website with this account, then go on."
    site_key: str = ""


class NotFound(MangaDexError):
    """404."""

    remedy = "It is not there any more, or not visible to this account."


class Refused(MangaDexError):
    """Another 4xx: the request is wrong."""

    remedy = "Change what the server names, then try again."


class Conflict(Refused):
    """409: what was to be changed has another version than the request says (`mangadex-api.md` 1.7)."""

    remedy = "It was changed meanwhile: look at it as it is now, then decide."


class TooLarge(MangaDexError):
    """413."""

    remedy = "Fewer or smaller pages in one request."


class ConnectFailed(MangaDexError):
    """The connection could not be made (name look-up, refused, TLS): nothing was sent."""

    remedy = "Check the network; it is safe to try again."


class Unavailable(MangaDexError):
    """A request that changes nothing got a 5xx, a time-out or a cut connection."""

    remedy = "The service has trouble; it is safe to try again."


class UnknownOutcome(MangaDexError):
    """A request that changes something got no usable answer; the server may or may not have done it."""

    remedy = "Try again later; dexup first asks the server what it kept."


class PageChanged(MangaDexError):
    """A page's file changed, shrank, grew, vanished or became unreadable while it was sent."""

    remedy = "Put the file back as it was, or read the chapter again."
    part_name: str = ""
    """The file name of the part that could not be sent."""


class BadAnswer(MangaDexError):
    """A success whose body is not what it must be."""

    remedy = "Try again; if it stays, the service has changed and dexup needs an update."
