"""The rules of the settings file: every section, every key, what its value must be."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tui.keys import ACTIONS
from tui.patterns import NamePattern, parse_pattern
from tui.storage.errors import SettingsError

API_URL: Final = "https://api.mangadex.org"
AUTH_URL: Final = "https://auth.mangadex.org/realms/mangadex/protocol/openid-connect"
_MOST_PATTERNS: Final = 50
ORDERS: Final = ("natural", "plain", "time", "size", "pixels")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one value must be. `read` returns the value to use, or raises ValueError that says the rule."""

    read: Callable[[object], object]
    example: str
    """A right line, for the remedy."""


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return value

    return read


def _one_of(*choices: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError("it must be one of " + ", ".join(f'"{choice}"' for choice in choices))
        return value

    return read


def _text(longest: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise ValueError(f"it must be text of at most {longest} characters")
        return value

    return read


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")
    return value


def _auto(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return _one_of("auto", "on", "off")(value)


def _preview(value: object) -> str:
    if isinstance(value, bool):
        return "half-blocks" if value else "off"
    return _one_of("half-blocks", "kitty", "sixel", "off")(value)


def _language(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", value)):
        raise ValueError('it must be a language code such as "en" or "pt-br"')
    return value


def _url(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be an address in quotes")
    rule = check_url(value)
    if rule:
        raise ValueError(rule)
    return value.rstrip("/")


def _command(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(part, str) and part for part in value):
        raise ValueError(
            "it must be a list: the program, then each argument as its own text (no shell is used)"
        )
    return tuple(value)


class _WrongEntry(ValueError):
    """One entry of a list breaks the rule: `entry` as it stands in the file."""

    def __init__(self, rule: str, entry: str) -> None:
        super().__init__(rule)
        self.entry = entry


def _patterns(value: object) -> tuple[NamePattern, ...]:
    if not isinstance(value, list) or len(value) > _MOST_PATTERNS:
        raise ValueError(f"it must be a list of at most {_MOST_PATTERNS} patterns")
    found = []
    for number, pattern in enumerate(value, 1):
        if not isinstance(pattern, str):
            raise ValueError(f"pattern {number} must be text in quotes")
        try:
            found.append(parse_pattern(pattern))
        except ValueError as error:
            raise _WrongEntry(f"in pattern {number} {error}", pattern) from None
    return tuple(found)


def _zone(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_+\-:/ ]{0,64}", value):
        raise ValueError('it must be a time zone such as "UTC", "+02:00" or "Europe/Berlin"')
    return value


_KEYS_RULE = Rule(_text(200), '"page.move-up" = "K,ctrl+up"')

SECTIONS: Final[dict[str, dict[str, Rule]]] = {
    "service": {
        "api_url": Rule(_url, f'api_url = "{API_URL}"'),
        "auth_url": Rule(_url, f'auth_url = "{AUTH_URL}"'),
    },
    "login": {
        "secret_command": Rule(_command, 'secret_command = ["pass", "show", "mangadex"]'),
        "keyring": Rule(_switch, "keyring = true"),
    },
    "upload": {
        "batch_files": Rule(_whole(1, 10), "batch_files = 10"),
        "in_flight": Rule(_whole(1, 3), "in_flight = 3"),
        "limit_kbit": Rule(_whole(0, 10_000_000), "limit_kbit = 2000"),
        "keep_free": Rule(_whole(0, 80), "keep_free = 10"),
        "order": Rule(_one_of(*ORDERS), 'order = "natural"'),
        "language": Rule(_language, 'language = "en"'),
        "zone": Rule(_zone, 'zone = "Europe/Berlin"'),
    },
    "names": {"patterns": Rule(_patterns, 'patterns = ["{manga} - c{chapter}< (v{volume})>< [{groups}]>"]')},
    "screen": {
        "theme": Rule(_text(60), 'theme = "textual-dark"'),
        "mouse": Rule(_auto, 'mouse = "auto"'),
        "preview": Rule(_preview, 'preview = "half-blocks"'),
        "colours": Rule(_one_of("auto", "none", "8", "16", "256", "true"), 'colours = "256"'),
        "glyphs": Rule(_one_of("auto", "unicode", "ascii"), 'glyphs = "ascii"'),
        "title": Rule(_auto, 'title = "auto"'),
        "progress": Rule(_auto, 'progress = "auto"'),
        "when_done": Rule(_one_of("bell", "notify", "off"), 'when_done = "notify"'),
        "screen_reader": Rule(_switch, "screen_reader = true"),
    },
    "sandbox": {"uplink_kbit": Rule(_whole(0, 10_000_000), "uplink_kbit = 4000")},
    "keys": dict.fromkeys(ACTIONS, _KEYS_RULE),
}
"""Section -> key -> rule."""


def check_url(address: str) -> str:
    """The rule that `address` breaks, or "".

    Plain http would show the token to everybody on the way, so it is for this machine only.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "it is not an address"
    if not host or parts.scheme not in ("http", "https"):
        return "it must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "it must hold no user name or password"
    if parts.query or parts.fragment:
        return "it must end with its path"
    if parts.scheme == "http" and not _is_loopback(host):
        return "http:// is allowed for this machine only (127.0.0.1, ::1, localhost); use https://"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_section(
    section: str, values: dict[str, object], *, text: str, path: Path, warnings: list[str]
) -> dict[str, object]:
    """The values of one section by its rules. An unknown key adds to `warnings`; a wrong value raises
    SettingsError."""
    read: dict[str, object] = {}
    for key, value in _flat(values) if section == "keys" else values.items():
        place = f"{path}{line_of(text, section, key)}"
        rule = SECTIONS[section].get(key)
        if rule is None:
            hint = did_you_mean(key, SECTIONS[section])
            warnings.append(f"{place}: {section}.{key} is not known.{hint}")
            continue
        try:
            read[key] = rule.read(value)
        except ValueError as error:
            if isinstance(error, _WrongEntry):
                value, place = error.entry, f"{path}{_line_with(text, error.entry)}"
            raise SettingsError(
                f"{place}: {section}.{key} is {_shown(value)}, but {error}.",
                f"Write for example: {rule.example}",
            ) from None
    return read


def _flat(values: dict[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    """`page.move-up` without quotes is a table in TOML; both spellings mean the same here."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ " Did you mean x?", or "" when nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def line_of(text: str, section: str, key: str) -> str:
    """Where the key (or, with no key, the section) stands, as ", line 7"; "" when it is not found."""
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        if head:
            inside = head[1].strip("\"'")
            if not key and inside == section:
                return f", line {number}"
        elif key and inside == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return f", line {number}"
    return ""


def _line_with(text: str, entry: str) -> str:
    """Where an entry of a list stands, as ", line 7"; "" when it is written with escapes."""
    lines = text.splitlines()
    return next((f", line {number}" for number, line in enumerate(lines, 1) if entry and entry in line), "")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"
