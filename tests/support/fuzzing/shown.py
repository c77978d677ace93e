"""What is made of damaged inputs must be fit to be shown."""

from __future__ import annotations

from collections.abc import Iterable

from tui.chapter.findings import Finding
from tui.text import safe_text


def told(findings: Iterable[Finding]) -> None:
    """Findings, as a screen or a command would tell them."""
    for finding in findings:
        shown([safe_text(finding.message), safe_text(finding.remedy)])


def shown(lines: Iterable[str]) -> None:
    """Lines that a screen writes as they are."""
    for line in lines:
        assert "\x1b" not in line, line
        line.encode("utf-8")
