"""Which source wins, what differs, what is remembered: the guess from all evidence, and the memory behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tui.chapter.claims import Named
from tui.chapter.details import Origin
from tui.chapter.evidence import Evidence, LastTime
from tui.chapter.findings import Severity
from tui.chapter.guess import Guess, guess_details, with_name
from tui.chapter.surroundings import SidecarFile
from tui.patterns import parse_pattern
from tui.screens.details_form import DetailsForm
from tui.screens.details_words import tags
from tui.storage.memory import Memory
from tui.upload.known import Known, know, learn
from tui.upload.receipts import Receipt

MANGA = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
OTHER = "f9c33607-9180-4ba6-b85c-e4b5faee7193"
GROUP = "145f9110-0a6c-4b71-8737-6acb1a3c5da5"
LAST = LastTime(Named(MANGA, "Harbour Lights"), (Named(GROUP, "Example Scans"),), "en", "12")


def toml(path: str, text: str) -> SidecarFile:
    return SidecarFile(Path(path), text.encode())


def value(guess: Guess, name: str) -> tuple[object, Origin | None]:
    return getattr(guess.details, name), guess.details.origins.get(name)


def test_a_part_may_be_a_decimal_or_none() -> None:
    path = Path("Title - Ch.021 - Part 1")
    guess = guess_details(path)
    assert guess.details.chapter == "21.1"
    (finding,) = guess.findings
    assert finding.message == "Chapter: file name says 21.1 (taken), or 21, of which this is a part."
    form = DetailsForm.start(guess, "UTC")
    assert tags(form, guess.details)["chapter"] == "from file name; or 21 (^t)"
    other = form.other("chapter")
    assert other is not None
    assert other.value == "21"
    # Either is borne out by another source.
    for number in ("21", "21.1"):
        info = f"<ComicInfo><Number>{number}</Number></ComicInfo>".encode()
        sure = guess_details(path, Evidence(comic_info=info))
        assert (sure.details.chapter, sure.findings) == (number, ())


def test_the_order_of_the_sources() -> None:
    path = Path("/m/Series/[Grp] Name v1 c1 - Title (de).cbz")
    evidence = Evidence(
        comic_info=b"<ComicInfo><Number>2</Number><Title>Two</Title></ComicInfo>",
        own=(toml("/m/Series/x.dexup.toml", 'title = "Own"'),),
        above=(
            toml("/m/Series/dexup.toml", f'manga = "{MANGA}"\nvolume = 9\nlanguage = "fr"\nchapter = 99'),
            toml("/m/dexup.toml", 'groups = ["Shelf"]\nlanguage = "it"'),
        ),
        language="en",
    )
    guess = guess_details(path, evidence)
    assert value(guess, "title") == ("Own", Origin.SIDECAR)
    assert value(guess, "chapter") == ("2", Origin.COMIC_INFO)
    assert value(guess, "volume") == ("1", Origin.FILE_NAME)
    assert value(guess, "language") == ("de", Origin.FILE_NAME)
    assert value(guess, "manga_id") == (MANGA, Origin.FOLDER)
    assert guess.unknown_groups == ("Grp",)
    differ = {one.field: [other.shown() for other in one.others] for one in guess.conflicts}
    assert differ["title"] == ["Two", "Title"]
    assert differ["chapter"] == ["1"]  # a chapter number of a folder above is nobody's
    assert differ["language"] == ["fr", "it"]
    severities = {finding.field: finding.severity for finding in guess.findings}
    assert severities.pop("manga_id") is Severity.NOTE  # an id, and a name that may be its title
    assert set(severities.values()) == {Severity.WARNING}


def test_what_is_written_for_the_series_counts_before_the_names_of_its_folders() -> None:
    above = (toml("/m/S [X]/dexup.toml", 'manga = "Series"\nvolume = 3\ngroups = []'),)
    guess = guess_details(Path("/m/S [X]/Volume 4/c20"), Evidence(above=above))
    assert guess.details.manga_title == "Series"
    assert guess.groups == ()
    assert value(guess, "volume") == ("4", Origin.FOLDER_NAME)  # which is nearer
    assert {one.field: one.others[0].shown() for one in guess.conflicts} == {
        "manga_id": "S", "group_ids": "X", "volume": "3",
    }  # fmt: skip


def test_an_id_and_a_name_may_mean_the_same_title() -> None:
    above = (toml("/m/Harbour Lights/dexup.toml", f'manga = "{MANGA}"'),)
    guess = guess_details(Path("/m/Harbour Lights/c20"), Evidence(above=above))
    (finding,) = guess.findings
    assert (finding.severity, finding.rule) == (Severity.NOTE, "sources-may-differ")
    said = [guess.conflicts[0].taken, *guess.conflicts[0].others]
    assert len(with_name(said, Named(MANGA, "Harbour lights"))) == 1
    assert len(with_name(said, Named(MANGA, "Another"))) == len(with_name(said, Named(OTHER, "Any"))) == 2


def test_a_file_of_the_series_speaks_of_its_chapters_by_name() -> None:
    above = (
        toml("/m/S/dexup.toml", '[[chapters]]\nsource = "x.cbz"\nchapter = 7\n[[chapters]]\nsource = "y"'),
    )
    guess = guess_details(Path("/m/S/x.cbz"), Evidence(above=above))
    assert value(guess, "chapter") == ("7", Origin.SIDECAR)


def test_a_broken_file_is_an_error_with_its_line_and_the_rest_still_counts() -> None:
    guess = guess_details(Path("/m/S/c5"), Evidence(own=(toml("/m/S/c5/dexup.toml", '\nchapter = "x y"'),)))
    (finding,) = guess.findings
    assert (finding.severity, finding.rule) == (Severity.ERROR, "dexup-toml")
    assert finding.message.startswith("c5/dexup.toml, line 2: chapter is 'x y'")
    assert guess.details.chapter == "5"


def test_a_pattern_of_the_user_is_read_in_place_of_our_own_reading() -> None:
    patterns = (parse_pattern("{chapter}!"), parse_pattern("{*} {chapter} {manga} {volume}"))
    guess = guess_details(Path("/m/x 012 Name 3.cbz"), Evidence(patterns=patterns))
    assert value(guess, "chapter") == ("12", Origin.PATTERN)
    assert (guess.details.volume, guess.details.manga_title) == ("3", "Name")
    assert not guess.conflicts


def test_names_that_were_learned_give_ids() -> None:
    evidence = Evidence(
        manga_names={"hl": Named(MANGA, "Harbour Lights")}, group_names={"exs": Named(GROUP, "Example Scans")}
    )
    guess = guess_details(Path("/m/[ExS & New] H.L. c5"), evidence)
    assert value(guess, "manga_id") == (MANGA, Origin.FILE_NAME)
    assert guess.details.group_ids == (GROUP,)
    assert guess.unknown_groups == ("New",)


def test_the_last_time_fills_what_nobody_says() -> None:
    guess = guess_details(Path("/m/Series/c13"), Evidence(last_here=LAST))
    assert value(guess, "manga_id") == (MANGA, Origin.LAST_TIME)
    assert value(guess, "group_ids") == ((GROUP,), Origin.LAST_TIME)
    assert value(guess, "language") == ("en", Origin.LAST_TIME)
    assert not guess.findings


def test_the_last_time_does_not_speak_of_another_title() -> None:
    guess = guess_details(Path("/m/Downloads/Two Piece c13"), Evidence(last_here=LAST))
    assert (guess.details.manga_id, guess.details.manga_title) == ("", "Two Piece")
    assert guess.details.group_ids == ()


def test_the_last_chapter_plus_one_only_where_the_name_says_nothing_of_a_number() -> None:
    def chapter(name: str, last: str | None = "12") -> tuple[object, Origin | None]:
        return value(
            guess_details(Path("/m/S") / name, Evidence(last_here=replace(LAST, chapter=last))), "chapter"
        )

    assert chapter("new") == ("13", Origin.NEXT)
    assert chapter("new", "12.5") == ("13", Origin.NEXT)
    assert chapter("c14") == ("14", Origin.FILE_NAME)
    assert chapter("c14-15") == (None, None)
    assert chapter("Oneshot") == (None, Origin.FILE_NAME)
    assert chapter("new", None) == (None, None)


def receipt(source: Path, chapter: str | None, state: str = "committed") -> Receipt:
    return Receipt(
        "p", "c", MANGA, "Harbour Lights", None, chapter, None, "en", (), 1, 1, source,
        datetime(2026, 1, 1, tzinfo=UTC), state,
    )  # fmt: skip


def test_what_was_chosen_once_fills_the_next_chapter(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    series = tmp_path / "HL"
    for name in ("[ExS] HL c12", "[ExS] HL c13", "next"):
        (series / name).mkdir(parents=True)
    first = Known().guess(series / "[ExS] HL c12")
    assert (first.details.manga_id, first.unknown_groups) == ("", ("ExS",))
    chosen = replace(
        first.details,
        manga_id=MANGA,
        manga_title="Harbour Lights",
        group_ids=(GROUP,),
        group_names=("Example Scans",),
        language="en",
    )
    learn(memory, series / "[ExS] HL c12", first, chosen, {"ExS": GROUP})
    known = know(memory, [receipt(series / "x", "99", "unknown"), receipt(series / "[ExS] HL c12", "12")])

    second = known.guess(series / "[ExS] HL c13")
    assert (second.details.manga_id, second.details.group_ids) == (MANGA, (GROUP,))
    assert (second.details.chapter, second.details.language) == ("13", "en")
    assert not second.findings
    assert not second.conflicts
    assert value(known.guess(series / "next"), "chapter") == ("13", Origin.NEXT)
    # The names are known in any other folder too, but not the number.
    elsewhere = known.guess(tmp_path / "Inbox" / "[ExS] HL")
    assert (elsewhere.details.manga_id, elsewhere.details.chapter) == (MANGA, None)


def test_a_group_searched_for_another_name_is_learned_anew(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    path = tmp_path / "S" / "[ExS] HL c1"
    wrong = Evidence(group_names={"exs": Named(OTHER, "Wrong")})
    guess = guess_details(path, wrong)
    learn(memory, path, guess, replace(guess.details, group_ids=(GROUP,), group_names=("Example Scans",)))
    assert memory.names("group")["exs"] == (GROUP, "Example Scans")
