"""What is whisper.cpp's own: the cut window and its fallback, long clips, prompts, bad files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from companion.core.clip import Clip
from companion.core.errors import ModelError
from companion.engines.whisper import WhisperRecognizer, looks_looped
from tests.voices import spoken_by_joe


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperRecognizer]:
    from tests.conftest import USERS_MODELS

    recognizer = WhisperRecognizer(USERS_MODELS / "whisper-tiny.en" / "ggml-tiny.en.bin", threads=2)
    recognizer.load()
    yield recognizer
    recognizer.close()


@pytest.mark.models
def test_a_clip_longer_than_the_window_is_heard_to_its_end(whisper: WhisperRecognizer) -> None:
    sentences = [f"This is sentence number {n}, about a patient with chest pain." for n in ("one", "two", "three")] * 3
    clip = Clip.join(
        [spoken_by_joe(sentence) for sentence in sentences] + [spoken_by_joe("The last word is penicillin.")]
    )
    assert clip.seconds > 30
    heard = whisper.transcribe(clip)
    assert "penicillin" in heard.text.lower()
    assert heard.text.lower().count("chest pain") >= 7


@pytest.mark.models
def test_a_prompt_helps_with_a_term_and_does_not_stay(whisper: WhisperRecognizer) -> None:
    clip = spoken_by_joe("I would give spironolactone.")
    without = whisper.transcribe(clip).text
    prompted = whisper.transcribe(clip, prompt="A doctor answers: furosemide, spironolactone, bisoprolol.").text
    assert "spironolactone" in prompted.lower()
    assert whisper.transcribe(clip).text == without


@pytest.mark.models
def test_what_was_heard_before_does_not_change_what_is_heard_now(whisper: WhisperRecognizer) -> None:
    clip = spoken_by_joe("Hypokalaemia.")
    first = whisper.transcribe(clip).text
    whisper.transcribe(Clip(np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)))
    whisper.transcribe(spoken_by_joe("There is a tension pneumothorax on the left, so decompress it now."))
    assert whisper.transcribe(clip).text == first


@pytest.mark.models
def test_a_prompt_does_not_leak_into_noise(whisper: WhisperRecognizer) -> None:
    samples = np.random.default_rng(3).normal(0, 0.03, 48_000).astype(np.float32)
    assert whisper.transcribe(Clip(samples), prompt="A doctor answers: furosemide, bisoprolol.").text == ""


@pytest.mark.models
def test_a_short_answer_runs_with_a_short_window(whisper: WhisperRecognizer) -> None:
    clip = spoken_by_joe("Pulmonary embolism.")
    text, _, _ = whisper._run(clip.samples, "", 0, lambda: False, None)
    full = min(_timed(whisper, clip, 0) for _ in range(3))
    cut = min(_timed(whisper, clip, 512) for _ in range(3))
    assert "embolism" in text.lower()
    # Measured at two to three times.
    assert cut < full * 0.75


def _timed(whisper: WhisperRecognizer, clip: Clip, context: int) -> float:
    import time

    began = time.perf_counter()
    whisper._run(clip.samples, "", context, lambda: False, None)
    return time.perf_counter() - began


def test_a_missing_model_tells_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as told:
        WhisperRecognizer(tmp_path / "ggml-tiny.en.bin").load()
    assert "companion models pull" in told.value.hint


def test_a_damaged_model_tells_how_to_check_it(tmp_path: Path) -> None:
    path = tmp_path / "ggml-tiny.en.bin"
    path.write_bytes(b"not weights" * 100)
    with pytest.raises(ModelError) as told:
        WhisperRecognizer(path).load()
    assert "companion models verify" in told.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "I'm... I'm... I'm... I'm... I'm... I'm...",
        "... ... ... ...",
        "the pain the pain the pain the pain the pain the pain",
        "and so on and so on and so on and so on and so on and so on",
    ],
)
def test_a_decoder_in_a_loop_is_recognised(text: str) -> None:
    assert looks_looped(text)


@pytest.mark.parametrize(
    "text",
    [
        "no no no",
        "Aspirin, then a second antiplatelet, then the cath lab, and then the coronary care unit.",
        "It is not the heart, it is not the lung, it is not the pleura, so it is the oesophagus.",
        "",
    ],
)
def test_a_person_who_repeats_a_word_is_not_a_loop(text: str) -> None:
    assert not looks_looped(text)
