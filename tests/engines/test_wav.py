"""Audio files a person may have, and those we write."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import soundfile

from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import DeviceError
from companion.engines import wav
from companion.engines.wav import read_clip, wav_blocks, write_next_wav, write_wav
from tests.fakes.sound import tone


def hertz(clip: Clip) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(clip.samples))
    return float(np.argmax(spectrum) * clip.rate / len(clip.samples))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_any_rate_is_taken(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0, rate).samples, rate)
    clip = read_clip(tmp_path / "a.wav")
    assert clip.rate == SPEECH_RATE
    assert clip.seconds == pytest.approx(1.0, abs=0.001)
    assert hertz(clip) == pytest.approx(220, abs=2)
    assert np.abs(clip.samples).max() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("depth", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
def test_any_depth_is_taken(tmp_path: Path, depth: str) -> None:
    soundfile.write(tmp_path / "a.wav", tone(0.5).samples, SPEECH_RATE, subtype=depth)
    clip = read_clip(tmp_path / "a.wav")
    assert np.sqrt(np.mean(clip.samples**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    assert hertz(clip) == pytest.approx(220, abs=3)


@pytest.mark.parametrize(("suffix", "format"), [("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3"), ("aiff", "AIFF")])
def test_other_formats_are_taken(tmp_path: Path, suffix: str, format: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(1.0, 44_100).samples, 44_100, format=format)
    assert hertz(read_clip(path)) == pytest.approx(220, abs=3)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(1.0, 48_000, 220.0), tone(1.0, 48_000, 1760.0)
    soundfile.write(tmp_path / "a.wav", np.stack([left.samples, right.samples], axis=1), 48_000)
    spectrum = np.abs(np.fft.rfft(read_clip(tmp_path / "a.wav").samples)) * 2 / SPEECH_RATE
    assert spectrum[220] == pytest.approx(0.15, abs=0.01)
    assert spectrum[1760] == pytest.approx(0.15, abs=0.01)


def test_what_cannot_be_heard_at_16_khz_does_not_fold_back(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1.0, 96_000, 15_000.0).samples, 96_000)
    assert np.abs(read_clip(tmp_path / "a.wav").samples[2000:-2000]).max() < 0.001


def test_infinities_and_nothing_numbers_do_not_spread(tmp_path: Path) -> None:
    samples = tone(1.0).samples.copy()
    samples[5000] = np.nan
    samples[9000] = np.inf
    soundfile.write(tmp_path / "a.wav", samples, SPEECH_RATE, subtype="FLOAT")
    clip = read_clip(tmp_path / "a.wav")
    assert np.isfinite(clip.samples).all()
    assert hertz(clip) == pytest.approx(220, abs=2)


def test_ten_minutes_at_96_khz_in_stereo_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    second = np.repeat((tone(1.0, 96_000).samples * 32767).astype("<i2")[:, np.newaxis], 2, axis=1).tobytes()
    with wave.open(str(path), "wb") as out:
        out.setparams((2, 2, 96_000, 0, "NONE", ""))
        for _ in range(600):
            out.writeframes(second)
    program = f"""
import resource, soundfile, soxr
from pathlib import Path
from companion.engines import wav
from companion.engines.wav import read_clip, wav_blocks
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
samples = sum(len(block) for block in wav_blocks(Path({str(path)!r})))
streamed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clip = read_clip(Path({str(path)!r}))
whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(samples, len(clip.samples), (streamed - before) / 1024, (whole - before) / 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    samples, read, streamed_mb, whole_mb = (float(word) for word in done.stdout.split())
    assert samples == read == pytest.approx(600 * SPEECH_RATE, abs=10)
    if sys.platform == "linux":
        assert streamed_mb < 20
        assert whole_mb < 110


def test_a_missing_file_is_told_with_its_nearest(tmp_path: Path) -> None:
    write_wav(tmp_path / "answer.wav", tone(0.1))
    with pytest.raises(DeviceError) as told:
        read_clip(tmp_path / "anwser.wav")
    assert "There is no file" in told.value.message
    assert told.value.hint == "Did you mean “answer.wav”?"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="is a folder"):
        read_clip(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_is_told(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(0.1))
    (tmp_path / "a.wav").chmod(0)
    with pytest.raises(DeviceError, match="cannot be read"):
        read_clip(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a"])
def test_an_empty_file_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(DeviceError, match="is empty"):
        read_clip(tmp_path / name)


def test_a_file_with_a_header_and_no_sound_is_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0, np.float32), 16_000)
    with pytest.raises(DeviceError, match="holds no sound"):
        read_clip(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "content", [b"Dear diary, today", b"RIFF", b"RIFF\x24\x00\x00\x00WAVEfmt ", bytes(range(256)) * 40, b"ID3\x04"]
)
def test_what_is_not_audio_is_told_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(DeviceError) as told:
        read_clip(tmp_path / "a.wav")
    assert "a.wav" in told.value.message
    assert "ffmpeg" in told.value.hint


@pytest.mark.parametrize("rate", [1, 2_000_000_000])
def test_an_absurd_rate_is_told(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(0.1))
    content = bytearray(path.read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(DeviceError):
        read_clip(path)


def test_a_file_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(2.0))
    path.write_bytes(path.read_bytes()[:32_044])
    assert read_clip(path).seconds == pytest.approx(1.0, abs=0.001)


def test_any_bytes_at_all_end_in_sound_or_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(0.2))
    whole = path.read_bytes()
    random = np.random.default_rng(7)
    for _ in range(300):
        content = bytearray(whole)
        for position in random.integers(0, 48, 3):
            content[position] = random.integers(0, 256)
        path.write_bytes(content)
        try:
            assert np.isfinite(read_clip(path).samples).all()
        except DeviceError as error:
            assert error.message


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    clip = tone(0.5, 24_000)
    write_wav(tmp_path / "made" / "a.wav", clip)
    samples, rate = soundfile.read(tmp_path / "made" / "a.wav")
    assert rate == 24_000
    assert soundfile.info(tmp_path / "made" / "a.wav").subtype == "PCM_16"
    assert np.abs(samples - clip.samples).max() < 1 / 32_000


def test_too_loud_is_clipped_and_does_not_wrap(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", Clip(np.array([2.0, -2.0, 0.5], np.float32)))
    assert np.allclose(soundfile.read(tmp_path / "a.wav")[0], [1.0, -1.0, 0.5], atol=1e-3)


def test_writing_replaces_a_file_only_when_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, tone(0.1))
    before = path.read_bytes()

    def full(self: wave.Wave_write, frames: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(wave.Wave_write, "writeframes", full)
    with pytest.raises(DeviceError, match="No space left"):
        write_wav(path, tone(0.2))
    with pytest.raises(DeviceError, match="No space left"):
        write_next_wav(tmp_path, "reply", tone(0.2))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_a_private_file_is_its_owners_alone_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []

    def watched(file: BinaryIO, clip: Clip) -> None:
        modes.append(stat.S_IMODE(os.fstat(file.fileno()).st_mode))

    monkeypatch.setattr(wav, "_write", watched)
    write_wav(tmp_path / "a.wav", tone(0.1), private=True)
    assert modes == [0o600]
    assert stat.S_IMODE((tmp_path / "a.wav").stat().st_mode) == 0o600


def test_a_really_full_disk_is_told(tmp_path: Path) -> None:
    program = f"""
import resource, signal
from pathlib import Path
from companion.core.clip import Clip
from companion.core.errors import DeviceError
from companion.engines.wav import write_wav
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_wav(Path({str(tmp_path / "a.wav")!r}), Clip.silence(5.0))
except DeviceError as error:
    print("told:", error.message)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.startswith("told:"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="cannot be written"):
        write_wav(tmp_path / "file" / "a.wav", tone(0.1))
    with pytest.raises(DeviceError, match="not a file that can be replaced"):
        write_wav(tmp_path, tone(0.1))


def test_numbers_continue_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "reply-002.wav").write_text("mine")
    made = [write_next_wav(tmp_path, "reply", tone(0.1)).name for _ in range(3)]
    assert made == ["reply-001.wav", "reply-003.wav", "reply-004.wav"]
    assert (tmp_path / "reply-002.wav").read_text() == "mine"


def test_blocks_are_given_as_they_are_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(30.0, 44_100).samples, 44_100)
    blocks = list(wav_blocks(tmp_path / "a.wav"))
    assert len(blocks) > 10
    assert max(len(block) for block in blocks) < 2 * SPEECH_RATE
