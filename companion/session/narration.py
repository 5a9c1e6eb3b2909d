"""One stretch of the tutor's speech: written clauses in, sound out, and what of it was heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from companion.core.cancel import Cancelled
from companion.core.clip import Clip
from companion.core.errors import CompanionError
from companion.core.events import AudioChunk, Notice
from companion.core.spoken import spoken
from companion.engines.audio_cache import AudioCache
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Speaker, Voice

_POLL_S = 0.005
_FIRST_SAMPLE_S = 2.0
"""A device that has not started by then is not waited for: ``finish`` will tell what is wrong."""


@dataclass(slots=True)
class Health:
    """Whether the tutor can be heard; shared by mouths that fail together, so that a loss is told once."""

    works: bool = True
    """Set to False when voice or speaker failed: text goes on."""


@dataclass(slots=True)
class Mouth:
    """What is needed to speak: a voice on its thread, somewhere to play, and what was kept."""

    voice: OwnerThread[Voice]
    speaker: Speaker
    cache: AudioCache | None = None
    health: Health = field(default_factory=Health)

    @property
    def works(self) -> bool:
        """Whether it can still be heard."""
        return self.health.works


@dataclass(frozen=True, slots=True)
class Mouths:
    """Where questions and replies are heard: the same place, unless both go to files; None is text alone."""

    asking: Mouth | None = None
    replying: Mouth | None = None

    def flush(self) -> None:
        """Silence everywhere."""
        for mouth in (self.asking, self.replying):
            if mouth is not None:
                mouth.speaker.flush()


class Narration:
    """Speaks clauses in order; synthesis of the next runs while the last is played.

    ``said`` is what was heard, not what was planned: clauses whose sound has reached the device.
    Without a working mouth everything counts as said, since it is read on the screen.
    """

    def __init__(
        self, mouth: Mouth | None, cancelled: Cancelled, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._mouth = mouth
        self._cancelled = cancelled
        self._clock = clock
        self._clauses: list[tuple[str, float]] = []
        self._queued_s = 0.0
        self._begun = False

    async def say(self, clause: str, *, fixed: bool = False) -> AsyncGenerator[AudioChunk | Notice, None]:
        """Queue a clause and give out its sound; ``fixed`` texts come from and go to the cache."""
        self._clauses.append((clause, self._queued_s))
        mouth = self._mouth
        if mouth is None or not mouth.works or self._cancelled():
            return
        label = clause
        try:
            if not self._begun:
                mouth.speaker.begin()
                self._begun = True
            async with aclosing(self._sound(mouth, spoken(clause), fixed)) as clips:
                async for clip in clips:
                    if self._cancelled():
                        return
                    mouth.speaker.play(clip)
                    self._queued_s += clip.seconds
                    yield AudioChunk(clip, label)
                    label = ""
        except CompanionError as error:
            yield self._lose(mouth, error)

    async def _sound(self, mouth: Mouth, text: str, fixed: bool) -> AsyncGenerator[Clip, None]:
        cache = mouth.cache if fixed else None
        if cache is not None and (kept := cache.get(text)) is not None:
            yield kept
            return
        made: list[Clip] = []
        async with aclosing(mouth.voice.stream(lambda voice: voice.speak(text, cancelled=self._cancelled))) as clips:
            async for clip in clips:
                if len(clip.samples):
                    made.append(clip)
                    yield clip
        if cache is not None and made and not self._cancelled():
            cache.put(text, Clip.join(made))

    def _lose(self, mouth: Mouth, error: CompanionError) -> Notice:
        mouth.health.works = False
        mouth.speaker.flush()
        return Notice(f"The tutor cannot be heard any more: {error.message} It goes on as text.", error.hint)

    async def first_sample_at(self) -> float | None:
        """Clock time of the first sample at the device; waits for it if any sound is queued."""
        if self._mouth is None or not self._queued_s:
            return None
        deadline = self._clock() + _FIRST_SAMPLE_S
        while (at := self._mouth.speaker.first_sample_at) is None:
            if self._cancelled() or not self._mouth.works or self._clock() > deadline:
                return None
            await asyncio.sleep(_POLL_S)
        return at

    async def finish(self) -> Notice | None:
        """Let what is queued be heard to its end, or until cancelled; a notice if the device died."""
        if self._mouth is None or not self._begun or not self._mouth.works:
            return None
        try:
            await asyncio.to_thread(self._mouth.speaker.finish, self._cancelled)
        except CompanionError as error:
            return self._lose(self._mouth, error)
        finally:
            if self._cancelled():
                self._mouth.speaker.flush()
        return None

    @property
    def planned(self) -> str:
        """Every clause, heard or not."""
        return " ".join(clause for clause, _ in self._clauses)

    @property
    def said(self) -> str:
        """The clauses that were heard, the last one perhaps in part; read ones where nothing is heard."""
        if self._mouth is None or not self._begun or not self._mouth.works:
            return self.planned
        heard = self._mouth.speaker.heard_s
        return " ".join(clause for clause, start in self._clauses if start < heard)
