"""What logs an account in, and what a login yields."""

from __future__ import annotations

from dataclasses import dataclass

from tui.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """A personal client and the account that owns it (`mangadex-api.md` 2.1)."""

    client_id: str
    client_secret: Secret
    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the auth server gave.

    An empty access token with a refresh token is a login kept from an earlier run.
    """

    access: Secret
    refresh: Secret | None
    expires_at: float
    """Epoch second, by this machine's clock, at which the access token ends."""
