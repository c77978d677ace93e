"""The quick dataclasses are what those of the library are."""

# mypy: disable-error-code="call-arg,type-var"
# (mypy does not know what a decorator that comes from a fixture does to a class)
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import Any, ClassVar

import pytest

from tui.records import dataclass

Made = Any
"""The decorator."""


def of_the_library(**options: bool) -> Callable[[type[Any]], type[Any]]:
    return dataclasses.dataclass(**options)


@pytest.fixture(params=[dataclass, of_the_library], ids=["quick", "library"])
def made(request: pytest.FixtureRequest) -> Made:
    """Both: what holds for one holds for the other."""
    return request.param


def page(made: Made) -> type[Any]:
    @made(frozen=True, slots=True)
    class Page:
        KIND: ClassVar[str] = "page"
        name: str
        size: int = 7
        marks: list[str] = field(default_factory=list, repr=False)
        seen: bool = field(default=False, compare=False)

        @property
        def double(self) -> int:
            return self.size * 2

    return Page


def test_it_is_made_shown_and_compared(made: Made) -> None:
    kind = page(made)
    one = kind("a", marks=["x"])
    assert (one.name, one.size, one.marks, one.seen, one.double, one.KIND) == (
        "a",
        7,
        ["x"],
        False,
        14,
        "page",
    )
    assert repr(one).endswith("Page(name='a', size=7, seen=False)")
    assert one == kind("a", 7, ["x"], True)
    assert one != kind("a", 8, ["x"])
    assert one != ("a", 7, ["x"])
    assert kind("a").marks is not kind("a").marks
    assert kind.__match_args__ == ("name", "size", "marks", "seen")


def test_it_works_with_the_functions_of_the_library(made: Made) -> None:
    one = page(made)("a")
    assert replace(one, size=9).size == 9
    assert asdict(one) == {"name": "a", "size": 7, "marks": [], "seen": False}
    assert [each.name for each in fields(one)] == ["name", "size", "marks", "seen"]
    with pytest.raises(TypeError):
        replace(one, unknown=1)


def test_it_cannot_be_changed_and_takes_no_others(made: Made) -> None:
    one = page(made)("a")
    for name in ("name", "unknown"):
        with pytest.raises((FrozenInstanceError, TypeError)):  # TypeError: the library's own, of another name
            setattr(one, name, "b")
    with pytest.raises(FrozenInstanceError):
        del one.name
    assert one.name == "a"
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize(
    "given", [((), {}), (("a",), {"name": "b"}), (("a",), {"other": 1}), ((1, 2, 3, 4, 5), {})]
)
def test_wrong_arguments_are_refused(made: Made, given: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    positional, named = given
    with pytest.raises(TypeError):
        page(made)(*positional, **named)


def test_it_is_hashed_by_what_is_compared(made: Made) -> None:
    @made(frozen=True, slots=True)
    class Key:
        one: int
        other: int = field(default=0, compare=False)

    assert hash(Key(1, 2)) == hash(Key(1, 3))
    assert len({Key(1), Key(1), Key(2)}) == 2

    @made(frozen=True, slots=True)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1


def test_fields_are_inherited_and_may_be_by_name_only(made: Made) -> None:
    @made(frozen=True, slots=True, kw_only=True)
    class Event:
        at: float = 0.0

    @made(frozen=True, slots=True, kw_only=True)
    class Sent(Event):
        count: int
        what: str = ""

    sent = Sent(count=3)
    assert (sent.at, sent.count, sent.what) == (0.0, 3, "")
    assert replace(sent, at=2.0) == Sent(at=2.0, count=3)
    assert sent != Event()
    assert repr(sent).endswith("Sent(at=0.0, count=3, what='')")
    with pytest.raises(TypeError):
        Sent(3)


def test_its_own_methods_stay(made: Made) -> None:
    @made(frozen=True, slots=True)
    class Limits:
        most: int

        def __post_init__(self) -> None:
            if self.most < 1:
                raise ValueError(self.most)

        def __str__(self) -> str:
            return f"at most {self.most}"

        def __repr__(self) -> str:
            return "Limits"

    assert f"{Limits(2)} {Limits(2)!r}" == "at most 2 Limits"
    with pytest.raises(ValueError, match="0"):
        Limits(0)


def test_what_is_not_frozen_is_the_librarys() -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.dataclass"):
        dataclass(slots=True)
