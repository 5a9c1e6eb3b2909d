"""The bench measures the whole path beside the bare calls, in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip
from companion.core.errors import EngineError
from companion.core.events import Notice
from companion.core.latency import Latency
from companion.session.bench import Result, Sample, bench
from companion.session.startup import Engines
from tests.fakes.recognizer import ScriptedRecognizer
from tests.fakes.sound import FakeDetector
from tests.fakes.voice import HummingVoice
from tests.session.stage import CASE, all_of, on_its_thread, speech


class ShortVoice(HummingVoice):
    """Says anything in half a second."""

    def speak(self, text: str, *, cancelled: Cancelled = never) -> Iterator[Clip]:
        self.spoken.append(text)
        if self._failure is not None and len(self.spoken) > self._fails_at:
            raise self._failure
        yield speech(0.5, self.rate)

    def bare(self, text: str) -> float:
        self.spoken.append(f"bare: {text}")
        return 0.004


class BareRecognizer(ScriptedRecognizer):
    def bare(self, clip: Clip) -> float:
        self.heard.append(clip)
        return 0.006


class Bench:
    def __init__(self, stack: ExitStack, voice: ShortVoice | None = None) -> None:
        self.voice = voice or ShortVoice()
        self.recognizer = BareRecognizer("Aspirin.")
        self.engines = Engines(
            detector=stack.enter_context(on_its_thread(FakeDetector())),
            recognizer=stack.enter_context(on_its_thread(self.recognizer)),
            voice=stack.enter_context(on_its_thread(self.voice)),
        )


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


async def test_each_answer_is_a_sample_beside_the_bare_calls_on_the_same_inputs(stack: ExitStack) -> None:
    run = Bench(stack)
    samples = [found for found in await all_of(bench(run.engines, [CASE], 3)) if isinstance(found, Sample)]
    assert len(samples) == 3
    for sample in samples:
        latency = sample.latency
        parts = (latency.endpoint_s, latency.transcribe_s, latency.grade_s, latency.first_clause_s)
        assert all(part is not None and part >= 0 for part in parts)
        assert sample.bare_s == pytest.approx(0.010)
        assert 0 < sample.first_audio_s < 2.0
    bare = [text for text in run.voice.spoken if text.startswith("bare: ")]
    assert len(bare) == 3
    for clause in bare:
        assert clause.removeprefix("bare: ") in run.voice.spoken, "the very clause that was spoken first"
    assert len(run.recognizer.heard) >= 6


async def test_without_ears_or_voice_there_is_nothing_to_measure(stack: ExitStack) -> None:
    for part in ("detector", "recognizer", "voice"):
        engines = Bench(stack).engines
        setattr(engines, part, None)
        assert await all_of(bench(engines, [CASE], 1)) == [
            Notice("A bench needs ears and a voice.", "See: companion doctor")
        ]


async def test_what_goes_wrong_is_told(stack: ExitStack) -> None:
    run = Bench(stack)
    run.recognizer._texts = (EngineError("whisper.cpp failed.", hint="Mend it."),)
    assert await all_of(bench(run.engines, [CASE], 1)) == [Notice("whisper.cpp failed.", "Mend it.")]


def test_figures_are_spreads_of_what_ran() -> None:
    latencies = [Latency(endpoint_s=0.1 * n, grade_s=0.01) for n in (1, 2, 3)]
    result = Result(tuple(Sample(latency, 0.5 * n, 0.5) for n, latency in enumerate(latencies, 1)))
    assert (result.first_audio.min, result.first_audio.median) == (0.5, 1.0)
    assert set(result.stages) == {"endpoint_s", "grade_s"}
    assert result.stages["endpoint_s"].median == pytest.approx(0.2)
    assert result.overhead_ratio == pytest.approx(2.0)
