"""Waiting after the commit until the lists show the chapter."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from tui.commands.console import Console
from tui.commands.seeing import wait_until_seen
from tui.services import Services
from tui.upload.events import Event, FollowedUp, Note


def seen(standing: str, plan: str = "p") -> FollowedUp:
    return FollowedUp(plan_id=plan, chapter_id="c", standing=standing, pages=3, name="Harbour Lights")


def services_with(*events: Event) -> Services:
    left = deque(events)
    engine = SimpleNamespace(
        follow=lambda account: None, wait_event=lambda timeout: left.popleft() if left else None
    )
    return cast("Services", SimpleNamespace(engine=engine, account="someone"))


def told(capsys: pytest.CaptureFixture[str], services: Services, stopped: Callable[[], bool]) -> list[str]:
    wait_until_seen(services, Console(json_lines=True), "p", 3600.0, stopped)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [str(record.get("standing", record["event"])) for record in records]


def test_it_waits_past_the_processing_and_other_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    events = (
        Note(text="x"),
        seen("processing"),
        seen("visible", "another"),
        seen("visible"),
        seen("too late"),
    )
    assert told(capsys, services_with(*events), lambda: False) == ["note", "processing", "visible", "visible"]


def test_a_signal_ends_the_wait(capsys: pytest.CaptureFixture[str]) -> None:
    answers = deque([False, False, True])
    assert told(capsys, services_with(seen("processing")), answers.popleft) == ["processing"]
