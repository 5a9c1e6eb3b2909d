"""Recordings of any length written down: a long one is cut at its pauses, so that only speech is transcribed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip
from companion.core.clock import Clock
from companion.core.endpoint import Endpoint
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Detector, OnPartial, Recognizer, Transcript
from companion.engines.wav_devices import WavMicrophone
from companion.session.listening import listen

AT_ONCE_S = 30.0
"""What whisper takes in one go; anything shorter is best heard whole."""
PAUSE_S = 2.0
"""A pause that whisper fills with words of its own: of ten minutes with one sentence it made nothing but a loop."""


def written_down(
    clip: Clip,
    detector: OwnerThread[Detector],
    recognizer: OwnerThread[Recognizer],
    *,
    prompt: str = "",
    cancelled: Cancelled = never,
    on_partial: OnPartial | None = None,
    clock: Clock = time.perf_counter,
) -> Transcript:
    """The words of a 16 kHz clip of any length; ``on_partial`` gets the text so far."""
    began = clock()
    texts: list[str] = []

    def partial(text: str) -> None:
        if on_partial is not None:
            on_partial(" ".join([*texts, text]))

    for stretch in detector.run(lambda engine: list(stretches(clip, engine, cancelled))):
        heard = recognizer.run(
            lambda engine, stretch=stretch: engine.transcribe(  # type: ignore[misc]
                stretch, prompt=prompt, cancelled=cancelled, on_partial=partial
            )
        )
        if heard.text:
            texts.append(heard.text)
    return Transcript(" ".join(texts), clip.seconds, clock() - began)


def stretches(clip: Clip, detector: Detector, cancelled: Cancelled = never) -> Iterator[Clip]:
    """A short clip as it is; a long one as its stretches of speech, in order."""
    if clip.seconds <= AT_ONCE_S:
        yield clip
        return
    microphone = WavMicrophone(clip, pace="fast")
    microphone.start()
    while not microphone.ended and not cancelled():
        # The microphone runs on from one stretch to the next.
        speech = listen(
            microphone,
            detector,
            endpoint=Endpoint(PAUSE_S),
            max_answer_s=clip.seconds + 1.0,
            since=-math.inf,
            cancelled=cancelled,
        )
        if speech.speech_s:
            yield speech.clip
