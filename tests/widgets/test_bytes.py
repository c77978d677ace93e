"""What a key costs on the line, counted in a real pseudo-terminal of 120 x 40 in 24-bit colour."""

import sys
from pathlib import Path

from tests.support.terminal import Terminal

PROGRAM = """
import sys
from textual.app import App
from tests.support.chapters import make_page
from tui.chapter.order import PageOrder
from tui.widgets.page_table import PageTable

class Shown(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield PageTable()
    def on_mount(self):
        pages = [make_page(f"page {number:03}.png") for number in range(1, 501)]
        self.query_one(PageTable).show(PageOrder.from_pages(pages))

Shown().run(mouse=False)
"""


def test_keys_cost_few_bytes_and_rest_costs_none() -> None:
    folder = Path(__file__).parents[2]
    with Terminal([sys.executable, "-c", PROGRAM], columns=120, rows=40, folder=folder) as terminal:
        terminal.wait_for("500 pages")
        terminal.settle(0.5)

        def cost(key: str) -> int:
            before = terminal.received
            terminal.press(key)
            return terminal.received - before

        assert max(cost("j") for _ in range(5)) <= 600
        assert max(cost("J") for _ in range(5)) <= 700 + 150  # the first one also says "manual order"
        assert max(cost("J") for _ in range(5)) <= 700
        assert max(cost("K") for _ in range(5)) <= 700
        # Held down over three screens it scrolls in leaps: far from a whole list at each key.
        before = terminal.received
        for _ in range(20):
            terminal.type("jjjjj")
        assert (terminal.received - before) / 100 <= 1600
        before = terminal.received
        terminal.settle(1.0)
        assert terminal.received == before
