"""Plans as JSON for the ledger, so that another process can go on with them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.pages import PageLocation
from tui.upload.plan import PlannedPage, UploadPlan


def dump_plan(plan: UploadPlan) -> str:
    """The plan as JSON text. Names that are not UTF-8 survive: JSON escapes their lone surrogates."""
    details = plan.details
    return json.dumps(
        {
            "id": plan.id,
            "source": str(plan.source),
            "created_at": plan.created_at.isoformat(),
            "details": {
                "manga_id": details.manga_id,
                "manga_title": details.manga_title,
                "group_ids": details.group_ids,
                "group_names": details.group_names,
                "volume": details.volume,
                "chapter": details.chapter,
                "title": details.title,
                "language": details.language,
                "publish_at": details.publish_at.isoformat() if details.publish_at else None,
                "external_url": details.external_url,
                "origins": {name: str(origin) for name, origin in details.origins.items()},
            },
            "pages": [
                {
                    "position": page.position,
                    "part_name": page.part_name,
                    "name": page.name,
                    "source": str(page.location.source),
                    "member": page.location.member,
                    "index": page.location.index,
                    "size": page.size,
                    "media_type": page.media_type,
                    "sha256": page.sha256,
                }
                for page in plan.pages
            ],
        }
    )


def load_plan(text: str) -> UploadPlan:
    """The plan that `dump_plan` wrote. ValueError, KeyError or TypeError when it is no such text."""
    data: dict[str, Any] = json.loads(text)
    details = data["details"]
    publish_at = details["publish_at"]
    return UploadPlan(
        id=data["id"],
        source=Path(data["source"]),
        created_at=datetime.fromisoformat(data["created_at"]),
        details=ChapterDetails(
            manga_id=details["manga_id"],
            manga_title=details["manga_title"],
            group_ids=tuple(details["group_ids"]),
            group_names=tuple(details["group_names"]),
            volume=details["volume"],
            chapter=details["chapter"],
            title=details["title"],
            language=details["language"],
            publish_at=datetime.fromisoformat(publish_at) if publish_at else None,
            external_url=details["external_url"],
            origins={name: Origin(value) for name, value in details["origins"].items()},
        ),
        pages=tuple(
            PlannedPage(
                position=page["position"],
                part_name=page["part_name"],
                name=page["name"],
                location=PageLocation(Path(page["source"]), page["member"], page["index"]),
                size=page["size"],
                media_type=page["media_type"],
                sha256=page["sha256"],
            )
            for page in data["pages"]
        ),
    )
