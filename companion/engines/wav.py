"""Audio files: any that a person has, in; 16-bit WAV, out, whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import os
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.errors import DeviceError

_TITLE = "An audio file cannot be used"

_BLOCK = 65_536
"""Frames read at a time: a ten-minute file at 96 kHz in stereo never lies in memory whole."""

_LOWEST, _HIGHEST = 1_000, 1_000_000
"""Hertz a recording can have; a header with anything else is damaged, and would ask for absurd memory."""


def wav_blocks(path: Path, rate: int = SPEECH_RATE) -> Iterator[Samples]:
    """The sound of a file as mono float32 at ``rate`` hertz, in blocks of some seconds.

    Takes what libsndfile reads: WAV and FLAC of any rate, channels and depth, Ogg, MP3, AIFF. Channels are
    averaged. Raises ``DeviceError`` for a file that is missing, unreadable, empty or not audio.
    """
    import soundfile
    import soxr

    _require_file(path)
    try:
        with soundfile.SoundFile(path) as file:
            if not _LOWEST <= file.samplerate <= _HIGHEST:
                raise DeviceError(
                    f"{path} claims {file.samplerate} samples a second, which no recording has: it is damaged.",
                    title=_TITLE,
                )
            resampler = soxr.ResampleStream(file.samplerate, rate, 1)
            frames = 0
            for block in file.blocks(_BLOCK, dtype="float32", always_2d=True):
                frames += len(block)
                out = resampler.resample_chunk(_mono(block))
                if len(out):
                    yield out
            if not frames:
                raise DeviceError(f"{path} holds no sound: its length is zero.", title=_TITLE)
            rest = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
            if len(rest):
                yield rest
    except soundfile.SoundFileError as error:
        raise DeviceError(
            f"{path} is not an audio file that can be read: {_reason(error)}",
            hint=f"Give a WAV or FLAC file. Another format can be turned into one: "
            f"ffmpeg -i {path.name} {path.stem}.wav",
            title=_TITLE,
        ) from error
    except OSError as error:
        raise DeviceError(f"{path} cannot be read: {error.strerror or error}.", title=_TITLE) from error


def read_clip(path: Path, rate: int = SPEECH_RATE) -> Clip:
    """A whole file as one clip; see ``wav_blocks``."""
    return Clip(np.concatenate(list(wav_blocks(path, rate))), rate)


def write_wav(path: Path, clip: Clip, *, private: bool = False) -> None:
    """Write a clip as 16-bit mono WAV, replacing ``path`` only once it is whole. Raises ``DeviceError``.

    A ``private`` file is its owner's alone from its first byte.
    """
    if path.exists() and not path.is_file():
        raise DeviceError(
            f"{path} is not a file that can be replaced.", hint="Give a name for a WAV file.", title=_TITLE
        )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "wb") as file:
            _write(file, clip)
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        _discard(part)


def write_next_wav(folder: Path, stem: str, clip: Clip) -> Path:
    """Write a clip as ``stem-001.wav`` or the next free number, never over a file that is there.

    The number is held by the part file, which only one program can create. Raises ``DeviceError``.
    """
    number = 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / f"{stem}-{number:03d}.wav"
            part = folder / f".{path.name}.part"
            number += 1
            if path.exists():
                continue
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                continue
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _write(file, clip)
                if path.exists():
                    continue
                part.replace(path)
                return path
            finally:
                _discard(part)
    except OSError as error:
        raise _unwritable(folder, error) from error


def pcm16(samples: Samples) -> bytes:
    """Samples as 16-bit little-endian; what lies beyond -1..1 is clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def _write(file: BinaryIO, clip: Clip) -> None:
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(clip.rate)
        out.writeframes(pcm16(clip.samples))


def _discard(part: Path) -> None:
    # It is gone after success, and after a failure the failure is what matters.
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)


def _mono(block: Samples) -> Samples:
    # Float files can hold infinities and nothing-numbers, which a resampler would smear over everything.
    mono = np.nan_to_num(block.mean(axis=1, dtype=np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.ascontiguousarray(np.clip(mono, -1.0, 1.0), dtype=np.float32)


def _require_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise DeviceError(f"{path} is a folder, not an audio file.", title=_TITLE)
        with path.open("rb") as file:
            if not file.read(1):
                raise DeviceError(f"{path} is empty.", title=_TITLE)
    except FileNotFoundError:
        there = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, there, n=1)
        hint = f"Did you mean “{near[0]}”?" if near else "Check the path."
        raise DeviceError(f"There is no file {path}.", hint=hint, title=_TITLE) from None
    except OSError as error:
        raise DeviceError(f"{path} cannot be read: {error.strerror or error}.", title=_TITLE) from error


def _reason(error: Exception) -> str:
    text = str(getattr(error, "error_string", error)).strip()
    return text if text.endswith(".") else text + "."


def _unwritable(path: Path, error: OSError) -> DeviceError:
    return DeviceError(
        f"{path} cannot be written: {error.strerror or error}.",
        hint="Free some space, or choose another folder.",
        title=_TITLE,
    )
