"""Checks of request documents, worded like the service's JSON schema validator (`mangadex-api.md` 1.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tui.sandbox.replies import ValidationError

NUMBER = r"^((0|[1-9]\d*)(\.\d+)?[a-z]?)?$"
LANGUAGE = r"^[a-z]{2}(-[a-z]{2})?$"
UTC_TIME = r"^\d{4}-[0-1]\d-([0-2]\d|3[0-1])T([0-1]\d|2[0-3]):[0-5]\d:[0-5]\d$"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def matches(pattern: str, value: str) -> bool:
    """Whether `value` holds `pattern`; here $ is the very end, never a line feed before it."""
    exact = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    return re.search(exact, value, re.ASCII) is not None


class Rule(Protocol):
    """What a value must be."""

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        """Add a sentence to `found` for everything that is wrong with `value`."""


def type_name(value: object) -> str:
    """The validator's name for the type of a JSON value."""
    names = {
        type(None): "NULL",
        bool: "Boolean",
        int: "Integer",
        float: "Double",
        str: "String",
        list: "Array",
        dict: "Object",
    }
    return names[type(value)]


def _say(found: list[str], pointer: str, sentence: str) -> None:
    found.append(f"Error validating {pointer or '/'}: {sentence}")


def _wrong_type(value: object, wanted: str) -> str:
    article = "an" if wanted[0] in "aeiou" else "a"
    return f"{type_name(value)} value found, but {article} {wanted} is required"


@dataclass(frozen=True)
class Text:
    """A string, measured in characters."""

    least: int = 0
    most: int = 0
    pattern: str = ""
    nullable: bool = False
    choices: tuple[str, ...] = ()

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        if value is None and self.nullable:
            return None
        if not isinstance(value, str):
            wanted = "string or a null" if self.nullable else "string"
            return _say(found, pointer, _wrong_type(value, wanted))
        if len(value) < self.least:
            _say(found, pointer, f"Must be at least {self.least} characters long")
        if self.most and len(value) > self.most:
            _say(found, pointer, f"Must be at most {self.most} characters long")
        if self.pattern and not matches(self.pattern, value):
            _say(found, pointer, f"Does not match the regex pattern {self.pattern}")
        if self.choices and value not in self.choices:
            listed = ",".join(f'"{choice}"' for choice in self.choices)
            _say(found, pointer, f"Does not have a value in the enumeration [{listed}]")
        return None


@dataclass(frozen=True)
class Id:
    """The 36 characters of a UUID."""

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        before = len(found)
        Text(least=36, most=36).check(value, pointer, found)
        if len(found) == before and not UUID.fullmatch(value):
            _say(found, pointer, "Invalid uuid")


@dataclass(frozen=True)
class Whole:
    """An integer."""

    least: int | None = None
    most: int | None = None

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            return _say(found, pointer, _wrong_type(value, "integer"))
        if self.least is not None and value < self.least:
            _say(found, pointer, f"Must have a minimum value of {self.least}")
        if self.most is not None and value > self.most:
            _say(found, pointer, f"Must have a maximum value of {self.most}")
        return None


@dataclass(frozen=True)
class Flag:
    """A boolean."""

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        if not isinstance(value, bool):
            _say(found, pointer, _wrong_type(value, "boolean"))


@dataclass(frozen=True)
class Items:
    """An array."""

    of: Rule
    least: int = 0
    most: int = 0
    unique: bool = False

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        if not isinstance(value, list):
            return _say(found, pointer, _wrong_type(value, "array"))
        if len(value) < self.least:
            _say(found, pointer, f"There must be a minimum of {self.least} items in the array")
        if self.most and len(value) > self.most:
            _say(found, pointer, f"There must be a maximum of {self.most} items in the array")
            return None
        for position, item in enumerate(value):
            self.of.check(item, f"{pointer}/{position}", found)
        if self.unique and len({str(item) for item in value}) < len(value):
            _say(found, pointer, "There are no duplicates allowed in the array")
        return None


@dataclass(frozen=True)
class Map:
    """An object that knows all its keys."""

    keys: Mapping[str, Rule]
    required: Sequence[str] = field(default_factory=tuple)

    def check(self, value: Any, pointer: str, found: list[str]) -> None:
        # PHP reads {} and [] as the same empty array.
        if value == []:
            value = {}
        if not isinstance(value, dict):
            return _say(found, pointer, _wrong_type(value, "object"))
        for key in self.required:
            if key not in value:
                _say(found, f"{pointer}/{key}", f"The property {key} is required")
        for key, item in value.items():
            rule = self.keys.get(key)
            if rule is None:
                sentence = f"The property {key} is not defined and the definition does not allow additional properties"
                _say(found, pointer, sentence)
            else:
                rule.check(item, f"{pointer}/{key}", found)
        return None


def validate(document: object, rule: Rule) -> None:
    """Raises ValidationError with everything that is wrong."""
    found: list[str] = []
    rule.check(document, "", found)
    if found:
        raise ValidationError(found)
