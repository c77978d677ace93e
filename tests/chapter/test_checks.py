"""Every finding: when it is made, its weight, and the number in its message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.chapters import make_page
from tui.chapter.checks import check_details, check_order, check_pages
from tui.chapter.detail_checks import number_unsaid
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import ExcludeAll, Join, MendAll
from tui.chapter.order import PageOrder
from tui.chapter.pages import ImageType, Metadata
from tui.chapter.sources import Skipped

_NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
_ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"


def _group(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


_DETAILS = ChapterDetails(
    manga_id=_ID, group_ids=(_group(1),), volume="1", chapter="10.5", title="A title", language="en"
)


def _brief(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity.value, finding.rule) for finding in findings]


def test_a_good_chapter_has_no_findings() -> None:
    pages = [make_page("1.png"), make_page("2.jpg", type=ImageType.JPEG, components=3, bits=8)]
    assert check_pages(pages) == []
    assert check_details(_DETAILS, now=_NOW) == []


@pytest.mark.parametrize(
    ("values", "rule", "words"),
    [
        ({"size": 20_000_001}, "file-too-large", "20.0 MB (20,000,001 bytes); 20.0 MB are allowed"),
        ({"size": 23_400_000}, "file-too-large", "23.4 MB; 20.0 MB are allowed"),
        ({"width": 10_000}, "too-many-pixels", "10,000 × 1,200 pixels; both sides must stay below 10,000"),
        ({"height": 30_000}, "too-many-pixels", "800 × 30,000"),
        ({"type": ImageType.WEBP}, "type-not-accepted", "A WebP image; only JPEG, PNG and GIF"),
        ({"type": ImageType.AVIF}, "type-not-accepted", "An AVIF image"),
        ({"size": 0, "type": ImageType.UNKNOWN, "problem": "the file is empty"}, "page-empty", "0 bytes"),
        ({"complete": False}, "page-truncated", "breaks off"),
        (
            {"size": 0, "type": ImageType.UNKNOWN, "width": 0, "problem": "permission denied"},
            "page-unreadable",
            "Cannot be read: permission denied.",
        ),
        ({"problem": "its checksum is wrong", "sha256": ""}, "page-unreadable", "checksum"),
    ],
)
def test_errors_of_a_page(values: dict[str, Any], rule: str, words: str) -> None:
    page = make_page("1.png", **values)
    findings = check_pages([page])
    assert _brief(findings) == [("error", rule)]
    assert words in findings[0].message
    assert findings[0].page == page.key
    assert findings[0].remedy


@pytest.mark.parametrize("values", [{"size": 20_000_000}, {"width": 9_999, "height": 9_999}])
def test_what_just_fits_is_fine(values: dict[str, int]) -> None:
    assert check_pages([make_page("1.png", **values)]) == []


@pytest.mark.parametrize(
    ("name", "values", "finding"),
    [
        ("1.png", {"width": 128}, ("warning", "page-tiny")),
        ("1.png", {"metadata": Metadata.PLACE}, ("warning", "tells-place")),
        ("1.gif", {"type": ImageType.GIF, "animated": True}, ("note", "animated")),
        ("1.png", {"animated": True}, ("warning", "animated-png")),
        ("1.jpg", {"type": ImageType.JPEG, "components": 4}, ("warning", "cmyk")),
        ("1.png", {"bits": 16}, ("warning", "deep-colour")),
        ("1.jpg", {}, ("note", "wrong-extension")),
        ("1", {}, ("note", "wrong-extension")),
        ("1.png", {"trailing": 32}, ("note", "trailing-data")),
    ],
)
def test_doubts_about_a_page(name: str, values: dict[str, Any], finding: tuple[str, str]) -> None:
    assert _brief(check_pages([make_page(name, **values)])) == [finding]


@pytest.mark.parametrize("name", ["1.JPG", "1.jpeg", "1.jfif"])
def test_all_usual_endings_fit(name: str) -> None:
    assert check_pages([make_page(name, type=ImageType.JPEG)]) == []


def test_limits_of_a_session() -> None:
    pages = [make_page(f"{number}.png", size=300_001) for number in range(501)]
    findings = check_pages(pages)
    assert _brief(findings) == [("error", "too-many-pages"), ("error", "chapter-too-large")]
    assert findings[0].fix == ExcludeAll(frozenset({pages[500].key}), "Leave the last 1 out")
    assert "501 pages; an upload session takes 500" in findings[0].message
    assert "150.3 MB in all" in findings[1].message
    assert check_pages([replace(page, size=300_000) for page in pages[:500]]) == []
    assert _brief(check_pages([])) == [("error", "no-pages")]


def test_pages_with_the_same_bytes() -> None:
    pages = [
        make_page(f"{number}.png", sha256=digest)
        for number, digest in enumerate(["a", "b", "a", "", "", "a"])
    ]
    findings = check_pages(pages)
    assert _brief(findings) == [("warning", "same-content")] * 2
    assert [finding.page for finding in findings] == [pages[2].key, pages[5].key]
    assert "Page 3 is byte for byte the same as page 1 (0.png)" in findings[0].message


def test_a_sliver_is_to_be_joined_to_the_page_beside_it_that_is_as_wide() -> None:
    strip, sliver, other = (
        make_page("1.png", height=4000),
        make_page("2.png", height=90),
        make_page("3.png", width=790),
    )
    (found,) = check_pages([strip, sliver, other])
    assert (found.rule, found.page) == ("sliver", sliver.key)
    assert found.fix == Join((strip.key, sliver.key))
    (found,) = check_pages([other, sliver, strip])
    assert found.fix == Join((sliver.key, strip.key))
    assert [one.rule for one in check_pages([other, sliver])] == ["page-tiny"]
    assert [one.rule for one in check_pages([make_page("0.png", height=9950), sliver])] == ["page-tiny"]


def test_metadata_is_one_note_for_all() -> None:
    pages = [make_page(f"{number}.png", metadata=Metadata.SOME) for number in range(3)]
    (found,) = check_pages([*pages, make_page("3.png")])
    assert (found.severity, found.rule) == (Severity.NOTE, "metadata")
    assert "3 pages with metadata" in found.message
    assert found.fix == MendAll(tuple(page.key for page in pages), "strip", "Take the metadata out")


def test_skipped_files_are_one_note_a_reason() -> None:
    skipped = [Skipped(f"._{number}.png", "macOS leftovers") for number in range(5)]
    skipped.append(Skipped("x", "cannot be read: permission denied"))
    findings = check_pages([make_page("1.png")], skipped)
    assert _brief(findings) == [("warning", "skipped"), ("note", "skipped")]
    assert findings[1].message == "5 files skipped, macOS leftovers: ._0.png, ._1.png, ._2.png and 2 more."


def test_findings_come_by_weight_then_in_page_order() -> None:
    pages = [
        make_page("1.jpg"),
        make_page("2.png", width=100),
        make_page("3.png", size=30_000_000, complete=False),
        make_page("4.png", complete=False),
    ]
    findings = check_pages(pages, [Skipped("x", "hidden")])
    assert [(finding.rule, finding.page) for finding in findings] == [
        ("page-truncated", pages[2].key),
        ("file-too-large", pages[2].key),
        ("page-truncated", pages[3].key),
        ("page-tiny", pages[1].key),
        ("skipped", None),
        ("wrong-extension", pages[0].key),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "rule", "words"),
    [
        ({"manga_id": ""}, "manga_id", "manga-missing", "No manga"),
        ({"manga_id": "one-piece"}, "manga_id", "manga-id", "one-piece"),
        ({"volume": "01"}, "volume", "volume-number", "“01”"),
        ({"chapter": "12A"}, "chapter", "chapter-number", "“12A”"),
        ({"chapter": ""}, "chapter", "chapter-number", "empty"),
        ({"chapter": "123456.78"}, "chapter", "chapter-number", "9 characters; 8 are allowed"),
        ({"title": "x" * 256}, "title", "title-too-long", "256 characters; the service takes 255"),
        ({"title": ""}, "title", "title-empty", "empty"),
        ({"language": ""}, "language", "language-missing", "No language"),
        ({"language": "EN"}, "language", "language-code", "“EN”"),
        ({"language": "jp"}, "language", "language-unknown", "“jp”"),
        ({"group_ids": ("x",)}, "group_ids", "group-id", "“x”"),
        ({"group_ids": (_group(1), _group(1))}, "group_ids", "group-twice", "twice"),
        (
            {"group_ids": tuple(map(_group, range(11)))},
            "group_ids",
            "too-many-groups",
            "11 groups; the service takes 10",
        ),
        ({"group_ids": ("145f9110-0a6c-4b71-8737-6acb1a3c5da4",)}, "group_ids", "group-unknown", "Unknown"),
        ({"publish_at": _NOW.replace(tzinfo=None)}, "publish_at", "publish-zone", "no zone"),
        ({"publish_at": _NOW - timedelta(hours=2)}, "publish_at", "publish-past", "2 h 0 min ago"),
        ({"publish_at": _NOW}, "publish_at", "publish-past", "0 s ago"),
        ({"publish_at": _NOW + timedelta(days=15)}, "publish_at", "publish-far", "15 d 0 h away; 14 days"),
    ],
)
def test_errors_of_details(changes: dict[str, Any], field: str, rule: str, words: str) -> None:
    findings = check_details(replace(_DETAILS, **changes), now=_NOW)
    assert _brief(findings) == [("error", rule)]
    assert findings[0].field == field
    assert words in findings[0].message
    assert findings[0].remedy


def test_who_is_not_there_to_look_has_to_say_that_a_chapter_has_no_number() -> None:
    unsaid = replace(_DETAILS, chapter=None, origins={})
    assert _brief(number_unsaid(unsaid, "Say it.")) == [("error", "chapter-missing")]
    for said in ({"chapter": "0"}, {"title": "One-Shot"}, {"origins": {"chapter": Origin.FILE_NAME}}):
        assert number_unsaid(replace(unsaid, **said), "Say it.") == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"group_ids": ()}, "no-group"),
        ({"group_ids": tuple(map(_group, range(6)))}, "many-groups"),
        ({"chapter": None}, "chapter-missing"),
        ({"external_url": "https://example.org/read"}, "external-permission"),
    ],
)
def test_doubts_about_details(changes: dict[str, Any], rule: str) -> None:
    assert _brief(check_details(replace(_DETAILS, **changes), now=_NOW)) == [("warning", rule)]


@pytest.mark.parametrize(
    "changes",
    [
        {"chapter": "0", "volume": None},
        {"chapter": None, "volume": None, "title": "One-Shot"},
        {"title": None},
        {"title": "x" * 255},
        {"publish_at": (_NOW + timedelta(days=13)).astimezone(timezone(timedelta(hours=9)))},
        {"publish_at": _NOW + timedelta(days=14)},
        {"language": "es-la"},
        {"group_ids": tuple(map(_group, range(5)))},
    ],
)
def test_details_that_are_fine(changes: dict[str, Any]) -> None:
    assert check_details(replace(_DETAILS, **changes), now=_NOW) == []


@pytest.mark.parametrize(
    "url", ["ftp://x", "javascript:alert(1)", "https://a b", "", "https://x/" + "y" * 600]
)
def test_links_the_service_would_refuse(url: str) -> None:
    findings = check_details(replace(_DETAILS, external_url=url), now=_NOW)
    assert findings[0].rule == "external-url"
    assert findings[0].severity is Severity.ERROR


def test_when_every_page_is_left_out_the_remedy_is_to_take_one_in() -> None:
    order = PageOrder.from_pages([make_page("1.png")])
    (finding,) = check_order(order.toggle_excluded({order.pages[0].key}))
    assert (finding.rule, finding.remedy) == ("no-pages", "x takes a page in again.")
