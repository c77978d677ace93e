"""`dataclass` as `dataclasses` has it, made in a tenth of the time and of the memory when it is frozen and has slots.

`dataclasses` writes and compiles some eight functions for every class. dexup has more than a hundred classes that are
nothing but values, and a third of the processor time of a start went there (110 of 340 ms, 1 MiB). Here all of them
share the same functions, which look the fields up: an instance takes a microsecond longer to make. Everything else is
as there: `field()`, `replace()`, `fields()`, `asdict()`, inheritance, `__post_init__`, defaults, errors.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_PLAIN: Any = dataclasses._FIELD  # type: ignore[attr-defined]  # the mark of a field that is nothing special


@overload
@dataclass_transform(field_specifiers=(field,))
def dataclass(cls: type[T], /) -> type[T]: ...


@overload
@dataclass_transform(field_specifiers=(field,))
def dataclass(
    *, frozen: bool = ..., slots: bool = ..., kw_only: bool = ..., eq: bool = ..., repr: bool = ...
) -> Callable[[type[T]], type[T]]: ...


def dataclass(cls: type[T] | None = None, /, **options: bool) -> type[T] | Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass()`, which also makes what is not frozen or has no slots."""
    if cls is not None:
        return dataclasses.dataclass(cls)
    if not (options.pop("frozen", False) and options.pop("slots", False)):
        raise TypeError("for a class that is not frozen or has no slots use dataclasses.dataclass")
    return lambda made_of: _make(made_of, **options)


def _make(cls: type[T], *, kw_only: bool = False, eq: bool = True, repr: bool = True) -> type[T]:
    inherited: dict[str, Field[Any]] = dict(getattr(cls, "__dataclass_fields__", {}))
    own = dict(_own_fields(cls, kw_only=kw_only))
    fields = inherited | own
    names = [name for name, one in fields.items() if not one.kw_only]
    names += [name for name, one in fields.items() if one.kw_only]
    namespace: dict[str, Any] = {
        name: value
        for name, value in vars(cls).items()
        if name not in own and name not in ("__dict__", "__weakref__")
    }
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    namespace["__dataclass_fields__"] = fields
    namespace["__match_args__"] = tuple(name for name in names if not fields[name].kw_only)
    namespace["__setattr__"], namespace["__delattr__"] = _set, _delete
    namespace.setdefault("__init__", _init)
    if repr:
        namespace.setdefault("__repr__", _repr)
    if eq:
        compared = [name for name in fields if fields[name].compare]
        namespace["_compared"] = staticmethod(attrgetter(*compared) if compared else type)
        namespace.setdefault("__eq__", _equals)
        if namespace.get("__hash__") is None:  # Python sets it to None beside an __eq__ of the class's own
            namespace["__hash__"] = _hash
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    # What _init() needs of each field: its name, what sets it, its default, what makes its default.
    made._setters = tuple(
        (name, getattr(made, name).__set__, fields[name].default, fields[name].default_factory)
        for name in names
    )
    return made  # type: ignore[no-any-return]


def _own_fields(cls: type, *, kw_only: bool) -> Iterator[tuple[str, Field[Any]]]:
    for name, kind in cls.__annotations__.items():
        if kind.startswith("ClassVar"):
            continue
        value = vars(cls).get(name, MISSING)
        found: Any = value if isinstance(value, Field) else field(default=value)
        found.name, found.type, found.kw_only = name, kind, kw_only
        found._field_type = _PLAIN
        yield name, found


def _init(self: Any, *given: object, **named: object) -> None:
    setters = self._setters
    if len(given) > len(self.__match_args__):
        kind = type(self).__name__
        raise TypeError(
            f"{kind}() takes {len(self.__match_args__)} positional arguments, {len(given)} were given"
        )
    for (name, put, _, _), value in zip(setters, given, strict=False):
        if name in named:
            raise TypeError(f"{type(self).__name__}() got multiple values for argument {name!r}")
        put(self, value)
    for name, put, default, make in setters[len(given) :]:
        if name in named:
            put(self, named.pop(name))
        elif default is not MISSING:
            put(self, default)
        elif make is not MISSING:
            put(self, make())
        else:
            raise TypeError(f"{type(self).__name__}() is missing the argument {name!r}")
    if named:
        raise TypeError(f"{type(self).__name__}() got an unexpected argument {next(iter(named))!r}")
    after = getattr(self, "__post_init__", None)
    if after is not None:
        after()


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, one in self.__dataclass_fields__.items() if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equals(self: Any, other: Any) -> bool:
    return self._compared(self) == self._compared(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _set(self: object, name: str, value: object) -> None:  # noqa: ARG001
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: object, name: str) -> None:  # noqa: ARG001
    raise FrozenInstanceError(f"cannot delete field {name!r}")
