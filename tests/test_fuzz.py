"""The fuzzing script itself: a few cases of every target, and that it sees what it is there to see."""

from __future__ import annotations

import random
import sys
import warnings
from pathlib import Path

import pytest

from tests import fuzz
from tests.support.fuzzing.pages import Headers
from tests.support.fuzzing.targets import Row


def _run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> int:
    monkeypatch.setattr(warnings, "filters", warnings.filters[:])  # the script changes them
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "--seed", "1", "--keep", str(folder / "kept"), *arguments])
    return fuzz.main()


def test_a_few_cases_of_every_target_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, tmp_path, "--cases", "2000") == 0, capsys.readouterr().out


class _Broken(Headers):
    def case(self, chance: random.Random) -> None:
        super().case(chance)
        if chance.random() < 0.1:
            raise KeyError("nobody expects it")


def test_a_failure_is_told_once_with_its_input_and_comes_again_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "TARGETS", (Row("broken", _Broken, 1, 60.0, 1000),))
    assert _run(monkeypatch, tmp_path, "--cases", "200") == 1
    told = capsys.readouterr().out
    (kept,) = (tmp_path / "kept").iterdir()
    assert told.count("KeyError: 'nobody expects it'") == 1
    content = kept.read_bytes()
    kept.unlink()
    assert _run(monkeypatch, tmp_path, "--only", kept.stem.replace("-", ":")) == 1
    assert kept.read_bytes() == content


def test_what_is_slow_or_large_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fuzz, "TARGETS", (Row("headers", Headers, 1, -1.0, -1),))
    assert _run(monkeypatch, tmp_path, "--cases", "3") == 1
    assert "3 × headers is slow" in (told := capsys.readouterr().out)
    assert "3 × headers takes memory" in told
