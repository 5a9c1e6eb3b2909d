"""Reading models that are here against their checksums, and removing them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from companion.core.errors import ModelError
from companion.home import Home
from companion.models.catalogue import Model, State, expected_files, model_folder
from companion.models.checksum import sha256_of
from companion.models.staging import Staging, sole_pull


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reading of a model's files found."""

    model: str
    state: State
    faults: tuple[str, ...] = ()
    """One line for each file that is not as it should be."""


def verify(home: Home, model: Model, on_file: Callable[[str], None] = lambda _: None) -> Verdict:
    """Read every file of a model; ``on_file`` is told which one is being read."""
    folder = model_folder(home, model)
    if not folder.is_dir():
        return Verdict(model.name, "missing")
    files = expected_files(home, model)
    if not files:
        return Verdict(model.name, "damaged", ("the record of its checksums is gone",))
    faults = []
    for file in files:
        on_file(file.name)
        if fault := _fault(folder / file.name, file.size, file.sha256):
            faults.append(f"{file.name} {fault}")
    return Verdict(model.name, "damaged" if faults else "ready", tuple(faults))


def _fault(path: Path, size: int | None, sha256: str | None) -> str:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != size:
        return f"has {path.stat().st_size} bytes instead of {size}"
    try:
        return "" if sha256_of(path) == sha256 else "has another checksum"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def remove(home: Home, model: Model) -> int:
    """Delete a model and what is left of its pulls; the bytes that were freed. Raises ``ModelError``."""
    places = [model_folder(home, model), Staging.of(home, model).root]
    if not any(place.is_dir() for place in places):
        raise ModelError(f"{model.title} ({model.name}) is not on this machine: there is nothing to remove.")
    with sole_pull(home, lambda: None):
        freed = sum(f.stat().st_size for place in places for f in place.rglob("*") if f.is_file())
        for place in places:
            try:
                shutil.rmtree(place)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise ModelError(f"{place} could not be deleted: {error.strerror}.") from error
    return freed
