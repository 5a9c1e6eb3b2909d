"""Hearing one answer, by script and for real."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.core.clip import SPEECH_RATE, Clip
from companion.core.endpoint import FRAME_S, Endpoint
from companion.core.errors import DeviceError
from companion.engines.null_devices import NullMicrophone
from companion.engines.protocols import Detector, Microphone
from companion.engines.silero import SileroDetector
from companion.engines.wav_devices import WavMicrophone
from companion.session.listening import (
    ListeningEvent,
    Speech,
    SpeechBegan,
    SpeechPaused,
    SpeechResumed,
    listen,
)
from tests.fakes.sound import FakeClock, FakeDetector, FakeMicrophone, tone
from tests.voices import spoken_by_joe


def with_quiet(*stretches: float) -> Clip:
    """Seconds of quiet and of tone in turn, quiet first."""
    return Clip.join([tone(s) if i % 2 else Clip.silence(s) for i, s in enumerate(stretches)])


class Trial:
    """One answer heard with the fakes."""

    def __init__(self, clip: Clip, *, unplugged_at_s: float | None = None, ends: bool = False) -> None:
        self.clock = FakeClock()
        self.microphone = FakeMicrophone(clip, self.clock, unplugged_at_s=unplugged_at_s, ends=ends)
        self.detector = FakeDetector()
        self.events: list[tuple[float, ListeningEvent]] = []

    def hear(
        self,
        *,
        hands_free: bool = True,
        pause_s: float = 0.9,
        max_answer_s: float = 30.0,
        key_at_s: float = 1e9,
        cancel_at_s: float = 1e9,
    ) -> Speech:
        began = self.clock()
        return listen(
            self.microphone,
            self.detector,
            endpoint=Endpoint(pause_s),
            hands_free=hands_free,
            max_answer_s=max_answer_s,
            cancelled=lambda: self.clock() >= began + cancel_at_s,
            stop_requested=lambda: self.clock() >= began + key_at_s,
            clock=self.clock,
            on_event=lambda event: self.events.append((self.clock() - began, event)),
        )

    @property
    def happened(self) -> list[type[ListeningEvent]]:
        return [type(event) for _, event in self.events]


def test_hands_free_a_pause_ends_the_answer_and_the_true_end_is_known() -> None:
    trial = Trial(with_quiet(1.0, 2.0, 5.0))
    speech = trial.hear()
    assert speech.by == "endpoint"
    assert speech.ended_at - 100.0 == pytest.approx(3.0, abs=2 * FRAME_S)
    assert speech.decided_at - speech.ended_at == pytest.approx(0.9, abs=2 * FRAME_S)
    assert speech.speech_s == pytest.approx(2.0, abs=2 * FRAME_S)
    assert speech.clip.seconds == pytest.approx(0.4 + 2.0 + 0.2, abs=3 * FRAME_S)
    assert speech.level_peak == pytest.approx(0.3, abs=0.01)
    assert speech.overruns == 0
    assert (trial.microphone.started, trial.microphone.stopped, trial.detector.resets) == (1, 1, 1)


def test_the_answer_so_far_is_given_at_a_pause_and_is_the_whole_if_nothing_follows() -> None:
    trial = Trial(with_quiet(0.5, 2.0, 5.0))
    speech = trial.hear()
    assert trial.happened == [SpeechBegan, SpeechPaused]
    at, paused = trial.events[-1]
    assert isinstance(paused, SpeechPaused)
    assert at == pytest.approx(2.5 + 0.25, abs=2 * FRAME_S)
    assert paused.ended_at == speech.ended_at
    assert np.array_equal(paused.clip.samples, speech.clip.samples)


def test_an_answer_goes_on_after_a_pause_for_breath() -> None:
    trial = Trial(with_quiet(0.5, 1.0, 0.6, 1.0, 5.0))
    speech = trial.hear()
    assert trial.happened == [SpeechBegan, SpeechPaused, SpeechResumed, SpeechPaused]
    assert speech.speech_s == pytest.approx(2.0, abs=4 * FRAME_S)
    assert speech.clip.seconds == pytest.approx(0.4 + 2.6 + 0.2, abs=3 * FRAME_S)


def test_with_the_key_held_no_pause_ends_the_answer() -> None:
    trial = Trial(with_quiet(0.5, 1.0, 2.5, 1.0, 5.0))
    speech = trial.hear(hands_free=False, key_at_s=6.0)
    assert speech.by == "key"
    assert speech.ended_at - 100.0 == pytest.approx(6.0, abs=0.06)
    assert speech.decided_at - speech.ended_at <= 0.2
    assert speech.clip.seconds == pytest.approx(0.4 + 4.5 + 0.2, abs=3 * FRAME_S)
    assert trial.happened == [SpeechBegan, SpeechPaused, SpeechResumed, SpeechPaused]


def test_a_short_word_before_and_after_belongs_to_the_answer_while_the_key_is_held() -> None:
    trial = Trial(with_quiet(1.0, 0.15, 1.5, 1.0, 1.5, 0.15, 1.0))
    speech = trial.hear(hands_free=False, key_at_s=5.5)
    assert speech.clip.seconds == pytest.approx(0.4 + 4.3 + 0.2, abs=4 * FRAME_S)


def test_releasing_the_key_on_the_last_word_does_not_cut_it() -> None:
    trial = Trial(with_quiet(0.2, 2.0, 2.0))
    speech = trial.hear(hands_free=False, key_at_s=2.2)
    loud = np.flatnonzero(np.abs(speech.clip.samples) > 0.1)
    assert (loud[-1] - loud[0]) / SPEECH_RATE == pytest.approx(2.0, abs=0.04)


def test_the_end_of_a_file_is_the_key_release() -> None:
    trial = Trial(with_quiet(0.5, 1.0, 2.0, 1.0, 0.3), ends=True)
    speech = trial.hear(hands_free=False)
    assert speech.by == "end of file"
    assert speech.ended_at - 100.0 == pytest.approx(4.8, abs=0.03)
    assert speech.speech_s == pytest.approx(2.0, abs=4 * FRAME_S)


def test_a_file_that_ends_in_the_middle_of_a_word_is_heard_to_its_last_sample() -> None:
    trial = Trial(Clip(with_quiet(0.5, 1.0).samples[:-137]), ends=True)
    speech = trial.hear()
    assert speech.by == "end of file"
    heard = np.flatnonzero(np.abs(speech.clip.samples) > 0.01)
    assert (heard[-1] - heard[0]) == pytest.approx(SPEECH_RATE - 137, abs=20)


def test_silence_is_told_as_no_speech() -> None:
    trial = Trial(Clip.silence(3.0), ends=True)
    speech = trial.hear()
    assert (speech.by, speech.speech_s, speech.level_peak) == ("end of file", 0.0, 0.0)
    assert speech.clip.seconds == pytest.approx(3.0, abs=FRAME_S)
    assert trial.events == []


def test_a_microphone_that_hears_nothing_ends_at_once() -> None:
    speech = listen(NullMicrophone(), FakeDetector(), endpoint=Endpoint(0.9))
    assert (speech.by, speech.speech_s, speech.clip.seconds) == ("end of file", 0.0, 0.0)


def test_clicks_are_not_speech() -> None:
    trial = Trial(with_quiet(1.0, 0.03, 1.0, 0.05, 1.0), ends=True)
    assert trial.hear().speech_s == 0.0


def test_an_answer_that_is_too_long_stops_at_the_limit() -> None:
    speech = Trial(tone(20.0)).hear(hands_free=False, max_answer_s=5.0)
    assert speech.by == "limit"
    assert speech.clip.seconds == pytest.approx(5.0, abs=0.1)
    assert speech.ended_at - 100.0 == pytest.approx(5.0, abs=0.1)


def test_thinking_does_not_count_towards_the_limit_hands_free() -> None:
    speech = Trial(with_quiet(4.0, 4.0, 5.0)).hear(max_answer_s=5.0)
    assert speech.by == "endpoint"
    assert speech.speech_s == pytest.approx(4.0, abs=2 * FRAME_S)


def test_nobody_is_waited_for_longer_than_the_longest_answer() -> None:
    assert Trial(Clip.silence(60.0)).hear(max_answer_s=5.0).by == "limit"


def test_cancelling_stops_within_a_moment() -> None:
    trial = Trial(tone(20.0))
    speech = trial.hear(cancel_at_s=1.0)
    assert speech.by == "cancelled"
    assert trial.clock() - 100.0 < 1.1
    assert trial.microphone.stopped == 1


def test_unplugged_midway_the_answer_so_far_is_kept() -> None:
    trial = Trial(with_quiet(0.5, 10.0), unplugged_at_s=3.0)
    speech = trial.hear()
    assert speech.by == "device lost"
    assert speech.failure is not None
    assert "went away" in speech.failure.message
    assert speech.speech_s == pytest.approx(2.5, abs=2 * FRAME_S)
    assert speech.clip.seconds == pytest.approx(2.9, abs=3 * FRAME_S)


def test_unplugged_before_a_word_is_an_error() -> None:
    trial = Trial(with_quiet(5.0, 1.0), unplugged_at_s=1.0)
    with pytest.raises(DeviceError, match="went away"):
        trial.hear()
    assert trial.microphone.stopped == 1


def test_a_microphone_that_already_runs_is_left_running_and_its_past_is_not_heard() -> None:
    clock = FakeClock()
    microphone = FakeMicrophone(with_quiet(0.0, 1.0, 1.0, 2.0, 5.0), clock, ends=False)
    microphone.start()
    clock.sleep(1.5)
    speech = listen(microphone, FakeDetector(), endpoint=Endpoint(0.9), since=101.5, clock=clock)
    assert speech.by == "endpoint"
    assert speech.speech_s == pytest.approx(2.0, abs=2 * FRAME_S)
    assert speech.ended_at == pytest.approx(104.0, abs=2 * FRAME_S)
    assert speech.clip.seconds == pytest.approx(0.4 + 2.0 + 0.2, abs=3 * FRAME_S)
    assert (microphone.started, microphone.stopped) == (1, 0)


@pytest.fixture(scope="module")
def silero() -> Detector:
    detector = SileroDetector()
    detector.load()
    return detector


ANSWER = "This is an inferior infarction. I would give aspirin and call for primary P C I."


def hear(microphone: Microphone, detector: Detector, *, hands_free: bool) -> Speech:
    return listen(microphone, detector, endpoint=Endpoint(0.9), hands_free=hands_free)


def test_a_spoken_answer_is_heard_whole_and_its_true_end_is_found(silero: Detector) -> None:
    spoken = spoken_by_joe(ANSWER)
    loud = np.flatnonzero(np.abs(spoken.samples) > 0.02)
    true_end = loud[-1] / SPEECH_RATE
    microphone = WavMicrophone(Clip.join([Clip.silence(1.0), spoken, Clip.silence(3.0)]), "realtime")
    began = time.perf_counter()
    speech = hear(microphone, silero, hands_free=True)
    assert speech.by == "endpoint"
    assert speech.ended_at - began == pytest.approx(1.0 + true_end, abs=0.15)
    assert speech.decided_at - speech.ended_at == pytest.approx(0.9, abs=0.1)
    assert speech.clip.seconds > true_end - loud[0] / SPEECH_RATE


@pytest.mark.parametrize("word", ["Yes.", "Sepsis."])
def test_one_word_is_an_answer(silero: Detector, word: str) -> None:
    clip = Clip.join([Clip.silence(1.0), spoken_by_joe(word), Clip.silence(2.0)])
    for hands_free in (True, False):
        speech = hear(WavMicrophone(clip, "fast"), silero, hands_free=hands_free)
        assert speech.speech_s > 0.15
        assert speech.by == ("endpoint" if hands_free else "end of file")


def test_noise_is_told_as_no_speech(silero: Detector) -> None:
    noise = np.random.default_rng(5).normal(0, 0.05, 5 * SPEECH_RATE).astype(np.float32)
    speech = hear(WavMicrophone(Clip(noise), "fast"), silero, hands_free=True)
    assert speech.speech_s == 0.0
    assert speech.level_peak > 0.1


def test_a_ten_minute_file_stops_at_the_limit(silero: Detector, tmp_path: Path) -> None:
    spoken = spoken_by_joe(ANSWER)
    with soundfile.SoundFile(tmp_path / "long.wav", "w", SPEECH_RATE, 1) as out:
        for _ in range(round(600 / spoken.seconds) + 1):
            out.write(spoken.samples)
    speech = listen(
        WavMicrophone(tmp_path / "long.wav", "fast"),
        silero,
        endpoint=Endpoint(0.9),
        hands_free=False,
        max_answer_s=60.0,
    )
    assert speech.by == "limit"
    assert speech.clip.seconds == pytest.approx(60.0, abs=0.7)
