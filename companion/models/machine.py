"""What of this machine decides which model suits it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory and kind of processor."""

    memory_bytes: int
    """All of it, not what is free at the moment."""
    apple_silicon: bool


def this_machine() -> Machine:
    """The machine this runs on."""
    import psutil

    return Machine(psutil.virtual_memory().total, is_apple_silicon())


def is_apple_silicon() -> bool:
    """Whether MLX is the engine here."""
    return platform.system() == "Darwin" and platform.machine() == "arm64"


def described() -> str:
    """The machine in a line, for figures that only mean something with it."""
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    return f"{_processor()}, {psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"


def peak_rss_mb() -> float:
    """The most memory this process has held, in megabytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return peak / 2**20 if platform.system() == "Darwin" else peak / 2**10


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open() as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
