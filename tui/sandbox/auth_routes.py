"""The realm's endpoints, with Keycloak's answers (`mangadex-api.md` 2), and who is logged in."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.entities import user_entity
from tui.sandbox.replies import entity_reply, json_reply
from tui.sandbox.routing import Route
from tui.sandbox.tokens import SCOPE, Issued, TokenRefused

REALM = "/realms/mangadex"
OPENID = f"{REALM}/protocol/openid-connect"
_FORM_BYTES = 65_536


class RealmError(Exception):
    """Ends a request with an error in Keycloak's shape."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.reply = json_reply({"error": error, "error_description": description}, status)


async def _form(call: Call) -> dict[str, str]:
    """The form that was posted; only the form encoding is understood."""
    content = await call.body(_FORM_BYTES)
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    fields = parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def _check_client(call: Call, form: dict[str, str]) -> None:
    """Client id and secret, in the form or as HTTP Basic."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise RealmError(400, "invalid_request", "Malformed authorization header") from None
        client_id, secret = unquote(client_id), unquote(secret)
    options = call.service.options
    if client_id != options.client_id:
        raise RealmError(401, "invalid_client", "Invalid client or Invalid client credentials")
    if not hmac.compare_digest(secret.encode(), options.client_secret.encode()):
        raise RealmError(401, "unauthorized_client", "Invalid client or Invalid client credentials")


async def token(call: Call) -> Response:
    """Log in by password, or exchange a refresh token."""
    form = await _form(call)
    kind = form.get("grant_type")
    if not kind:
        raise RealmError(400, "invalid_request", "Missing form parameter: grant_type")
    _check_client(call, form)
    service = call.service
    if kind == "password":
        for name in ("username", "password"):
            if not form.get(name):
                raise RealmError(400, "invalid_request", f"Missing parameter: {name}")
        right = hmac.compare_digest(form["password"].encode(), service.options.password.encode())
        # Keycloak knows users by lower-case name.
        if form["username"].casefold() != service.options.username.casefold() or not right:
            raise RealmError(401, "invalid_grant", "Invalid user credentials")
        issued = service.tokens.log_in(service.account.id, _claims(call, service.account.id))
    elif kind == "refresh_token":
        if not form.get("refresh_token"):
            raise RealmError(400, "invalid_request", "No refresh token")
        try:
            issued = service.tokens.refresh(form["refresh_token"], lambda user_id: _claims(call, user_id))
        except TokenRefused as error:
            raise RealmError(400, "invalid_grant", str(error)) from None
    else:
        raise RealmError(400, "unsupported_grant_type", "Unsupported grant_type")
    return _tokens_reply(call, issued)


def _tokens_reply(call: Call, issued: Issued) -> Response:
    tokens = call.service.tokens
    return json_reply(
        {
            "access_token": issued.access,
            "expires_in": int(tokens.access_life),
            "refresh_expires_in": int(tokens.refresh_life),
            "refresh_token": issued.refresh,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "session_state": issued.login_id,
            "scope": SCOPE,
            "client_type": "personal",
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def _claims(call: Call, user_id: str) -> dict[str, Any]:
    user = call.service.users[user_id]
    return {
        "roles": user.roles,
        "groups": [],
        "preferred_username": user.username,
        "email": f"{user_id}@example.invalid",
        "email_verified": True,
    }


async def revoke(call: Call) -> Response:
    """The login behind a token ends; 200 for unknown tokens too, as RFC 7009 wants it."""
    form = await _form(call)
    _check_client(call, form)
    if not form.get("token"):
        raise RealmError(400, "invalid_request", "Token not provided")
    call.service.tokens.end_login(form["token"])
    return Response(b"", 200)


async def logout(call: Call) -> Response:
    form = await _form(call)
    _check_client(call, form)
    if not form.get("refresh_token"):
        raise RealmError(400, "invalid_request", "No refresh token")
    if not call.service.tokens.end_login(form["refresh_token"]):
        raise RealmError(400, "invalid_grant", "Invalid refresh token")
    return Response(b"", 204)


async def discovery(call: Call) -> Response:
    base = f"{call.request.url.scheme}://{call.request.url.netloc}{OPENID}"
    return json_reply(
        {
            "issuer": call.service.tokens.issuer,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "end_session_endpoint": f"{base}/logout",
            "grant_types_supported": ["authorization_code", "refresh_token", "password"],
        }
    )


async def me(call: Call) -> Response:
    return entity_reply(user_entity(call.require_user()))


async def check(call: Call) -> Response:
    """200 for everyone, dead tokens too."""
    user_id = call.service.tokens.user_of(call.bearer) if call.bearer else None
    user = call.service.users[user_id] if user_id else None
    permissions = ["chapter.upload", "manga.view", "user.view"] if user else ["manga.view"]
    return json_reply(
        {
            "result": "ok",
            "isAuthenticated": user is not None,
            "roles": user.roles if user else [],
            "permissions": permissions,
        }
    )


REALM_ROUTES = (
    Route("POST", f"{OPENID}/token", token),
    Route("POST", f"{OPENID}/revoke", revoke),
    Route("POST", f"{OPENID}/logout", logout),
    Route("GET", f"{REALM}/.well-known/openid-configuration", discovery),
)
ROUTES = (Route("GET", "/user/me", me), Route("GET", "/auth/check", check))
