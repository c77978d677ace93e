"""The controls below /_sandbox: faults, the request log, the state, committed pages. For tests in other processes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.fault_actions import KINDS
from tui.sandbox.faults import Fault
from tui.sandbox.replies import ApiError, json_reply, not_found
from tui.sandbox.routing import Route

if TYPE_CHECKING:
    from tui.sandbox.app import SandboxApp

_BODY_BYTES = 65_536
_PAGE = re.compile(r"/pages/(\d{1,4})")


def routes(app: SandboxApp) -> tuple[Route, ...]:
    """The control endpoints of one sandbox."""

    async def add_fault(call: Call) -> Response:
        app.faults.add(fault_from(await call.body(_BODY_BYTES)))
        return json_reply({"result": "ok"}, 201)

    async def list_faults(_call: Call) -> Response:
        return json_reply([_fault_document(fault) for fault in app.faults])

    async def clear_faults(_call: Call) -> Response:
        app.faults.clear()
        return json_reply({"result": "ok"})

    async def list_requests(_call: Call) -> Response:
        return json_reply([entry.as_document() for entry in app.requests])

    async def clear_requests(_call: Call) -> Response:
        app.requests.clear()
        return json_reply({"result": "ok"})

    async def state(_call: Call) -> Response:
        return json_reply(app.service.as_document())

    async def approve(call: Call) -> Response:
        """Staff approves everything that waits."""
        waiting = [chapter for chapter in call.service.chapters.values() if not chapter.approved]
        for chapter in waiting:
            chapter.approved = True
        return json_reply({"result": "ok", "approved": [chapter.id for chapter in waiting]})

    async def page(call: Call, chapter_id: str) -> Response:
        number = _PAGE.search(call.entry.path)
        chapter = app.service.chapters.get(chapter_id)
        if chapter is None or number is None or not 1 <= int(number[1]) <= len(chapter.pages):
            raise not_found("No such page")
        content = await asyncio.to_thread(app.service.page_bytes, chapter_id, int(number[1]))
        return Response(content, media_type=chapter.pages[int(number[1]) - 1].mime_type)

    return (
        Route("POST", "/_sandbox/faults", add_fault),
        Route("GET", "/_sandbox/faults", list_faults),
        Route("DELETE", "/_sandbox/faults", clear_faults),
        Route("GET", "/_sandbox/requests", list_requests),
        Route("DELETE", "/_sandbox/requests", clear_requests),
        Route("GET", "/_sandbox/state", state),
        Route("POST", "/_sandbox/approve", approve),
        Route("GET", "/_sandbox/chapters/{chapter_id}/pages/*", page),
    )


def fault_from(content: bytes) -> Fault:
    """A fault from {"method": "POST", "path": "/upload/{id}", "skip": 0, "times": 1, "action": "status",
    "with": {"status": 502, "body": "html"}}; ApiError 400 when it is none."""
    try:
        document = json.loads(content)
        kind = KINDS[document["action"]]
        action = kind(**document.get("with", {}))
        return Fault(
            str(document["method"]).upper(),
            str(document["path"]),
            action,
            skip=int(document.get("skip", 0)),
            times=int(document.get("times", 1)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        known = ", ".join(KINDS)
        raise ApiError(400, f"No fault ({type(error).__name__}: {error}). Actions: {known}") from None


def _fault_document(fault: Fault) -> dict[str, Any]:
    names = {kind: name for name, kind in KINDS.items()}
    return {
        "method": fault.method,
        "path": fault.path,
        "skip": fault.skip,
        "times": fault.times,
        "struck": fault.struck,
        "action": names[type(fault.action)],
        "with": dataclasses.asdict(fault.action) if dataclasses.is_dataclass(fault.action) else {},
    }
