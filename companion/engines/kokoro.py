"""Speech out: Kokoro-82M through kokoro-onnx, a clause at a time."""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip
from companion.core.errors import EngineError, ModelError, SettingsError

RATE = 24_000
"""Hertz of Kokoro's output."""
_LONE_A = re.compile(r"(?<=\b[A-Z] )A\b|\bA(?= [A-Z]\b)")
"""An A among spelled letters ("A V F"): espeak-ng, which finds the sounds, would say the article."""
LONGEST = 120
"""Characters given to the model at once: some seven seconds of speech, so that a cancelled one soon ends.
Its own bound is 510 phonemes."""


class KokoroVoice:
    """One stock voice of Kokoro; its ``create`` does not stream, so text goes in by clause."""

    rate = RATE

    def __init__(self, model: Path, voices: Path, name: str, *, speed: float = 1.0, threads: int = 0) -> None:
        self._model, self._voices, self._name, self._speed = model, voices, name, speed
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._kokoro: Any = None

    def load(self) -> None:
        """Read model and voices and speak once, unheard: the first run is the slowest."""
        if self._kokoro is not None:
            return
        for path in (self._model, self._voices):
            if not path.is_file():
                raise ModelError(f"{path} is not there.", hint="Fetch it with: companion models pull")
        try:
            import onnxruntime
            from kokoro_onnx import Kokoro
        except ImportError as error:
            raise EngineError(f"Kokoro cannot be imported: {error}.", hint="Run: make install") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])
            kokoro = Kokoro.from_session(session, str(self._voices))
        except _failures(zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
            raise ModelError(
                "Kokoro's model or voices are damaged.", hint="Check them with: companion models verify"
            ) from error
        if self._name not in kokoro.get_voices():
            raise SettingsError(f"Kokoro has no voice called “{self._name}”.", hint="See: companion voices list")
        self._kokoro = kokoro
        for _ in self.speak("Ready."):
            pass

    def close(self) -> None:
        """Free the model."""
        self._kokoro = None

    def speak(self, text: str, *, cancelled: Cancelled = never) -> Iterator[Clip]:
        """A clip for each clause; text without a word in it gives none."""
        if self._kokoro is None:
            raise EngineError("Kokoro was asked to speak before it was loaded.")
        for clause in bounded(text, LONGEST):
            if cancelled():
                return
            yield self._synthesise(clause)

    def bare(self, text: str) -> float:
        """Seconds that the library alone takes for this text, with the parameters used here."""
        began = time.perf_counter()
        self._create(text)
        return time.perf_counter() - began

    def _synthesise(self, clause: str) -> Clip:
        try:
            samples, rate = self._create(clause)
        except ValueError:
            # Only signs it has no sound for; there is nothing to hear.
            return Clip(np.zeros(0, np.float32), RATE)
        except _failures() as error:
            raise EngineError(f"Kokoro failed on “{clause}”: {error}.") from error
        return Clip(np.asarray(samples, np.float32), rate)

    def _create(self, text: str) -> Any:
        lang = "en-gb" if self._name.startswith("b") else "en-us"
        return self._kokoro.create(_LONE_A.sub("eh", text), self._name, speed=self._speed, lang=lang)


def _failures(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises, a dozen exceptions without a base of their own, and ``others``."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    own = (kind for kind in vars(runtime).values() if isinstance(kind, type) and issubclass(kind, Exception))
    return (*own, RuntimeError, *others)


def bounded(text: str, longest: int) -> list[str]:
    """Text cut at spaces into pieces of at most ``longest`` characters that hold a letter or digit."""
    pieces, piece = [], ""
    for word in text.split():
        while len(word) > longest:
            pieces.append(word[:longest])
            word = word[longest:]
        if piece and len(piece) + 1 + len(word) > longest:
            pieces.append(piece)
            piece = ""
        piece = f"{piece} {word}".strip()
    pieces.append(piece)
    return [piece for piece in pieces if any(c.isalnum() for c in piece)]
