"""Publish times as they are typed, in the zone that is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui.chapter.publish_time import example_time, parse_publish_time, parse_zone, say_local, say_moment


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-12-24 18:00", "UTC", "2026-12-24 18:00"),
        ("2026-12-24 18:00", "+02:00", "2026-12-24 16:00"),
        ("2026-12-24 18:00", "utc-5", "2026-12-24 23:00"),
        ("2026-12-24 18:00", "Europe/Berlin", "2026-12-24 17:00"),
        ("2026-07-24T18:00", "Europe/Berlin", "2026-07-24 16:00"),
        ("2026-12-24 18:00 +01:00", "UTC", "2026-12-24 17:00"),
        ("2026-12-24 18:00Z", "", "2026-12-24 18:00"),
        ("2026-12-24  18:00:30  Asia/Tokyo", "", "2026-12-24 09:00"),
        ("2026-10-25 02:30 +01:00", "Europe/Berlin", "2026-10-25 01:30"),
    ],
)
def test_times_in_utc(text: str, zone: str, utc: str) -> None:
    moment = parse_publish_time(text, zone)
    assert moment is not None
    assert f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" == utc


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("soon", "UTC", "Type it as 20"),
        ("2026-13-01 10:00", "UTC", "Type it as 20"),
        ("2026-12-24", "UTC", "Type it as 20"),
        ("2026-12-24 18:00", "", "Say the zone"),
        ("2026-12-24 18:00", "Mars", "no zone Mars"),
        ("2026-12-24 18:00", "+15", "no zone"),
        ("2026-12-24 18:00", "../../etc/passwd", "no zone"),
        ("2026-03-29 02:30", "Europe/Berlin", "Clocks skip that time"),
        ("2026-10-25 02:30", "Europe/Berlin", r"twice that night: .* 02:30 \+02:00"),
    ],
)
def test_what_is_no_time_is_said_in_words(text: str, zone: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_publish_time(text, zone)


def test_nothing_typed_is_no_time() -> None:
    assert parse_publish_time("  ", "") is None


def test_both_zones_are_said() -> None:
    moment = datetime(2026, 12, 24, 18, tzinfo=parse_zone("Europe/Berlin"))
    now = datetime(2026, 12, 23, 17, tzinfo=UTC)
    assert say_moment(moment, now).startswith("2026-12-24 17:00 UTC, in ")
    assert say_local(moment) == "Thu 18:00 +01:00"
    assert say_local(moment.astimezone(UTC)) == ""
    assert say_moment(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-3))), now).endswith(" ago")


def test_an_example_is_a_time_that_the_service_takes() -> None:
    for example in (example_time(" +01:00"), example_time("+01:00", day="T"), example_time()):
        moment = parse_publish_time(example, "UTC")
        assert moment is not None
        assert timedelta(days=1) < moment - datetime.now(UTC) < timedelta(days=14)
