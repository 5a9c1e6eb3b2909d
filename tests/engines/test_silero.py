"""The speech detector, real and fake."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from companion.core.clip import Clip, Samples
from companion.core.endpoint import FRAME
from companion.core.errors import EngineError
from companion.engines.protocols import Detector
from companion.engines.silero import SileroDetector
from tests.fakes.sound import FakeDetector
from tests.voices import spoken_by_joe


def frames(clip: Clip) -> list[Samples]:
    return [clip.samples[start : start + FRAME] for start in range(0, len(clip.samples) - FRAME + 1, FRAME)]


@pytest.fixture(params=[SileroDetector, FakeDetector])
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    made: Detector = request.param()
    made.load()
    made.load()
    yield made
    made.close()
    made.close()


def test_it_hears_speech_in_speech_and_none_in_silence(detector: Detector) -> None:
    speech = spoken_by_joe("The troponin is raised, so this is an infarction.")
    detector.reset()
    heard = [detector.probability(frame) for frame in frames(speech)]
    assert np.mean(np.array(heard) > 0.5) > 0.6
    detector.reset()
    quiet = [detector.probability(frame) for frame in frames(Clip.silence(1.0))]
    assert max(quiet) < 0.2
    assert all(0.0 <= probability <= 1.0 for probability in heard + quiet)


def test_a_frame_of_another_length_is_refused(detector: Detector) -> None:
    with pytest.raises(ValueError, match="512"):
        detector.probability(np.zeros(480, np.float32))


def test_after_a_reset_the_same_sound_gives_the_same(detector: Detector) -> None:
    sound = frames(spoken_by_joe("Aspirin."))
    runs = []
    for _ in range(2):
        detector.reset()
        runs.append([detector.probability(frame) for frame in sound])
    # The last 4 ms of the sound before stay with the library; they hardly matter.
    assert runs[0] == pytest.approx(runs[1], abs=1e-3)


def test_noise_and_hum_are_not_speech() -> None:
    detector = SileroDetector()
    detector.load()
    random = np.random.default_rng(3)
    noise = Clip(random.normal(0, 0.05, 32_000).astype(np.float32))
    hum = Clip((0.2 * np.sin(2 * np.pi * 50 * np.arange(32_000) / 16_000)).astype(np.float32))
    for sound in (noise, hum):
        detector.reset()
        assert np.mean([detector.probability(frame) > 0.5 for frame in frames(sound)]) < 0.05


def test_a_detector_that_is_not_loaded_says_so() -> None:
    with pytest.raises(EngineError, match="not loaded"):
        SileroDetector().probability(np.zeros(FRAME, np.float32))


def test_a_frame_takes_a_fraction_of_its_own_length() -> None:
    detector = SileroDetector()
    detector.load()
    sound = frames(spoken_by_joe("The troponin is raised, so this is an infarction."))
    before = time.thread_time()
    for frame in sound:
        detector.probability(frame)
    assert (time.thread_time() - before) / len(sound) < 0.016
