from tests.support.chapters import make_page
from tui.chapter.order import PageOrder, SortBy
from tui.widgets.page_view import PageView

PAGES = [make_page(f"{number}.png") for number in range(1, 13)]
ORDER = PageOrder.from_pages(PAGES)
KEY = {page.name.removesuffix(".png"): page.key for page in PAGES}


def test_excluded_pages_have_no_number_and_do_not_count() -> None:
    view = PageView(ORDER.exclude({KEY["2"]}))
    assert [view.number_of(page.key) for page in view.pages[:4]] == [1, None, 2, 3]


def test_a_filter_keeps_numbers_and_marks() -> None:
    view = PageView(ORDER, marked={KEY["3"]}, filter_text="1")
    assert [page.name for page in view.pages] == ["1.png", "10.png", "11.png", "12.png"]
    assert view.number_of(KEY["11"]) == 11
    assert view.marked == {KEY["3"]}
    assert view.row_of(KEY["3"]) is None


def test_a_filter_knows_no_case() -> None:
    view = PageView(
        PageOrder.from_pages([make_page("Straße.PNG"), make_page("b.png")]), filter_text="STRASSE"
    )
    assert [page.name for page in view.pages] == ["Straße.PNG"]


def test_one_step_with_a_filter_passes_the_hidden_pages() -> None:
    view = PageView(ORDER, filter_text="1")
    assert view.steps({KEY["1"]}, 1) == 9
    assert view.steps({KEY["10"]}, -1) == -9
    assert view.steps({KEY["12"]}, 1) == 1
    assert PageView(ORDER).steps({KEY["1"]}, 1) == 1


def test_marks_of_pages_that_are_gone_are_forgotten() -> None:
    view = PageView(ORDER, marked={KEY["3"], KEY["4"]})
    view.take(PageOrder.from_pages(PAGES[3:]))
    assert view.marked == {KEY["4"]}


def test_the_summary_names_pages_bytes_order_marked_and_excluded() -> None:
    view = PageView(ORDER.exclude({KEY["1"]}).move({KEY["5"]}, 1), marked={KEY["2"], KEY["3"]})
    assert view.summary() == "11 pages · 11.0 kB · manual order · 2 marked · 1 excluded"
    assert view.summary(50) == "11 pages · manual order · 2 marked · 1 excluded"


def test_the_summary_names_a_reversed_order_and_a_filter() -> None:
    view = PageView(ORDER.sorted(SortBy.SIZE, reverse=True), filter_text="1")
    assert view.summary() == "12 pages · 12.0 kB · size order, reversed · 4 shown by the filter"
    assert PageView().summary() == "Pages"
