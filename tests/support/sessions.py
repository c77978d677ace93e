"""Upload sessions on the sandbox and in the ledger, put there without uploading anything."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.chapters import image_bytes
from tui.chapter.details import ChapterDetails
from tui.chapter.hashing import hash_pages
from tui.chapter.sources import open_source
from tui.sandbox.records import SessionFile, UploadSession
from tui.sandbox.server import SandboxServer
from tui.services import Services
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageRecord, PageState
from tui.upload.plan import UploadPlan, freeze_plan

ACCOUNT = "sandbox"
"""User name of the sandbox's account."""


def make_plan(server: SandboxServer, folder: Path, pages: int = 3, **details: Any) -> UploadPlan:
    """A plan for a new folder of that many small, different pages."""
    folder.mkdir(parents=True)
    for number in range(1, pages + 1):
        (folder / f"{number}.png").write_bytes(image_bytes("PNG", (200 + number, 300)))
    usual = ChapterDetails(
        manga_id=server.state.manga_id,
        manga_title="Harbour Lights",
        group_ids=(server.state.group_id,),
        group_names=("Example Scans",),
        chapter="12",
        language="en",
    )
    chosen = replace(usual, **details)
    found = hash_pages(open_source(folder).scan().pages)
    return freeze_plan(folder, found, chosen, now=datetime.now(UTC))


def put_session(
    server: SandboxServer, files: Iterable[tuple[str, bytes]] = (), **values: Any
) -> UploadSession:
    """An open session of the sandbox's account that holds `files` (name, content)."""
    state = server.state
    now = state.now()
    usual: dict[str, Any] = {
        "manga_id": state.manga_id,
        "group_ids": [state.group_id],
        "created_at": now,
        "updated_at": now,
    }
    session = UploadSession(str(uuid.uuid4()), state.account.id, **(usual | values))
    for name, content in files:
        digest = hashlib.sha256(content).hexdigest()
        path = state.store.spool(content)
        file = SessionFile(str(uuid.uuid4()), name, digest, len(content), "image/png", path)
        session.files[file.id] = file
    state.sessions[session.id] = session
    return session


def put_upload(
    server: SandboxServer, services: Services, plan: UploadPlan, sent: Sequence[int] = ()
) -> UploadSession:
    """An interrupted upload as a killed run leaves it: pages at the positions `sent` are on the server, and the
    ledger knows it. The ledger must not be in use yet."""
    pages = [page for page in plan.pages if page.position in sent]
    content = [(page.part_name, (page.location.source / page.location.member).read_bytes()) for page in pages]
    session = put_session(server, content, manga_id=plan.details.manga_id)
    note_upload(
        services, plan, session.id, dict(zip((page.position for page in pages), session.files, strict=True))
    )
    return session


def note_upload(
    services: Services, plan: UploadPlan, session_id: str, accepted: dict[int, str], account: str = ACCOUNT
) -> None:
    """The same in the ledger alone."""
    with_ledger = Ledger(services.paths.ledger_file)
    with_ledger.begin_upload(plan, account)
    with_ledger.set_session(plan.id, session_id, None)
    with_ledger.set_pages(
        plan.id, {position: PageRecord(PageState.ACCEPTED, file_id) for position, file_id in accepted.items()}
    )
    with_ledger.close()
