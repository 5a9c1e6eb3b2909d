"""Where a model is put together, unseen, until it is whole and can take its place in one move."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from companion.core.errors import ModelError
from companion.home import Home, private_directory
from companion.models.catalogue import Model, model_folder
from companion.models.faults import DiskFull

MARGIN = 50_000_000
"""Bytes that are left free beyond what a pull needs."""

FreeSpace = Callable[[Path], int]


def disk_free(folder: Path) -> int:
    """Bytes free for the user on the disk of a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Staging:
    """The folders of one model in the making; what is complete in ``packages`` and ``hub`` survives a cut."""

    root: Path

    @classmethod
    def of(cls, home: Home, model: Model) -> Staging:
        """The staging folder of a model; nothing is created."""
        return cls(home.models / ".staging" / model.name)

    @property
    def packages(self) -> Path:
        """Packages that were fetched whole, one folder each."""
        return self.root / "packages"

    @property
    def hub(self) -> Path:
        """Files of the hub, with its client's own record of what is whole."""
        return self.root / "hub"

    def emptied(self, name: str) -> Path:
        """An empty folder for work that starts afresh at every try."""
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        return private_directory(folder)

    def discard(self) -> None:
        """Drop everything."""
        shutil.rmtree(self.root, ignore_errors=True)

    def check_space(self, name: str, needed: int, free: FreeSpace) -> None:
        """Raise ``DiskFull`` unless ``needed`` bytes fit."""
        private_directory(self.root)
        available = free(self.root)
        if needed + MARGIN > available:
            raise DiskFull.needing(name, needed + MARGIN, available)

    def install(self, ready: Path, home: Home, model: Model) -> None:
        """Move the finished folder into place, replacing a damaged one, and drop the rest."""
        for file in ready.rglob("*"):
            if file.is_file():
                _flush(file)
        target = model_folder(home, model)
        if target.exists():
            target.rename(self.emptied("replaced") / target.name)
        ready.rename(target)
        self.discard()


def _flush(file: Path) -> None:
    """Have the file on the disk before its name is, so that a power cut leaves no empty file in place."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def sole_pull(home: Home, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the right to change the models; wait, after saying so, while another process has it."""
    from filelock import FileLock, Timeout

    try:
        private_directory(home.models)
        lock = FileLock(home.models / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait()
            lock.acquire(poll_interval=0.1)
    except OSError as error:
        raise ModelError(f"Models cannot be kept in {home.models}: {error.strerror or error}.") from error
    try:
        yield
    finally:
        lock.release()
