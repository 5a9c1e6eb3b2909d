"""What of this machine decides which model suits it."""

from __future__ import annotations

import platform
from dataclasses import dataclass


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
