"""Real capture and playback, through PortAudio and a virtual sound card."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soxr

from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.endpoint import Endpoint
from companion.core.errors import DeviceError
from companion.engines import devices
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.silero import SileroDetector
from companion.engines.speaker import PortAudioSpeaker
from companion.session.listening import listen
from tests.fakes.sound import tone
from tests.virtual_sound import MONITOR_RATE, VirtualSound
from tests.voices import spoken_by_joe

pytestmark = pytest.mark.sound

ANSWER = "This is an inferior infarction. I would give aspirin and call for primary P C I."


def likeness(heard: Clip, said: Clip) -> tuple[float, float]:
    """How alike two sounds are at their best alignment (1: the same), and that delay in seconds."""
    wanted: Samples = soxr.resample(said.samples, said.rate, heard.rate)
    size = 1 << (len(heard.samples) + len(wanted)).bit_length()
    product = np.fft.rfft(heard.samples, size) * np.conj(np.fft.rfft(wanted, size))
    correlation = np.fft.irfft(product)[: max(1, len(heard.samples) - len(wanted))]
    delay = int(np.argmax(correlation))
    part = heard.samples[delay : delay + len(wanted)]
    return float(correlation[delay] / (np.linalg.norm(part) * np.linalg.norm(wanted))), delay / heard.rate


def said_after_a_moment(said: Clip) -> Clip:
    """A stream that has just started takes some blocks to run: nobody speaks in its first instant."""
    return Clip.join([Clip.silence(0.5, said.rate), said], said.rate)


def captured(microphone: PortAudioMicrophone, seconds: float) -> tuple[Clip, float]:
    """All that is captured from now, and the clock time of its last sample."""
    until = time.perf_counter() + seconds
    samples, at = [np.zeros(0, np.float32)], 0.0
    while time.perf_counter() < until:
        if (block := microphone.read(0.1)) is not None:
            samples.append(block.samples)
            at = block.captured_at
    return Clip(np.concatenate(samples)), at


def test_speech_is_captured_as_it_was_said(virtual_devices: VirtualSound) -> None:
    said = spoken_by_joe(ANSWER)
    microphone = PortAudioMicrophone()
    microphone.start()
    began = time.perf_counter()
    virtual_devices.speak(said_after_a_moment(said), wait=False)
    heard, at = captured(microphone, said.seconds + 1.5)
    microphone.stop()
    alike, _ = likeness(heard, said)
    assert alike > 0.98
    assert microphone.overruns == 0
    # Nothing was lost: there is as much sound as there was time.
    assert heard.seconds == pytest.approx(at - began, abs=0.2)
    assert time.perf_counter() - at < 0.5


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_other_native_rates_are_captured(
    virtual_devices: VirtualSound, rate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = devices.find_device

    def at_rate(kind: devices.Kind, wanted: str = "") -> devices.Device:
        import dataclasses

        return dataclasses.replace(real(kind, wanted), rate=rate)

    monkeypatch.setattr(devices, "find_device", at_rate)
    said = spoken_by_joe("Aspirin and heparin.")
    microphone = PortAudioMicrophone()
    microphone.start()
    virtual_devices.speak(said_after_a_moment(said), wait=False)
    heard, _ = captured(microphone, said.seconds + 1.5)
    microphone.stop()
    assert likeness(heard, said)[0] > 0.98
    speaker = PortAudioSpeaker()
    with virtual_devices.recording() as recording:
        speaker.begin()
        speaker.play(said)
        speaker.finish()
    speaker.close()
    assert likeness(recording.clip, said)[0] > 0.98


def test_a_late_reader_loses_nothing_and_learns_true_times(virtual_devices: VirtualSound) -> None:
    microphone = PortAudioMicrophone()
    microphone.start()
    time.sleep(3.0)
    asked = time.perf_counter()
    block = microphone.read(0.1)
    assert block is not None
    assert len(block.samples) / SPEECH_RATE > 2.5
    assert block.captured_at <= asked
    assert microphone.overruns == 0
    microphone.stop()


def test_a_spoken_answer_is_listened_to_on_a_real_device(virtual_devices: VirtualSound) -> None:
    said = spoken_by_joe(ANSWER)
    detector = SileroDetector()
    detector.load()
    virtual_devices.speak(Clip.join([said_after_a_moment(said), Clip.silence(2.0)]), wait=False)
    speech = listen(PortAudioMicrophone(), detector, endpoint=Endpoint(0.9))
    assert speech.by == "endpoint"
    assert speech.decided_at - speech.ended_at == pytest.approx(0.9, abs=0.25)
    loud = np.flatnonzero(np.abs(said.samples) > 0.02)
    assert likeness(Clip.join([speech.clip, Clip.silence(1.0)]), Clip(said.samples[loud[0] : loud[-1]]))[0] > 0.98


def test_what_is_played_comes_out_of_the_speaker(virtual_devices: VirtualSound) -> None:
    said = spoken_by_joe(ANSWER, rate=24_000)
    speaker = PortAudioSpeaker()
    speaker.open()
    with virtual_devices.recording() as recording:
        speaker.begin()
        # In pieces, as a voice gives it: the joins must not be heard.
        for start in range(0, len(said.samples), 5_000):
            speaker.play(Clip(said.samples[start : start + 5_000], said.rate))
        speaker.finish()
    speaker.close()
    alike, _ = likeness(recording.clip, said)
    assert alike > 0.99
    assert speaker.underruns == 0


def test_the_first_sample_is_heard_when_the_speaker_says_so(virtual_devices: VirtualSound) -> None:
    speaker, microphone = PortAudioSpeaker(), PortAudioMicrophone()
    loop = ["module-loopback", "source=speaker.monitor", "sink=mouth", "latency_msec=20"]
    subprocess.run(["pactl", "load-module", *loop], env=virtual_devices.environment, check=True, capture_output=True)
    speaker.open()
    microphone.start()
    captured(microphone, 1.0)
    speaker.begin()
    speaker.play(tone(0.5, 24_000))
    said_at = None
    heard_at = None
    until = time.perf_counter() + 2.0
    while heard_at is None and time.perf_counter() < until:
        block = microphone.read(0.1)
        if block is not None and (loud := np.flatnonzero(np.abs(block.samples) > 0.1)).size:
            heard_at = block.captured_at - (len(block.samples) - int(loud[0])) / SPEECH_RATE
    said_at = speaker.first_sample_at
    speaker.close()
    microphone.stop()
    assert said_at is not None
    assert heard_at is not None
    # The way back through two null sinks of 50 ms blocks and a loopback takes up to a quarter of a second.
    assert 0.0 <= heard_at - said_at < 0.25


def test_a_flush_is_silent_within_150_ms_and_does_not_click(virtual_devices: VirtualSound) -> None:
    speaker = PortAudioSpeaker()
    speaker.open()
    time.sleep(0.5)
    with virtual_devices.recording() as recording:
        speaker.begin()
        speaker.play(tone(5.0, 24_000, level=0.5))
        time.sleep(1.0)
        sound_until = time.perf_counter()
        before = len(recording.so_far().samples)
        speaker.flush()
        time.sleep(1.0)
        silent_for = time.perf_counter() - sound_until
    heard_s = speaker.heard_s
    speaker.close()
    heard = recording.clip.samples
    loud = np.flatnonzero(np.abs(heard) > 0.01)
    length = (loud[-1] - loud[0]) / MONITOR_RATE
    assert silent_for > 0.9
    # What was recorded when `flush` was called, and how much sound still came.
    assert (loud[-1] - before) / MONITOR_RATE < 0.15
    assert heard_s == pytest.approx(length, abs=0.03)
    # A cut of a 220 Hz tone at full level jumps by far more than the tone itself ever does between samples.
    steepest = 0.5 * 2 * np.pi * 220 / MONITOR_RATE
    assert np.abs(np.diff(heard)).max() < 1.5 * steepest


def test_a_reply_begun_right_after_a_flush_is_heard_and_the_last_one_is_not(virtual_devices: VirtualSound) -> None:
    speaker = PortAudioSpeaker()
    speaker.open()
    with virtual_devices.recording() as recording:
        speaker.begin()
        speaker.play(tone(5.0, 24_000, 220.0))
        time.sleep(0.5)
        speaker.flush()
        speaker.begin()
        speaker.play(tone(0.5, 24_000, 1760.0))
        speaker.finish()
    assert speaker.heard_s == pytest.approx(0.5, abs=0.01)
    speaker.close()
    loud = np.flatnonzero(np.abs(recording.clip.samples) > 0.01)
    tail = recording.clip.samples[loud[-1] - 20_000 : loud[-1]]
    spectrum = np.abs(np.fft.rfft(tail))
    assert np.argmax(spectrum) * MONITOR_RATE / len(tail) == pytest.approx(1760, abs=10)


def test_the_microphone_unplugged_midway_keeps_what_was_said(virtual_devices: VirtualSound) -> None:
    said = spoken_by_joe(ANSWER)
    detector = SileroDetector()
    detector.load()
    virtual_devices.speak(said, wait=False)
    microphone = PortAudioMicrophone()
    asked = time.perf_counter()
    unplugged = False

    def pull() -> bool:
        nonlocal unplugged
        if not unplugged and time.perf_counter() - asked > 2.5:
            unplugged = True
            virtual_devices.unplug()
        return False

    speech = listen(microphone, detector, endpoint=Endpoint(0.9), hands_free=False, cancelled=pull)
    assert speech.by == "device lost"
    assert speech.failure is not None
    assert "went away" in speech.failure.message
    assert speech.speech_s > 1.0
    assert time.perf_counter() - asked < 8.0
    assert microphone.ended


def test_the_speaker_unplugged_midway_is_told_and_a_new_one_is_found(virtual_devices: VirtualSound) -> None:
    speaker = PortAudioSpeaker()
    speaker.begin()
    speaker.play(tone(10.0, 24_000))
    time.sleep(0.5)
    virtual_devices.unplug()
    before = time.perf_counter()
    with pytest.raises(DeviceError, match="went away"):
        speaker.finish()
    assert time.perf_counter() - before < 4.0
    assert 0.2 < speaker.heard_s < 3.0
    with pytest.raises(DeviceError):
        speaker.begin()
    virtual_devices.start()
    speaker.begin()
    speaker.play(tone(0.2, 24_000))
    speaker.finish()
    assert speaker.heard_s == pytest.approx(0.2, abs=0.01)
    speaker.close()


def test_a_device_is_remembered_by_name_and_host_api(virtual_devices: VirtualSound) -> None:
    there = devices.devices("input")
    assert there[0].default
    assert {device.label for device in there} == {"pulse, ALSA", "default, ALSA"}
    assert devices.find_device("input").label == "default, ALSA"
    assert devices.find_device("input", "pulse, ALSA").name == "pulse"
    assert devices.find_device("output", "PULSE").label == "pulse, ALSA"
    with pytest.raises(DeviceError) as told:
        devices.find_device("input", "puls, ALSA")
    assert told.value.message == "There is no microphone called “puls, ALSA”."
    assert told.value.hint == "Did you mean “pulse, ALSA”?"
    with pytest.raises(DeviceError) as told:
        devices.find_device("output", "Jabra Evolve2 65")
    assert "default, ALSA" in told.value.hint


def test_a_device_plugged_in_later_is_found(virtual_devices: VirtualSound) -> None:
    virtual_devices.unplug()
    assert devices.rescan()
    with pytest.raises(DeviceError, match="no microphone on this machine"):
        devices.find_device("input")
    virtual_devices.start()
    assert devices.find_device("input").label == "default, ALSA"


def test_another_program_may_use_the_same_sound(virtual_sound: VirtualSound) -> None:
    program = """
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.devices import devices
import numpy as np, time
microphone = PortAudioMicrophone()
microphone.start()
print("listening", flush=True)
until, peak = time.perf_counter() + 2.0, 0.0
while time.perf_counter() < until:
    block = microphone.read(0.1)
    peak = peak if block is None else max(peak, float(np.abs(block.samples).max()))
microphone.stop()
print(devices("input")[0].label, round(peak, 1), microphone.overruns)
"""
    running = subprocess.Popen(
        [sys.executable, "-c", program], env=virtual_sound.environment, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "listening\n"
    virtual_sound.speak(tone(1.0, 48_000), wait=False)
    assert running.stdout.read() == "default, ALSA 0.3 0\n"
    assert running.wait() == 0


def test_a_sound_server_that_hangs_is_told_and_does_not_hold_the_program(virtual_sound: VirtualSound) -> None:
    program = """
import time
from companion.core.errors import DeviceError
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.speaker import PortAudioSpeaker
from tests.fakes.sound import tone
microphone, speaker = PortAudioMicrophone(), PortAudioSpeaker()
microphone.start()
speaker.begin()
speaker.play(tone(30.0))
time.sleep(0.5)
print("running", flush=True)
try:
    while True:
        microphone.read(0.1)
except DeviceError as error:
    print(error.message)
try:
    speaker.finish()
except DeviceError as error:
    print(error.message)
microphone.stop()
speaker.close()
"""
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, "-c", program], env=virtual_sound.environment, stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "running\n"
    virtual_sound.freeze()
    told, _ = running.communicate(timeout=20)
    assert told.splitlines() == [
        "The microphone “default, ALSA” went away.",
        "The speaker “default, ALSA” went away.",
    ]
    assert running.returncode == 0


def test_nothing_stutters_while_python_is_busy(virtual_devices: VirtualSound) -> None:
    busy = True

    def work() -> None:
        while busy:
            sum(i * i for i in range(2000))

    speaker, microphone = PortAudioSpeaker(), PortAudioMicrophone()
    speaker.open()
    microphone.start()
    time.sleep(0.3)
    worker = threading.Thread(target=work)
    worker.start()
    began = time.perf_counter()
    speaker.begin()
    speaker.play(tone(2.0, 24_000))
    speaker.finish()
    took = time.perf_counter() - began
    busy = False
    worker.join()
    speaker.close()
    microphone.stop()
    assert microphone.overruns == 0
    assert took < 2.6
