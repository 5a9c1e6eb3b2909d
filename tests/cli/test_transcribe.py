"""``companion transcribe``, with the real recognizer and any WAV that a person has."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.core.clip import SPEECH_RATE, Clip
from companion.engines.wav import write_wav
from companion.home import Home
from tests.cli.program import companion
from tests.voices import spoken_by_joe

SAID = "Give aspirin and call for help."

pytestmark = pytest.mark.models


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", text.lower()))


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"), [(22_050, 1, "PCM_U8"), (44_100, 2, "PCM_16"), (96_000, 2, "PCM_24")]
)
def test_any_wav_is_understood(model_home: Home, tmp_path: Path, rate: int, channels: int, subtype: str) -> None:
    clip = spoken_by_joe(SAID, rate)
    path = tmp_path / "answer.wav"
    soundfile.write(path, np.repeat(clip.samples[:, None], channels, axis=1), rate, subtype)
    ran = companion("transcribe", path, "--json")
    assert ran.status == 0, ran.err
    (told,) = ran.events
    assert told.keys() == {"text", "raw", "audio_s", "compute_s"}
    assert words(told["text"]) == words(SAID)
    assert told["audio_s"] == pytest.approx(clip.seconds, abs=0.01)
    assert told["compute_s"] > 0
    assert ran.err == "", "nothing of whisper.cpp's own"


def test_ten_minutes_with_one_sentence_in_them_are_that_sentence(model_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, Clip.join([Clip.silence(300.0), spoken_by_joe(SAID), Clip.silence(296.0)]))
    ran = companion("transcribe", path, "--json")
    assert words(ran.events[0]["text"]) == words(SAID)
    assert ran.events[0]["audio_s"] > 590


def test_silence_and_noise_are_nothing(model_home: Home, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 3 * SPEECH_RATE).astype(np.float32)
    for name, clip in (("silence", Clip.silence(3.0)), ("noise", Clip(noise))):
        write_wav(tmp_path / f"{name}.wav", clip)
        ran = companion("transcribe", tmp_path / f"{name}.wav")
        assert (ran.status, ran.out) == (0, "(nothing was said)\n"), name


def test_people_see_the_words_and_a_deck_may_be_named(model_home: Home, tmp_path: Path) -> None:
    write_wav(tmp_path / "answer.wav", spoken_by_joe(SAID))
    ran = companion("transcribe", tmp_path / "answer.wav", "--deck", "cardiology")
    assert words(ran.out) == words(SAID)
