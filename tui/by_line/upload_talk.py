"""An upload told as it happens, and its commit."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tui.by_line.talk import Back, Talk
from tui.screens.history_rows import LINK
from tui.screens.upload_words import publish_lines
from tui.services import Services
from tui.storage.consent import TERMS
from tui.text import format_size, format_span, plural
from tui.upload.describe import describe, page_numbers
from tui.upload.events import BatchFinished, BytesSent, Event, Failed, PageAccepted
from tui.upload.exits import Exit
from tui.upload.ledger_entry import PageState
from tui.upload.options import OnSession
from tui.upload.plan import UploadPlan
from tui.upload.view import ENDED, Phase

_LABEL = re.compile(r"^(\w+) {2,}")
"""A word and the blanks that make a column of it."""
_RUNS = re.compile(r"\b[Pp]ages [\d, -]+")
"""Numbers of pages, in which a voice would read a dash."""
_SPOKEN_EVERY = 15.0
"""Seconds between two sentences about progress; a voice takes some seconds for each."""
_HALTED = {
    "go": "go on uploading",
    "stop": "stop; the session is kept and can be resumed",
    "status": "say how far it is",
}


def upload(talk: Talk, services: Services, plan: UploadPlan) -> None:
    """Send the pages of `plan`; a session that is in the way is a question."""
    engine = services.engine
    _follow(talk, services, lambda: engine.start_upload(plan, account=services.account))
    failure = engine.view.failure
    if engine.view.phase is Phase.FAILED and failure is not None and failure.exit_code == Exit.SESSION_OPEN:
        choices = {
            "leave": "leave it alone",
            "resume": "go on in it with these pages; what it holds already is not sent again",
            "abandon": "delete it with its files, and begin anew",
        }
        word = talk.choose("The account has an upload session open already.", choices)
        if word == "resume" or (
            word == "abandon" and talk.confirm("Its files on the server will be deleted.")
        ):
            how = OnSession(word)
            _follow(
                talk, services, lambda: engine.start_upload(plan, on_session=how, account=services.account)
            )


def resume(talk: Talk, services: Services, start: Callable[[], None]) -> None:
    """Go on with an upload that `start` takes up again."""
    _follow(talk, services, start)


def _follow(talk: Talk, services: Services, start: Callable[[], None]) -> None:
    engine = services.engine
    engine.drain()
    talk.say("The upload starts. ctrl+c halts it and asks.")
    start()
    said_at = time.monotonic()
    while True:
        try:
            event = engine.wait_event(0.2)
            if event is not None:
                said_at = _told(talk, services, event, said_at)
            phase = engine.view.phase
            if phase is Phase.READY and not _commits(talk, services):
                return
            if phase in ENDED and phase is not Phase.IDLE and event is None:
                break
        except KeyboardInterrupt:
            _halted(talk, services)
    _end(talk, services)


def _end(talk: Talk, services: Services) -> None:
    """How it came to an end, and what can be done now."""
    view = services.engine.view
    refused = [page for page in view.pages if page.state is PageState.REFUSED]
    told = view.failure.detail if view.phase is Phase.FAILED and view.failure is not None else ""
    for page in refused:
        if page.name in told:
            continue
        talk.say(f"Page {page.position}, {page.name}, was refused: {page.reason}")
    if view.phase is Phase.COMMITTED and view.chapter_id:
        talk.say(LINK + view.chapter_id)
    elif view.phase is Phase.UNKNOWN:
        talk.say(
            "It is not known whether the chapter was committed. Look at the title on MangaDex, or resume."
        )
    elif view.phase in (Phase.STOPPED, Phase.FAILED) and view.session_id:
        pages = f"{view.accepted_count} of {plural(len(view.pages), 'page')}"
        talk.say(f"The upload session is kept, {pages} are there: resume goes on.")


def _told(talk: Talk, services: Services, event: Event, said_at: float) -> float:
    """Say what happened; when progress was last told of."""
    if isinstance(event, BytesSent | PageAccepted):
        if time.monotonic() - said_at < _SPOKEN_EVERY:
            return said_at
        talk.say(_progress(services))
        return time.monotonic()
    if isinstance(event, Failed):
        facts = f" (status {event.status})" if event.status else ""
        talk.say_all([f"Error: {event.title}{facts}.", event.detail, event.remedy])
    elif isinstance(event, BatchFinished) and not event.failed:
        pages = services.engine.view.pages
        there = {page.position for page in pages if page.state is PageState.ACCEPTED}.union(event.accepted)
        verb = "is" if len(event.accepted) == 1 else "are"
        text = f"{page_numbers(event.accepted).capitalize()} {verb} in; {len(there)} of {len(pages)}."
        talk.say(_spoken(text))
    else:
        talk.say(_spoken(describe(event)))
    return time.monotonic()


def _spoken(text: str) -> str:
    return _RUNS.sub(lambda found: found[0].replace("-", " to "), text)


def _progress(services: Services) -> str:
    view = services.engine.view
    text = f"{view.accepted_count} of {plural(len(view.pages), 'page')}, "
    text += f"{format_size(view.sent_bytes)} of {format_size(view.total_bytes)}"
    return text + (f", {format_span(view.seconds_left)} left." if view.seconds_left is not None else ".")


def _halted(talk: Talk, services: Services) -> None:
    engine = services.engine
    engine.pause()
    talk.say(f"Halted. {_progress(services)}")
    while True:
        try:
            word = talk.choose("What now?", _HALTED)
        except Back:
            word = "go"
        if word == "status":
            talk.say(_progress(services))
            continue
        if word == "stop":
            engine.stop()
        else:
            engine.go_on()
        return


def _commits(talk: Talk, services: Services) -> bool:
    """Every page is in: whether it is to be published now."""
    engine = services.engine
    plan = engine.view.plan
    assert plan is not None
    talk.say("Every page is in. Nothing is published yet. This would be published:")
    talk.say_all([_LABEL.sub(r"\1: ", line) for line in publish_lines(plan)])
    talk.say(f"By committing you accept the upload terms: {TERMS}")
    try:
        yes = talk.confirm("Commit?")
    except (Back, KeyboardInterrupt):
        yes = False
    if yes:
        engine.commit(terms_accepted=True)
        while engine.view.phase is Phase.READY and engine.view.active:
            if (event := engine.wait_event(0.2)) is not None:
                talk.say(describe(event))
        return True
    engine.stop()
    while engine.view.active:
        engine.wait_event(0.2)
    talk.say("Not committed. The upload session is kept: resume commits it later.")
    return False
