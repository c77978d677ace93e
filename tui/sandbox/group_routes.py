"""Scanlation groups: search and look-up (`mangadex-api.md` 5.2)."""

from __future__ import annotations

from starlette.responses import Response

from tui.sandbox.query import Query, relevance, sliced
from tui.sandbox.records import Group
from tui.sandbox.replies import collection_reply, entity_reply, not_found
from tui.sandbox.routing import Call, Route

_ORDERS = ("name", "createdAt", "updatedAt", "followedCount", "relevance")


async def search(call: Call) -> Response:
    query = Query(call.request.query_params)
    limit, offset = query.page()
    ids = query.ids("ids")
    name, language = query.text("name"), query.text("focusedLanguage")
    order, reverse = query.order(_ORDERS, "relevance" if name else "createdAt")
    query.done()
    groups = list(call.service.groups.values())
    if ids:
        groups = [group for group in groups if group.id in ids]
    if language is not None:
        groups = [group for group in groups if language in group.attributes["focusedLanguages"]]
    if name:
        groups = [group for group in groups if relevance(name, _names(group)) > 0]
    if order == "name":
        groups.sort(key=lambda group: group.attributes["name"].casefold(), reverse=reverse)
    elif order == "relevance" and name:
        groups.sort(key=lambda group: relevance(name, _names(group)), reverse=reverse)
    elif order in ("createdAt", "updatedAt"):
        groups.sort(key=lambda group: str(group.attributes[order]), reverse=reverse)
    includes = call.includes()
    return collection_reply(
        [call.entities.group(group, includes) for group in sliced(groups, limit, offset)],
        limit=limit,
        offset=offset,
        total=len(groups),
    )


async def look_up(call: Call) -> Response:
    group = call.service.groups.get(call.ids[0])
    if group is None:
        raise not_found(f"Scanlation group {call.ids[0]} not found")
    return entity_reply(call.entities.group(group, call.includes()))


def _names(group: Group) -> list[str]:
    alternatives = (name for entry in group.attributes["altNames"] for name in entry.values())
    return [group.attributes["name"], *alternatives]


ROUTES = (Route("GET", "/group", search), Route("GET", "/group/{id}", look_up))
