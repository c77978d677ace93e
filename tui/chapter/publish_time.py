"""Publish times as people type them, with a zone that is said and never assumed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from tui.text import format_span

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_TIME = re.compile(r"(\d{4}-\d\d?-\d\d?[ T]\d\d?:\d\d(?::\d\d)?)\s*(\S.*)?")
_SOON = timedelta(days=5)
"""From now to an example: well within what the service takes."""
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def example_time(behind: str = "", *, day: str = " ") -> str:
    """A time that the service takes, as one types it: "2026-12-24 18:00", with `behind` (a zone) at its end and
    `day` behind the date."""
    return f"{datetime.now(UTC) + _SOON:%Y-%m-%d}{day}18:00{behind}"


def parse_zone(text: str) -> tzinfo:
    """The zone in `text`: "UTC", an offset ("+02:00", "UTC-5") or a name ("Europe/Berlin").

    ValueError, in words, for anything else, the empty text included.
    """
    plain = text.strip()
    if plain.upper() in ("UTC", "GMT", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(plain)
    if offset is not None:
        sign, hours, minutes = offset[1], int(offset[2]), int(offset[3] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError(f"There is no zone {plain}.")
        span = timedelta(hours=hours, minutes=minutes)
        return timezone(span if sign == "+" else -span)
    if not plain:
        raise ValueError("Say the zone: UTC, +02:00 or Europe/Berlin.")
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # late: few chapters are published at a time

    try:
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"There is no zone {plain}: UTC, +02:00 or Europe/Berlin.") from error


def parse_publish_time(text: str, zone: str) -> datetime | None:
    """The moment typed as "2026-12-24 18:00" in `zone`, or with a zone of its own: "2026-12-24 18:00 +01:00".

    None for an empty text. ValueError, in words, for what is no time, and for a time that clocks in that zone
    skip or show twice.
    """
    plain = " ".join(text.split())
    if not plain:
        return None
    found = _TIME.fullmatch(plain)
    moment = _read(found[1]) if found is not None else None
    if found is None or moment is None:
        raise ValueError(f"Type it as {example_time()}.")
    return _in_zone(moment, parse_zone(found[2] or zone))


def _read(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The moment in `zone`, if it comes there once."""
    aware = moment.replace(tzinfo=zone)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise ValueError("Clocks skip that time there; take an hour later.")
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise ValueError(f"It comes twice that night: add which one, such as {aware:%H:%M} {_offset(aware)}.")
    return aware


def say_moment(moment: datetime, now: datetime) -> str:
    """ "2026-12-24 17:00 UTC, in 3 days"; `say_local` gives the other zone."""
    ahead = (moment - now).total_seconds()
    away = f"in {format_span(ahead)}" if ahead > 0 else f"{format_span(-ahead)} ago"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {away}"


def say_local(moment: datetime) -> str:
    """ "Thu 18:00 +01:00": the moment in its own zone; "" when that is UTC."""
    return f"{moment:%a %H:%M} {_offset(moment)}" if moment.utcoffset() else ""


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"
