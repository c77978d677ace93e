"""The engine's pure parts: batches, retries, matching, the gate, plans as JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.chapters import make_page
from tests.upload.conftest import MANGA, NOW
from tui.chapter.details import ChapterDetails, Origin
from tui.chapter.pages import PageLocation
from tui.mangadex.models import ErrorDetail, SessionFile, UploadAnswer, UploadSession
from tui.upload.answers import judge
from tui.upload.batches import BatchLimits, Measured, halves, take_batch
from tui.upload.gate import check_gate
from tui.upload.options import EngineOptions
from tui.upload.plan import PlannedPage, PlanRefused, UploadPlan, freeze_plan, plan_without
from tui.upload.plan_json import dump_plan, load_plan
from tui.upload.reconcile import carry_over, match_files
from tui.upload.retry import retry_delay


def planned(position: int, *, size: int = 100, digest: str = "") -> PlannedPage:
    sha256 = digest or f"{position:064x}"
    name = f"{position}.png"
    part = f"{position:04}-{sha256[:8]}.png"
    return PlannedPage(position, part, name, PageLocation(Path("/c"), name), size, "image/png", sha256)


def plan_of(count: int) -> UploadPlan:
    details = ChapterDetails(manga_id=MANGA, chapter="1", language="en", origins={"chapter": Origin.TYPED})
    return UploadPlan("p" * 32, Path("/c"), tuple(planned(n) for n in range(1, count + 1)), details, NOW)


def there(page: PlannedPage, file_id: str) -> SessionFile:
    return SessionFile(file_id, page.part_name, page.size, "image/png", page.sha256)


@given(
    st.lists(st.integers(0, 30_000_000), min_size=1, max_size=60), st.integers(1, 10), st.integers(1, 10**8)
)
def test_batches_keep_both_limits(sizes: list[int], files: int, most: int) -> None:
    limits = BatchLimits(files, most, 2)
    left = list(sizes)
    while left:
        count = take_batch(left, limits)
        assert 1 <= count <= files
        assert count == 1 or sum(left[:count]) <= most
        left = left[count:]


def test_batch_limits_shrink_and_grow_back() -> None:
    options = EngineOptions(batch_files=10, batch_bytes=8_000_000, batch_seconds=8)
    limits = BatchLimits.start(options)
    small = limits.after_trouble().after_trouble().after_trouble().after_trouble()
    assert (small.files, small.bytes, small.in_flight) == (1, 500_000, 1)
    for _ in range(20):
        small = small.after_success(Measured(bytes=10_000_000, sending=9.9, waiting=0.1, beside=2))
    assert (small.files, small.bytes, small.in_flight) == (10, 8_080_000 - 80_000, 2)


def test_what_was_too_large_is_not_reached_again() -> None:
    limits = BatchLimits.start(EngineOptions(batch_files=10, batch_bytes=8_000_000))
    limits = limits.after_too_large(1_000_000).after_too_large(2_000_000)
    limits = replace(limits, files=10, bytes=8_000_000)
    assert take_batch([500_000, 500_000], limits) == 1
    assert take_batch([500_000, 499_999], limits) == 2
    assert take_batch([1_000_000], limits) == 1  # alone it has to go all the same
    for _ in range(20):
        limits = limits.after_trouble()
    assert limits.bytes == 150_000


@pytest.mark.parametrize(
    ("bits", "round_trip", "in_flight", "seconds"),
    [(100e6, 0.02, 2, 2), (20e6, 0.12, 2, 6), (5e6, 0.25, 2, 6), (300e3, 1.0, 2, 12), (100e6, 0.6, 3, 2)],
)
def test_requests_follow_the_line(bits: float, round_trip: float, in_flight: int, seconds: float) -> None:
    """Large ones on a fast line; on a slow one a lost request costs seconds; no line idles for an answer."""
    limits = BatchLimits.start(EngineOptions())
    for _ in range(12):
        count = take_batch([400_000] * 60, limits)
        size = count * 400_000
        sending = size * 8 / bits * limits.in_flight
        limits = limits.after_success(Measured(size, sending, round_trip, limits.in_flight))
    assert limits.in_flight == in_flight
    size = take_batch([400_000] * 60, limits) * 400_000
    assert size * 8 / bits * limits.in_flight <= max(seconds, 400_000 * 8 / bits * limits.in_flight)


def test_the_first_requests_fit_what_is_known_of_the_line() -> None:
    options = EngineOptions()
    assert BatchLimits.start(options).bytes == options.batch_bytes
    assert BatchLimits.start(options, 62_500.0).bytes == 62_500 / 2 * options.batch_seconds
    assert BatchLimits.start(options, 100.0).bytes == 150_000
    assert BatchLimits.start(options, 1e9).bytes == 40_000_000


@given(st.lists(st.integers(), min_size=2, unique=True))
def test_halves_hold_everything_once(positions: list[int]) -> None:
    first, second = halves(positions)
    assert [*first, *second] == positions
    assert abs(len(first) - len(second)) <= 1


def test_retries_double_and_end() -> None:
    delays = [retry_delay(failures, 5, jitter=0.5) for failures in range(1, 6)]
    assert delays == [1, 2, 4, 8, None]
    assert retry_delay(40, 100, jitter=0.5) == 60
    assert [retry_delay(1, 5, jitter=chance) for chance in (0, 1)] == [0.75, 1.25]


@given(st.data())
def test_no_file_counts_for_two_pages_and_none_is_forgotten(data: st.DataObject) -> None:
    pages = [planned(n, digest=f"{data.draw(st.integers(0, 3)):064x}") for n in range(1, 8)]
    files = []
    for number in range(data.draw(st.integers(0, 12))):
        page = data.draw(st.sampled_from(pages))
        file = there(page, f"f{number}")
        if data.draw(st.booleans()):
            file = replace(file, name="x.png")
        if data.draw(st.booleans()):
            file = replace(file, hash="")
        if data.draw(st.integers(0, 4)) == 0:
            file = replace(file, size=page.size + 1)
        files.append(file)
    match = match_files(pages, files)
    kept = list(match.kept.values())
    assert len(kept) == len(set(kept))
    assert sorted([*kept, *match.strangers]) == sorted(file.id for file in files)
    assert sorted([*match.kept, *match.missing]) == list(range(1, 8))
    by_id = {file.id: file for file in files}
    for position, file_id in match.kept.items():
        assert by_id[file_id].size == pages[position - 1].size


def test_same_content_twice_needs_two_files() -> None:
    pages = [planned(1, digest="ab" * 32), planned(2, digest="ab" * 32)]
    assert match_files(pages, [there(pages[0], "a")]).missing == (2,)
    assert match_files(pages, [there(pages[1], "b"), there(pages[0], "a")]).kept == {1: "a", 2: "b"}


def test_hash_that_is_no_sha256_rules_nothing_out() -> None:
    page = planned(1)
    assert match_files([page], [replace(there(page, "a"), hash="0" * 32)]).kept == {1: "a"}
    assert match_files([page], [replace(there(page, "a"), hash="0" * 64)]).missing == (1,)


def test_a_part_sent_at_another_position_is_known_by_its_name_alone() -> None:
    earlier, page = planned(2, digest="ab" * 32), planned(1, digest="ab" * 32)
    file = SessionFile("a", earlier.part_name)
    assert match_files([page], [file]).kept == {1: "a"}
    assert match_files([page], [replace(file, size=page.size + 1)]).missing == (1,)
    assert match_files([planned(1)], [file]).missing == (1,)


def test_what_speaks_against_a_file_counts_more_than_its_id_or_name() -> None:
    page = planned(1, digest="ab" * 32)
    file = there(page, "a")
    assert match_files([page], [replace(file, hash="AB" * 32)], {1: "a"}).kept == {1: "a"}
    assert match_files([page], [replace(file, name="any.png")]).kept == {1: "a"}
    for other in (replace(file, size=page.size + 1), replace(file, hash="CD" * 32)):
        assert match_files([page], [other], {1: "a"}).missing == (1,)
        assert match_files([page], [other]).strangers == ("a",)


def test_a_page_of_the_edited_chapter_is_never_a_new_page() -> None:
    page = planned(1)
    match = match_files([page], [replace(there(page, "a"), source="remote")])
    assert (match.missing, match.strangers) == ((1,), ("a",))
    kept = replace(page, remote_id="a")
    assert carry_over([kept], {1: "a"}, [page]) == {}


def test_gate_opens_only_when_all_agree() -> None:
    plan = plan_of(3)
    files = [there(page, f"f{page.position}") for page in plan.pages]
    session = UploadSession("s", files=tuple(reversed(files)), files_known=True)
    verdict = check_gate(plan, {}, session)
    assert verdict.is_open
    assert verdict.page_order(plan) == ["f1", "f2", "f3"]
    # Whatever was found first: what the ledger knows, then what it missed.
    for recorded in ({3: "f3", 1: "f1"}, {3: "f3", 2: "f2", 1: "f1"}):
        assert check_gate(plan, recorded, session).page_order(plan) == ["f1", "f2", "f3"]
    unlisted = replace(session, files=(), files_known=False)
    assert check_gate(plan, {3: "f3", 2: "f2", 1: "f1"}, unlisted).page_order(plan) == ["f1", "f2", "f3"]
    assert check_gate(plan, {}, replace(session, files=tuple(files[:2]))).missing == (3,)
    stranger = SessionFile("x", "cat.png", 1)
    assert check_gate(plan, {}, replace(session, files=(*files, stranger))).strangers == ("x",)


def test_gate_never_trusts_the_ledger_against_the_server() -> None:
    plan = plan_of(2)
    recorded = {1: "f1", 2: "f2"}
    empty = UploadSession("s", files_known=True)
    assert check_gate(plan, recorded, empty).missing == (1, 2)
    silent = UploadSession("s", files_known=False)
    assert check_gate(plan, recorded, silent).is_open
    assert check_gate(plan, {1: "f1"}, silent).missing == (2,)


def test_answer_is_matched_by_name_never_by_place() -> None:
    pages = [planned(n) for n in (1, 2, 3)]
    answer = UploadAnswer(
        (there(pages[2], "c"), there(pages[0], "a")),
        (ErrorDetail(400, "validation_exception", f"{pages[1].part_name}: broken"),),
    )
    verdict = judge(pages, answer)
    assert verdict.accepted == {1: "a", 3: "c"}
    assert verdict.refused == {2: f"{pages[1].part_name}: broken"}
    assert verdict.unsure == {}


def test_nameless_errors_blame_nobody_while_two_pages_are_out() -> None:
    pages = [planned(n) for n in (1, 2, 3)]
    errors = (ErrorDetail(400, "validation_exception", "broken"), ErrorDetail(400, "x", "worse"))
    verdict = judge(pages, UploadAnswer((there(pages[0], "a"),), errors))
    assert verdict.refused == {}
    assert verdict.unsure == {2: "broken; worse", 3: "broken; worse"}


def test_one_page_that_is_left_is_what_nameless_errors_are_about() -> None:
    pages = [planned(n) for n in (1, 2)]
    errors = (ErrorDetail(400, "validation_exception", "broken"), ErrorDetail(400, "x", "worse"))
    verdict = judge(pages, UploadAnswer((there(pages[0], "a"),), errors))
    assert (verdict.accepted, verdict.refused, verdict.unsure) == ({1: "a"}, {2: "broken; worse"}, {})


def test_an_error_may_name_its_page_beside_its_words() -> None:
    pages = [planned(n) for n in (1, 2, 3)]
    error = ErrorDetail(400, "validation_exception", "broken", context={"file": pages[1].part_name})
    assert judge(pages, UploadAnswer((), (error,))).refused == {2: "broken"}


def test_one_file_in_the_answer_is_the_one_page_that_was_sent_unless_something_speaks_against_it() -> None:
    page, file = planned(1), SessionFile("a", "renamed.png")
    assert judge([page], UploadAnswer((file,))).accepted == {1: "a"}
    for files in ((replace(file, size=page.size + 1),), (file, replace(file, id="b"))):
        verdict = judge([page], UploadAnswer(files))
        assert verdict.accepted == {}
        assert (verdict.indistinct, verdict.silent) == (True, False)
    assert judge([page], UploadAnswer(())).silent


def test_plan_survives_json_with_names_that_are_not_utf8() -> None:
    plan = plan_of(2)
    odd = replace(
        plan.pages[0], name="a\udce9.png", location=PageLocation(Path("/c\udce9"), "a\udce9.png", 3)
    )
    plan = replace(plan, pages=(odd, plan.pages[1]), details=replace(plan.details, publish_at=NOW))
    text = dump_plan(plan)
    assert text.isascii()
    assert load_plan(text) == plan


def test_part_names_are_unique_ascii_and_hold_position_and_hash() -> None:
    pages = [make_page(f"ページ{n}.png", sha256=f"{n:064x}") for n in (1, 2)]
    details = ChapterDetails(manga_id=MANGA, chapter="1", language="en")
    plan = freeze_plan(Path("/c"), pages, details, now=NOW)
    assert [page.part_name for page in plan.pages] == ["0001-00000000.png", "0002-00000000.png"]


def test_no_plan_with_errors() -> None:
    with pytest.raises(PlanRefused) as caught:
        freeze_plan(Path("/c"), [make_page("1.png", size=0)], ChapterDetails(), now=NOW)
    assert {finding.rule for finding in caught.value.findings} >= {"page-empty", "manga-missing"}


def test_plan_without_pages_keeps_the_hash_in_the_names() -> None:
    plan = plan_of(4)
    smaller = plan_without(plan, {2}, now=NOW)
    assert [page.name for page in smaller.pages] == ["1.png", "3.png", "4.png"]
    assert [page.position for page in smaller.pages] == [1, 2, 3]
    files = [there(page, f"f{page.position}") for page in plan.pages]
    match = match_files(smaller.pages, files)
    assert match.kept == {1: "f1", 2: "f3", 3: "f4"}
    assert match.strangers == ("f2",)
