"""Printing what the checks found, grouped by weight."""

from __future__ import annotations

from collections.abc import Sequence

from tui.chapter.findings import Finding, Severity
from tui.commands.console import Console
from tui.text import plural

_HEADINGS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


def print_findings(console: Console, findings: Sequence[Finding]) -> bool:
    """Print all findings, the heavy ones first; True when one of them is an error."""
    for severity, word in _HEADINGS.items():
        group = [finding for finding in findings if finding.severity is severity]
        if group:
            console.line(f"{plural(len(group), word)}:")
        for finding in group:
            where = finding.page.rpartition("::")[2] + ": " if finding.page else ""
            where = where or (f"{finding.field}: " if finding.field else "")
            console.line(f"  {where}{finding.message} {finding.remedy} [{finding.rule}]")
            console.record(
                {
                    "event": "finding",
                    "severity": str(severity),
                    "rule": finding.rule,
                    "page": finding.page,
                    "field": finding.field,
                    "message": finding.message,
                    "remedy": finding.remedy,
                }
            )
    return any(finding.severity is Severity.ERROR for finding in findings)
