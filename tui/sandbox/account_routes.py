"""Who the account is (`mangadex-api.md` 2.5)."""

from __future__ import annotations

from starlette.responses import Response

from tui.sandbox.replies import entity_reply, json_reply
from tui.sandbox.routing import Call, Route


async def me(call: Call) -> Response:
    return entity_reply(call.entities.user(call.user))


async def check(call: Call) -> Response:
    """Also answers who is nobody."""
    account = call.account
    return json_reply(
        {
            "result": "ok",
            "isAuthenticated": account is not None,
            "roles": account.roles if account else [],
            "permissions": ["user.upload", "chapter.view", "manga.view"] if account else ["manga.view"],
        }
    )


ROUTES = (Route("GET", "/user/me", me, login=True), Route("GET", "/auth/check", check, probe=True))
