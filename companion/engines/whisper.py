"""Speech in: whisper.cpp through pywhispercpp."""

from __future__ import annotations

import atexit
import math
import os
import re
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

from companion.core.cancel import Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.clock import Clock
from companion.core.errors import EngineError, ModelError
from companion.engines.openmp import wait_passively
from companion.engines.protocols import OnPartial, Transcript

MAGIC = b"lmgg"
"""How a ggml file begins."""
WINDOW_S = 30.0
"""Seconds that whisper's encoder takes at once."""
FULL_CONTEXT = 1500
"""Encoder positions of a full window: 50 a second."""
SPARE_CONTEXT = 128
"""Positions kept beyond the clip's end; with fewer, the last word suffers."""
CONTEXT_STEP = 256
"""Flash attention reads the encoder's output in steps of this size. A window cut between two steps
attends to what an earlier clip left in memory, and loops: with one the words depend on what came before."""
SHORTEST_CONTEXT = 512
"""With 256 positions tiny.en repeated itself on 5 of 24 short clinical answers, with 512 on none, and its
word errors were those of the full window."""
SHORTEST_S = 0.1
"""whisper.cpp refuses less."""
QUIETEST = 1e-4
"""Peak below which a clip is silence (-80 dBFS): nothing is run for it."""
UNSURE = 0.3
"""Mean token probability under which a cut window's text is not trusted."""

_complaints: deque[str] = deque(maxlen=20)
"""whisper.cpp's latest warnings and errors."""
_caught = False

_NOT_SPEECH = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪+")


class WhisperRecognizer:
    """A whisper.cpp model file; loads, runs and closes on one thread.

    The encoder's window is cut to the clip (``audio_ctx``), which is three to six times quicker
    for a short answer. A cut window can loop or invent, so text that looks wrong is thrown away
    and the clip is transcribed again with the full window.
    """

    def __init__(self, path: Path, *, threads: int = 0, clock: Clock = time.perf_counter) -> None:
        self._path = path
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._clock = clock
        self._model: Any = None
        self._last_prompt = ""

    def load(self) -> None:
        """Read the weights and run once, so that the first answer is not the slow one."""
        if self._model is not None:
            return
        if not self._path.is_file():
            # pywhispercpp would take a name that is no file as one to download.
            raise ModelError(f"{self._path} is not there.", hint="Fetch it with: companion models pull")
        wait_passively()
        try:
            from pywhispercpp.model import Model
        except ImportError as error:
            raise EngineError(f"whisper.cpp cannot be imported: {error}.", hint="Run: make install") from error
        damaged = ModelError(
            f"{self._path.name} is not a whisper.cpp model, or it is damaged.",
            hint="Check it with: companion models verify",
        )
        with self._path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise damaged
        _catch_chatter()
        try:
            model = Model(
                str(self._path),
                redirect_whispercpp_logs_to=False,
                n_threads=self._threads,
                print_progress=False,
                print_realtime=False,
                suppress_nst=True,
                temperature_inc=0.0,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise damaged from error
        if getattr(model, "_ctx", None) is None:
            # pywhispercpp does not look, and would crash at the first clip.
            raise damaged
        self._model = model
        self._run(Clip.silence(1.0).samples, "", _context_for(1.0), never, None)

    def close(self) -> None:
        """Free the model."""
        self._model = None

    def bare(self, clip: Clip) -> float:
        """Seconds that the library alone takes for this clip, with the parameters used here."""
        began = self._clock()
        self._model.transcribe(
            clip.samples,
            audio_ctx=_context_for(clip.seconds),
            max_tokens=_token_bound(min(clip.seconds, WINDOW_S)),
            extract_probability=True,
            initial_prompt=self._last_prompt,
            language="en",
        )
        return self._clock() - began

    def transcribe(
        self, clip: Clip, *, prompt: str = "", cancelled: Cancelled = never, on_partial: OnPartial | None = None
    ) -> Transcript:
        """The words of a 16 kHz clip of any length; empty for silence, noise and a cancelled call."""
        if self._model is None:
            raise EngineError("whisper.cpp was asked to listen before it was loaded.")
        if clip.rate != SPEECH_RATE:
            raise ValueError(f"whisper.cpp takes {SPEECH_RATE} Hz, not {clip.rate}")
        began = self._clock()
        text = ""
        if clip.seconds >= SHORTEST_S and float(abs(clip.samples).max()) >= QUIETEST:
            text = self._words(clip, prompt, cancelled, on_partial)
        if cancelled():
            text = ""
        return Transcript(text, clip.seconds, self._clock() - began)

    def _words(self, clip: Clip, prompt: str, cancelled: Cancelled, on_partial: OnPartial | None) -> str:
        context = _context_for(clip.seconds)
        text, sureness, tokens = self._run(clip.samples, prompt, context, cancelled, on_partial)
        wrong = not text or sureness < UNSURE or tokens >= _token_bound(clip.seconds) or looks_looped(text)
        if context and wrong and not cancelled():
            # Without the prompt too: in noise whisper reads it out.
            text, _, _ = self._run(clip.samples, "", 0, cancelled, on_partial)
        return "" if looks_looped(text) else text

    def _run(
        self, samples: Samples, prompt: str, context: int, cancelled: Cancelled, on_partial: OnPartial | None
    ) -> tuple[str, float, int]:
        """Text, mean probability and a rough count of tokens of one pass."""
        heard: list[str] = []
        self._last_prompt = prompt

        def segment(piece: Any) -> None:
            heard.append(piece.text)
            if on_partial is not None and not cancelled() and (text := _clean(" ".join(heard))):
                on_partial(text)

        try:
            # Every override is given every time: pywhispercpp keeps them for later calls.
            segments = self._model.transcribe(
                samples,
                new_segment_callback=segment,
                abort_callback=cancelled,
                extract_probability=True,
                audio_ctx=context,
                max_tokens=_token_bound(min(len(samples) / SPEECH_RATE, WINDOW_S)),
                initial_prompt=prompt or "",
                language="en",
            )
        except RuntimeError as error:
            said = f" It says: {_complaints[-1]}" if _complaints else ""
            raise EngineError(f"whisper.cpp failed: {error}.{said}") from error
        text = _clean(" ".join(piece.text for piece in segments))
        sure = [p for piece in segments if not math.isnan(p := float(piece.probability))]
        # English runs at about four characters a token in whisper's vocabulary.
        return text, (sum(sure) / len(sure) if sure else 0.0), len(text) // 4


def _catch_chatter() -> None:
    """Keep whisper.cpp's complaints and drop its chatter, which would else go to stderr."""
    global _caught
    if _caught:
        return
    import _pywhispercpp

    def keep(level: int, text: str, *_: object) -> None:
        if level in (3, 4):  # GGML_LOG_LEVEL_WARN, GGML_LOG_LEVEL_ERROR
            _complaints.append(text.strip())

    _pywhispercpp.whisper_log_set(keep)
    # Called while Python shuts down, a Python callback brings the process down.
    atexit.register(_pywhispercpp.whisper_log_set, None)
    _caught = True


def _context_for(seconds: float) -> int:
    """Encoder positions for a clip; 0 means the full window."""
    positions = math.ceil(seconds / WINDOW_S * FULL_CONTEXT) + SPARE_CONTEXT
    whole = max(SHORTEST_CONTEXT, math.ceil(positions / CONTEXT_STEP) * CONTEXT_STEP)
    return whole if whole < FULL_CONTEXT else 0


def _token_bound(seconds: float) -> int:
    """More tokens than anybody speaks in a clip: six a second and some to start with."""
    return round(seconds * 6) + 16


def _clean(text: str) -> str:
    """Without whisper's remarks on sounds ("[BLANK_AUDIO]", "(coughing)"), in single spaces."""
    text = " ".join(_NOT_SPEECH.sub(" ", text).split())
    return text if any(c.isalnum() for c in text) else ""


def looks_looped(text: str) -> bool:
    """Whether a text repeats itself as a decoder in a loop does, not as a person does."""
    if "... ..." in text or text.count("...") > 3:
        return True
    words = text.lower().split()
    if len(words) < 6:
        return False
    for size in (1, 2, 3, 4):
        runs = Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))
        count = runs.most_common(1)[0][1]
        if count >= (3 if size >= 3 else 5) and count * size > len(words) * 0.6:
            return True
    return False
