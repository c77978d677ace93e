"""After the commit: waiting, for a stated time, until the service's lists show what became of the chapter."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui.commands.console import Console
from tui.services import Services
from tui.upload.describe import as_json, describe
from tui.upload.events import FollowedUp
from tui.upload.proofs.proof import Standing


def wait_until_seen(
    services: Services, console: Console, plan_id: str, seconds: float, stopped: Callable[[], bool]
) -> None:
    """Print what the lists show, as it changes, until more than the processing is over (visible, scheduled,
    waiting for approval), the time is up or `stopped()`. The requests follow the engine's own pace."""
    services.engine.follow(lambda: services.account)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not stopped():
        event = services.engine.wait_event(0.2)
        if event is None:
            continue
        console.record(as_json(event))
        console.line(describe(event))
        match event:
            case FollowedUp(standing=standing) if (
                event.plan_id == plan_id and standing != Standing.PROCESSING
            ):
                return
    console.line("It is not in the lists yet; `dexup history --refresh` asks again.")
