"""How a spoken answer comes in: heard to its end, and written down while the trainee still speaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from companion.core.cancel import Cancellation, Cancelled
from companion.core.clip import Clip
from companion.core.clock import Clock
from companion.core.endpoint import Endpoint
from companion.core.events import Notice
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Detector, Microphone, Recognizer, Transcript
from companion.session.listening import ListeningEvent, Speech, SpeechPaused, SpeechResumed, listen
from companion.session.turn import Answer, EndOfAnswers


@dataclass(slots=True)
class SpokenEar:
    """Hears answers: the detector's thread listens, whisper's thread writes down.

    A pause may be the end, so the answer so far is transcribed at once; if nothing more is said
    that transcript is the answer, and if the trainee goes on it is dropped.
    """

    detector: OwnerThread[Detector]
    recognizer: OwnerThread[Recognizer]
    microphones: Callable[[], Microphone | None]
    """The source of the next answer; None when there are no more."""
    hands_free: bool = True
    """Whether silence ends an answer; otherwise the key or the end of the file does."""
    pause_s: float = 0.9
    max_answer_s: float = 180.0
    prompt: str = ""
    """The words to expect, distractors among them."""
    stop_requested: Callable[[], bool] = lambda: False
    on_listening: Callable[[], None] = lambda: None
    on_recorded: Callable[[Clip], None] | None = None
    """Given every answer's sound, when the trainee wants recordings kept."""
    clock: Clock = time.perf_counter

    async def __call__(self, cancelled: Cancelled) -> Answer:
        """The next answer. Raises ``EndOfAnswers`` when there are no more, ``DeviceError`` without sound."""
        microphone = self.microphones()
        if microphone is None:
            raise EndOfAnswers
        early = _EarlyTranscript(self.recognizer, self.prompt, cancelled)
        loop = asyncio.get_running_loop()
        stopped = Cancellation()
        stop = stopped.token()
        self.on_listening()
        try:
            speech = await self.detector.call(
                lambda detector: listen(
                    microphone,
                    detector,
                    endpoint=Endpoint(self.pause_s),
                    hands_free=self.hands_free,
                    max_answer_s=self.max_answer_s,
                    cancelled=lambda: cancelled() or stop(),
                    stop_requested=self.stop_requested,
                    clock=self.clock,
                    on_event=lambda event: _quietly(loop, partial(early.follow, event)),
                )
            )
            if self.on_recorded is not None and speech.speech_s:
                self.on_recorded(speech.clip)
            heard = await early.of(speech)
        finally:
            stopped.cancel()
            early.drop()
        return Answer(
            heard.text,
            heard.text,
            speech.clip.seconds if speech.speech_s else 0.0,
            heard.compute_s,
            speech.ended_at,
            speech.decided_at,
            _notice(speech, self.max_answer_s),
        )


@dataclass(slots=True)
class _EarlyTranscript:
    """The transcript begun at the last pause."""

    recognizer: OwnerThread[Recognizer]
    prompt: str
    cancelled: Cancelled
    clip: Clip | None = None
    task: asyncio.Task[Transcript] | None = None
    dropped: Cancellation = field(default_factory=Cancellation)

    def follow(self, event: ListeningEvent) -> None:
        """Begin at a pause, drop it when speech goes on."""
        if isinstance(event, SpeechPaused):
            self.drop()
            self.clip = event.clip
            self.task = asyncio.ensure_future(self._transcribe(event.clip))
            self.task.add_done_callback(_looked_at)
        elif isinstance(event, SpeechResumed):
            self.drop()

    def drop(self) -> None:
        """Stop what runs; its result is not wanted."""
        self.dropped.cancel()
        if self.task is not None:
            self.task.cancel()
        self.clip = self.task = None

    async def of(self, speech: Speech) -> Transcript:
        """The transcript of the whole answer: the early one if nothing was said since."""
        if not speech.speech_s:
            return Transcript("", 0.0, 0.0)
        if self.task is not None and self.clip is not None and np.array_equal(self.clip.samples, speech.clip.samples):
            return await self.task
        self.drop()
        return await self._transcribe(speech.clip)

    async def _transcribe(self, clip: Clip) -> Transcript:
        unwanted = self.dropped.token()
        return await self.recognizer.call(
            lambda recognizer: recognizer.transcribe(
                clip, prompt=self.prompt, cancelled=lambda: unwanted() or self.cancelled()
            )
        )


def _looked_at(task: asyncio.Task[Transcript]) -> None:
    # What went wrong with a transcript that was dropped is nobody's concern, and asyncio would print it.
    if not task.cancelled():
        task.exception()


def _quietly(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return  # the loop has ended, and with it whoever wanted to know


def _notice(speech: Speech, longest_s: float) -> Notice | None:
    """What the trainee should know of how the answer was heard."""
    if speech.failure is not None:
        return Notice(
            f"The microphone went away: {speech.failure.message} What was heard till then counts.",
            speech.failure.hint,
        )
    if speech.by == "limit":
        return Notice(f"Only the first {longest_s:.0f} seconds were heard.", "Set max_answer_s for longer answers.")
    if speech.overruns:
        return Notice(f"{speech.overruns} blocks of sound were lost: this machine was too busy.")
    if not speech.speech_s and speech.level_peak == 0.0:
        return Notice("The microphone gives nothing at all.", "Is it muted, or not permitted for the terminal?")
    return None
