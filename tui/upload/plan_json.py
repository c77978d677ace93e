"""Plans as JSON for the ledger, so that another process can go on with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.pages import PageLocation
from tui.mangadex.models import ChapterMetadata
from tui.upload.plan import EditTarget, PlannedPage, UploadPlan


def dump_plan(plan: UploadPlan) -> str:
    """The plan as JSON text. Names that are not UTF-8 survive: JSON escapes their lone surrogates."""
    return json.dumps(
        {
            "id": plan.id,
            "source": str(plan.source),
            "created_at": plan.created_at.isoformat(),
            "details": dump_details(plan.details),
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
                    "remote_id": page.remote_id,
                }
                for page in plan.pages
            ],
            "edit": _dump_edit(plan.edit) if plan.edit is not None else None,
        }
    )


def _dump_edit(edit: EditTarget) -> dict[str, Any]:
    return {
        "chapter_id": edit.chapter_id,
        "version": edit.version,
        "session_id": edit.session_id,
        "before": asdict(edit.before),
        "pages_before": edit.pages_before,
        "left_out": edit.left_out,
    }


def load_plan(text: str | bytes) -> UploadPlan:
    """The plan that `dump_plan` wrote. ValueError, KeyError or TypeError when it is no such text."""
    data: dict[str, Any] = json.loads(text)
    return UploadPlan(
        id=data["id"],
        source=Path(data["source"]),
        created_at=datetime.fromisoformat(data["created_at"]),
        details=load_details(data["details"]),
        pages=tuple(
            PlannedPage(
                position=page["position"],
                part_name=page["part_name"],
                name=page["name"],
                location=PageLocation(Path(page["source"]), page["member"], page["index"]),
                size=page["size"],
                media_type=page["media_type"],
                sha256=page["sha256"],
                remote_id=page.get("remote_id", ""),
            )
            for page in data["pages"]
        ),
        edit=_load_edit(data["edit"]) if data.get("edit") else None,
    )


def _load_edit(data: dict[str, Any]) -> EditTarget:
    before = data["before"]
    return EditTarget(
        chapter_id=data["chapter_id"],
        version=data["version"],
        session_id=data["session_id"],
        before=ChapterMetadata(
            volume=before["volume"],
            chapter=before["chapter"],
            title=before["title"],
            language=before["language"],
            group_ids=tuple(before["group_ids"]),
            group_names=tuple(before["group_names"]),
        ),
        pages_before=data["pages_before"],
        left_out=tuple(data["left_out"]),
    )


def dump_details(details: ChapterDetails) -> dict[str, Any]:
    """The details as values that JSON can hold."""
    return {
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
    }


def load_details(data: Mapping[str, Any]) -> ChapterDetails:
    """The details that `dump_details` gave. ValueError, KeyError or TypeError when they are none."""
    publish_at = data["publish_at"]
    return ChapterDetails(
        manga_id=data["manga_id"],
        manga_title=data["manga_title"],
        group_ids=tuple(data["group_ids"]),
        group_names=tuple(data["group_names"]),
        volume=data["volume"],
        chapter=data["chapter"],
        title=data["title"],
        language=data["language"],
        publish_at=datetime.fromisoformat(publish_at) if publish_at else None,
        external_url=data["external_url"],
        origins={name: Origin(value) for name, value in data["origins"].items()},
    )
