"""What the auth server's answers mean (`mangadex-api.md` 2.2 and 2.3)."""

from __future__ import annotations

from tui.mangadex.answers import Answer, error_of
from tui.mangadex.credentials import Tokens
from tui.mangadex.decode import mapping, text, whole
from tui.mangadex.errors import (
    BadAnswer,
    Banned,
    LoginFailed,
    LoginProblem,
    LoginRequired,
    MangaDexError,
    RateLimited,
    Unavailable,
)
from tui.secret import Secret

DEFAULT_LIFE = 900.0
"""Seconds that an access token lives when the answer does not say."""


def read_tokens(answer: Answer, asked_at: float, old_refresh: Secret | None) -> Tokens:
    """The tokens of a 2xx. Only access_token is certain; without a new refresh token the old one stays."""
    found = mapping(answer.document)
    access = text(found.get("access_token"))
    if not is_token(access):
        raise BadAnswer(
            "The auth server's answer holds no token", status=answer.status, request_id=answer.request_id
        )
    refresh = text(found.get("refresh_token"))
    life = whole(found.get("expires_in"))
    return Tokens(
        access=Secret(access),
        refresh=Secret(refresh) if is_token(refresh) else old_refresh,
        expires_at=asked_at + (float(life) if life is not None and life > 0 else DEFAULT_LIFE),
    )


def is_token(value: str) -> bool:
    """True for what can be sent in a header; anything else would be quoted by the error it causes."""
    return bool(value) and len(value) < 32768 and all(33 <= ord(character) < 127 for character in value)


def login_error(answer: Answer) -> MangaDexError:
    """Why a login with user name and password was refused, in words that tell which part to mend."""
    error, said = _words(answer)
    if (passing := _passing_trouble(answer)) is not None:
        return passing
    problem, title = _login_problem(answer.status, error, said.lower())
    failed = LoginFailed(title, said or error or f"status {answer.status}")
    failed.problem = problem
    return _marked(failed, answer)


def refresh_error(answer: Answer) -> MangaDexError:
    """Why a refresh was refused. Dead is dead: 400, 401 and 403 all mean logging in again."""
    if (passing := _passing_trouble(answer)) is not None:
        return passing
    error, said = _words(answer)
    detail = said or error or f"status {answer.status}"
    return _marked(LoginRequired("The login has ended", detail), answer)


def _login_problem(status: int, error: str, said: str) -> tuple[LoginProblem, str]:
    if status == 404:
        return LoginProblem.ADDRESS, "There is no login at this auth address"
    if error == "invalid_grant":
        if any(word in said for word in ("disabled", "not fully set up", "verif", "locked")):
            return LoginProblem.ACCOUNT, "The account cannot log in this way"
        return LoginProblem.PASSWORD, "User name or password is wrong"
    if "grant" in said or "not allowed" in said or error == "unsupported_grant_type":
        return LoginProblem.GRANT, "This client may not log in with a password; only a personal client may"
    if error in ("invalid_client", "unauthorized_client") and ("disabled" in said or "approv" in said):
        return LoginProblem.CLIENT, "The client is not approved yet, or switched off"
    if error == "invalid_client" or (error == "unauthorized_client" and status == 401):
        return LoginProblem.CLIENT, "Client id or client secret is wrong, or the client is not approved yet"
    if error == "unauthorized_client":
        return (
            LoginProblem.GRANT,
            "This client may not log in with a password; it must be an approved personal client",
        )
    return LoginProblem.OTHER, "The auth server refused the login"


def _passing_trouble(answer: Answer) -> MangaDexError | None:
    """An error that says nothing of the login itself: limits, maintenance, a ban."""
    if answer.status == 403 and isinstance(answer.document, dict) and "error" in answer.document:
        return None
    found = error_of(answer)
    return found if isinstance(found, (RateLimited, Unavailable, Banned)) else None


def _words(answer: Answer) -> tuple[str, str]:
    found = mapping(answer.document)
    return text(found.get("error"))[:200], text(found.get("error_description"))[:500]


def _marked(error: MangaDexError, answer: Answer) -> MangaDexError:
    error.status = answer.status
    error.request_id = answer.request_id
    error.method = answer.endpoint.method
    error.path = answer.path
    return error
