"""Mends pages in a thread: asks for how many, makes the copies one after the other, and hands them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from tui.chapter.cancel import Cancelled, while_wanted
from tui.chapter.mending.picture import MendError
from tui.chapter.mending.recipes import BY_NAME, RECIPES, Recipe
from tui.chapter.mending.workshop import Mended, Workshop
from tui.chapter.pages import Page
from tui.text import plural, safe_text
from tui.widgets.choose import Choose

_JOIN = "join"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made of what."""

    recipe: Recipe | None
    """None: the pages are joined into one."""
    pages: tuple[Page, ...]

    def done_in(self, workshop: Workshop) -> Mended:
        """Do it. Blocking. MendError."""
        return workshop.join(self.pages) if self.recipe is None else workshop.mend(self.pages[0], self.recipe)


class PageMender(Widget):
    """Invisible. Its thread only posts messages; a new order of work replaces the one before."""

    DEFAULT_CSS = "PageMender { display: none; }"

    @dataclass
    class Progress(Message):
        """So many of the pages are done."""

        source: Path
        done: int
        total: int

    @dataclass
    class Made(Message):
        """Every page of the job was seen to: what was made, and what could not be."""

        source: Path
        mended: list[Mended]
        failed: list[str]
        """One sentence a page."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        """`folder` says where the copies are kept."""
        super().__init__()
        self._folder = folder

    def mend(self, source: Path, recipe: Recipe, page: Page, alike: Sequence[Page]) -> None:
        """Mend `page`, or, when the user wants it, all of `alike` (pages with the same finding)."""
        if len(alike) < 2:
            self._work(source, [Job(recipe, (page,))])
            return
        choices = [
            ("one", f"{safe_text(page.name)} alone"),
            ("all", f"all {len(alike)} pages with this finding"),
        ]

        def chosen(choice: str | None) -> None:
            if choice is not None:
                pages = alike if choice == "all" else [page]
                self._work(source, [Job(recipe, (one,)) for one in pages])

        self.app.push_screen(Choose(recipe.label, choices), chosen)

    def mend_all(self, source: Path, recipe: Recipe, pages: Sequence[Page]) -> None:
        """Mend all of these."""
        self._work(source, [Job(recipe, (page,)) for page in pages])

    def join(self, source: Path, pages: Sequence[Page]) -> None:
        """Make one page of these, which are in reading order."""
        self._work(source, [Job(None, tuple(pages))])

    @work(thread=True, exclusive=True, group="mend", exit_on_error=False)
    def lighten(self, source: Path, pages: Sequence[Page]) -> None:
        """Make the largest of these smaller until all fit into one session."""
        worker = get_current_worker()

        def told(done: int, total: int) -> None:
            self.post_message(self.Progress(source, done, total))

        try:
            mended = Workshop(self._folder()).lighten(
                pages,
                on_progress=told,
                cancelled=lambda: worker.is_cancelled,
            )
        except MendError as error:
            self.post_message(self.Made(source, [], [f"The chapter cannot be made to fit: {error}"]))
        except Cancelled:
            return
        else:
            self.post_message(self.Made(source, mended, []))

    def offer(self, source: Path, pages: Sequence[Page]) -> None:
        """Ask what to do with these pages: whatever would change some of them, and joining them."""
        what = plural(len(pages), "page")
        several = len(pages) > 1
        fitting = {recipe.name: [page for page in pages if recipe.can_mend(page)] for recipe in RECIPES}
        choices = []
        for recipe in RECIPES:
            if those := fitting[recipe.name]:
                some = f" ({len(those)} of {len(pages)})" if len(those) < len(pages) else ""
                choices.append((recipe.name, (recipe.of_many if several else recipe.label) + some))
        if several:
            choices.append((_JOIN, "Join them into one page, one below the other"))
        if not choices:
            self.post_message(self.Made(source, [], [f"{pages[0].name}: nothing on it is to be mended"]))
            return

        def chosen(choice: str | None) -> None:
            if choice == _JOIN:
                self.join(source, pages)
            elif choice is not None:
                self._work(source, [Job(BY_NAME[choice], (page,)) for page in fitting[choice]])

        lines = ["A copy is made; your own files stay as they are. u takes it back."]
        self.app.push_screen(Choose(f"Mend {what}", choices, lines), chosen)

    @work(thread=True, exclusive=True, group="mend", exit_on_error=False)
    def _work(self, source: Path, jobs: Sequence[Job]) -> None:
        worker = get_current_worker()
        workshop = Workshop(self._folder())
        mended: list[Mended] = []
        failed: list[str] = []
        for done, job in enumerate(jobs):
            if worker.is_cancelled:
                return
            self.post_message(self.Progress(source, done, len(jobs)))
            try:
                with while_wanted(lambda: not worker.is_cancelled):
                    mended.append(job.done_in(workshop))
            except Cancelled:
                return
            except MendError as error:
                failed.append(f"{job.pages[0].name}: {error}")
        self.post_message(self.Made(source, mended, failed))
