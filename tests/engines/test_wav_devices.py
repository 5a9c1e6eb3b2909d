"""Files that stand for the microphone and the speaker."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.core.clip import SPEECH_RATE
from companion.core.errors import DeviceError
from companion.engines.wav_devices import WavMicrophone, WavSpeaker
from tests.fakes.sound import FakeClock, tone


def test_in_real_time_a_file_takes_as_long_as_it_lasts() -> None:
    clock = FakeClock()
    microphone = WavMicrophone(tone(2.0), "realtime", clock, clock.sleep)
    microphone.start()
    while not microphone.ended:
        microphone.read(0.05)
    assert clock.now - 100.0 == pytest.approx(2.0, abs=0.001)


def test_fast_pace_takes_no_time() -> None:
    clock = FakeClock()
    microphone = WavMicrophone(tone(2.0), "fast", clock, clock.sleep)
    microphone.start()
    samples = 0
    while (block := microphone.read(0.05)) is not None:
        samples += len(block.samples)
    assert samples == 2 * SPEECH_RATE
    assert microphone.ended
    assert clock.now == 100.0


def test_a_late_reader_still_learns_the_true_time_of_capture() -> None:
    clock = FakeClock()
    microphone = WavMicrophone(tone(1.0), "realtime", clock, clock.sleep)
    microphone.start()
    clock.sleep(10.0)
    times = []
    while (block := microphone.read(0.05)) is not None:
        times.append(block.captured_at)
    assert clock.now == 110.0
    assert times[0] == pytest.approx(100.032)
    assert times[-1] == pytest.approx(101.0)


def test_an_unreadable_file_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="There is no file"):
        WavMicrophone(tmp_path / "none.wav").start()
    (tmp_path / "text.wav").write_text("Dear diary")
    with pytest.raises(DeviceError, match="not an audio file"):
        WavMicrophone(tmp_path / "text.wav").start()


def test_a_file_is_heard_again_from_its_beginning(tmp_path: Path) -> None:
    microphone = WavMicrophone(tone(0.5), "fast")
    heard = []
    for _ in range(2):
        microphone.start()
        block = microphone.read(0.1)
        assert block is not None
        heard.append(block.samples)
        microphone.stop()
    assert np.array_equal(heard[0], heard[1])


def test_each_reply_becomes_one_file_that_appears_whole(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path / "out", "fast")
    for seconds in (0.5, 0.25):
        speaker.begin()
        speaker.play(tone(seconds, 24_000))
        speaker.play(tone(seconds, 24_000))
        assert not any(file.stat().st_size == 0 for file in (tmp_path / "out").iterdir())
        speaker.finish()
    assert [path.name for path in speaker.written] == ["reply-001.wav", "reply-002.wav"]
    assert [soundfile.info(path).duration for path in speaker.written] == [1.0, 0.5]
    assert soundfile.info(speaker.written[0]).samplerate == 24_000
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["reply-001.wav", "reply-002.wav"]


def test_a_later_session_continues_the_numbers(tmp_path: Path) -> None:
    for _ in range(2):
        speaker = WavSpeaker(tmp_path, "fast")
        speaker.begin()
        speaker.play(tone(0.1))
        speaker.finish()
    assert [path.name for path in speaker.written] == ["reply-002.wav"]


def test_a_flushed_reply_holds_what_was_heard(tmp_path: Path) -> None:
    clock = FakeClock()
    speaker = WavSpeaker(tmp_path, "realtime", clock, clock.sleep)
    speaker.begin()
    speaker.play(tone(3.0, 24_000))
    clock.sleep(1.25)
    speaker.flush()
    speaker.flush()
    assert soundfile.info(speaker.written[0]).duration == pytest.approx(1.25, abs=0.001)
    assert speaker.heard_s == pytest.approx(1.25)


def test_a_late_clip_is_heard_later_and_counts_the_same(tmp_path: Path) -> None:
    clock = FakeClock()
    speaker = WavSpeaker(tmp_path, "realtime", clock, clock.sleep)
    speaker.begin()
    speaker.play(tone(0.5))
    clock.sleep(2.0)
    speaker.play(tone(0.5))
    clock.sleep(0.2)
    assert speaker.heard_s == pytest.approx(0.7)
    speaker.finish()
    assert clock.now == pytest.approx(102.5)


def test_a_reply_without_sound_makes_no_file(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path, "fast")
    speaker.begin()
    speaker.finish()
    speaker.begin()
    speaker.flush()
    assert list(tmp_path.iterdir()) == []


def test_what_was_played_is_kept_when_the_session_ends_early(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path, "fast")
    speaker.begin()
    speaker.play(tone(0.4))
    speaker.close()
    assert soundfile.info(tmp_path / "reply-001.wav").duration == 0.4


def test_clips_of_other_rates_join_at_the_rate_of_the_first(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path, "fast")
    speaker.begin()
    speaker.play(tone(0.5, 24_000))
    speaker.play(tone(0.5, 48_000))
    speaker.finish()
    samples, rate = soundfile.read(speaker.written[0])
    assert (rate, len(samples)) == (24_000, 24_000)
    assert np.argmax(np.abs(np.fft.rfft(samples))) == pytest.approx(220, abs=1)


def test_a_folder_that_cannot_be_is_told_before_anything_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError) as told:
        WavSpeaker(tmp_path / "file").begin()
    assert "--speech-dir" in told.value.hint


def test_a_flush_while_another_thread_waits_writes_one_file(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path, "realtime")
    speaker.begin()
    speaker.play(tone(20.0))
    waiting = threading.Thread(target=speaker.finish)
    waiting.start()
    time.sleep(0.2)
    speaker.flush()
    waiting.join(timeout=5)
    assert not waiting.is_alive()
    assert len(speaker.written) == 1
    assert 0.1 < soundfile.info(speaker.written[0]).duration < 2.0
