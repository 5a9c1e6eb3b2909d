"""A voice that hums: a tone for each word, as long as the word."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip
from companion.core.errors import EngineError


class HummingVoice:
    """Speaks 60 ms for each letter or digit of a word; remembers what it was asked to say."""

    rate = 24_000

    def __init__(self, failure: EngineError | None = None, fails_at: int = 0) -> None:
        self.spoken: list[str] = []
        self.before_chunk: Callable[[], None] = lambda: None
        self._failure, self._fails_at = failure, fails_at
        self._loaded = False

    def load(self) -> None:
        self._loaded = True

    def close(self) -> None:
        self._loaded = False

    def speak(self, text: str, *, cancelled: Cancelled = never) -> Iterator[Clip]:
        if not self._loaded:
            raise EngineError("The voice was asked to speak before it was loaded.")
        if self._failure is not None and len(self.spoken) >= self._fails_at:
            raise self._failure
        self.spoken.append(text)
        for word in text.split():
            letters = sum(c.isalnum() for c in word)
            if not letters:
                continue
            self.before_chunk()
            if cancelled():
                return
            t = np.arange(round(0.06 * letters * self.rate)) / self.rate
            yield Clip((0.3 * np.sin(2 * np.pi * 220 * t)).astype(np.float32), self.rate)
