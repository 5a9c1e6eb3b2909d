"""The machine's microphones and speakers, through PortAudio, which is imported here and nowhere else."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import difflib
import platform
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from companion.core.errors import DeviceError

Kind = Literal["input", "output"]

_NOUN: dict[Kind, str] = {"input": "microphone", "output": "speaker"}

_WITHOUT: dict[Kind, str] = {
    "input": "Plug one in and try again; or type your answers (--text); or answer from a file (--answer-audio).",
    "output": "Plug one in and try again; or read instead (--text); or have the speech in files (--speech-dir).",
}

_open_streams: weakref.WeakSet[Any] = weakref.WeakSet()
"""PortAudio must not start afresh under a stream that is open."""

_CLOSE_S = 2.0
"""A sound server that hangs holds the call that closes a stream for ever; we go on without it."""

_SWITCH_S = 0.001
"""How long Python lets one busy thread keep a sound callback waiting; its own 5 ms makes playback stutter."""


@dataclass(frozen=True, slots=True)
class Device:
    """One input or output; ``label`` is how it is remembered, since PortAudio's numbers change."""

    kind: Kind
    name: str
    host_api: str
    channels: int
    rate: int
    """Its own rate, in hertz."""
    default: bool
    index: int
    """PortAudio's number for it; good until PortAudio starts afresh."""

    @property
    def label(self) -> str:
        """The device as settings name it: ``name, host API``."""
        return f"{self.name}, {self.host_api}"


def portaudio() -> Any:
    """The sounddevice module. Raises ``DeviceError`` with the remedy when PortAudio is not installed."""
    if "sounddevice" not in sys.modules:
        _hush_alsa()
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError(
            f"PortAudio, the library that reaches the microphone and the speaker, is not installed ({error}).",
            hint=_remedy(),
        ) from error
    except Exception as error:
        # PortAudioError cannot be named before the import that raised it has worked.
        if type(error).__name__ != "PortAudioError":
            raise
        raise DeviceError(
            f"PortAudio, the library that reaches the microphone and the speaker, does not start: {error}.",
            hint="Close other programs that use sound, and try again.",
        ) from error
    return sounddevice


def devices(kind: Kind) -> tuple[Device, ...]:
    """Every input or output there was when PortAudio started, the system's default first."""
    sound = portaudio()
    apis = sound.query_hostapis()
    default = _default_index(sound, kind)
    found = [
        Device(
            kind=kind,
            name=" ".join(str(device["name"]).split()),
            host_api=str(apis[device["hostapi"]]["name"]),
            channels=int(device[f"max_{kind}_channels"]),
            rate=round(device["default_samplerate"]),
            default=device["index"] == default,
            index=int(device["index"]),
        )
        for device in sound.query_devices()
        if device[f"max_{kind}_channels"] > 0
    ]
    return tuple(sorted(found, key=lambda device: not device.default))


def find_device(kind: Kind, wanted: str = "") -> Device:
    """The device called ``name, host API`` (or by its name alone); empty takes the system's default.

    One plugged in since PortAudio started is found too. Raises ``DeviceError`` naming the nearest.
    """
    found = _match(kind, wanted)
    if found is None and rescan():
        found = _match(kind, wanted)
    if found is not None:
        return found
    there = devices(kind)
    noun = _NOUN[kind]
    if not there:
        raise DeviceError(f"There is no {noun} on this machine.", hint=_WITHOUT[kind])
    labels = {device.label.casefold(): device.label for device in there}
    near = difflib.get_close_matches(wanted.casefold(), labels, n=1, cutoff=0.5)
    raise DeviceError(
        f"There is no {noun} called “{wanted}”.",
        hint=f"Did you mean “{labels[near[0]]}”?" if near else "There is: " + "; ".join(labels.values()) + ".",
    )


def rescan() -> bool:
    """Look for devices again; false (and nothing done) while one of our streams is open.

    PortAudio lists devices once, as it starts, and has no call for looking again: it is stopped and started.
    """
    sound = portaudio()
    if any(not stream.closed for stream in _open_streams):
        return False
    try:
        sound._terminate()
        sound._initialize()
    except sound.PortAudioError as error:
        raise DeviceError(f"The sound system does not start again: {error}.") from error
    return True


def open_stream(kind: Kind, wanted: str, ready: Callable[[Any], None], **options: Any) -> tuple[Any, Device]:
    """Open and start a stream at the device's own rate; ``options`` go to sounddevice as they are.

    ``ready`` gets the stream, whose rate and channels are known, before its first callback. It has one or two
    channels, or all of them on a device that takes nothing less. Raises ``DeviceError``.
    """
    sound = portaudio()
    make = sound.InputStream if kind == "input" else sound.OutputStream
    failure = ""
    for again in (False, True):
        if again and not rescan():
            break
        device = find_device(kind, wanted)
        for channels in dict.fromkeys((min(2, device.channels), device.channels)):
            stream = None
            try:
                stream = make(
                    device=device.index, samplerate=device.rate, channels=channels, dtype="float32", **options
                )
                ready(stream)
                stream.start()
            except sound.PortAudioError as error:
                failure = f"The {_NOUN[kind]} “{device.label}” cannot be opened: {error}."
                if stream is not None:
                    stream.close()
                continue
            _open_streams.add(stream)
            sys.setswitchinterval(min(_SWITCH_S, sys.getswitchinterval()))
            return stream, device
    raise DeviceError(failure, hint="Is it in use by another program, or switched off? " + _WITHOUT[kind])


def close_stream(stream: Any) -> None:
    """Silence a stream and give its device back, or give up on a sound server that hangs."""

    def close() -> None:
        stream.abort()
        stream.close()

    closing = threading.Thread(target=close, name="close sound", daemon=True)
    closing.start()
    closing.join(_CLOSE_S)
    if closing.is_alive():
        # PortAudio's own farewell would wait for this stream as well, and the program would never end.
        atexit.unregister(portaudio()._exit_handler)


def gone(device: Device) -> DeviceError:
    """The error of a device that was there and is not any more."""
    return DeviceError(
        f"The {_NOUN[device.kind]} “{device.label}” went away.", hint="Was it unplugged? " + _WITHOUT[device.kind]
    )


def _match(kind: Kind, wanted: str) -> Device | None:
    there = devices(kind)
    if not wanted:
        # Some machines have devices and no default; the first is better than none.
        return there[0] if there else None
    key = " ".join(wanted.split()).casefold()
    for device in there:
        if device.label.casefold() == key:
            return device
    named = [device for device in there if device.name.casefold() == key]
    return named[0] if named else None


def _default_index(sound: Any, kind: Kind) -> int:
    try:
        return int(sound.query_devices(kind=kind)["index"])
    except (sound.PortAudioError, ValueError):
        return -1


def _hush_alsa() -> None:
    """ALSA writes on stderr whatever it tries and every late block: that would tear up a terminal's screen."""
    if platform.system() != "Linux":
        return
    # Its handler must be a C function that takes anything and does nothing: it is called on ALSA's own threads.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(ctypes.CDLL(None).getppid)


def _remedy() -> str:
    if platform.system() == "Linux":
        return (
            "On Debian and Ubuntu: sudo apt-get install libportaudio2. "
            "On Fedora: sudo dnf install portaudio. On Arch: sudo pacman -S portaudio."
        )
    return "It comes with the sounddevice package: run `make run` to install that again."
