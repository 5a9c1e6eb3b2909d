"""Package clients and a hub that give out files of a folder, and can be made to fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from companion.models.catalogue import ModelFile
from companion.models.checksum import sha256_of
from companion.models.clients import Listing, OnBytes
from companion.models.faults import SourceFailed


@dataclass
class FakePackages:
    """Stands for pip or npm: ``shelf`` holds one file for each package, named as it begins."""

    shelf: Path
    room: int = 0
    asked: list[str] = field(default_factory=list)
    before: Callable[[str, Path], None] = lambda name, folder: None
    """Called before a package is given; may raise, or leave a half file behind."""

    def fetch(self, name: str, version: str, folder: Path, on_bytes: OnBytes) -> Path:
        self.asked.append(name)
        self.before(name, folder)
        for file in self.shelf.glob(f"{name}-{version}*"):
            on_bytes(file.stat().st_size)
            return Path(shutil.copy(file, folder))
        raise SourceFailed(f"no {name} {version} on the shelf", hint="Put it there.")


@dataclass
class FakeHub:
    """Stands for the model hub: one folder a repository; out of reach unless told otherwise."""

    repositories: Path
    reachable: bool = False
    commit: str = "c0ffee"
    asked: list[str] = field(default_factory=list)

    def listing(self, repo: str, revision: str, patterns: tuple[str, ...]) -> Listing:
        if not self.reachable:
            raise SourceFailed("The model hub cannot be reached.")
        folder = self.repositories / repo
        found = sorted({file for pattern in patterns for file in folder.glob(pattern)})
        return Listing(self.commit, tuple(ModelFile(f.name, f.stat().st_size, sha256_of(f)) for f in found))

    def present(self, file: ModelFile, folder: Path) -> int:
        return (folder / file.name).stat().st_size if (folder / file.name).is_file() else 0

    def fetch(self, repo: str, commit: str, file: ModelFile, folder: Path, on_bytes: OnBytes) -> Path:
        self.asked.append(file.name)
        if not (folder / file.name).is_file():
            shutil.copy(self.repositories / repo / file.name, folder)
        on_bytes(file.size or 0)
        return folder / file.name
