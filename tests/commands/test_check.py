"""`dexup check`: every finding at once, and nothing sent."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.support.chapters import write_zip
from tests.support.headless import Dexup, write_chapter


def test_a_clean_chapter_is_listed_in_order(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "Chapter 5")
    done = dexup.run("check", tmp_path / "Chapter 5", "--json")
    assert done.code == 0
    pages = [record for record in done.records if record["event"] == "page"]
    assert [page["name"] for page in pages] == [f"{number}.png" for number in range(1, 13)]
    assert [page["position"] for page in pages] == list(range(1, 13))
    assert all(page["type"] == "png" and page["width"] == 128 and len(page["sha256"]) == 64 for page in pages)
    assert done.records[-1]["exit"] == 0
    assert not dexup.server.requests


def test_plain_order_is_a_choice(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=11)
    done = dexup.run("check", tmp_path / "c", "--order", "name", "--json")
    names = [record["name"] for record in done.records if record["event"] == "page"]
    assert names[:4] == ["1.png", "10.png", "11.png", "2.png"]


def test_every_finding_is_said_at_once_and_names_are_harmless(dexup: Dexup, tmp_path: Path) -> None:
    contents = write_chapter(tmp_path / "c", pages=3)
    (tmp_path / "c" / "4\x1b[31m.png").write_bytes(contents[0][:-20])
    (tmp_path / "c" / "5.png").write_bytes(b"")
    (tmp_path / "c" / "Thumbs.db").write_bytes(b"x")
    done = dexup.run("check", tmp_path / "c")
    assert done.code == 1
    assert "4␛[31m.png" in done.out
    assert "5.png" in done.out
    assert "Thumbs.db" in done.out
    assert "2 errors:" in done.out
    assert "not ready for upload" in done.out
    assert "\x1b" not in done.out
    records = dexup.run("check", tmp_path / "c", "--json").records
    errors = [record for record in records if record.get("severity") == "error"]
    assert len(errors) == 2
    assert all(record["rule"] and record["message"] and record["remedy"] for record in errors)


def test_what_cannot_be_a_chapter_is_a_sentence(dexup: Dexup, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    for path in (tmp_path / "notes.txt", tmp_path / "missing"):
        done = dexup.run("check", path)
        assert done.code == 1
        assert path.name in done.err
        assert "Traceback" not in done.err


def test_pages_with_the_same_problem_share_a_line(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "chapter", pages=9)
    told = dexup.run("check", tmp_path / "chapter").out
    assert "9 warnings:" in told
    assert [line for line in told.splitlines() if "page-tiny" in line] == [
        "  1.png, 2.png, 3.png, 4.png, 5.png, 6.png, and 3 more: Only 128 × 128 pixels; 128 or less is hardly "
        "a page. Look at it; leave it out if it is no page. [page-tiny]"
    ]
    files = {path.name: path.read_bytes() for path in (tmp_path / "chapter").iterdir()}
    packed = write_zip(tmp_path / "chapter.cbz", files)
    assert "  1.png, 2.png, 3.png, 4.png, 5.png, 6.png, and 3 more: " in dexup.run("check", packed).out
    records = dexup.run("check", "--json", packed).records
    tiny = [record["page"] for record in records if record.get("rule") == "page-tiny"]
    assert tiny == [record["page"] for record in records if record["event"] == "page"]


def test_fix_writes_a_mended_copy_and_touches_nothing(dexup: Dexup, tmp_path: Path) -> None:
    source = tmp_path / "chapter"
    write_chapter(source, pages=3)
    strip = Image.new("L", (300, 10_400), 255)
    strip.save(source / "4.png")
    Image.new("RGB", (300, 400), (9, 99, 199)).save(source / "5.jpg", "WEBP", lossless=True)
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    done = dexup.run("check", source, "--fix", tmp_path / "mended")
    assert done.code == 0, done.out
    assert "ready for upload" in done.out.splitlines()[-1]
    mended = tmp_path / "mended"
    assert sorted(path.name for path in mended.iterdir()) == [
        "1.png", "2.png", "3.png", "4-1.png", "4-2.png", "5.png",
    ]  # fmt: skip
    assert all((mended / f"{number}.png").read_bytes() == before[f"{number}.png"] for number in (1, 2, 3))
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    again = dexup.run("check", source, "--fix", mended)
    assert again.code == 2
    assert "is not empty" in again.err
    inside = dexup.run("check", source, "--fix", source / "mended")
    assert inside.code == 2
    assert "lies inside the chapter" in inside.err
    assert not (source / "mended").exists()


def test_fix_says_what_it_cannot_mend(dexup: Dexup, tmp_path: Path) -> None:
    source = tmp_path / "chapter"
    contents = write_chapter(source, pages=2)
    (source / "3.png").write_bytes(contents[0][: len(contents[0]) // 2])
    scans = [Image.new("L", (300, 400), shade) for shade in (9, 99)]
    scans[0].save(source / "4.tif", save_all=True, append_images=scans[1:])
    done = dexup.run("check", source, "--fix", tmp_path / "mended")
    assert done.code == 1
    assert "not ready for upload yet" in done.out.splitlines()[-1]
    assert "Not mended, copied as it is: 4.tif: the TIFF holds 2 pictures; save each by itself." in done.out
    (source / "2b.png").symlink_to(tmp_path / "nowhere")
    done = dexup.run("check", source, "--fix", tmp_path / "mended too")
    assert done.code == 1
    assert "Not copied: 2b.png: no such file or directory." in done.out
    assert "4 pages." in done.out
    copied = sorted(path.name for path in (tmp_path / "mended too").iterdir())
    assert copied == ["1.png", "2.png", "3.png", "4.tif"]
