"""Running the programs that unpack what Python cannot: found at run time, bounded in time, output and memory.

A program gets a list of arguments, no shell, no terminal and no input, so that it can ask nothing. The archive
is given to it through a link with a plain name in a private folder, because several of them take wildcards,
options or lists of files even from the name of an archive. No member's name is ever an argument: a program
writes all members, one after another, to a pipe, and may write no file at all.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from tui.chapter.cancel import stop_if
from tui.chapter.sources.base import IsCancelled, SourceError, os_words

SILENCE = 60.0
"""Seconds without a byte from a program before it is ended."""
LONGEST = 1800.0
"""Seconds that a program may take altogether."""
_MOST_MEMORY = 4 * 1024**3
_TICK = 0.2
_CHUNK = 256 * 1024
_MOST_SAID = 8 * 1024
_LINK = re.compile(r"\S*/dexup-archive-[^/\s]*/archive")
_THEIR_OPTIONS = frozenset({"TAR_READER_OPTIONS", "TAR_WRITER_OPTIONS", "RARINISWITCHES"})
"""Variables that would add options to those given here."""
_OURS = "DEXUP_"
"""Variables of dexup, passwords among them."""
_LOCKED = ("password", "passphrase", "encrypt")


class ProgramFailed(Exception):
    """A program did not do its work; the text says what it said."""

    @property
    def locked(self) -> bool:
        """It missed a password."""
        return any(word in str(self).casefold() for word in _LOCKED)


def find_program(names: Sequence[str]) -> str:
    """Full path of the first of these programs that is installed; "" when none is.

    A PATH that names the current folder is not followed there: it may be the folder of the archive.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if os.path.isabs(folder))  # noqa: PTH117
    return next((found for name in names if (found := shutil.which(name, path=path))), "")


@contextlib.contextmanager
def plain_name(archive: Path) -> Iterator[str]:
    """A path of `archive` that no program can take for anything else, while the context lasts."""
    with contextlib.ExitStack() as cleaning:
        try:
            folder = cleaning.enter_context(tempfile.TemporaryDirectory(prefix="dexup-archive-"))
            link = Path(folder) / "archive"
            link.symlink_to(archive)
        except OSError as error:
            raise SourceError(
                f"A temporary file cannot be made in {tempfile.gettempdir()}: {os_words(error)}.",
                "Make room there, or set TMPDIR to another folder.",
            ) from error
        yield str(link)


class Program:
    """A running program; reading from it is reading its output. To be used with `with`."""

    def __init__(
        self, arguments: Sequence[str], *, name: str = "", cancelled: IsCancelled | None = None
    ) -> None:
        self._name = name or Path(arguments[0]).name
        self._cancelled = cancelled
        self._said = b""
        self._end = time.monotonic() + LONGEST
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramFailed(f"{self._name} cannot be started: {os_words(error)}") from error
        _bound(self._process.pid)
        self._selector = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe.fileno(), selectors.EVENT_READ)
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._selector.close()
        # Its whole group, and only before it was waited for: afterwards the number may be somebody else's.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def read(self, size: int) -> bytes:
        """Some bytes of its output, `size` at most; none at the end. ProgramFailed, Cancelled."""
        while self._output in self._selector.get_map():
            ready = self._wait()
            if self._output in ready:
                found = os.read(self._output, min(size, _CHUNK))
                if not found:
                    self._selector.unregister(self._output)
                return found
            self._listen(ready)
        return b""

    def read_all(self, most: int) -> bytes:
        """All its output, once it has ended well. ProgramFailed, also for more than `most` bytes."""
        parts: list[bytes] = []
        length = 0
        while chunk := self.read(_CHUNK):
            length += len(chunk)
            if length > most:
                raise ProgramFailed(f"{self._name} says more than is sensible")
            parts.append(chunk)
        self.finish()
        return b"".join(parts)

    def finish(self) -> None:
        """After the last byte that was expected: ProgramFailed unless nothing follows and it ends well."""
        if self.read(1):
            raise ProgramFailed(f"{self._name} writes more than the archive's table tells")
        while self._selector.get_map():
            self._listen(self._wait())
        try:
            code = self._process.wait(max(0.0, min(SILENCE, self._end - time.monotonic())))
        except subprocess.TimeoutExpired as error:
            raise self._too_slow() from error
        if code:
            raise ProgramFailed(self._words(code))

    def _words(self, code: int) -> str:
        """What it said first, on one line."""
        text = _LINK.sub("archive", self._said.decode("utf-8", "replace"))
        # "(null)" is what bsdtar says when it does not know.
        lines = [line.strip() for line in text.splitlines() if line.strip() and "(null)" not in line]
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{self._name}: {' · '.join(lines[:3])[:300] or ended}"

    def _wait(self) -> list[int]:
        """The pipes that have something to read, their end included."""
        end = min(self._end, time.monotonic() + SILENCE)
        while True:
            stop_if(self._cancelled)
            found = [key.fd for key, _ in self._selector.select(_TICK)]
            if time.monotonic() > (self._end if found else end):
                raise self._too_slow()
            if found:
                return found

    def _listen(self, ready: Sequence[int]) -> None:
        """Keep the beginning of what it says on its error pipe, and let the rest go."""
        for pipe in ready:
            if pipe != self._output:
                said = os.read(pipe, _CHUNK)
                self._said = (self._said + said)[:_MOST_SAID]
                if not said:
                    self._selector.unregister(pipe)

    def _too_slow(self) -> ProgramFailed:
        return ProgramFailed(f"{self._name} took too long and was ended")


def _environment() -> dict[str, str]:
    """As ours, but in one language, and without what is not for a program that reads files from anywhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _THEIR_OPTIONS and not name.startswith(_OURS)
    }
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _bound(process: int) -> None:
    """Bound its memory and let it write no file, where the system can do that from outside."""
    if sys.platform != "linux":
        return
    import resource

    bounds = (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in bounds:
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(process, kind, (most, most))
