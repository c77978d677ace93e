"""What an answer means: the body read within bounds, failures turned into the errors of errors.py."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from dataclasses import dataclass

import httpx

from tui.mangadex import errors
from tui.mangadex.decode import mapping, parse_json, text
from tui.mangadex.endpoints import Endpoint
from tui.mangadex.entities import read_errors
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import ErrorDetail

LARGEST_ANSWER = 8 * 1024 * 1024
_PAGE_TITLE = re.compile(rb"<title[^>]*>([^<]{1,300})", re.IGNORECASE)
_NO_ROUTE = "No route found"

# ProxyError: the proxy refused to connect, so nothing went through it.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `document` is None when the body is no JSON."""

    endpoint: Endpoint
    path: str
    status: int
    headers: httpx.Headers
    body: bytes
    document: object

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        return text(self.headers.get("x-request-id"))[:100]

    @property
    def is_error_document(self) -> bool:
        """True for a JSON answer of the application itself that lists what is wrong (not of a load
        balancer)."""
        return isinstance(self.document, dict) and isinstance(self.document.get("errors"), list)

    @property
    def says_absent(self) -> bool:
        """A 404 by which the application says that the thing is not there (and not that the route is
        unknown)."""
        if self.status != 404 or not isinstance(self.document, dict):
            return False
        return not any(error.detail.startswith(_NO_ROUTE) for error in read_errors(self.document))


async def read_body(response: httpx.Response, seconds: float) -> bytes:
    """The whole body, at most LARGEST_ANSWER and `seconds` long.

    Raises httpx.ReadTimeout, or httpx.DecodingError for one that is too large.
    """
    found = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in response.aiter_bytes():
                found += piece
                if len(found) > LARGEST_ANSWER:
                    raise httpx.DecodingError(f"the answer is larger than {LARGEST_ANSWER} bytes")
    except TimeoutError:
        raise httpx.ReadTimeout(f"the answer was not complete after {seconds:.0f} s") from None
    return bytes(found)


async def read_answer(response: httpx.Response, endpoint: Endpoint, path: str) -> Answer:
    """`response` as an Answer."""
    body = await read_body(response, endpoint.seconds)
    return Answer(endpoint, path, response.status_code, response.headers, body, parse_json(body))


def error_of(answer: Answer) -> MangaDexError:
    """The error that a status other than 2xx stands for (`mangadex-api.md` 1.6, 1.7, 3.3, 3.5)."""
    details = read_errors(answer.document)
    error = _kind_of(answer, details)
    error.status = answer.status
    error.request_id = answer.request_id
    error.method = answer.endpoint.method
    error.path = answer.path
    error.errors = details
    return error


def _kind_of(answer: Answer, details: tuple[ErrorDetail, ...]) -> MangaDexError:
    status = answer.status
    said = "; ".join(str(detail) for detail in details) or _plain_words(answer.body)
    if status == 401:
        return errors.LoginRequired("The login is not valid any more", said)
    if status == 403:
        return _forbidden(answer, details, said)
    if status == 404 and not answer.endpoint.changes and not isinstance(answer.document, dict):
        # A web page of a load balancer: the application, which knows what there is, was not asked.
        return unanswered(answer.endpoint, f"status {status}" + (f": {said}" if said else ""))
    if status == 404:
        return errors.NotFound("Not found", said)
    if status == 409:
        return errors.Conflict("It was changed meanwhile", said)
    if status == 413:
        return errors.TooLarge("The request is too large for the server", said)
    if status == 429:
        return errors.RateLimited("MangaDex is limiting requests", said)
    if status >= 500 or status == 408:
        return unanswered(answer.endpoint, f"status {status}" + (f": {said}" if said else ""))
    if 300 <= status < 400:
        return errors.Refused(
            "The address leads elsewhere", f"redirected to {answer.headers.get('location', '?')}"
        )
    return errors.Refused(f"MangaDex refused the request ({status})", said)


def _forbidden(answer: Answer, details: tuple[ErrorDetail, ...], said: str) -> MangaDexError:
    captcha = next((detail for detail in details if "captcha" in detail.title.lower()), None)
    site_key = answer.headers.get("x-captcha-sitekey", "")
    if captcha is not None or site_key:
        error = errors.CaptchaRequired("MangaDex asks for a captcha", said)
        context = mapping(captcha.context) if captcha else {}
        error.site_key = text(site_key) or text(context.get("siteKey"))
        return error
    if answer.is_error_document:
        return errors.Forbidden("The account may not do this", said)
    return errors.Banned("MangaDex has shut this address out for a while", said)


def unanswered(endpoint: Endpoint, detail: str) -> MangaDexError:
    """The error for a request that may or may not have reached the application."""
    error: MangaDexError
    if endpoint.changes:
        error = errors.UnknownOutcome("No usable answer; the server may have done it all the same", detail)
    else:
        error = errors.Unavailable("MangaDex does not answer as it should", detail)
    error.method = endpoint.method
    error.path = endpoint.path
    return error


def unusable(answer: Answer, detail: str) -> MangaDexError:
    """The error for a 2xx whose body cannot be used: what was to be changed has probably been changed."""
    kind = errors.UnknownOutcome if answer.endpoint.changes else errors.BadAnswer
    error = kind("The answer cannot be used", detail)
    error.status = answer.status
    error.request_id = answer.request_id
    error.method = answer.endpoint.method
    error.path = answer.path
    return error


def of_exception(error: httpx.HTTPError, endpoint: Endpoint, path: str) -> MangaDexError:
    """The error for a request that got no answer.

    The text of httpx's LocalProtocolError quotes headers, so it is never repeated.
    """
    said = _line_words(error)
    found: MangaDexError
    if isinstance(error, _NOTHING_SENT):
        found = errors.ConnectFailed("No connection to MangaDex", said)
    else:
        found = unanswered(endpoint, said)
    found.method = endpoint.method
    found.path = path
    return found


_LINE_WORDS: dict[type[httpx.HTTPError], str] = {
    httpx.ConnectTimeout: "it was not reached in time",
    httpx.PoolTimeout: "no connection was free in time",
    httpx.ReadTimeout: "it fell silent",
    httpx.WriteTimeout: "it stopped reading",
    httpx.ReadError: "the connection broke",
    httpx.WriteError: "the connection broke",
    httpx.RemoteProtocolError: "the connection was closed in the middle of the answer, or it was not HTTP",
}


def _line_words(error: httpx.HTTPError) -> str:
    """What is wrong with the line, in the words of the system where it has any."""
    if isinstance(error, httpx.LocalProtocolError):
        return type(error).__name__
    words = _LINE_WORDS.get(type(error), "")
    reason = _system_words(error)
    text = ": ".join(filter(None, (words, reason))) if reason else str(error) or words or type(error).__name__
    return text.rstrip(".")  # it becomes part of a sentence


def _system_words(error: BaseException) -> str:
    """The reason that the system, the name server or TLS gave: the innermost in the chain of causes."""
    found = ""
    step: BaseException | None = error
    for _ in range(10):
        if isinstance(step, BaseExceptionGroup):
            step = step.exceptions[0]
        if isinstance(step, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {step.verify_message}"
        if isinstance(step, (socket.gaierror, ssl.SSLError)):
            found = step.strerror or found
        elif isinstance(step, OSError) and step.errno:
            found = os.strerror(step.errno)  # asyncio puts words of its own into strerror
        step = step and (step.__cause__ or step.__context__)
    return found


def _plain_words(body: bytes) -> str:
    """A hint at what a body that is no JSON says: a web page's title, or its first words."""
    title = _PAGE_TITLE.search(body[:65536])
    words = title.group(1) if title else b"" if body.lstrip()[:1] in (b"<", b"{", b"[") else body[:200]
    return " ".join(words.decode("utf-8", "replace").split())
