"""What every microphone and every speaker does, real ones and fakes alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from companion.core.clip import SPEECH_RATE, Clip
from companion.core.clock import Clock, Sleep
from companion.engines.null_devices import NullMicrophone, NullSpeaker
from companion.engines.protocols import Block, Microphone, Speaker
from companion.engines.wav import write_wav
from companion.engines.wav_devices import WavMicrophone, WavSpeaker
from tests.fakes.sound import FakeClock, FakeMicrophone, FakeSpeaker, tone

SECOND = tone(1.0)


@dataclass(frozen=True)
class Hearing:
    """A microphone before which one second of tone sounds once it has started."""

    microphone: Microphone
    clock: Clock
    sleep: Sleep
    sound: Callable[[], None] = lambda: None
    hears: bool = True
    ends: bool = True
    """Whether the source has an end of its own."""

    def read_all(self, seconds: float = 1.6) -> list[Block]:
        until = self.clock() + seconds
        blocks = []
        while not self.microphone.ended and self.clock() < until:
            block = self.microphone.read(0.05)
            if block is not None:
                blocks.append(block)
        return blocks


@pytest.fixture(
    params=[
        "wav clip in real time",
        "wav file, fast",
        "null",
        "fake",
        pytest.param("portaudio", marks=pytest.mark.sound),
    ]
)
def hearing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hearing]:
    fake = FakeClock()
    match request.param:
        case "wav clip in real time":
            yield Hearing(WavMicrophone(SECOND, "realtime", fake, fake.sleep), fake, fake.sleep)
        case "wav file, fast":
            write_wav(tmp_path / "tone.wav", tone(1.0, 44_100))
            yield Hearing(WavMicrophone(tmp_path / "tone.wav", "fast"), time.perf_counter, time.sleep)
        case "null":
            yield Hearing(NullMicrophone(), fake, fake.sleep, hears=False)
        case "fake":
            yield Hearing(FakeMicrophone(SECOND, fake), fake, fake.sleep)
        case _:
            from companion.engines.microphone import PortAudioMicrophone

            sound = request.getfixturevalue("virtual_devices")
            microphone = PortAudioMicrophone()
            yield Hearing(
                microphone,
                time.perf_counter,
                time.sleep,
                lambda: sound.speak(tone(1.0, 48_000), wait=False),
                ends=False,
            )
            microphone.stop()


def test_a_microphone_gives_16_khz_sound_as_it_was(hearing: Hearing) -> None:
    hearing.microphone.start()
    hearing.sound()
    samples = np.concatenate([block.samples for block in hearing.read_all()] or [np.zeros(0, np.float32)])
    hearing.microphone.stop()
    if not hearing.hears:
        assert len(samples) == 0
        return
    assert samples.dtype == np.float32
    loud = np.flatnonzero(np.abs(samples) > 0.2)
    assert (loud[-1] - loud[0]) / SPEECH_RATE == pytest.approx(1.0, abs=0.02)
    assert np.sqrt(np.mean(samples[loud[0] : loud[-1]] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.03)
    crossings = np.count_nonzero(np.diff(np.signbit(samples[loud[0] : loud[-1]])))
    assert crossings / 2 == pytest.approx(220, abs=4)


def test_each_block_knows_when_it_was_captured(hearing: Hearing) -> None:
    hearing.microphone.start()
    started = hearing.clock()
    blocks = hearing.read_all()
    hearing.microphone.stop()
    times = [block.captured_at for block in blocks]
    assert times == sorted(times)
    assert all(started - 0.2 <= at <= hearing.clock() for at in times)


def test_a_read_waits_no_longer_than_it_may(hearing: Hearing) -> None:
    hearing.microphone.start()
    before = hearing.clock()
    for _ in range(5):
        hearing.microphone.read(0.02)
    hearing.microphone.stop()
    assert hearing.clock() - before < 0.3


def test_after_stop_nothing_comes_and_a_second_stop_is_harmless(hearing: Hearing) -> None:
    hearing.microphone.start()
    hearing.microphone.read(0.1)
    hearing.microphone.stop()
    hearing.microphone.stop()
    assert hearing.microphone.ended
    assert hearing.microphone.read(0.01) is None


def test_a_source_says_when_it_has_ended(hearing: Hearing) -> None:
    hearing.microphone.start()
    hearing.read_all()
    assert hearing.microphone.ended is hearing.ends
    hearing.microphone.stop()


def test_a_microphone_starts_again_after_stop(hearing: Hearing) -> None:
    for _ in range(2):
        hearing.microphone.start()
        hearing.microphone.start()
        assert bool(hearing.read_all(0.3)) is hearing.hears
        hearing.microphone.stop()
    assert hearing.microphone.overruns == 0


@dataclass(frozen=True)
class Speaking:
    """A speaker, its clock, and whether it takes the time that hearing takes."""

    speaker: Speaker
    clock: Clock
    sleep: Sleep
    in_time: bool = True


@pytest.fixture(
    params=[
        "wav in real time",
        "wav, fast",
        "null in real time",
        "null, fast",
        "fake",
        pytest.param("portaudio", marks=pytest.mark.sound),
    ]
)
def speaking(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Speaking]:
    fake = FakeClock()
    match request.param:
        case "wav in real time":
            yield Speaking(WavSpeaker(tmp_path, "realtime", fake, fake.sleep), fake, fake.sleep)
        case "wav, fast":
            yield Speaking(WavSpeaker(tmp_path, "fast", fake, fake.sleep), fake, fake.sleep, in_time=False)
        case "null in real time":
            yield Speaking(NullSpeaker("realtime", fake, fake.sleep), fake, fake.sleep)
        case "null, fast":
            yield Speaking(NullSpeaker("fast", fake, fake.sleep), fake, fake.sleep, in_time=False)
        case "fake":
            yield Speaking(FakeSpeaker(fake), fake, fake.sleep)
        case _:
            from companion.engines.speaker import PortAudioSpeaker

            request.getfixturevalue("virtual_devices")
            speaker = PortAudioSpeaker()
            yield Speaking(speaker, time.perf_counter, time.sleep)
            speaker.close()


def test_play_returns_at_once_and_finish_waits_until_all_was_heard(speaking: Speaking) -> None:
    speaking.speaker.begin()
    before = speaking.clock()
    speaking.speaker.play(tone(0.4, 24_000))
    speaking.speaker.play(tone(0.2, 24_000))
    assert speaking.clock() - before < 0.1
    speaking.speaker.finish()
    took = speaking.clock() - before
    assert speaking.speaker.heard_s == pytest.approx(0.6, abs=0.002)
    assert (0.59 <= took <= 1.2) if speaking.in_time else took < 0.1


def test_clips_of_different_rates_make_one_reply(speaking: Speaking) -> None:
    speaking.speaker.begin()
    for rate in (24_000, 16_000, 48_000):
        speaking.speaker.play(tone(0.1, rate))
    speaking.speaker.finish()
    assert speaking.speaker.heard_s == pytest.approx(0.3, abs=0.002)


def test_the_first_sample_has_its_time(speaking: Speaking) -> None:
    speaking.speaker.begin()
    speaking.sleep(0.3)
    assert speaking.speaker.first_sample_at is None
    asked = speaking.clock()
    speaking.speaker.play(tone(0.2, 24_000))
    speaking.speaker.finish()
    assert asked <= (speaking.speaker.first_sample_at or 0.0) < asked + 0.2


def test_a_flush_stops_the_count_and_what_is_played_after_it_is_dropped(speaking: Speaking) -> None:
    speaking.speaker.begin()
    speaking.speaker.play(tone(2.0, 24_000))
    speaking.sleep(0.5)
    speaking.speaker.flush()
    speaking.speaker.play(tone(1.0, 24_000))
    speaking.sleep(0.2)
    heard = speaking.speaker.heard_s
    assert heard == pytest.approx(0.5 if speaking.in_time else 2.0, abs=0.15)
    speaking.sleep(0.3)
    assert speaking.speaker.heard_s == pytest.approx(heard, abs=0.001)
    speaking.speaker.finish()


def test_counters_start_from_zero_with_each_reply(speaking: Speaking) -> None:
    for _ in range(2):
        speaking.speaker.begin()
        assert speaking.speaker.heard_s == 0.0
        assert speaking.speaker.first_sample_at is None
        speaking.speaker.play(tone(0.1, 24_000))
        speaking.speaker.finish()
        assert speaking.speaker.heard_s == pytest.approx(0.1, abs=0.002)


def test_an_empty_reply_is_over_at_once(speaking: Speaking) -> None:
    speaking.speaker.begin()
    before = speaking.clock()
    speaking.speaker.play(Clip.silence(0.0, 24_000))
    speaking.speaker.finish()
    assert speaking.clock() - before < 0.2
    assert speaking.speaker.heard_s == 0.0


def test_finish_gives_up_when_cancelled(speaking: Speaking) -> None:
    speaking.speaker.begin()
    speaking.speaker.play(tone(5.0, 24_000))
    began = speaking.clock()
    speaking.speaker.finish(lambda: speaking.clock() - began > 0.2)
    speaking.speaker.flush()
    assert speaking.clock() - began < 0.5


def test_a_flush_from_another_thread_ends_the_wait() -> None:
    speaker = NullSpeaker("realtime")
    speaker.begin()
    speaker.play(tone(30.0))
    threading.Timer(0.1, speaker.flush).start()
    before = time.perf_counter()
    speaker.finish()
    assert time.perf_counter() - before < 5.0
    assert speaker.heard_s == pytest.approx(0.1, abs=0.1)


def test_closing_twice_is_harmless(speaking: Speaking) -> None:
    speaking.speaker.begin()
    speaking.speaker.play(tone(0.1, 24_000))
    speaking.speaker.finish()
    speaking.speaker.close()
    speaking.speaker.close()
