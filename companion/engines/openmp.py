"""How ggml's threads wait for one another, in whisper.cpp and llama.cpp alike."""

from __future__ import annotations

import os


def wait_passively() -> None:
    """Let threads sleep at ggml's barriers; called before the libraries are loaded, which read this once.

    By default they spin. On two cores with two other busy programs whisper.cpp's median for a short
    clip was then 4.2 s and its longest 15 s; asleep 0.4 s and 0.9 s. With the cores free, spinning
    wins a few hundredths. Whoever set the variable themselves keeps their choice.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
