"""What the storms have found: requests that arrive after they were given up, and tries that were given up early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.storms import Weather
from tests.upload.test_pure import planned
from tests.upload.test_storms import Storms, make_plan
from tui.upload.options import OnSession
from tui.upload.reconcile import carry_over

FINE = Weather()
CALM = {"kill_at": 0, "kill_after_commit": 0, "commands": {}}


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storms]:
    """One chosen storm; its end checks that the chapter is there once and has its receipt."""
    Storms.plan = make_plan(tmp_path)
    chosen = Storms()
    chosen.begin((), False, 1)
    yield chosen
    chosen.teardown()


def test_pages_that_arrive_late_are_not_sent_again(storm: Storms) -> None:
    # The first batch arrives seconds after it was given up; the next doubt is the occasion to see it.
    weather = [FINE, FINE, Weather("late", 3), FINE, FINE, FINE, Weather("unusable")]
    storm.process(weather=weather, commit_weather=[], commits=False, **CALM)
    assert storm.server.session is not None
    names = [file.name for file in storm.server.session.files]
    assert len(names) == len(set(names)) + 1  # the page that was sent again before it could be seen


def test_the_late_copy_of_a_page_serves_its_twin_where_names_are_all_that_is_listed(storm: Storms) -> None:
    storm.server.hides = frozenset({"hash", "size"})
    storm.upload_anew(weather=[FINE] * 4 + [Weather("late", 4)], kill_at=0, choice=OnSession.FAIL)
    for _ in range(3):  # pages 1 to 3; page 7, which is the same as page 3, is there twice
        storm.mischief(what="loses", number=0)


@pytest.mark.parametrize("points", range(1, 30))
def test_commit_that_arrives_after_its_process_has_died(storm: Storms, points: int) -> None:
    storm.process(
        weather=[],
        commit_weather=[Weather("late", 90), Weather("banned")],
        kill_at=0,
        kill_after_commit=points,
        commands={},
        commits=True,
    )


def test_second_try_without_a_session_is_not_published_later(storm: Storms) -> None:
    storm.upload_anew(weather=[], kill_at=0, choice=OnSession.FAIL)
    storm.upload_anew(weather=[Weather("banned")], kill_at=0, choice=OnSession.FAIL)
    assert len(storm.world.ledger.unfinished()) == 2


def test_pages_with_equal_bytes_keep_their_own_files() -> None:
    one, other = planned(1, digest="a" * 64), planned(2, digest="a" * 64)
    assert carry_over([one, other], {2: "f2"}, [one, other]) == {2: "f2"}
    assert carry_over([one, other], {1: "f1", 2: "f2"}, [other, one]) == {1: "f1", 2: "f2"}
    moved = replace(other, position=3)
    assert carry_over([one, other], {2: "f2"}, [one, moved]) == {1: "f2"}
