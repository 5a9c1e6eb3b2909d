"""A recognizer that hears what a test wrote for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import EngineError
from companion.engines.protocols import OnPartial, Transcript


class ScriptedRecognizer:
    """Hears its texts in turn, the last one again and again; an error in the script is raised.

    Sound without the swing of speech (silence, a steady noise or tone) is heard as nothing.
    """

    def __init__(self, *texts: str | EngineError, compute_s: float = 0.2) -> None:
        self._texts = texts
        self._compute_s = compute_s
        self.before_words: Callable[[], None] = lambda: None
        self.heard: list[Clip] = []
        self.prompts: list[str] = []
        self._next = 0
        self._loaded = False

    def load(self) -> None:
        self._loaded = True

    def close(self) -> None:
        self._loaded = False

    def transcribe(
        self, clip: Clip, *, prompt: str = "", cancelled: Cancelled = never, on_partial: OnPartial | None = None
    ) -> Transcript:
        if not self._loaded:
            raise EngineError("The recognizer was asked to listen before it was loaded.")
        if clip.rate != SPEECH_RATE:
            raise ValueError(f"it takes {SPEECH_RATE} Hz, not {clip.rate}")
        self.heard.append(clip)
        self.prompts.append(prompt)
        text = ""
        if _swings(clip):
            script = self._texts[min(self._next, len(self._texts) - 1)]
            self._next += 1
            if isinstance(script, EngineError):
                raise script
            for word in script.split():
                self.before_words()
                if cancelled():
                    return Transcript("", clip.seconds, self._compute_s)
                text = f"{text} {word}".strip()
                if on_partial is not None:
                    on_partial(text)
        return Transcript("" if cancelled() else text, clip.seconds, self._compute_s)


def _swings(clip: Clip) -> bool:
    frame = SPEECH_RATE // 20
    whole = clip.samples[: len(clip.samples) // frame * frame].reshape(-1, frame)
    levels = np.sqrt((whole**2).mean(axis=1)) if len(whole) else np.zeros(1)
    return bool(levels.max() > 0.01 and levels.std() > 0.3 * levels.mean())
