"""Names that a file, a title or a server message may have. They may change nothing but their own cells."""

from __future__ import annotations

HOSTILE = {
    "brackets": "[bold]page[/bold].png",
    "closing tag": "[/",
    "closing tag inside": "a[/b].png",
    "action": "[@click=app.quit]x[/]",
    "escape": "\x1b[2J\x1b[31mred.png",
    "title setting": "\x1b]0;owned\x07.png",
    "clipboard": "\x1b]52;c;AAAA\x1b\\.png",
    "C1": "\x9b31mred\x9d0;x\x9c.png",
    "carriage return": "safe.png\rEVIL",
    "new line": "one\ntwo.png",
    "bidi": "\u202egnp.exe",
    "isolates": "\u2066a\u2069.png",
    "lone surrogate": "caf\udce9.png",
    "family emoji": "👨‍👩‍👧‍👦❤️.png",
    "combining": "e\u0301" * 30 + ".png",
    "wide": "漢字ページ" * 12 + ".png",
    "half width": "ﾊﾟｰｼﾞ１２.png",
    "300 cells": "x" * 296 + ".png",
    "zero width": "a\u200bb\u2060c.png",
    "empty": "",
}
"""What it is -> the name."""
