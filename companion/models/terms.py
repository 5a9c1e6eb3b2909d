"""Terms the user accepted, remembered in ``models/terms.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from companion import __version__
from companion.core.errors import ModelError
from companion.home import Home, private_directory
from companion.models.catalogue import Model

Records = dict[str, dict[str, str]]


def needs_acceptance(home: Home, model: Model) -> bool:
    """Whether this model's terms, at their present address, were not accepted yet with any model."""
    return model.accept and model.terms not in {record.get("terms") for record in _read(_path(home)).values()}


def accept(home: Home, model: Model, now: Callable[[], datetime]) -> None:
    """Record that the user accepted a model's terms."""
    private_directory(home.models)
    records = _read(_path(home))
    records[model.name] = {
        "model": model.name,
        "licence": model.licence,
        "terms": model.terms,
        "accepted": now().isoformat(timespec="seconds"),
        "version": __version__,
    }
    fresh = _path(home).with_suffix(".new")
    fresh.write_text(json.dumps(records, indent=1) + "\n", "utf-8")
    fresh.replace(_path(home))


def refused(model: Model) -> ModelError:
    """The error of a model whose terms were not accepted."""
    return ModelError(
        f"{model.title} was not fetched: its terms ({model.licence}, {model.terms}) were not accepted.",
        hint=f"If you accept them: `companion models pull {model.name} --accept-terms`.",
        title="Terms not accepted",
    )


def _path(home: Home) -> Path:
    return home.models / "terms.json"


def _read(path: Path) -> Records:
    """The records; a file that cannot be read counts as nothing accepted, so that the user is asked again."""
    try:
        given = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {name: record for name, record in given.items() if isinstance(record, dict)}
