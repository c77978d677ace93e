"""An upload whose terminal is gone."""

from __future__ import annotations

import threading

from tui.upload.engine import Engine
from tui.upload.view import Phase


def finish_unattended(engine: Engine, stop: threading.Event) -> None:
    """Wait until the pages that are left are sent, as long as nobody is needed for it, or until `stop` is set.

    Never commits; a commit that was confirmed before is waited for.
    """
    while not stop.is_set():
        view = engine.view
        if not view.active or view.phase in (Phase.READY, Phase.PAUSED):
            return
        engine.wait_event(1.0)
