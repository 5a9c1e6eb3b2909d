"""The command line as a program of its own, and sound systems that are not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMPANION = (sys.executable, "-m", "companion")

NO_PORTAUDIO = 'raise OSError("PortAudio library not found")\n'
NO_DEVICES = """\
class PortAudioError(Exception):
    pass

def query_hostapis():
    return ()

def query_devices(kind=None):
    if kind is None:
        return []
    raise PortAudioError("Error querying device -1")

def get_portaudio_version():
    return 1, "PortAudio V19.7.0, revision unknown"

def _terminate():
    pass

_initialize = _terminate
"""


@dataclass(frozen=True)
class Ran:
    """What a run of the program printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def names(self) -> list[str]:
        """The names of its events, without the notices."""
        return [event["event"] for event in self.events if event["event"] not in ("notice", "your_turn")]

    def event(self, name: str) -> dict[str, Any]:
        """The first event of this name."""
        return next(event for event in self.events if event["event"] == name)

    @property
    def told(self) -> str:
        """The words of stderr, without the frame of the panel."""
        return " ".join("".join(c if c not in "│╭╮╰╯─" else " " for c in self.err).split())


def companion(
    *arguments: str | Path, typed: str | None = "", variables: dict[str, str] | None = None, folder: Path | None = None
) -> Ran:
    """Run the program to its end, with ``typed`` on its standard input."""
    done = subprocess.run(
        [*COMPANION, *map(str, arguments)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200", **(variables or {})},
        cwd=folder,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def without(sound: str, folder: Path) -> dict[str, str]:
    """Variables of a machine whose sound system is ``NO_PORTAUDIO`` or ``NO_DEVICES``."""
    folder.mkdir(exist_ok=True)
    (folder / "sounddevice.py").write_text(sound)
    return {"PYTHONPATH": str(folder)}
