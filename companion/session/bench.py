"""Latency by stage on this machine: spoken answers through the whole path, beside the bare library calls."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from companion.core.cancel import never
from companion.core.case import Case, Question
from companion.core.clip import Clip
from companion.core.events import FirstAudio, Notice, ReplyDelta, TurnFailed, TurnFinished
from companion.core.latency import Latency
from companion.core.sentences import split_clauses
from companion.core.spoken import spoken
from companion.core.spread import Spread
from companion.engines.null_devices import NullSpeaker
from companion.engines.protocols import Microphone
from companion.engines.wav_devices import WavMicrophone
from companion.session.ears import SpokenEar
from companion.session.narration import Mouth, Mouths
from companion.session.reply import Mind
from companion.session.startup import Engines
from companion.session.turn import Exchange, take_turn


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer through the whole path, and what the libraries alone took for the same inputs."""

    latency: Latency
    first_audio_s: float
    bare_s: float
    """whisper.cpp on the same clip and the voice on the same first clause."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a bench found."""

    samples: tuple[Sample, ...]

    @property
    def first_audio(self) -> Spread:
        """From the true end of speech to the first sample of the reply at the device, in seconds."""
        return Spread.of([sample.first_audio_s for sample in self.samples])

    @property
    def stages(self) -> dict[str, Spread]:
        """Each stage that ran, in seconds."""
        found = {}
        for name in Latency.stages():
            figures = [figure for sample in self.samples if (figure := getattr(sample.latency, name)) is not None]
            if figures:
                found[name] = Spread.of(figures)
        return found

    @property
    def overhead_ratio(self) -> float:
        """Our time to first audio over that of the bare calls, median of the pairs: 1.1 is a tenth more."""
        return Spread.of([sample.first_audio_s / sample.bare_s for sample in self.samples]).median


async def bench(engines: Engines, cases: Sequence[Case], n: int) -> AsyncGenerator[Sample | Notice, None]:
    """Speak ``n`` answers in real time and yield a sample for each, or the notice of what went wrong.

    The answers are the decks' own wordings in the tutor's voice; nothing comes from a cache. The
    bare calls follow each answer at once, so that a machine whose speed drifts is fair to both.
    """
    if engines.voice is None or engines.recognizer is None or engines.detector is None:
        yield Notice("A bench needs ears and a voice.", "See: companion doctor")
        return
    questions = [(case, question) for case in cases for question in case.questions]
    heard: list[Clip] = []
    microphones: list[Microphone] = []
    ear = SpokenEar(
        engines.detector,
        engines.recognizer,
        lambda: microphones.pop() if microphones else None,
        hands_free=False,
        on_recorded=heard.append,
    )
    mouth = Mouth(engines.voice, NullSpeaker(pace="fast"))
    mind = Mind(engines.language_model) if engines.language_model else None
    for number, (case, question) in enumerate(islice(cycle(questions), n)):
        answer = await _spoken(engines, _answer(question, number))
        microphones.append(WavMicrophone(answer, pace="realtime"))
        exchange = Exchange(case, question, "", variety=number)
        opener = ""
        first: float | None = None
        async with aclosing(take_turn(exchange, ear, Mouths(None, mouth), mind, never, time.perf_counter)) as events:
            async for event in events:
                match event:
                    case ReplyDelta(text=text):
                        opener = opener or text
                    case FirstAudio(latency_s=seconds):
                        first = seconds
                    case TurnFinished(latency=latency) if first is not None:
                        yield Sample(latency, first, await _bare(engines, heard[-1], spoken(opener.strip())))
                    case TurnFailed(message=message, hint=hint):
                        yield Notice(message, hint)
                    case Notice():
                        yield event
                    case _:
                        pass


async def _spoken(engines: Engines, text: str) -> Clip:
    assert engines.voice is not None
    words = [spoken(clause) for clause in split_clauses(text)]
    return await engines.voice.call(
        lambda voice: Clip.join([clip for w in words for clip in voice.speak(w)], voice.rate)
    )


async def _bare(engines: Engines, clip: Clip, clause: str) -> float:
    def call(engine: Any, given: Any) -> float:
        return float(engine.bare(given))

    assert engines.recognizer is not None and engines.voice is not None
    return await engines.recognizer.call(lambda r: call(r, clip)) + await engines.voice.call(lambda v: call(v, clause))


def _answer(question: Question, number: int) -> str:
    """Some of the points in the deck's wordings: not all, so that the reply has something to add."""
    points = question.key_points
    said = points if number % 2 else points[: max(1, len(points) - 1)]
    return ". ".join(point.accepted[number % len(point.accepted)] for point in said) + "."
