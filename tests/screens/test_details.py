"""The details of a chapter: where values come from, what is wrong with them, what the service says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.chapters import image_bytes, write_files
from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.chapter.claims import Named, plain
from tui.chapter.evidence import Evidence
from tui.chapter.guess import guess_details
from tui.chapter.publish_time import example_time
from tui.sandbox.fault_actions import Hang, Status
from tui.sandbox.server import Fault, SandboxServer
from tui.screens.details import DetailsScreen
from tui.screens.details_form import DetailsForm
from tui.screens.details_words import tags
from tui.screens.upload import UploadScreen
from tui.services import Services
from tui.storage.memory import SeriesMemory
from tui.upload.view import Phase
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm

READY = "Ready: ctrl+n starts the upload"


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """Three pages whose folder tells nothing of title or group."""
    files = {f"{number}.png": image_bytes(seed=number) for number in range(1, 4)}
    return write_files(tmp_path / "c007", files)


async def details(pilot: Pilot[None], app: DexupApp, folder: Path) -> None:
    await until(pilot, lambda: "No upload session is open" in shown(app))
    app.show_chapter(folder)
    await until(pilot, lambda: "Ready: ctrl+n goes on" in shown(app))
    await press(pilot, "ctrl+n")
    await until(pilot, lambda: isinstance(app.screen, DetailsScreen))


async def fill(pilot: Pilot[None], app: DexupApp, field: str, text: str) -> None:
    box = app.screen.query_one(f"#{field}", Input)
    box.focus()
    box.value = text
    await pilot.pause()


async def find(pilot: Pilot[None], app: DexupApp, field: str, text: str, result: str) -> None:
    """Search by name and take the result under the cursor."""
    await fill(pilot, app, field, text)
    await until(pilot, lambda: result in shown(app))
    await press(pilot, "enter")


async def test_everything_comes_from_the_folder_name_and_says_so(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        text = shown(app)
        assert "✓ Example Scans" in text
        assert "✓ from file name" in text
        for label, value in (("Volume", "2"), ("Chapter", "12"), ("Title", "Low Tide"), ("Language", "en")):
            assert any(line.split()[:2] == [label, value.split()[0]] for line in text.splitlines()), label
        assert text.count("from file name") >= 3
        assert "24 pages" in text


async def test_what_is_typed_over_the_title_by_mistake_is_undone_with_escape(
    app: DexupApp, harbour: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        app.show_chapter(harbour)
        await until(pilot, lambda: "Ready: ctrl+n goes on" in shown(app))
        for key in ("ctrl+n", "q", "q"):  # at once: before anybody has looked the title up
            app.simulate_key(key)
        await until(pilot, lambda: "Nothing found · esc undoes" in shown(app))
        assert app.screen.query_one("#manga", Input).value == "qq"
        assert "No manga is chosen" in shown(app)
        for _ in range(2):
            await press(pilot, "escape")
            await until(pilot, lambda: READY in shown(app))
            assert app.screen.query_one("#manga", Input).value == "Harbour Lights"
            await press(pilot, "x")
            await until(pilot, lambda: "No manga is chosen" in shown(app))


async def test_title_and_group_are_found_by_name_with_keys_alone(
    app: DexupApp, services: Services, chapter: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, chapter)
        await until(pilot, lambda: "to fill in or correct" in shown(app))
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, DetailsScreen)
        assert services.engine.view.phase is Phase.IDLE
        await find(pilot, app, "manga", "harbour", "Harbour Lights")
        await find(pilot, app, "groups", "example", "Example Scans")
        await fill(pilot, app, "language", "en")
        await until(pilot, lambda: READY in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))
        await until(pilot, lambda: services.engine.view.phase is Phase.READY)
        plan = services.engine.view.plan
        assert plan is not None
        assert (plan.details.manga_title, plan.details.group_names) == ("Harbour Lights", ("Example Scans",))


async def test_a_pasted_link_or_id_is_understood(app: DexupApp, server: SandboxServer, chapter: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, chapter)
        link = f"https://mangadex.org/title/{server.state.manga_id}/some-name"
        await find(pilot, app, "manga", link, "Harbour Lights")
        await find(pilot, app, "groups", server.state.group_id, "Example Scans")
        await until(pilot, lambda: "✓ Example Scans" in shown(app))


async def test_no_group_is_chosen_on_purpose(app: DexupApp, chapter: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, chapter)
        await find(pilot, app, "manga", "harbour", "Harbour Lights")
        await fill(pilot, app, "language", "en")
        await until(pilot, lambda: "! " in shown(app))
        app.screen.query_one("#groups", Input).focus()
        await press(pilot, "down")
        await until(pilot, lambda: "no group" in shown(app).casefold())
        await press(pilot, "enter")
        await until(pilot, lambda: "no group, on purpose" in shown(app))
        assert "! " not in shown(app)
        await until(pilot, lambda: READY in shown(app))


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("chapter", "1.2.3", "Use digits"),
        ("chapter", "123456789", "the service takes at most 8"),
        ("language", "xx", "no language"),
        ("title", "t" * 256, "255"),
        ("publish_at", "2020-01-01 10:00", " ago"),
        ("publish_at", "2099-01-01 10:00", "14 days are allowed"),
        ("publish_at", "soon", "Type it as 20"),
        ("external_url", "not a link", "link"),
    ],
)
async def test_what_breaks_a_rule_is_said_at_its_field_and_nothing_is_lost(
    app: DexupApp, services: Services, harbour: Path, field: str, text: str, words: str
) -> None:
    async with app.run_test(size=(160, 50)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "zone", "UTC")
        await fill(pilot, app, field, text)
        await until(pilot, lambda: "to fill in or correct" in shown(app))
        assert words in shown(app).replace(text, "", 1)
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, DetailsScreen)
        assert app.focused is app.screen.query_one(f"#{field}", Input)
        assert app.screen.query_one(f"#{field}", Input).value == text
        assert services.engine.view.phase is Phase.IDLE


async def test_leading_zeros_go_and_an_empty_number_is_a_oneshot(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "chapter", "0012.5")
        await until(pilot, lambda: "12.5" in shown(app).replace("0012.5", ""))
        await fill(pilot, app, "chapter", "")
        await until(pilot, lambda: "oneshot" in shown(app))


async def test_a_chapter_that_is_there_already_and_an_approval_are_said_first(
    app: DexupApp, server: SandboxServer, services: Services, harbour: Path
) -> None:
    server.state.approval_required = True
    there = next(
        chapter
        for chapter in server.state.chapters.values()
        if chapter.manga_id == server.state.manga_id and server.state.group_id in chapter.group_ids
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "chapter", str(there.chapter))
        await until(pilot, lambda: there.id in shown(app))
        assert "! There already: volume" in shown(app)
        assert "The upload takes about" in shown(app)
        assert "Staff will have to approve" in shown(app)
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "This chapter is there already" in shown(app)
        assert app.focused is not None
        assert app.focused.id == "no"
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        assert services.engine.view.phase is Phase.IDLE


async def test_a_search_that_fails_is_said_and_works_again(
    app: DexupApp, server: SandboxServer, chapter: Path
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, chapter)
        fault = server.faults.add(
            Fault("GET", "/manga", Status(400, detail="[/] no \x1b[31msearch"), times=0)
        )
        await fill(pilot, app, "manga", "harb")
        await until(pilot, lambda: "[/] no ␛[31msearch" in shown(app))
        fault.times = fault.struck
        await find(pilot, app, "manga", "harbour", "Harbour Lights")


async def test_what_was_chosen_last_for_the_series_comes_first(
    app: DexupApp, services: Services, server: SandboxServer, chapter: Path
) -> None:
    known = SeriesMemory(
        server.state.manga_id, "Harbour Lights", (server.state.group_id,), ("Example Scans",), "en"
    )
    services.memory.remember_series(chapter, known)
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, chapter)
        await until(pilot, lambda: READY in shown(app))
        assert "✓ as in your last upload" in shown(app)
        assert "✓ Example Scans" in shown(app)
        assert not [line for line in server.requests if line.path == "/manga"]


async def test_a_group_that_nobody_knows_is_not_dropped_in_silence(app: DexupApp, tmp_path: Path) -> None:
    files = {f"{number}.png": image_bytes(seed=number) for number in range(1, 3)}
    folder = write_files(tmp_path / "[No Such Group] Harbour Lights - c031 (en)", files)
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, folder)
        await until(pilot, lambda: "No Such Group" in "\n".join(lines_of(app)[1:]))
        assert "! " in shown(app)
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        assert "No Such Group" in shown(app)
        await press(pilot, "1")
        assert app.focused is app.screen.query_one("#groups", Input)
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await press(pilot, "2")
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))


async def test_nothing_goes_to_a_title_that_the_field_does_not_show(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "manga", "harbour l")
        await until(pilot, lambda: "1 thing to fill in or correct" in shown(app))
        await find(pilot, app, "manga", "harbour", "▸ Harbour Lights")
        await until(pilot, lambda: READY in shown(app))


async def test_sources_that_differ_are_shown_and_a_key_takes_the_other(
    app: DexupApp, services: Services, chapter: Path
) -> None:
    (chapter / "ComicInfo.xml").write_text("<ComicInfo><Number>8</Number><Title>Eight</Title></ComicInfo>")
    (chapter.parent / "dexup.toml").write_text('groups = ["Example Scans"]\n[[chapters]]\nsource = "x"')
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, chapter)
        await until(pilot, lambda: "Chapter: ComicInfo.xml says 8 (taken), file name says 7." in shown(app))
        await until(pilot, lambda: "✓ Example Scans" in shown(app))
        field = app.screen.query_one("#chapter", Input)
        assert field.value == "8"
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: field.value == "7")
        assert "from file name; ComicInfo.xml: 8 (^t)" in shown(app)
        assert "(taken)" not in shown(app)
        await press(pilot, "ctrl+s")
        await until(pilot, (chapter / "dexup.toml").exists)
        written = (chapter / "dexup.toml").read_text()
        assert 'chapter = "7"' in written
        assert 'title = "Eight"' in written
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: field.value == "8")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await press(pilot, "enter")
        assert (chapter / "dexup.toml").read_text() == written


async def test_the_time_zone_is_asked_once_and_both_zones_are_shown(
    app: DexupApp, services: Services, harbour: Path
) -> None:
    soon = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=3)
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "publish_at", f"{soon:%Y-%m-%d} 12:00")
        await until(pilot, lambda: "Say the zone" in shown(app))
        await fill(pilot, app, "zone", "+05:30")
        await until(pilot, lambda: f"{soon:%Y-%m-%d} 06:30 UTC, in " in shown(app))
        assert f"{soon:%a} 12:00 +05:30" in shown(app)
        await until(pilot, lambda: READY in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: services.settings.upload.zone == "+05:30")


async def test_what_was_typed_is_there_again_after_escape(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await find(pilot, app, "manga", "diaries", "Harbour Town Diaries")
        await fill(pilot, app, "title", "High Tide")
        await until(pilot, lambda: READY in shown(app))
        await press(pilot, "escape")
        await until(pilot, lambda: "Ready: ctrl+n goes on" in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: READY in shown(app))
        values = {
            name: app.screen.query_one(f"#{name}", Input).value for name in ("manga", "title", "chapter")
        }
        assert values == {"manga": "Harbour Town Diaries", "title": "High Tide", "chapter": "12"}
        await press(pilot, "escape escape")
        await until(pilot, lambda: "A chapter is prepared:" in shown(app) and "24 pages" in shown(app))


async def test_what_was_typed_outlives_a_stopped_upload_and_is_of_its_chapter_only(
    app: DexupApp, services: Services, server: SandboxServer, harbour: Path, chapter: Path
) -> None:
    server.faults.add(Fault("POST", "/upload/{id}", Hang(), times=0))
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        await fill(pilot, app, "title", "High Tide")
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))
        await until(pilot, lambda: services.engine.view.phase is Phase.SENDING)
        await press(pilot, "x")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused)
        await press(pilot, "y")
        await until(pilot, lambda: services.engine.view.phase is Phase.STOPPED)
        await press(pilot, "escape")
        await until(pilot, lambda: "a abandons it" in shown(app))
        await press(pilot, "n")
        await until(pilot, lambda: "Ready: ctrl+n goes on" in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: READY in shown(app))
        assert app.screen.query_one("#title", Input).value == "High Tide"
        app.show_chapter(chapter)
        await until(pilot, lambda: "3 pages" in shown(app) and "Ready: ctrl+n goes on" in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))
        values = [app.screen.query_one(f"#{name}", Input).value for name in ("title", "chapter")]
        assert values == ["", "7"]


async def test_an_error_names_its_field(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: READY in shown(app))
        assert app.screen.query_one("#publish_at", Input).placeholder == f"e.g. {example_time()}"
        await fill(pilot, app, "zone", "UTC")
        await fill(pilot, app, "publish_at", "soon")
        await until(pilot, lambda: f"✗ Publish at: Type it as {example_time()}. Correct it." in shown(app))


def test_a_title_chosen_before_for_a_name_says_so() -> None:
    names = {plain("Harbour Lights"): Named("an-id", "Harbour Town Diaries")}
    guess = guess_details(Path("Harbour Lights Ch.014"), Evidence(manga_names=names))
    form = DetailsForm.start(guess, "UTC")
    assert tags(form, guess.details)["manga_id"] == "as chosen last time for “Harbour Lights”"


async def test_the_title_that_is_called_as_the_name_says_is_at_hand_where_another_was_learned(
    app: DexupApp, services: Services, server: SandboxServer, harbour: Path
) -> None:
    diaries = next(m for m in server.state.manga.values() if "Harbour Town Diaries" in m.names)
    services.memory.remember_names("manga", {plain("Harbour Lights"): (diaries.id, "Harbour Town Diaries")})
    async with app.run_test(size=(80, 24)) as pilot:
        await details(pilot, app, harbour)
        await until(pilot, lambda: "as last time; ^t: Harbour" in shown(app))
        await until(pilot, lambda: READY in shown(app))
        assert "· “Harbour Lights” stood for Harbour Town Diaries last time; there is" in shown(app)
        field = app.screen.query_one("#manga", Input)
        assert field.value == "Harbour Town Diaries"
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: field.value == "Harbour Lights")
        await until(pilot, lambda: READY in shown(app))
        await press(pilot, "ctrl+t")
        await until(pilot, lambda: field.value == "Harbour Town Diaries")
