"""`dexup upload`: a folder goes up, byte for byte, or nothing happens."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.headless import Dexup, write_chapter


def test_a_folder_arrives_byte_for_byte_in_reading_order(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "c", pages=24)
    done = dexup.upload(tmp_path / "c", "--title", "The End", "--volume", "02", "--accept-terms")
    assert done.code == 0, done.err
    assert dexup.committed() == [contents]
    link = done.out.splitlines()[-1]
    assert link.startswith("https://mangadex.org/chapter/")
    (folder,) = (dexup.data / "chapters").iterdir()
    assert link.endswith(folder.name)
    draft = json.loads((folder / "chapter.json").read_text())
    shown = json.dumps(draft)
    assert all(value in shown for value in ('"The End"', '"5"', '"2"', '"en"', dexup.group))


def test_json_prints_one_event_a_line_and_no_secret(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=3)
    done = dexup.upload(tmp_path / "c", "--accept-terms", "--json")
    assert done.code == 0, done.err
    kinds = done.kinds()
    assert kinds[-1] == "result"
    assert done.records[-1]["exit"] == 0
    assert kinds.index("session-began") < kinds.index("all-pages-in") < kinds.index("committed")
    assert kinds.count("page-accepted") == 3
    kept = done.out + done.err
    for file in dexup.home.rglob("*"):
        if file.is_file():
            kept += file.read_bytes().decode("latin-1")
    for name in ("DEXUP_CLIENT_SECRET", "DEXUP_PASSWORD"):
        assert dexup.environ[name] not in kept


def test_details_not_given_come_from_the_archive_and_say_so(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "pages", pages=3)
    archive = tmp_path / "Series v03 c012.cbz"
    with zipfile.ZipFile(archive, "w") as stream:
        for number, content in enumerate(contents, 1):
            stream.writestr(f"{number}.png", content)
        stream.writestr(
            "ComicInfo.xml",
            "<ComicInfo><Title>Named inside</Title><Number>12</Number><LanguageISO>fr</LanguageISO>"
            "</ComicInfo>",
        )
    done = dexup.run(
        "upload", archive, "--manga", f"https://mangadex.org/title/{dexup.manga}/x", "--group", dexup.group,
        "--title", "Typed", "--accept-terms",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "Title: Typed [typed]" in done.out
    assert "Chapter: 12 [ComicInfo.xml]" in done.out
    assert "Language: fr [ComicInfo.xml]" in done.out
    assert "Volume: 3 [file name]" in done.out
    assert dexup.committed() == [contents]


def test_everything_wrong_is_said_before_anything_is_sent(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "c", pages=2)
    (tmp_path / "c" / "3.png").write_bytes(contents[0][:100])
    done = dexup.run("upload", tmp_path / "c", "--manga", dexup.manga, "--lang", "english", "--accept-terms")
    assert done.code == 1
    assert "3.png" in done.out
    assert "language" in done.out
    assert done.out.count("[chapter-missing]") == 1
    assert "Nothing was sent" in done.err
    assert not [entry for entry in dexup.server.requests if entry.path.startswith("/upload")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--manga", "MANGA"], "https://mangadex.org/compliance"),
        (["--manga", "One Piece", "--accept-terms"], "--manga"),
        (["--manga", "MANGA", "--chapter", "five", "--accept-terms"], "--chapter"),
        (["--manga", "MANGA", "--publish-at", "2030-01-01T10:00", "--accept-terms"], "zone"),
        (["--manga", "MANGA", "--on-session", "delete", "--accept-terms"], "--on-session"),
    ],
)
def test_a_wrong_command_line_exits_2_and_asks_nobody(
    dexup: Dexup, tmp_path: Path, arguments: list[str], said: str
) -> None:
    write_chapter(tmp_path / "c", pages=1)
    done = dexup.run(
        "upload", tmp_path / "c", *[dexup.manga if word == "MANGA" else word for word in arguments]
    )
    assert done.code == 2
    assert said in done.err
    assert not dexup.server.requests


def test_a_manga_that_is_not_there_is_refused_before_a_session_is_begun(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=1)
    nowhere = "00000000-0000-4000-8000-000000000000"
    done = dexup.run(
        "upload", tmp_path / "c", "--manga", nowhere, "--chapter", "1", "--lang", "en", "--accept-terms"
    )
    assert done.code == 7
    assert "404" in done.err
    assert dexup.run("session", "--json").records[0]["session"] is None


def test_the_same_chapter_twice_is_warned_of(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=1)
    assert dexup.upload(tmp_path / "c", "--accept-terms").code == 0
    again = dexup.upload(tmp_path / "c", "--accept-terms")
    assert again.code == 0
    assert "already there" in again.err


def test_dexup_toml_of_the_series_is_enough_and_an_unknown_group_stops_it(
    dexup: Dexup, tmp_path: Path
) -> None:
    series = tmp_path / "Series"
    contents = write_chapter(series / "c012", pages=2)
    (series / "dexup.toml").write_text(
        f'manga = "{dexup.manga}"\ngroups = ["Example Scans", "Nobody At All"]\nlanguage = "en"'
    )
    stopped = dexup.run("upload", series / "c012", "--accept-terms")
    assert stopped.code == 1
    assert "Nobody At All" in stopped.out
    (series / "dexup.toml").write_text(
        f'manga = "{dexup.manga}"\ngroups = ["Example Scans"]\nlanguage = "en"'
    )
    done = dexup.run("upload", series / "c012", "--accept-terms", "--write-toml")
    assert done.code == 0, done.err
    assert "Groups: Example Scans [dexup.toml above]" in done.out
    assert "Chapter: 12 [file name]" in done.out
    assert dexup.committed() == [contents]
    assert dexup.group in (series / "c012" / "dexup.toml").read_text()


def test_a_guess_asks_nobody_and_needs_no_file(dexup: Dexup) -> None:
    done = dexup.run("guess", "Series/[A & B] v02 c013 (pt-br).cbz", "--json")
    assert done.code == 0, done.err
    (told,) = done.records
    assert (told["manga_title"], told["volume"], told["chapter"]) == ("Series", "2", "13")
    assert told["groups"] == [{"id": "", "name": "A"}, {"id": "", "name": "B"}]
    assert told["sources"]["manga_id"] == "folder name"
    assert not dexup.server.requests
