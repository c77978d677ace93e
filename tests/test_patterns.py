"""The user's own patterns for names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.patterns import parse_pattern


@pytest.mark.parametrize(
    ("pattern", "names", "found"),
    [
        ("{manga} - c{chapter}", ["A - B - c012"], {"manga": "A - B", "chapter": "012"}),
        ("{manga} - c{chapter}< (v{volume})>< [{groups}]>", ["A - c1"], {"manga": "A", "chapter": "1"}),
        (
            "{manga} - c{chapter}< (v{volume})>< [{groups}]>",
            ["A - C1 (V02) [X & Y]"],
            {"manga": "A", "chapter": "1", "volume": "02", "groups": "X & Y"},
        ),
        ("{manga} {chapter}", ["Mob Psycho 100 012"], {"manga": "Mob Psycho 100", "chapter": "012"}),
        ("{chapter}_{*}_{language}", ["12.5_junk_pt-br"], {"chapter": "12.5", "language": "pt-br"}),
        (
            "{manga}/v{volume}/c{chapter}",
            ["x", "A", "v1", "c2"],
            {"manga": "A", "volume": "1", "chapter": "2"},
        ),
        ("v{volume}c{chapter}", ["v03c012a"], {"volume": "03", "chapter": "012a"}),
        ("{manga} #{chapter}", ["Ａ＿Ｂ ＃１２"], {"manga": "A B", "chapter": "12"}),
        ("{manga}<, {title}> ({chapter})", ["A, B (3)"], {"manga": "A", "title": "B", "chapter": "3"}),
        ("{manga} - c{chapter}", ["A - c12 extra"], None),
        ("{manga}/c{chapter}", ["c12"], None),
        ("c{chapter}", ["c"], None),
    ],
)
def test_patterns(pattern: str, names: list[str], found: dict[str, str] | None) -> None:
    assert parse_pattern(pattern).match(names) == found


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "1 to 200"),
        ("x" * 201, "1 to 200"),
        ("chapter", "names no field"),
        ("{*}", "names no field"),
        ("{chaptr}", "known are"),
        ("{chapter} {chapter}", "twice"),
        ("{manga}{title}", "nothing stands between"),
        ("{chapter", "stands alone"),
        ("<{chapter}", "without its >"),
        ("{chapter}>", "without its <"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_pattern(pattern)


def test_no_name_makes_a_pattern_slow() -> None:
    pattern = parse_pattern("{manga} {*} {title} {groups}< {language}> {*}-{*}-{*}x{chapter}y")
    tried = 0

    class Counting(set[tuple[int, int]]):
        def add(self, place: tuple[int, int]) -> None:
            nonlocal tried
            tried += 1
            super().add(place)

    assert not pattern._fits("a b " * 125, 0, 0, {}, Counting())
    assert tried <= len(pattern.steps) * 501


@given(st.text(st.sampled_from("{}<>chapter*/ -x"), max_size=30), st.text(max_size=30))
def test_any_pattern_is_read_or_refused(pattern: str, name: str) -> None:
    try:
        read = parse_pattern(pattern)
    except ValueError:
        return
    read.match([name, name])
