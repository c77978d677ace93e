"""A soak: many chapters, one process, a sandbox in another one, and faults at random all the way.

    python tests/soak.py                             200 chapters of 40 pages
    python tests/soak.py --chapters 10 --seed 7      less, and always the same faults

Prints what was lost, duplicated and misordered (must be 0, 0, 0), the peak memory at chapter 10 and at the end,
and the open files. Exits 1 when a page is not where it belongs, a chapter is missing or there twice, memory
grew by more than --grow megabytes, or files were left open.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from tests.support.headless import png  # noqa: E402 - the script may be started from anywhere
from tui.chapter.details import ChapterDetails  # noqa: E402
from tui.chapter.hashing import hash_pages  # noqa: E402
from tui.chapter.sources import open_source  # noqa: E402
from tui.mangadex.credentials import Credentials  # noqa: E402
from tui.secret import Secret  # noqa: E402
from tui.services import Services, open_services  # noqa: E402
from tui.storage.paths import Paths  # noqa: E402
from tui.storage.settings import ServiceSettings, Settings  # noqa: E402
from tui.upload import events  # noqa: E402
from tui.upload.engine import OnSession  # noqa: E402
from tui.upload.plan import UploadPlan, freeze_plan  # noqa: E402

_TRIES = 30
"""Resumes of one chapter after which it counts as lost."""
_PATIENCE = 300.0
"""Seconds without any event after which the engine counts as hung."""
_ANY_CALL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"status": 500}),
    ("status", {"status": 502, "body": "html"}),
    ("status", {"status": 503, "body": "empty"}),
    ("cut", {"fraction": 0.0}),
    ("cut-after", {}),
    ("lost", {"status": 502}),
    ("lost", {"status": 504}),
    ("delay", {"seconds": 0.3}),
    ("drip", {"chunk": 256, "pause": 0.002}),
    ("shuffle", {}),
    ("without", {}),
    ("too-many", {"seconds": 1}),
    ("hang", {"when": "processed", "seconds": 1.0}),
    ("hang", {"when": "head", "seconds": 1.0}),
    ("expire-tokens", {}),
)
_PAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cut", {"fraction": 0.01}),
    ("cut", {"fraction": 0.5}),
    ("cut", {"fraction": 0.99}),
    ("status", {"status": 413, "body": "html"}),
    ("same-names", {}),
    ("refuse-files", {"name": "^0*[37]-", "detail": "The file could not be processed"}),
    ("refuse-files", {"name": "^0*5-", "named": False}),
)
_PATHS = (("GET", "/upload"), ("POST", "/upload/begin"), ("POST", "/upload/{id}/commit"))


@dataclass
class Sandbox:
    """The sandbox's process, as its controls show it."""

    info: dict[str, str]
    data: Path

    def _ask(self, method: str, path: str, document: object = None) -> Any:
        body = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(self.info["api"] + "/_sandbox" + path, body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def add_faults(self, chance: random.Random, count: int) -> None:
        """So many faults on the calls to come."""
        for _ in range(count):
            if chance.random() < 0.6:
                method, path = "POST", "/upload/{id}"
                action, parameters = chance.choice((*_ANY_CALL, *_PAGES))
            else:
                method, path = chance.choice(_PATHS)
                action, parameters = chance.choice(_ANY_CALL)
            fault = {"method": method, "path": path, "action": action, "with": parameters}
            self._ask("POST", "/faults", {**fault, "skip": chance.randrange(4)})

    def clear_faults(self) -> None:
        self._ask("DELETE", "/faults")

    def forget_requests(self) -> int:
        """How many requests there were since the last time."""
        found = len(self._ask("GET", "/requests"))
        self._ask("DELETE", "/requests")
        return found

    def chapters(self) -> dict[str, list[list[str]]]:
        """Chapter number -> for each chapter with it the digests of its pages as they lie on disk."""
        found: dict[str, list[list[str]]] = {}
        for chapter in self._ask("GET", "/state")["chapters"]:
            folder = self.data / "chapters" / chapter["id"]
            pages = [digest(page.read_bytes()) for page in sorted(folder.iterdir()) if page.suffix != ".json"]
            found.setdefault(chapter["chapter"], []).append(pages)
        return found


@dataclass
class Tally:
    """What was found wrong at the end."""

    lost: int = 0
    duplicated: int = 0
    misordered: int = 0

    def count(self, planned: list[str], committed: list[list[str]]) -> None:
        """Compare a chapter with what the server has under its number."""
        self.duplicated += len(planned) * max(0, len(committed) - 1)
        pages = committed[0] if committed else []
        self.lost += (Counter(planned) - Counter(pages)).total()
        self.duplicated += (Counter(pages) - Counter(planned)).total()
        if Counter(pages) == Counter(planned):
            self.misordered += sum(one != other for one, other in zip(pages, planned, strict=True))


@dataclass
class Soak:
    """The process under test: services as every command has them."""

    sandbox: Sandbox
    services: Services
    chance: random.Random
    faults: int
    failures: Counter[str] = field(default_factory=Counter)
    resumes: int = 0

    def upload(self, plan: UploadPlan) -> bool:
        """Send and commit a chapter, and go on whenever the engine gives up; whether it is committed."""
        self.sandbox.add_faults(self.chance, self.chance.randint(0, self.faults))
        engine = self.services.engine
        engine.start_upload(plan, on_session=OnSession.FAIL, account=self.services.account)
        for turn in range(_TRIES):
            if self._follow():
                return True
            if turn == _TRIES // 2:
                self.sandbox.clear_faults()  # what refuses for ever ends here
            self.resumes += 1
            unfinished = engine.records.unfinished().result(30)
            entry = next((entry for entry in unfinished if entry.plan.id == plan.id), None)
            if entry is None:
                engine.start_upload(plan, on_session=OnSession.FAIL, account=self.services.account)
            else:
                engine.resume(entry)
        return False

    def _follow(self) -> bool:
        engine = self.services.engine
        while True:
            event = engine.wait_event(_PATIENCE)
            match event:
                case None:
                    raise SystemExit(f"the engine hangs: {engine.view.phase}")
                case events.AllPagesIn():
                    engine.commit(terms_accepted=True)
                case events.Committed():
                    return True
                case events.Failed() | events.Stopped() | events.CommitUnknown():
                    self.failures[getattr(event, "title", type(event).__name__)] += 1
                    return False


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def peak_megabytes() -> float:
    """The most memory that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def make_plan(folder: Path, number: int, pages: int, kilobytes: int, sandbox: Sandbox) -> UploadPlan:
    """Chapter `number` with pages that no other chapter has."""
    chapter = folder / f"chapter {number}"
    chapter.mkdir()
    for page in range(1, pages + 1):
        (chapter / f"{page}.png").write_bytes(png(number * 1000 + page, kilobytes))
    details = ChapterDetails(
        manga_id=sandbox.info["manga"],
        group_ids=(sandbox.info["group"],),
        chapter=str(number),
        language="en",
    )
    hashed = hash_pages(open_source(chapter).scan().pages)
    return freeze_plan(chapter, hashed, details, now=datetime.now(UTC))


@contextmanager
def running_sandbox(data: Path, limits: bool) -> Iterator[Sandbox]:
    arguments = ["sandbox", "--data", str(data), *([] if limits else ["--no-rate-limits"])]
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Sandbox(json.loads(process.stdout.readline()), data)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def soak(arguments: argparse.Namespace, folder: Path) -> int:
    chance = random.Random(arguments.seed)
    planned: dict[str, list[str]] = {}
    with running_sandbox(folder / "data", arguments.rate_limits) as sandbox:
        info = sandbox.info
        settings = Settings(service=ServiceSettings(api_url=info["api"], auth_url=info["auth"]))
        services = open_services(Paths.below(folder / "home"), settings, {})
        try:
            password, secret = Secret(info["password"]), Secret(info["client_secret"])
            credentials = Credentials(info["client_id"], secret, info["username"], password)
            asyncio.run(services.accounts.log_in(credentials, stay=False))
            tried = Soak(sandbox, services, chance, arguments.faults)
            unfinished, early_memory, early_files, requests = [], 0.0, 0, 0
            for number in range(1, arguments.chapters + 1):
                plan = make_plan(folder, number, arguments.pages, arguments.kilobytes, sandbox)
                planned[str(number)] = [page.sha256 for page in plan.pages]
                started = time.monotonic()
                if not tried.upload(plan):
                    unfinished.append(number)
                sandbox.clear_faults()
                requests += sandbox.forget_requests()
                if number <= 10:
                    early_memory, early_files = peak_megabytes(), open_files()
                print(
                    f"chapter {number}: {time.monotonic() - started:.1f} s, {tried.resumes} resumes so far, "
                    f"peak {peak_megabytes():.1f} MB, {open_files()} files open",
                    flush=True,
                )
            late_memory, late_files = peak_megabytes(), open_files()
        finally:
            services.close()
        tally = Tally()
        committed = sandbox.chapters()
        for name, pages in planned.items():
            tally.count(pages, committed.pop(name, []))
    at = min(10, arguments.chapters)
    grown, left_open = late_memory - early_memory, late_files - early_files
    print(
        f"{arguments.chapters} chapters of {arguments.pages} pages, seed {arguments.seed}, {requests} requests"
    )
    print(f"gave up and resumed {tried.resumes} times: {dict(tried.failures)}")
    print(f"lost {tally.lost}, duplicated {tally.duplicated}, misordered {tally.misordered}")
    print(f"peak memory {early_memory:.1f} MB at chapter {at}, {late_memory:.1f} MB at {arguments.chapters}")
    print(f"open files {early_files} at chapter {at}, {late_files} at {arguments.chapters}")
    wrong = [
        *(["pages are not as planned"] if tally != Tally() else []),
        *([f"never committed: {unfinished}"] if unfinished else []),
        *([f"chapters that nobody planned: {sorted(committed)}"] if committed else []),
        *([f"memory grew by {grown:.1f} MB"] if grown > arguments.grow else []),
        *([f"{left_open} more files open than at first"] if left_open > 4 else []),
    ]
    print("FAILED: " + "; ".join(wrong) if wrong else "all is well")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chapters", type=int, default=200, metavar="N")
    parser.add_argument("--pages", type=int, default=40, metavar="N", help="of each chapter (40)")
    parser.add_argument("--kilobytes", type=int, default=20, metavar="N", help="size of a page (20)")
    parser.add_argument("--faults", type=int, default=4, metavar="N", help="most faults for a chapter (4)")
    parser.add_argument("--grow", type=float, default=16, metavar="MB", help="growth that is allowed (16)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="N")
    parser.add_argument(
        "--rate-limits", action="store_true", help="the sandbox answers 429 when it is asked too often"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dexup-soak-") as folder:
        return soak(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
