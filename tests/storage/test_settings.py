"""Settings: defaults, rules, warnings, and saving without losing comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.storage.errors import SettingsError, StorageError
from tui.storage.rules import check_url
from tui.storage.settings import Settings, load, parse, save_value

PATH = Path("settings.toml")


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path / "settings.toml", {})
    assert settings == Settings()
    assert settings.service.api_url == "https://api.mangadex.org"
    assert settings.service.auth_url == "https://auth.mangadex.org/realms/mangadex/protocol/openid-connect"


def test_every_key_is_read() -> None:
    settings = parse(
        b"""
        [service]
        api_url = "https://api.example.org/"
        auth_url = "http://127.0.0.1:8080/realm"
        [login]
        secret_command = ["pass", "show", "mangadex"]
        [upload]
        batch_files = 5
        in_flight = 1
        order = "time"
        language = "pt-br"
        zone = "Europe/Berlin"
        [names]
        patterns = ["c{chapter}"]
        [screen]
        theme = "nord"
        mouse = false
        preview = false
        colours = "8"
        glyphs = "ascii"
        title = false
        progress = "on"
        when_done = "notify"
        screen_reader = true
        [sandbox]
        uplink_kbit = 0
        [keys]
        "page.move-up" = "K,ctrl+up"
        page.move-down = "J"
        """,
        PATH,
    )
    assert settings.service.api_url == "https://api.example.org"
    assert settings.service.auth_url == "http://127.0.0.1:8080/realm"
    assert settings.secret_command == ("pass", "show", "mangadex")
    assert (settings.upload.batch_files, settings.upload.in_flight) == (5, 1)
    assert (settings.upload.order, settings.upload.language) == ("time", "pt-br")
    assert settings.upload.zone == "Europe/Berlin"
    assert [pattern.text for pattern in settings.names.patterns] == ["c{chapter}"]
    assert (settings.screen.theme, settings.screen.mouse, settings.screen.preview) == ("nord", "off", "off")
    assert (settings.screen.colours, settings.screen.glyphs) == ("8", "ascii")
    assert (settings.screen.title, settings.screen.progress) == ("off", "on")
    assert (settings.screen.when_done, settings.screen.screen_reader) == ("notify", True)
    assert settings.sandbox.uplink_kbit == 0
    assert settings.keys == {"page.move-up": "K,ctrl+up", "page.move-down": "J"}
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[upload]\nbatch_files = 11", ["line 2", "upload.batch_files", "1 to 10", "batch_files = 10"]),
        ("[upload]\nbatch_files = true", ["upload.batch_files", "whole number"]),
        ("[upload]\norder = 'random'", ["upload.order", '"natural"', "'random'"]),
        ("[upload]\nlanguage = 'English'", ["upload.language", "language code"]),
        ("[service]\napi_url = 'http://api.mangadex.org'", ["service.api_url", "this machine only"]),
        ("[screen]\nscreen_reader = 1", ["screen.screen_reader", "true or false"]),
        ("[login]\nsecret_command = 'pass show x'", ["login.secret_command", "list"]),
        ('[keys]\n"page.move-up" = 3', ["line 2", "keys.page.move-up", "text"]),
        ("[upload]\nzone = 'Mars!'", ["line 2", "upload.zone", "Europe/Berlin"]),
        (
            "[names]\npatterns = [\n  'c{chapter}',\n  '{manga} {chaptr}',\n]",
            ["line 4", "names.patterns", "'{manga} {chaptr}'", "in pattern 2 {chaptr} is not a field"],
        ),
        ("upload = 3", ["line 1", "upload must be a section", "[upload]"]),
        ("[upload\n", ["not valid TOML", "line 1"]),
    ],
)
def test_a_wrong_value_names_file_key_rule_and_remedy(text: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text.encode(), PATH)
    for part in ["settings.toml", *parts]:
        assert part in str(caught.value)
    assert caught.value.remedy


def test_unknown_keys_are_named_with_what_was_probably_meant() -> None:
    settings = parse(b"[uplaod]\nx = 1\n[upload]\nbatch_file = 3\n[keys]\n\"page.moveup\" = 'K'\n", PATH)
    assert settings == Settings(warnings=settings.warnings)
    first, second, third = settings.warnings
    assert "line 1" in first
    assert "Did you mean upload?" in first
    assert "line 4" in second
    assert "Did you mean batch_files?" in second
    assert "Did you mean page.move-up?" in third


def test_not_utf8_and_too_large_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="UTF-8"):
        parse(b"\xff", PATH)
    large = tmp_path / "settings.toml"
    large.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(SettingsError, match="larger than"):
        load(large, {})


def test_environment_addresses_override_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[service]\napi_url = 'https://file.example'\n")
    environ = {"DEXUP_API_URL": "http://127.0.0.1:1/", "DEXUP_AUTH_URL": ""}
    service = load(path, environ).service
    assert service.api_url == "http://127.0.0.1:1"
    assert service.auth_url == Settings().service.auth_url
    with pytest.raises(SettingsError, match="DEXUP_AUTH_URL"):
        load(path, {"DEXUP_AUTH_URL": "http://auth.example"})


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://api.mangadex.org", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000/x", True),
        ("http://127.9.9.9", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://10.0.0.1", False),
        ("https://user:password@api.example", False),
        ("https://api.example/?a=1", False),
        ("https://", False),
        ("ftp://api.example", False),
        ("https://api.example:port", False),
        ("https://[::1", False),
    ],
)
def test_addresses(address: str, right: bool) -> None:
    assert (check_url(address) == "") is right


def test_saving_keeps_comments_and_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "config" / "settings.toml"
    save_value(path, "screen.theme", "nord")
    text = path.read_text() + "# mine\n[upload]\nbatch_files = 5 # slow line\n"
    path.write_text(text)
    save_value(path, "upload.in_flight", 1)
    save_value(path, "screen.theme", "gruvbox")
    save_value(path, "keys.page.move-up", "K")
    saved = path.read_text()
    assert "# mine" in saved
    assert "# slow line" in saved
    settings = load(path, {})
    assert (settings.screen.theme, settings.upload.in_flight, settings.upload.batch_files) == (
        "gruvbox",
        1,
        5,
    )
    assert settings.keys == {"page.move-up": "K"}


def test_saving_never_writes_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(SettingsError, match="1 to 10"):
        save_value(path, "upload.batch_files", 0)
    with pytest.raises(SettingsError, match="no setting"):
        save_value(path, "screen.colour", "red")
    assert not path.exists()
    path.write_text("[broken")
    with pytest.raises(SettingsError, match="not valid TOML"):
        save_value(path, "upload.batch_files", 3)
    assert path.read_text() == "[broken"


def test_saving_follows_a_link_to_a_file_kept_elsewhere(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# kept\n")
    path = tmp_path / "settings.toml"
    path.symlink_to(kept)
    save_value(path, "screen.preview", False)
    assert path.is_symlink()
    assert load(kept, {}).screen.preview == "off"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        save_value(tmp_path / "file" / "settings.toml", "screen.preview", False)
