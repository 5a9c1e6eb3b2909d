"""What the tutor asks of its engines: one verb each, plus ``load`` and ``close``.

An engine is loaded, used and closed on one thread (see ``owner_thread``) and need not be safe on
others. Each raises ``EngineError`` for what a user can mend; foreign exceptions stay inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip, Samples
from companion.core.prompting import Message as Message


@runtime_checkable
class Engine(Protocol):
    """Anything with weights to load and memory to give back."""

    def load(self) -> None:
        """Make ready; calling it again does nothing."""

    def close(self) -> None:
        """Give back memory; calling it again does nothing."""


class Detector(Engine, Protocol):
    """Hears whether someone speaks."""

    def probability(self, frame: Samples) -> float:
        """The probability of speech, 0 to 1, in the next 512 samples (32 ms) at 16 kHz."""
        ...

    def reset(self) -> None:
        """Forget what was heard: a new recording begins."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a clip; ``text`` is empty for silence and noise."""

    text: str
    audio_s: float
    compute_s: float


OnPartial = Callable[[str], None]


class Recognizer(Engine, Protocol):
    """Turns speech into text."""

    def transcribe(
        self,
        clip: Clip,
        *,
        prompt: str = "",
        cancelled: Cancelled = never,
        on_partial: OnPartial | None = None,
    ) -> Transcript:
        """The words of a 16 kHz clip; ``on_partial`` gets the text so far as segments come.

        A cancelled call returns soon with an empty transcript.
        """
        ...


class LanguageModel(Engine, Protocol):
    """Continues a conversation."""

    def reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        cancelled: Cancelled = never,
    ) -> Iterator[str]:
        """Text as it is made, greedily; ends at a ``stop`` string (not given out) or when cancelled."""
        ...

    def probability(self, messages: Sequence[Message], answers: Sequence[str]) -> Mapping[str, float]:
        """How likely each short answer is as the next words, normalised over the answers."""
        ...


class Voice(Engine, Protocol):
    """Speaks."""

    @property
    def rate(self) -> int:
        """Hertz of what ``speak`` yields; known after ``load``."""
        ...

    def speak(self, text: str, *, cancelled: Cancelled = never) -> Iterator[Clip]:
        """Sound for text that is already written as it is spoken, in order, as soon as it is made."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive 16 kHz mono samples, and when the last of them was captured."""

    samples: Samples
    captured_at: float
    """Seconds on the clock given to the device."""


class Microphone(Protocol):
    """A source of captured sound: a device, a WAV file, or nothing."""

    @property
    def overruns(self) -> int:
        """Blocks lost since ``start`` because nobody read in time."""
        ...

    def start(self) -> None:
        """Begin to capture. Raises ``DeviceError``."""

    def read(self, timeout: float) -> Block | None:
        """The next block, or None when none came within ``timeout`` seconds or the source ended.

        Raises ``DeviceError`` when the device went away; what was read before stays good.
        """
        ...

    @property
    def ended(self) -> bool:
        """Whether nothing more will ever come (the end of a file; after ``stop``)."""
        ...

    def stop(self) -> None:
        """Stop capturing; calling it again does nothing."""


class Speaker(Protocol):
    """A sink for the tutor's speech: a device, WAV files, or nothing. One reply at a time.

    ``begin`` .. ``play`` ... then ``finish`` (let it be heard to its end) or ``flush`` (silence now).
    """

    def begin(self) -> None:
        """A new reply starts; counters start from zero."""

    def play(self, clip: Clip) -> None:
        """Queue sound of any rate and return at once."""

    @property
    def first_sample_at(self) -> float | None:
        """Clock time at which this reply's first sample reached the device, once it has."""
        ...

    @property
    def heard_s(self) -> float:
        """Seconds of this reply that have reached the device."""
        ...

    def finish(self, cancelled: Cancelled = never) -> None:
        """Wait until all that was queued has been heard, or until cancelled. Raises ``DeviceError``."""

    def flush(self) -> None:
        """Drop what is queued and fall silent at once; may be called from any thread."""

    def close(self) -> None:
        """Give the device back; calling it again does nothing."""
