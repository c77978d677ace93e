"""The scanlation groups that the sandbox knows from the start."""

from __future__ import annotations

from typing import NamedTuple


class GroupRow(NamedTuple):
    """One group."""

    name: str
    languages: str
    alternatives: str = ""
    locked: bool = False
    official: bool = False
    inactive: bool = False
    ours: bool = False
    """The sandbox's account is a member."""
    id: str = ""
    delay: str | None = None
    """ISO 8601 duration."""


EXAMPLE_SCANS = "Example Scans"
UNKNOWN_GROUP = "145f9110-0a6c-4b71-8737-6acb1a3c5da4"
"""Credits to it are not taken (`mangadex-api.md` 1.1)."""

GROUPS = (
    GroupRow(EXAMPLE_SCANS, "en", "ES;Example Scanlations", ours=True),
    GroupRow("Unknown", "", id=UNKNOWN_GROUP),
    GroupRow("Sample Group", "en", id="18dadd0b-cbce-41c4-a8a9-5e653780b9ff"),
    GroupRow("Quiet Tide Scans", "en"),
    GroupRow("Quiet Tide Scans (Old)", "en", inactive=True),
    GroupRow("Locked Door Translations", "en", locked=True),
    GroupRow("Our Own Locked Circle", "en", locked=True, ours=True),
    GroupRow("Kagi Scanlations", "en,fr", "鍵スキャン", locked=True),
    GroupRow("Minato Press", "en", official=True, locked=True),
    GroupRow("Paper Boat Publishing", "en,es-la", official=True, locked=True, delay="P3D"),
    GroupRow("Faro Nocturno", "es-la", "Night Lighthouse"),
    GroupRow("Los Traductores del Muelle", "es"),
    GroupRow("Scantrad du Quai", "fr"),
    GroupRow("Leuchtturm Scans", "de"),
    GroupRow("Маяк", "ru", "Mayak;Lighthouse Team"),
    GroupRow("海灯汉化组", "zh", "Haideng"),
    GroupRow("港口翻譯社", "zh-hk"),
    GroupRow("등대 스캔", "ko,en", "Deungdae Scans"),
    GroupRow("灯台チーム", "ja,en", "Team Toudai"),
    GroupRow("Porto Velho Scans", "pt-br"),
    GroupRow("Latarnia", "pl"),
    GroupRow("Mercusuar ID", "id", inactive=True),
    GroupRow("Hải Đăng", "vi", delay="P1DT12H"),
    GroupRow("One-Person Show", "en"),
    GroupRow("[/bold] Bracket & Sons <scans>", "en", "Brackets"),
    GroupRow("A Scanlation Group With a Name That Is Much Longer Than Any Column Will Ever Be Wide", "en"),
    GroupRow("منارة", "ar", "Manara"),
)
