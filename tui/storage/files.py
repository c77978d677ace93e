"""Reading and writing small files of ours: bounded, atomic, private."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from tui.storage.errors import StorageError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def read_bounded(path: Path, limit: int) -> bytes | None:
    """The bytes of `path`, or None when there is no such file. StorageError when it is longer than `limit`
    bytes or cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read: {error.strerror}.", "Check the file and its rights."
        ) from error
    if len(data) > limit:
        raise StorageError(
            f"{path} is larger than {limit:,} bytes, which no file of dexup is.",
            "Look at it, then move it away.",
        )
    return data


def make_private_folder(folder: Path) -> None:
    """Make `folder` and its parents; the folder itself is for its owner only. StorageError when it cannot be."""
    if folder.is_dir():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            "Make it writable for you, or choose another place with the XDG variables.",
        ) from error


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step: a reader, or a crash, sees the old file or the new one.

    The file is readable by its owner only. A symbolic link is followed, so that a file kept elsewhere stays
    there. StorageError when it cannot be written.
    """
    target = path.resolve() if path.is_symlink() else path
    try:
        make_private_folder(target.parent)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", "Check the folder's rights and the free space."
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders, and some network homes refuse the call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file beside `path`, so that two dexup processes do not overwrite each other's change."""
    try:
        import fcntl
    except ImportError:  # Windows: one user, one machine; the rename alone keeps the file whole
        yield
        return
    try:
        make_private_folder(path.parent)
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise StorageError(
            f"{path.parent} cannot be written to: {error.strerror}.",
            "Check the folder's rights and the free space.",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:  # some network homes know no locks
            raise StorageError(
                f"No file in {path.parent} can be locked: {error.strerror}.",
                "Choose a folder on another disk with the XDG variables.",
            ) from error
        yield
    finally:
        os.close(descriptor)
