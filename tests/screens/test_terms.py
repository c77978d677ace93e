"""The upload terms: shown, accepted for a stated time, taken back; and the chapter seen after its commit."""

from __future__ import annotations

from pathlib import Path

from tests.screens.test_upload import READY, uploading
from tests.support.sessions import make_plan
from tui.app import DexupApp
from tui.sandbox.server import SandboxServer
from tui.storage.consent import TERMS
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.prompt import Prompt


async def test_terms_for_a_time_then_commit_then_proof(
    app: DexupApp, server: SandboxServer, tmp_path: Path
) -> None:
    plan = make_plan(server, tmp_path / "chapter", 2)
    async with uploading(app, server, plan, size=(100, 30)) as upload:
        await upload.sees(READY)
        await upload.press("c")
        await upload.sees(TERMS, "accept them for this chapter", "Accept the terms and commit")
        await upload.press("escape t")
        assert isinstance(app.screen, Choose)
        await upload.sees(TERMS, "You accept them at each commit.")
        await upload.press("5")
        assert isinstance(app.screen, Prompt)
        await upload.press("9 1 enter")
        await upload.sees("from 1 to 90")
        await upload.press("backspace enter")
        await upload.sees("You accepted them on")
        consent = app.services.consent.standing(app.services.account, app.services.settings.service.api_url)
        assert consent is not None
        assert (consent.until - consent.given_at).days == 9
        await upload.press("c")
        await upload.sees("You accepted them on", "Commit (y)")
        assert isinstance(app.screen, Confirm)
        await upload.press("escape t")
        await upload.press("2")
        await upload.sees("You accept them at each commit.")
        await upload.commit()
        await upload.sees("✓ Committed.")
        app.services.engine.look_after_chapters(app.services.account, everything=True)  # not in ten seconds
        await upload.sees("It can be seen.")
        await upload.sees("MangaDex counts 2 pages, as many as were committed.")
