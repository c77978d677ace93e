"""Checks of a chapter's details, by the service's own rules (`mangadex-api.md` 4.7, 5.4, 5.5, 5.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding, Severity
from tui.chapter.languages import LANGUAGES, is_code, near_languages, parse_language
from tui.chapter.limits import Limits
from tui.chapter.numbers import is_number, normalise_number
from tui.chapter.publish_time import example_time
from tui.chapter.references import read_reference
from tui.text import format_span

UNKNOWN_GROUP = "145f9110-0a6c-4b71-8737-6acb1a3c5da4"
"""The group "Unknown"; uploads under its name are not allowed."""


def _error(field: str, rule: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.ERROR, rule, message, remedy, field=field)


def _warning(field: str, rule: str, message: str, remedy: str) -> Finding:
    return Finding(Severity.WARNING, rule, message, remedy, field=field)


def _is_id(text: str) -> bool:
    found = read_reference(text)
    return found is not None and found.id == text


def _check_manga(details: ChapterDetails, _: datetime, __: Limits) -> Iterator[Finding]:
    if not details.manga_id:
        yield _error(
            "manga_id", "manga-missing", "No manga is chosen.", "Search it by name, or give its link or id."
        )
    elif not _is_id(details.manga_id):
        yield _error(
            "manga_id", "manga-id", f"“{details.manga_id[:80]}” is not the id of a manga.",
            "Paste the link of its page, or the 36 characters of its id.",
        )  # fmt: skip


def _check_numbers(details: ChapterDetails, _: datetime, limits: Limits) -> Iterator[Finding]:
    for field, word, value in (("volume", "volume", details.volume), ("chapter", "chapter", details.chapter)):
        if value is None or is_number(value):
            continue
        try:
            remedy = f"Write {normalise_number(value)}."
        except ValueError as error:
            remedy = str(error)
        if not value:
            message = f"The {word} number is empty; a chapter without one has none at all."
            remedy = "Enter a number, or clear the field."
        elif len(value) > limits.number_length:
            message = f"The {word} number has {len(value)} characters; {limits.number_length} are allowed."
            remedy = "Shorten it."
        else:
            message = f"“{value}” is not a {word} number as the service writes it."
        yield _error(field, f"{word}-number", message, remedy)


def _check_oneshot(details: ChapterDetails, _: datetime, __: Limits) -> Iterator[Finding]:
    if details.chapter is None and not _called_oneshot(details):
        yield _warning(
            "chapter", "chapter-missing", "No chapter number: it will be listed as a oneshot.",
            "Enter the number; for a real oneshot the title “Oneshot” is usual.",
        )  # fmt: skip


def _called_oneshot(details: ChapterDetails) -> bool:
    return "oneshot" in (details.title or "").casefold().replace("-", "").replace(" ", "")


def number_unsaid(details: ChapterDetails, remedy: str) -> list[Finding]:
    """An error where nothing and nobody says a number or that there is none, for uploads that nobody looks at."""
    if details.chapter is not None or "chapter" in details.origins or _called_oneshot(details):
        return []
    message = "Nothing says which chapter it is; without a number it would be listed as a oneshot."
    return [_error("chapter", "chapter-missing", message, remedy)]


def _check_title(details: ChapterDetails, _: datetime, limits: Limits) -> Iterator[Finding]:
    if details.title is None:
        return
    if not details.title:
        yield _error(
            "title", "title-empty", "The title is empty; a chapter without one has none at all.", "Clear it."
        )
    if len(details.title) > limits.title_length:
        yield _error(
            "title", "title-too-long",
            f"The title has {len(details.title)} characters; the service takes {limits.title_length}.",
            f"Shorten it by {len(details.title) - limits.title_length}.",
        )  # fmt: skip


def _check_language(details: ChapterDetails, _: datetime, __: Limits) -> Iterator[Finding]:
    code = details.language
    if not code:
        yield _error(
            "language", "language-missing", "No language is chosen.", "Choose the language of the pages."
        )
    elif code not in LANGUAGES:
        rule = "language-unknown" if is_code(code) else "language-code"
        near = ", ".join(f"{one} ({name})" for one, name in near_languages(code))
        other = parse_language(code)
        meant = f"Write {other}: {LANGUAGES[other]}." if other else f"Write one of {near}." if near else ""
        yield _error(
            "language", rule,
            f"“{code[:40]}” is no language of the service" + (f"; near: {near}." if near and not other else "."),
            meant or "Write its code or English name: en, pt-br, Indonesian.",
        )  # fmt: skip


def _check_groups(details: ChapterDetails, _: datetime, limits: Limits) -> Iterator[Finding]:
    groups = [group for group in details.group_ids if group]
    for group in groups:
        if not _is_id(group):
            yield _error(
                "group_ids", "group-id", f"“{group[:80]}” is not the id of a group.",
                "Paste the link of its page, or the 36 characters of its id.",
            )  # fmt: skip
        elif group == UNKNOWN_GROUP:
            yield _error(
                "group_ids", "group-unknown", "The group “Unknown” may not be credited.",
                "Name the real group, or leave the groups empty if you made it alone.",
            )  # fmt: skip
    if len(set(groups)) < len(groups):
        yield _error("group_ids", "group-twice", "A group is named twice.", "Take one of them out.")
    if len(groups) > limits.groups:
        yield _error(
            "group_ids", "too-many-groups", f"{len(groups)} groups; the service takes {limits.groups}.",
            "Keep those that worked on this chapter.",
        )  # fmt: skip
    elif len(groups) > limits.groups_usual:
        yield _warning(
            "group_ids", "many-groups", f"{len(groups)} groups; over {limits.groups_usual} may be refused.",
            "Keep those that worked on this chapter.",
        )  # fmt: skip
    elif not groups:
        yield _warning(
            "group_ids", "no-group", "No group: the chapter will be listed under “No Group”.",
            "Name every group that took part; leave it empty only if you made it alone.",
        )  # fmt: skip


def _check_publish_at(details: ChapterDetails, now: datetime, limits: Limits) -> Iterator[Finding]:
    when = details.publish_at
    if when is None:
        return
    if when.utcoffset() is None:
        yield _error(
            "publish_at",
            "publish-zone",
            "The time has no zone.",
            f"Add one: {example_time(' +01:00')}.",
        )
        return
    ahead = (when - now).total_seconds()
    if ahead <= 0:
        yield _error(
            "publish_at", "publish-past", f"The publish time was {format_span(-ahead)} ago.",
            "Choose a time to come, or clear it to publish at once.",
        )  # fmt: skip
    elif ahead > limits.publish_ahead.total_seconds():
        yield _error(
            "publish_at", "publish-far",
            f"The publish time is {format_span(ahead)} away; {limits.publish_ahead.days} days are allowed.",
            "Choose an earlier time.",
        )  # fmt: skip


def _check_external_url(details: ChapterDetails, _: datetime, limits: Limits) -> Iterator[Finding]:
    url = details.external_url
    if url is None:
        return
    if not url.startswith(("http://", "https://")) or any(character.isspace() for character in url):
        yield _error(
            "external_url", "external-url", "The external link is no web address.",
            "It must begin with https:// or http:// and hold no spaces.",
        )  # fmt: skip
        return
    if len(url) > limits.url_length:
        yield _error(
            "external_url", "external-url",
            f"The link has {len(url)} characters; {limits.url_length} are allowed.",
            "Use a shorter one.",
        )  # fmt: skip
    yield _warning(
        "external_url", "external-permission", "External links need a permission that few accounts have.",
        "Clear it if you are not an official publisher.",
    )  # fmt: skip


DETAIL_CHECKS: tuple[Callable[[ChapterDetails, datetime, Limits], Iterator[Finding]], ...] = (
    _check_manga,
    _check_groups,
    _check_numbers,
    _check_oneshot,
    _check_title,
    _check_language,
    _check_publish_at,
    _check_external_url,
)
