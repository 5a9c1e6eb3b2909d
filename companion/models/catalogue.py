"""The catalogue of models: what there is, what it needs, and what of it is on this machine.

Nothing here imports more than the standard library, so that engines and ``--help`` may use it freely.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from companion.core.errors import ModelError
from companion.home import Home, shipped
from companion.models.origin import Source, read_source
from companion.models.pins import PINS, read_pins

Role = Literal["recognizer", "language_model", "voice"]
Engine = Literal["whisper", "llama", "mlx", "kokoro"]
Checksum = Literal["catalogue", "from-hub", "on-import"]
State = Literal["ready", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model; size and checksum are None where only the pull can tell them."""

    name: str
    size: int | None = None
    """Bytes."""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """Weights an engine can load."""

    name: str
    title: str
    role: Role
    engine: Engine
    licence: str
    terms: str
    """Address of the licence's text."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    """In the order they are tried."""
    memory: int
    """Bytes the engine takes while it runs."""
    rank: int
    """Higher is better, among models of one role."""
    accept: bool = False
    """Whether the user must accept the terms first."""
    summary: str = ""
    """One line of what the terms ask."""
    machine: int = 0
    """Bytes of memory a machine should have for this to be suggested."""
    apple_silicon: bool = False
    """Whether it is for Apple silicon only."""
    starter: Literal["", "all", "apple-silicon", "elsewhere"] = ""
    """Where it belongs to the starter set."""
    checksum: Checksum = "catalogue"
    """Who says what the files must be: this catalogue; the hub, or our own import, as recorded at the first pull."""
    about: int = 0
    """Bytes on disk, roughly, where the catalogue does not know them."""

    @property
    def size(self) -> int:
        """Bytes on disk; exact where the catalogue holds the checksums."""
        return self.about or sum(file.size or 0 for file in self.files)

    @property
    def main(self) -> str:
        """The file an engine is given; a model that is a whole folder has none and is given the folder."""
        return self.files[0].name if self.engine != "mlx" else ""


class Catalogue(Mapping[str, Model]):
    """The models by name, in the order of the file."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self._models = {model.name: model for model in models}

    def __getitem__(self, name: str) -> Model:
        """The model of this name; a ``ModelError`` names the nearest one."""
        try:
            return self._models[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._models, n=1, cutoff=0.4)
            hint = f"Did you mean “{near[0]}”? " if near else ""
            raise ModelError(
                f"There is no model named “{name}”.", hint=hint + "`companion models list` shows them all."
            ) from None

    def __contains__(self, name: object) -> bool:
        """Whether there is a model of this name."""
        return name in self._models

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._models)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._models)

    def starter(self, *, apple_silicon: bool) -> tuple[Model, ...]:
        """The models a new user gets; ordinary packages carry them all."""
        here = ("all", "apple-silicon" if apple_silicon else "elsewhere")
        return tuple(model for model in self.values() if model.starter in here)

    def by_role(self, role: Role) -> tuple[Model, ...]:
        """The models of a role, the best first."""
        return tuple(sorted((m for m in self.values() if m.role == role), key=lambda m: -m.rank))


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read a catalogue; without a path, the one that is shipped. Raises ``ModelError``."""
    path = path or shipped("models") / "catalog.toml"
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        return Catalogue(tuple(_read_model(given, document.get("bundle", {})) for given in document["model"]))
    except OSError as error:
        raise ModelError(f"The catalogue of models, {path}, cannot be read: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The catalogue of models, {path}, is damaged: {error!r}.") from error


def _read_model(given: dict[str, Any], bundles: Mapping[str, Any]) -> Model:
    fields = dict(given)
    files = tuple(ModelFile(**file) for file in fields.pop("file", ()))
    sources = tuple(read_source(source, bundles) for source in fields.pop("source"))
    model = Model(files=files, sources=sources, **fields)
    for value, allowed in ((model.role, Role), (model.engine, Engine), (model.checksum, Checksum)):
        if value not in get_args(allowed):
            raise ValueError(f"{model.name} has {value!r}")
    if model.checksum == "catalogue" and not all(file.sha256 and file.size for file in files):
        raise ValueError(f"{model.name} lacks a checksum or a size")
    if not files and model.engine != "mlx":
        raise ValueError(f"{model.name} names no file")
    return model


def model_folder(home: Home, model: Model) -> Path:
    """Where a model's files are, or would be."""
    return home.models / model.name


def model_path(home: Home, model: Model, filename: str = "") -> Path:
    """Where a file of a model is, or would be; without a name, what its engine is given."""
    return model_folder(home, model) / (filename or model.main)


def expected_files(home: Home, model: Model) -> tuple[ModelFile, ...]:
    """The files a model must have here, with sizes and checksums; none if they were never pinned."""
    if model.checksum == "catalogue":
        return model.files
    pins = read_pins(model_folder(home, model) / PINS)
    return tuple(ModelFile(pin.name, pin.size, pin.sha256) for pin in pins.files) if pins else ()


def state(home: Home, model: Model) -> State:
    """Whether a model is here, judged by the presence and size of its files (``verify`` reads them)."""
    folder = model_folder(home, model)
    if not folder.is_dir():
        return "missing"
    files = expected_files(home, model)
    right = all((path := folder / file.name).is_file() and path.stat().st_size == file.size for file in files)
    return "ready" if files and right else "damaged"


def installed(home: Home, model: Model) -> bool:
    """Whether all files of a model are here with the right sizes."""
    return state(home, model) == "ready"


def installed_names(home: Home, catalogue: Catalogue) -> set[str]:
    """The names of the models that are here."""
    return {model.name for model in catalogue.values() if installed(home, model)}


def require(home: Home, model: Model, filename: str = "") -> Path:
    """The path an engine is given, checked to be there; a ``ModelError`` with the remedy if not."""
    if not installed(home, model):
        raise missing(model)
    return model_path(home, model, filename)


def missing(model: Model) -> ModelError:
    """The error of a model that is not here, or not whole."""
    return ModelError(
        f"{model.title} ({model.name}) is not on this machine.", hint=f"Fetch it: `companion models pull {model.name}`."
    )
