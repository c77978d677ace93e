"""Logins of the realm: access and refresh tokens (`mangadex-api.md` 2.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SCOPE = "groups email profile"


@dataclass
class Login:
    """One login; all its tokens die with it."""

    id: str
    user_id: str
    active: bool = True
    current_refresh: str = ""
    """jti of the refresh token that was given out last."""


@dataclass(frozen=True)
class Issued:
    """A fresh pair of tokens."""

    access: str
    refresh: str
    login_id: str


class TokenRefused(Exception):
    """The refresh token cannot be exchanged; the text is Keycloak's description."""


class Tokens:
    """Issues and checks tokens.

    They are signed and shaped like JWTs of three parts, since some clients decode the expiry from both.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        client_id: str,
        access_life: float,
        refresh_life: float,
        single_use_refresh: bool,
    ) -> None:
        self.access_life = access_life
        self.refresh_life = refresh_life
        self.issuer = "https://auth.mangadex.org/realms/mangadex"
        self._clock = clock
        self._client_id = client_id
        self._single_use = single_use_refresh
        self._key = secrets.token_bytes(32)
        self._logins: dict[str, Login] = {}
        self._dead_before = 0
        """Access tokens with a serial number below this are dead."""
        self._serial = 0

    def log_in(self, user_id: str, claims: dict[str, Any]) -> Issued:
        """A new login of a user whose password was right."""
        login = Login(str(uuid.uuid4()), user_id)
        self._logins[login.id] = login
        return self._issue(login, claims)

    def refresh(self, token: str, claims: Callable[[str], dict[str, Any]]) -> Issued:
        """A new pair for a refresh token. `claims(user id)` tells what the access token says of its owner."""
        payload = self._verified(token)
        if payload is None or payload.get("typ") != "Refresh":
            raise TokenRefused("Invalid refresh token")
        if payload["until"] <= self._clock():
            raise TokenRefused("Token is not active")
        login = self._logins.get(payload["sid"])
        if login is None or not login.active:
            raise TokenRefused("Session not active")
        if self._single_use and login.current_refresh != payload["jti"]:
            raise TokenRefused("Token is not active")
        return self._issue(login, claims(login.user_id))

    def user_of(self, access: str) -> str | None:
        """Id of the user that an access token stands for, None when it is dead or forged."""
        payload = self._verified(access)
        if payload is None or payload.get("typ") != "Bearer" or payload["until"] <= self._clock():
            return None
        login = self._logins.get(payload["sid"])
        if login is None or not login.active or payload["serial"] < self._dead_before:
            return None
        return login.user_id

    def end_login(self, token: str) -> bool:
        """Log out: the login that either token belongs to is over."""
        payload = self._verified(token)
        login = self._logins.get(payload["sid"]) if payload else None
        if login is None:
            return False
        login.active = False
        return True

    def expire_access(self) -> None:
        """Every access token given out so far is dead; the logins live on."""
        self._dead_before = self._serial + 1

    def end_all_logins(self) -> None:
        """Every login is over, as if revoked by the user on the site."""
        for login in self._logins.values():
            login.active = False

    def _issue(self, login: Login, claims: dict[str, Any]) -> Issued:
        now = self._clock()
        self._serial += 1
        common: dict[str, Any] = {
            "iat": int(now),
            "iss": self.issuer,
            "sub": login.user_id,
            "azp": self._client_id,
            "sid": login.id,
            "scope": SCOPE,
            "serial": self._serial,
        }
        refresh_id = str(uuid.uuid4())
        access = self._signed(
            {**common, **claims, "typ": "Bearer", "jti": str(uuid.uuid4()), "exp": now + self.access_life}
        )
        refresh = self._signed(
            {
                **common,
                "typ": "Refresh",
                "jti": refresh_id,
                "exp": now + self.refresh_life,
                "aud": self.issuer,
            }
        )
        login.current_refresh = refresh_id
        return Issued(access, refresh, login.id)

    def _signed(self, payload: dict[str, Any]) -> str:
        # Clients read exp as an integer; lives below a second need the exact time.
        payload["until"] = payload["exp"]
        payload["exp"] = int(payload["exp"])
        head = _part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "sandbox"}))
        body = f"{head}.{_part(json.dumps(payload))}"
        return f"{body}.{self._signature(body)}"

    def _signature(self, body: str) -> str:
        digest = hmac.new(self._key, body.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _verified(self, token: str) -> dict[str, Any] | None:
        body, dot, signature = token.rpartition(".")
        if not dot or not token.isascii() or not hmac.compare_digest(self._signature(body), signature):
            return None
        payload: dict[str, Any] = json.loads(base64.b64decode(body.split(".")[1]))
        return payload


def _part(text: str) -> str:
    """ASCII JSON in base64 that every flavour of decoder reads the same.

    Clients decode with the plain alphabet or the URL-safe one, and some forget the padding: blanks at the end
    make the padding vanish, and JSON in ASCII without ? > ~ never yields the letters in which the two differ.
    """
    escaped = text.replace("?", "\\u003f").replace(">", "\\u003e").replace("~", "\\u007e")
    padded = escaped + " " * (-len(escaped) % 3)
    return base64.b64encode(padded.encode("ascii")).decode()
