"""Descriptions and names: ComicInfo.xml, dexup.toml, and what folders are called."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.support.fuzzing.mutations import mutated, noise
from tests.support.fuzzing.shown import shown, told
from tests.support.fuzzing.target import Target
from tests.support.hostile import HOSTILE
from tui.chapter.checks import check_details
from tui.chapter.comic_info import ComicInfoError, parse_comic_info
from tui.chapter.evidence import Evidence
from tui.chapter.guess import guess_details
from tui.chapter.sidecar import SidecarError, parse_sidecar
from tui.text import safe_text

ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def comic_infos() -> tuple[bytes, ...]:
    """ComicInfo.xml as readers write it, and made to do harm."""
    plain = (
        '<?xml version="1.0" encoding="{0}"?>\n<ComicInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<Series>A &amp; B</Series><Number>10.5</Number><Volume>2</Volume><Title>Ä title</Title>"
        "<LanguageISO>en</LanguageISO><Translator>One, Two</Translator><Web>https://mangadex.org/title/" + ID + "</Web>"
        '<Pages><Page Image="0" Type="FrontCover"/></Pages></ComicInfo>'
    )  # fmt: skip
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><ComicInfo><Title>&b;</Title></ComicInfo>'
    outside = (
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><ComicInfo><Title>&e;</Title></ComicInfo>'
    )
    encoded = [plain.format(name).encode(name) for name in ("utf-8", "utf-16", "iso-8859-1")]
    return (*encoded, *encoded, bomb.encode(), outside.encode(), b"<ComicInfo>" + b"<a>" * 3000)


class ComicInfos(Target):
    """ComicInfo.xml, and the details that are made of it."""

    def case(self, chance: random.Random) -> None:
        words = (
            b"<",
            b"/>",
            b"&#x0;",
            b"&#55296;",
            b"<![CDATA[",
            b"<!DOCTYPE ",
            b"<?x ?>",
            b"\xff\xfe",
            b"&e;",
        )
        self.content = noise(chance, 300) if chance.random() < 0.03 else mutated(chance, comic_infos(), words)
        try:
            parse_comic_info(self.content)
        except ComicInfoError as error:
            safe_text(error)
            assert len(str(error)) < 1000
        guess = guess_details(Path("/chapters/Title v01 c002"), Evidence(comic_info=self.content))
        told(check_details(guess.details, now=_NOW))


SIDECARS = (
    f"""# a comment
manga = {{ id = "{ID}", name = "A title" }}
groups = ["{ID}", {{ name = "One" }}]
volume = 2
chapter = "10.5"
title = 'x "y"'
language = "pt-br"
publish_at = 2026-12-24T18:00:00+01:00
zone = "Europe/Berlin"
external_url = "https://example.org/1"
""".encode(),
    b"""zone = "+02:00"
[[chapters]]
source = "c1"
oneshot = true
publish_at = 2026-12-24 18:00:00
[[chapters]]
source = "c2.cbz"
chapter = 12.5
""",
)


class Sidecars(Target):
    """dexup.toml, and the details that are made of it."""

    def case(self, chance: random.Random) -> None:
        words = (
            b"=", b"[", b"[[", b"]]", b'"""', b"0x", b"1e999", b"nan", b"9" * 400, b"\\U00110000", b"{", b"a." * 300,
            b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"07:32:00", b"1979-05-27", b"[" * 2000,
            b"\xff",
        )  # fmt: skip
        self.content = noise(chance, 300) if chance.random() < 0.03 else mutated(chance, SIDECARS, words)
        try:
            parse_sidecar(self.content)
        except SidecarError as error:
            safe_text(error)
            assert len(str(error)) < 4000, len(str(error))
        guess = guess_details(Path("/chapters/c2.cbz"), Evidence(inside=self.content))
        told(check_details(guess.details, now=_NOW))


_NAMES = (
    "[One & Two] A Title - Vol. 2 Ch. 010.5 (en) [v2]", "第12話 タイトル", "Ch.1-3", "Oneshot", "a.b.c 12a END",
    *HOSTILE.values(),
)  # fmt: skip


class Names(Target):
    """Names of folders and archives: what they tell, and how they are shown."""

    def case(self, chance: random.Random) -> None:
        samples = [name.encode("utf-8", "surrogateescape") for name in _NAMES]
        words = (
            b"vol",
            b"ch.",
            b"[",
            b"(",
            b"-",
            b"9" * 60,
            "１２".encode(),
            "話".encode(),
            b"\xe2\x80\xae",
            b"\x1b",
        )
        self.content = mutated(chance, samples, words).replace(b"\0", b"")[:255]
        name = self.content.decode("utf-8", "surrogateescape").replace("/", "_")
        shown([safe_text(name)])
        told(check_details(guess_details(Path("/chapters/a") / (name or "x"), Evidence()).details, now=_NOW))
