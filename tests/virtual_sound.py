"""A machine with a microphone and a speaker that are not there: PulseAudio with null sinks.

What is played into the sink ``mouth`` is what the default microphone hears; what is played on the default
speaker can be recorded. PortAudio lists devices once, as it starts, and chooses them by environment: run
the program under test as a subprocess with ``VirtualSound.environment``, or use the fixture
``virtual_devices``, which starts PortAudio afresh in this process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from companion.core.clip import Clip
from companion.engines.wav import write_wav

PROGRAMS = ("pulseaudio", "pactl", "paplay", "parecord")

MONITOR_RATE = 48_000
"""Hertz at which the speaker is recorded."""

_START_S = 15.0

# `norewinds` gives a null sink the 50 ms blocks of a sound card; without it the sink renders two seconds ahead
# and a stream that has just started waits for them.
_MODULES = (
    "module-native-protocol-unix auth-anonymous=1 socket={socket}",
    "module-null-sink sink_name=speaker norewinds=1 rate={rate}",
    "module-null-sink sink_name=mouth norewinds=1 rate={rate}",
    "module-remap-source master=mouth.monitor source_name=mic",
)


class VirtualSound:
    """One PulseAudio of our own, from ``start`` to ``stop``."""

    def __init__(self, rate: int = MONITOR_RATE) -> None:
        self.rate = rate
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        self._folder.chmod(0o700)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a program that is to use these devices."""
        return {**os.environ, **self.variables}

    @property
    def variables(self) -> Mapping[str, str]:
        """What distinguishes that environment."""
        socket = f"unix:{self._folder / 'native'}"
        return {
            "PULSE_SERVER": socket,
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_COOKIE": str(self._folder / "cookie"),
        }

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "--system=false", "--use-pid-file=no"]
        command += ["--disable-shm=yes", "-n"]
        for module in _MODULES:
            command += ["-L", module.format(socket=self._folder / "native", rate=self.rate)]
        with (self._folder / "log").open("wb") as log:
            home = {"HOME": str(self._folder)}
            self._server = subprocess.Popen(command, env={**self.environment, **home}, stdout=log, stderr=log)
        deadline = time.monotonic() + _START_S
        while subprocess.run(["pactl", "info"], env=self.environment, capture_output=True).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PulseAudio did not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.05)
        self._control("set-default-sink", "speaker")
        self._control("set-default-source", "mic")

    def stop(self) -> None:
        """End the server and forget its folder; calling it again does nothing."""
        self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)

    def unplug(self) -> None:
        """Take all devices away at once, as when a headset is pulled."""
        if self._server is not None:
            self._server.send_signal(signal.SIGCONT)
            self._server.terminate()
            self._server.wait(timeout=10)
            self._server = None

    def freeze(self) -> None:
        """Let the server hang: it is there and does nothing more."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def speak(self, sound: Clip | Path, wait: bool = True) -> subprocess.Popen[bytes]:
        """Play into the microphone; without ``wait`` it returns while the words are still being said."""
        path = sound
        if isinstance(sound, Clip):
            path = self._folder / f"speech-{time.monotonic_ns()}.wav"
            write_wav(path, sound)
        player = subprocess.Popen(
            ["paplay", "--device=mouth", "--latency-msec=50", str(path)], env=self.environment, stderr=subprocess.PIPE
        )
        if wait:
            _, complaint = player.communicate(timeout=600)
            assert player.returncode == 0, complaint.decode()
        return player

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record what the speaker plays for as long as the block runs; the clip is there after it."""
        raw = self._folder / f"heard-{time.monotonic_ns()}.raw"
        command = ["parecord", "--device=speaker.monitor", "--raw", "--format=s16le", "--channels=1"]
        command += [f"--rate={MONITOR_RATE}", "--latency-msec=20", str(raw)]
        recorder = subprocess.Popen(command, env=self.environment)
        try:
            deadline = time.monotonic() + _START_S
            while not raw.exists() or not raw.stat().st_size:
                assert time.monotonic() < deadline, "parecord recorded nothing"
                time.sleep(0.02)
            recording = Recording(raw)
            yield recording
            time.sleep(0.2)
        finally:
            recorder.terminate()
            recorder.wait(timeout=10)
        recording.over()

    def _control(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments], env=self.environment, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout


class Recording:
    """What came out of the speaker."""

    def __init__(self, raw: Path) -> None:
        self._raw = raw
        self._clip: Clip | None = None

    def so_far(self) -> Clip:
        """What has been recorded until now."""
        pcm = self._raw.read_bytes()
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32768.0
        return Clip(samples, MONITOR_RATE)

    def over(self) -> None:
        self._clip = self.so_far()

    @property
    def clip(self) -> Clip:
        """The whole recording."""
        return self._clip or self.so_far()


def require_virtual_sound() -> None:
    """Skip the test, loudly, where PulseAudio cannot be had."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(
            f"THE REAL SOUND PATH IS NOT TESTED HERE: {', '.join(missing)} missing. "
            "On Debian: apt-get install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
        )
    found = subprocess.run(["python3", "-c", "import ctypes.util as u; exit(not u.find_library('portaudio'))"])
    if found.returncode:
        pytest.skip(
            "THE REAL SOUND PATH IS NOT TESTED HERE: PortAudio missing. On Debian: apt-get install libportaudio2"
        )


@pytest.fixture
def virtual_sound() -> Iterator[VirtualSound]:
    """A virtual microphone and speaker for one test."""
    require_virtual_sound()
    sound = VirtualSound()
    try:
        sound.start()
        yield sound
    finally:
        sound.stop()


@pytest.fixture
def virtual_devices(virtual_sound: VirtualSound) -> Iterator[VirtualSound]:
    """The same, for PortAudio in this process."""
    from companion.engines.devices import rescan

    with pytest.MonkeyPatch.context() as patch:
        for name, value in virtual_sound.variables.items():
            patch.setenv(name, value)
        assert rescan(), "a stream of another test is still open"
        yield virtual_sound
        virtual_sound.stop()
    assert rescan(), "the test left a stream open"
