import pytest

from tui.widgets.chapter_panes import Seen


@pytest.mark.parametrize(
    ("width", "has_pages", "browsing", "preview", "seen"),
    [
        (80, False, False, False, "files"),
        (80, True, True, False, "files"),
        (80, True, False, False, "pages"),
        (80, True, False, True, "pages preview"),
        (80, True, True, True, "files"),
        (120, False, True, False, "files pages"),
        (120, True, False, False, "files pages"),
        (120, True, False, True, "pages preview"),
        (120, True, True, True, "files pages"),
        (160, True, False, True, "files pages preview"),
        (160, False, False, True, "files pages"),
    ],
)
def test_the_panes_that_are_seen(
    width: int, has_pages: bool, browsing: bool, preview: bool, seen: str
) -> None:
    panes = Seen.at(width, has_pages=has_pages, browsing=browsing, preview=preview)
    assert [name for name in ("files", "pages", "preview") if getattr(panes, name)] == seen.split()
