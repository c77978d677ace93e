"""Damaged copies of real inputs: the same chance gives the same damage."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
_LONGEST = 256 * 1024
"""Bytes of what a mutation makes, so that a million cases stay quick."""


def mutated(chance: random.Random, samples: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """One of `samples` after one to eight mutations, most of them near its beginning; `words` get put in."""
    content = bytearray(chance.choice(samples))
    for _ in range(1 + int(chance.expovariate(0.7)) % 8):
        mutation = chance.choice(_MUTATIONS)
        mutation(chance, content, samples, words)
    return bytes(content[:_LONGEST])


def noise(chance: random.Random, longest: int = 4096) -> bytes:
    """Random bytes, short ones more often than long ones."""
    return chance.randbytes(int(longest * chance.random() ** 3))


def _place(chance: random.Random, content: bytearray) -> int:
    """Somewhere in `content`: in its first 64 bytes, near its end, or anywhere."""
    part = chance.random()
    if part < 0.5:
        return chance.randrange(min(64, len(content)) + 1)
    if part < 0.7:
        return max(0, len(content) - chance.randrange(1, 64))
    return chance.randrange(len(content) + 1)


def _flip(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    place = _place(chance, content)
    if place < len(content):
        content[place] ^= 1 << chance.randrange(8)


def _set(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    place = _place(chance, content)
    content[place : place + 1] = bytes([chance.randrange(256)])


def _number(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    width = chance.choice((1, 2, 3, 4, 8))
    value = (chance.choice(_NUMBERS) + chance.randint(-1, 1)) % 256**width
    place = _place(chance, content)
    order = "little" if chance.random() < 0.5 else "big"
    content[place : place + width] = value.to_bytes(width, order)


def _remove(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    place = _place(chance, content)
    del content[place : place + chance.choice((1, 2, 4, 8, 64, 512))]


def _cut(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    del content[_place(chance, content) :]


def _repeat(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    place = _place(chance, content)
    piece = bytes(content[place : place + chance.choice((1, 4, 12, 64, 512))])
    content[place:place] = piece * chance.choice((1, 1, 2, 50))


def _insert(chance: random.Random, content: bytearray, _: Sequence[bytes], __: Sequence[bytes]) -> None:
    place = _place(chance, content)
    content[place:place] = chance.randbytes(chance.choice((1, 2, 4, 16, 200)))


def _splice(chance: random.Random, content: bytearray, samples: Sequence[bytes], _: Sequence[bytes]) -> None:
    other = chance.choice(samples)
    content[_place(chance, content) :] = other[chance.randrange(len(other) + 1) :]


def _word(chance: random.Random, content: bytearray, _: Sequence[bytes], words: Sequence[bytes]) -> None:
    if words:
        place = _place(chance, content)
        word = chance.choice(words)
        content[place : place + (len(word) if chance.random() < 0.5 else 0)] = word


_Mutation = Callable[[random.Random, bytearray, Sequence[bytes], Sequence[bytes]], None]
_MUTATIONS: tuple[_Mutation, ...] = (
    _flip,
    _set,
    _set,
    _number,
    _number,
    _remove,
    _cut,
    _repeat,
    _insert,
    _splice,
    _word,
)

_LEAVES: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 2**31, 2**63, 10**400, 1e308, "", "0", "x" * 5000,
    "\ud800", "\x1b]52;c;AAAA\x07", "[/", "‮", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-14:00", "1e999",
    [], {}, [[]], [None], {"": None}, {"0": {"id": 5}}, ["id"], "f9c33607-9180-4ba6-b85c-e4b5faee7192",
)  # fmt: skip


def mutated_document(chance: random.Random, document: object) -> object:
    """A JSON document in which some values have another type, are missing, stand twice or are nested deep."""
    rate = chance.choice((0.02, 0.1, 0.3))

    def change(value: object) -> object:
        if chance.random() < rate:
            return chance.choice(_LEAVES)
        if isinstance(value, dict):
            kept = {key: change(inner) for key, inner in value.items() if chance.random() > rate / 2}
            if chance.random() < rate:
                return list(kept.values())
            return kept
        if isinstance(value, list):
            inner = [change(item) for item in value for _ in range(2 if chance.random() < rate / 2 else 1)]
            return dict(zip("abcdefgh", inner, strict=False)) if chance.random() < rate / 2 else inner
        return value

    found = change(document)
    for _ in range(chance.choice((0, 0, 0, 0, 0, 0, 1, 3, 400))):
        found = [found] if chance.random() < 0.5 else {"data": found}
    return found
