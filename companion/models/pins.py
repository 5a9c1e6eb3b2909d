"""What was installed, and from where: written beside every model's files at its pull.

For a model whose checksums only its source can tell, this record is what ``verify`` goes by later:
the first pull is trusted, every change after it is seen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

PINS = "pins.json"


@dataclass(frozen=True, slots=True)
class Pin:
    """A file as it was installed."""

    name: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Pins:
    """A model as it was installed."""

    source: str
    """The repository and commit, or the packages and versions."""
    pulled: str
    """When, ISO 8601 in UTC."""
    files: tuple[Pin, ...]


def write_pins(path: Path, pins: Pins) -> None:
    """Write the record as JSON."""
    path.write_text(json.dumps(asdict(pins), indent=1) + "\n", "utf-8")


def read_pins(path: Path) -> Pins | None:
    """Read the record; None where it is absent or cannot be understood."""
    try:
        given = json.loads(path.read_text("utf-8"))
        files = tuple(Pin(str(f["name"]), int(f["size"]), str(f["sha256"])) for f in given["files"])
        if any(Path(f.name).is_absolute() or ".." in Path(f.name).parts for f in files):
            return None
        return Pins(str(given["source"]), str(given["pulled"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
