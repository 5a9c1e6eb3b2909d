"""What every recognizer must do, the fake included, so that it cannot drift from the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from companion.core.cancel import Cancellation
from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import EngineError
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Recognizer
from companion.engines.whisper import WhisperRecognizer
from tests.fakes.recognizer import ScriptedRecognizer
from tests.voices import spoken_by_joe

SAID = "The patient has a high fever and a stiff neck."


def real(models: Path) -> Recognizer:
    return WhisperRecognizer(models / "whisper-tiny.en" / "ggml-tiny.en.bin", threads=2)


@pytest.fixture(params=["fake", pytest.param("whisper", marks=pytest.mark.models)])
def unloaded(request: pytest.FixtureRequest) -> Recognizer:
    if request.param == "whisper":
        return real(request.getfixturevalue("starter_models"))
    return ScriptedRecognizer(SAID)


@pytest.fixture(scope="module")
def weights() -> Iterator[dict[str, Recognizer]]:
    """Real weights are read once for the whole suite."""
    loaded: dict[str, Recognizer] = {}
    yield loaded
    for engine in loaded.values():
        engine.close()


@pytest.fixture
def recognizer(unloaded: Recognizer, weights: dict[str, Recognizer]) -> Recognizer:
    engine = weights.setdefault(type(unloaded).__name__, unloaded)
    engine.load()
    return engine


def noise(seconds: float, level: float) -> Clip:
    samples = np.random.default_rng(7).normal(0, level, round(seconds * SPEECH_RATE))
    return Clip(samples.astype(np.float32))


def hum(seconds: float) -> Clip:
    t = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    return Clip((0.2 * np.sin(2 * np.pi * 50 * t)).astype(np.float32))


def words(text: str) -> list[str]:
    return ["".join(c for c in word if c.isalnum()) for word in text.lower().split()]


def test_speech_becomes_its_words(recognizer: Recognizer) -> None:
    heard = recognizer.transcribe(spoken_by_joe(SAID))
    assert words(heard.text) == words(SAID)
    assert heard.audio_s == pytest.approx(spoken_by_joe(SAID).seconds)
    assert heard.compute_s > 0


@pytest.mark.parametrize(
    "clip",
    [
        Clip.silence(3.0),
        Clip.silence(0.0),
        Clip.silence(0.05),
        noise(4.0, 0.01),
        noise(4.0, 0.1),
        hum(4.0),
    ],
    ids=["silence", "nothing", "a blink", "quiet noise", "loud noise", "mains hum"],
)
def test_silence_and_noise_are_nothing(recognizer: Recognizer, clip: Clip) -> None:
    assert recognizer.transcribe(clip).text == ""


def test_a_cancelled_call_gives_nothing(recognizer: Recognizer) -> None:
    cancellation = Cancellation()
    token = cancellation.token()
    cancellation.cancel()
    assert recognizer.transcribe(spoken_by_joe(SAID), cancelled=token).text == ""


def test_what_is_heard_so_far_grows_into_the_whole(recognizer: Recognizer) -> None:
    partials: list[str] = []
    heard = recognizer.transcribe(spoken_by_joe(SAID), on_partial=partials.append)
    assert partials[-1] == heard.text
    assert [len(p) for p in partials] == sorted(len(p) for p in partials)


def test_it_works_again_after_a_cancelled_call(recognizer: Recognizer) -> None:
    recognizer.transcribe(spoken_by_joe(SAID), cancelled=lambda: True)
    assert words(recognizer.transcribe(spoken_by_joe(SAID)).text) == words(SAID)


def test_it_is_not_asked_before_it_is_loaded(unloaded: Recognizer) -> None:
    with pytest.raises(EngineError, match="before it was loaded"):
        unloaded.transcribe(Clip.silence(1.0))


def test_it_is_closed_and_loaded_as_often_as_you_like(unloaded: Recognizer) -> None:
    unloaded.close()
    unloaded.load()
    unloaded.load()
    unloaded.close()
    unloaded.close()
    unloaded.load()
    assert words(unloaded.transcribe(spoken_by_joe(SAID)).text) == words(SAID)
    unloaded.close()


def test_another_rate_is_a_mistake_of_the_caller(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match="16000"):
        recognizer.transcribe(Clip.silence(1.0, 44_100))


async def test_it_runs_on_a_thread_of_its_own(unloaded: Recognizer) -> None:
    thread = OwnerThread[Recognizer](lambda: unloaded, "recognizer")
    await thread.call(lambda owned: owned.load())
    heard = await thread.call(lambda owned: owned.transcribe(spoken_by_joe(SAID)))
    thread.close()
    assert words(heard.text) == words(SAID)
