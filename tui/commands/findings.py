"""Printing what the checks found, grouped by weight."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui.chapter.findings import Finding, Severity
from tui.commands.console import Console
from tui.text import plural

_HEADINGS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}

_FIELDS = {
    "manga_id": "Manga (--manga)",
    "group_ids": "Groups (--group, --no-group)",
    "volume": "Volume (--volume)",
    "chapter": "Chapter (--chapter)",
    "title": "Title (--title)",
    "language": "Language (--lang)",
    "publish_at": "Publish time (--publish-at)",
    "external_url": "Link (--external-url)",
}
"""Field of the details -> how a person finds it on the command line."""
_MEMBER = re.compile(r"(\.\w{1,5})#\d+$")
"""Which of an archive's members it is, in the key of a page: of no use to a person, who knows it by its name."""
_MOST_NAMES = 6
"""Pages named in one line, unless they have to be mended."""


def print_findings(console: Console, findings: Sequence[Finding]) -> bool:
    """Print all findings, the heavy ones first; True when one of them is an error."""
    for severity, word in _HEADINGS.items():
        group = [finding for finding in findings if finding.severity is severity]
        if group:
            console.line(f"{plural(len(group), word)}:")
        for same in _alike(group):
            where = _where(same)
            first = same[0]
            message = first.message.removeprefix(f"{where.partition(' (')[0]}: ")  # named once
            console.line(f"  {where}{message} {first.remedy} [{first.rule}]")
        for finding in group:
            console.record(
                {
                    "event": "finding",
                    "severity": str(severity),
                    "rule": finding.rule,
                    "page": finding.page,
                    "field": finding.field,
                    "message": finding.message,
                    "remedy": finding.remedy,
                    "fix": finding.fix.label if finding.fix is not None else None,
                }
            )
    return any(finding.severity is Severity.ERROR for finding in findings)


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that say the same of different pages, together, at the place of the first."""
    groups: dict[tuple[str, str, str, str | None], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.message, finding.remedy, finding.field)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _where(findings: Sequence[Finding]) -> str:
    first = findings[0]
    names = [_MEMBER.sub(r"\1", finding.page.rpartition("::")[2]) for finding in findings if finding.page]
    if not names:
        return f"{_FIELDS.get(first.field, first.field)}: " if first.field else ""
    if first.severity is not Severity.ERROR and len(names) > _MOST_NAMES:
        names = [*names[:_MOST_NAMES], f"and {len(names) - _MOST_NAMES} more"]
    return ", ".join(names) + ": "
