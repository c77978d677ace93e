"""Publish times as people type them, with a zone that is said and never assumed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


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
    try:
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"There is no zone {plain}: UTC, +02:00 or Europe/Berlin.") from error


def parse_publish_time(text: str, zone: str) -> datetime | None:
    """The moment typed as "2026-12-24 18:00" in `zone`, None for an empty text. ValueError in words."""
    plain = text.strip()
    if not plain:
        return None
    for form in _FORMS:
        try:
            moment = datetime.strptime(plain, form)
        except ValueError:
            continue
        return moment.replace(tzinfo=parse_zone(zone))
    raise ValueError("Type it as 2026-12-24 18:00.")
