"""An open upload session: kept, shown, resumed, abandoned; never lost by accident."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.ground import Held
from tests.support.headless import Dexup, finish, write_chapter
from tui.sandbox.server import Fault


def test_pages_only_then_session_then_resume(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "c")
    sent = dexup.upload(tmp_path / "c", "--no-commit")
    assert sent.code == 0, sent.err
    assert dexup.committed() == []
    assert "dexup resume --accept-terms" in sent.out

    (shown,) = dexup.run("session", "--json").records
    assert shown["known"] is True
    assert shown["source"] == str(tmp_path / "c")
    assert shown["manga_title"]
    assert len(shown["files"]) == 12
    assert all(file["bytes"] > 0 and file["hash"] for file in shown["files"])
    text = dexup.run("session").out
    assert shown["manga_title"] in text
    assert str(tmp_path / "c") in text
    assert "12 files" in text

    unpublished = dexup.run("resume")
    assert unpublished.code == 5
    assert dexup.committed() == []
    (open_one,) = dexup.run("history", "--json").records
    assert open_one["event"] == "unfinished"

    done = dexup.run("resume", "--accept-terms")
    assert done.code == 0, done.err
    assert dexup.committed() == [contents]
    assert dexup.run("session").out == "No upload session is open.\n"
    (receipt,) = dexup.run("history", "--json").records
    assert receipt["event"] == "receipt"
    assert receipt["pages"] == 12
    assert receipt["link"] in dexup.run("history").out


def test_another_open_session_stops_an_upload_and_is_left_alone(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "first", pages=3)
    write_chapter(tmp_path / "second", pages=4)
    assert dexup.upload(tmp_path / "first", "--no-commit").code == 0
    before = dexup.run("session", "--json").out
    done = dexup.upload(tmp_path / "second", "--accept-terms")
    assert done.code == 4
    assert dexup.run("session", "--json").out == before
    assert dexup.committed() == []


def test_on_session_abandon_replaces_it(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "first", pages=3)
    contents = write_chapter(tmp_path / "second", pages=4)
    assert dexup.upload(tmp_path / "first", "--no-commit").code == 0
    done = dexup.upload(tmp_path / "second", "--accept-terms", "--on-session", "abandon")
    assert done.code == 0, done.err
    assert dexup.committed() == [contents]


def test_on_session_resume_goes_on_from_another_machine(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "c")
    assert dexup.upload(tmp_path / "c", "--no-commit").code == 0
    elsewhere = {f"XDG_{name}_HOME": str(tmp_path / "elsewhere") for name in ("STATE", "CONFIG", "CACHE")}
    unknown = dexup.run("resume", "--accept-terms", **elsewhere)
    assert unknown.code == 4
    assert "--on-session resume" in unknown.err
    done = dexup.run(
        "upload",
        tmp_path / "c",
        *dexup.details(),
        "--accept-terms",
        "--on-session",
        "resume",
        "--json",
        **elsewhere,
    )
    assert done.code == 0, done.err
    (resumed,) = [record for record in done.records if record["event"] == "session-resumed"]
    assert len(resumed["kept"]) == 12
    assert dexup.committed() == [contents]


def test_abandon_says_what_is_lost_and_needs_yes(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=3)
    assert dexup.run("abandon", "--yes").out == "No upload session is open.\n"
    assert dexup.upload(tmp_path / "c", "--no-commit").code == 0
    asked = dexup.run("abandon")
    assert asked.code == 2
    assert "3 pages would be lost" in asked.err
    assert dexup.run("session", "--json").records[0]["session"]
    done = dexup.run("abandon", "--yes")
    assert done.code == 0
    assert dexup.run("session", "--json").records[0]["session"] is None
    assert dexup.run("resume").out == "Nothing to resume.\n"
    assert (tmp_path / "c" / "1.png").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_keeps_the_session_and_resume_finishes(
    dexup: Dexup, tmp_path: Path, number: signal.Signals
) -> None:
    contents = write_chapter(tmp_path / "c", pages=40)
    held = Held()
    dexup.server.faults.add(Fault("POST", "/upload/{id}", held, skip=1, times=0))
    process = dexup.start("upload", tmp_path / "c", *dexup.details(), "--accept-terms", "--json")
    try:
        assert process.stdout is not None and process.stderr is not None
        assert any('"page-accepted"' in line for line in process.stdout)
        process.send_signal(number)
        assert any("stopping" in line for line in process.stderr)  # the middle: two requests are under way
    finally:
        held.released.set()
    stopped = finish(process)
    assert stopped.code == 130
    assert "dexup resume" in stopped.err
    assert dexup.committed() == []
    files = dexup.run("session", "--json").records[0]["files"]
    assert 10 <= len(files) <= 30

    done = dexup.run("resume", "--accept-terms", "--json")
    assert done.code == 0, done.err
    (resumed,) = [record for record in done.records if record["event"] == "session-resumed"]
    assert len(resumed["kept"]) == len(files)
    assert dexup.committed() == [contents]
