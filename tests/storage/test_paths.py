"""Where files are kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tui.storage.paths import Paths


@pytest.mark.skipif(sys.platform != "linux", reason="XDG")
def test_xdg_variables_are_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    paths = Paths.default()
    assert paths.settings_file == tmp_path / "config" / "dexup" / "settings.toml"
    assert paths.credentials_file == tmp_path / "state" / "dexup" / "credentials.json"
    assert paths.cache == tmp_path / "cache" / "dexup"
    assert not any(tmp_path.iterdir())


def test_a_throw_away_profile_stays_below_its_folder(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    files = (
        paths.settings_file,
        paths.credentials_file,
        paths.memory_file,
        paths.ledger_file,
        paths.log_file,
    )
    assert len({*files, paths.cache}) == 6
    assert all(file.is_relative_to(tmp_path) for file in (*files, paths.cache))
