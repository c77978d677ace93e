"""Hashes, and what only a full read shows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.chapters import image_bytes, write_files
from tui.chapter.cancel import Cancelled
from tui.chapter.hashing import hash_page, hash_pages
from tui.chapter.pages import Page
from tui.chapter.sources import open_source


def _pages(folder: Path) -> tuple[Page, ...]:
    write_files(folder, {f"{number}.png": image_bytes("PNG", seed=number) for number in range(3)})
    return open_source(folder).scan().pages


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    heard: list[Page] = []
    hashed = hash_pages(_pages(tmp_path), on_page=heard.append)
    expected = [hashlib.sha256((tmp_path / f"{number}.png").read_bytes()).hexdigest() for number in range(3)]
    assert [page.sha256 for page in hashed] == expected
    assert heard == list(hashed)


def test_what_has_a_hash_is_not_read_again(tmp_path: Path) -> None:
    hashed = hash_pages(_pages(tmp_path))
    (tmp_path / "1.png").unlink()
    assert hash_pages(hashed) == hashed


@pytest.mark.parametrize("content", [b"shorter", image_bytes("PNG", seed=1) + b"longer" * 999])
def test_a_page_that_changed_is_a_problem(tmp_path: Path, content: bytes) -> None:
    page = _pages(tmp_path)[1]
    (tmp_path / "1.png").write_bytes(content)
    hashed = hash_page(page)
    assert hashed == replace(page, problem="it has changed since it was listed")


def test_a_page_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    page = _pages(tmp_path)[1]
    (tmp_path / "1.png").unlink()
    assert hash_page(page).problem == "no such file or directory"


def test_hashing_can_be_cancelled(tmp_path: Path) -> None:
    pages = _pages(tmp_path)
    with pytest.raises(Cancelled):
        hash_page(pages[0], cancelled=lambda: True)
    with pytest.raises(Cancelled):
        hash_pages(pages, cancelled=lambda: True)
