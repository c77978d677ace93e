"""The settings file: what a user may choose, with its defaults.

Read with :func:`load`, changed one value at a time with :func:`save_value`, which keeps the user's comments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.patterns import NamePattern
from tui.storage.errors import SettingsError, StorageError
from tui.storage.files import exclusive, read_bounded, write_private
from tui.storage.rules import API_URL, AUTH_URL, SECTIONS, check_section, check_url, did_you_mean, line_of

_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Which service is talked to."""

    api_url: str = API_URL
    auth_url: str = AUTH_URL
    """The realm's openid-connect base; the token endpoint is below it."""


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """How pages are sent."""

    batch_files: int = 10
    """Files in one request, 1 to 10 (`mangadex-api.md` 4.0)."""
    in_flight: int = 3
    """Requests at the same time at most, 1 to 3; how many the line needs is measured."""
    limit_kbit: int = 0
    """Cap of the bandwidth in kilobits a second, 0 for none."""
    keep_free: int = 10
    """Per cent of the uplink that are left to others while the screen is used over SSH, so that keys stay quick."""
    order: str = "natural"
    language: str = ""
    """Language of a chapter when nothing else says one."""
    zone: str = ""
    """Time zone in which publish times are typed; empty until it was asked."""


@dataclass(frozen=True, slots=True)
class NameSettings:
    """How names of folders and archives are read."""

    patterns: tuple[NamePattern, ...] = ()
    """The user's own, tried in this order before anything else (`tui/patterns.py`)."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How the screen looks."""

    theme: str = "textual-dark"
    mouse: str = "auto"
    """"auto" is off over SSH, else on."""
    preview: str = "half-blocks"
    """How pages are shown: "half-blocks", "kitty", "sixel", or "off"."""
    colours: str = "auto"
    """"none", "8", "16", "256" or "true"; "auto" goes by the environment."""
    glyphs: str = "auto"
    """"unicode" or "ascii"; "auto" goes by the locale."""
    title: str = "auto"
    """Page counts in the title of the window."""
    progress: str = "auto"
    """Progress in the task bar; "auto" is on for terminals that are known to show it."""
    when_done: str = "bell"
    """What calls when an upload is ready, committed or failed: "bell", "notify" or "off"."""
    screen_reader: bool = False
    """Line by line, without a screen, as with --screen-reader."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The embedded sandbox."""

    uplink_kbit: int = 4000
    """Speed of the emulated line in kilobits a second; 0 for no limit."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the settings file can say."""

    service: ServiceSettings = field(default_factory=ServiceSettings)
    upload: UploadSettings = field(default_factory=UploadSettings)
    names: NameSettings = field(default_factory=NameSettings)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    sandbox: SandboxSettings = field(default_factory=SandboxSettings)
    keys: dict[str, str] = field(default_factory=dict)
    """Action id -> its keys, comma separated, in place of the default ones."""
    secret_command: tuple[str, ...] = ()
    """A command and its arguments that prints the credentials."""
    keyring: bool = False
    """Secrets of kept accounts go into the system's keyring."""
    warnings: tuple[str, ...] = ()
    """What was in the file but is not known, for showing; not ours, so through safe_text()."""


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in `path` (all defaults when there is no such file), with the addresses of `environ`.

    DEXUP_API_URL and DEXUP_AUTH_URL override the file. SettingsError names the file, key, rule and remedy.
    """
    try:
        data = read_bounded(path, _LIMIT)
    except StorageError as error:
        raise SettingsError(error.title, error.remedy) from error
    settings = parse(data, path) if data is not None else Settings()
    service = settings.service
    for variable, name in (("DEXUP_API_URL", "api_url"), ("DEXUP_AUTH_URL", "auth_url")):
        value = environ.get(variable, "").strip()
        if value:
            rule = check_url(value)
            if rule:
                raise SettingsError(f"{variable} is {value!r}, but {rule}.", f"Change or unset {variable}.")
            service = replace(service, **{name: value.rstrip("/")})
    return replace(settings, service=service)


def parse(data: bytes, path: Path) -> Settings:
    """The settings in the TOML text `data`; `path` is only named in errors."""
    import tomllib  # late: many have no such file

    try:
        text = data.decode("utf-8")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Correct that line.") from error
    warnings: list[str] = []
    read: dict[str, dict[str, object]] = {}
    for section, value in raw.items():
        if section not in SECTIONS:
            hint = did_you_mean(section, SECTIONS)
            warnings.append(f"{path}{line_of(text, section, '')}: [{section}] is not known.{hint}")
            continue
        if not isinstance(value, dict):
            raise SettingsError(
                f"{path}{line_of(text, '', section)}: {section} must be a section.",
                f"Write [{section}] above its values.",
            )
        read[section] = check_section(section, value, text=text, path=path, warnings=warnings)
    login = read.get("login", {})
    command = login.get("secret_command", ())
    assert isinstance(command, tuple)
    return Settings(
        service=ServiceSettings(**read.get("service", {})),  # type: ignore[arg-type]  # checked by the rules
        upload=UploadSettings(**read.get("upload", {})),  # type: ignore[arg-type]
        names=NameSettings(**read.get("names", {})),  # type: ignore[arg-type]
        screen=ScreenSettings(**read.get("screen", {})),  # type: ignore[arg-type]
        sandbox=SandboxSettings(**read.get("sandbox", {})),  # type: ignore[arg-type]
        keys={key: str(value) for key, value in read.get("keys", {}).items()},
        secret_command=command,
        keyring=login.get("keyring", False) is True,
        warnings=tuple(warnings),
    )


def save_value(path: Path, dotted_key: str, value: str | int | bool) -> None:
    """Set one value ("screen.theme", "keys.page.move-up") in the settings file.

    Everything else, comments included, stays as it is. SettingsError when the key is not known, the value
    breaks its rule or the file is broken; nothing is written then.
    """
    import tomlkit  # late: only needed when something is saved

    section, _, name = dotted_key.partition(".")
    if name not in SECTIONS.get(section, {}):
        raise SettingsError(f"There is no setting {dotted_key}.")
    with exclusive(path):
        data = read_bounded(path, _LIMIT) or b""
        parse(data, path)  # a broken file is not rewritten
        document = tomlkit.parse(data.decode("utf-8"))
        if section not in document:
            document[section] = tomlkit.table()
        table = document[section]
        assert isinstance(table, dict)
        table[name] = value
        changed = tomlkit.dumps(document).encode("utf-8")
        parse(changed, path)
        write_private(path, changed)
