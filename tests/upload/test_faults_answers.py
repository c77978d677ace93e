"""Answers that no service should give, on every endpoint of an upload: wrong types, missing parts, any nesting."""

from __future__ import annotations

import asyncio
import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.support.faults import COMMIT, SEND, FaultBench
from tests.support.fuzzing.mutations import mutated_document
from tests.support.ground import PAGES
from tui.sandbox.call import Call
from tui.sandbox.fault_actions import Action, Proceed, RefuseFiles, Rewrite, Status
from tui.sandbox.link import Message
from tui.sandbox.replies import json_reply
from tui.upload.events import Committed, CommitUnknown, Event, Failed
from tui.upload.exits import Exit

CALLS = [("GET", "/upload"), ("POST", "/upload/begin"), ("POST", SEND), ("POST", COMMIT)]
SCRAMBLES = 12
"""Answers of each call that are scrambled, each in another way."""


@dataclass(frozen=True)
class Scramble(Rewrite):
    """Some values of the answer are of another type, missing, double or nested deep; the request is processed."""

    seed: int = 0

    def rewrite(self, document: Any) -> Any:
        return mutated_document(random.Random(self.seed), document)


@dataclass(frozen=True)
class Unsaid(RefuseFiles):
    """An answer that says nothing of some files, neither that they are kept nor that they are refused."""

    kept: bool = True

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        answer = await (proceed() if self.kept else super().strike(call, proceed))
        assert answer is not None
        document = json.loads(bytes(answer.body))
        document["data"] = [
            file
            for file in document["data"]
            if not re.search(self.name, file["attributes"]["originalFileName"])
        ]
        document.pop("errors", None)
        return json_reply(document, 200, {})


PAGE_6 = "^0006-"


def test_a_page_that_an_answer_says_nothing_of_is_asked_for_and_not_sent_again(faults: FaultBench) -> None:
    faults.strike("POST", SEND, Unsaid(PAGE_6), times=0)
    faults.check_committed(faults.upload())
    assert faults.ground.referee.came.total() == PAGES
    assert faults.heard("page 6: the answer does not say whether it was kept")


def test_a_page_that_was_not_kept_and_nobody_says_why_goes_again(faults: FaultBench) -> None:
    faults.strike("POST", SEND, Unsaid(PAGE_6, kept=False), times=2)  # it is in one of the first two requests
    faults.check_committed(faults.upload())
    assert faults.ground.referee.came.total() == PAGES + 1
    assert faults.heard("The server has none of them; page 6 will be sent again")


def test_a_page_that_is_never_kept_and_nobody_says_why_ends_resumable(faults: FaultBench) -> None:
    faults.strike("POST", SEND, Unsaid(PAGE_6, kept=False), times=0)
    end = faults.upload()
    faults.check_kept(end, Exit.RESUMABLE)
    assert faults.ground.referee.came.total() < PAGES + 10
    (entry,) = faults.unfinished()
    assert sorted({*range(1, PAGES + 1)} - set(entry.accepted)) == [6]
    faults.fair()
    faults.check_committed(faults.resume())


@dataclass(frozen=True)
class Arriving(Action):
    """The whole request is there; it is processed a little later, or when it is given up."""

    seconds: float = 0.5
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        content = await call.request.body()
        self.arrived.set()
        whole = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive() -> Message:
            return next(whole)

        call.request = Request(call.request.scope, receive)
        await asyncio.sleep(self.seconds)
        return await proceed()


@dataclass(frozen=True)
class Afterwards(Action):
    """Something happens to the request once another one has arrived."""

    other: Arriving
    action: Action

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await self.other.arrived.wait()
        return await self.action.strike(call, proceed)


def test_what_is_on_its_way_when_another_request_ends_the_upload_is_waited_for(faults: FaultBench) -> None:
    arriving = Arriving()
    faults.strike("POST", SEND, arriving)
    faults.strike("POST", SEND, Afterwards(arriving, Status(403, detail="You may not")))
    end = faults.upload()
    faults.check_kept(end, Exit.REFUSED)
    (entry,) = faults.unfinished()
    assert sorted(entry.accepted) in ([1, 2, 3, 4], [5, 6, 7, 8])
    faults.check_committed(faults.resume(same_process=True))


@pytest.mark.parametrize(("method", "path"), CALLS, ids=[f"{method} {path}" for method, path in CALLS])
@pytest.mark.parametrize("seed", range(SCRAMBLES))
def test_a_scrambled_answer_loses_doubles_and_hides_nothing(
    faults: FaultBench, method: str, path: str, seed: int
) -> None:
    faults.strike(method, path, Scramble(seed=seed), times=2 if seed % 2 else 1)
    end: Event = faults.upload()
    faults.fair()
    for _ in range(3):
        if isinstance(end, Committed):
            break
        assert isinstance(end, Failed | CommitUnknown), faults.said
        if isinstance(end, Failed):
            assert end.title and end.remedy, faults.said
            assert end.resumable, faults.said
        end = faults.resume()
    said = "\n".join(faults.said)
    assert len(faults.ground.referee.chapters) == 1, said
    (chapter_id,) = faults.ground.referee.chapters
    assert faults.ground.committed_digests(chapter_id) == [page.sha256 for page in faults.plan.pages], said
    if method != "GET":  # a list of files that leaves some out says that they are lost
        assert faults.ground.referee.resent == [], said
    assert isinstance(end, Committed), said
    assert end.chapter_id == chapter_id, said
