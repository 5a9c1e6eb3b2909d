"""What every voice must do, the fake included, so that it cannot drift from the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from companion.core.cancel import Cancellation
from companion.core.errors import EngineError
from companion.engines.kokoro import KokoroVoice
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Voice
from tests.fakes.voice import HummingVoice


def kokoro(models: Path) -> Voice:
    folder = models / "kokoro-82m"
    return KokoroVoice(folder / "kokoro-v1.0.int8.onnx", next(folder.glob("*.npz")), "af_heart", threads=2)


@pytest.fixture(params=["fake", pytest.param("kokoro", marks=pytest.mark.models)])
def unloaded(request: pytest.FixtureRequest) -> Voice:
    return kokoro(request.getfixturevalue("starter_models")) if request.param == "kokoro" else HummingVoice()


@pytest.fixture(scope="module")
def weights() -> Iterator[dict[str, Voice]]:
    """Real weights are read once for the whole suite."""
    loaded: dict[str, Voice] = {}
    yield loaded
    for engine in loaded.values():
        engine.close()


@pytest.fixture
def voice(unloaded: Voice, weights: dict[str, Voice]) -> Voice:
    engine = weights.setdefault(type(unloaded).__name__, unloaded)
    engine.load()
    return engine


def seconds(voice: Voice, text: str) -> float:
    return sum(clip.seconds for clip in voice.speak(text))


def test_a_longer_text_takes_longer_to_say(voice: Voice) -> None:
    short, long = seconds(voice, "Yes."), seconds(voice, "Yes, that is the left anterior descending artery.")
    assert 0.1 < short < long


def test_its_sound_is_mono_float_at_its_rate_and_neither_silent_nor_clipped(voice: Voice) -> None:
    for clip in voice.speak("You missed the potassium."):
        assert clip.rate == voice.rate
        assert clip.samples.dtype == np.float32
        assert clip.samples.ndim == 1
        assert 0.05 < np.abs(clip.samples).max() <= 1.0


@pytest.mark.parametrize("text", ["", "   ", "…", "!?"])
def test_nothing_to_say_is_no_sound(voice: Voice, text: str) -> None:
    assert seconds(voice, text) == 0


@pytest.mark.parametrize("text", ["Ménière’s disease", "naïve, façade", "患者 is the patient", "a 😀 b", "ß" * 12])
def test_any_script_is_spoken_or_passed_over(voice: Voice, text: str) -> None:
    assert seconds(voice, text) >= 0


def test_a_very_long_text_comes_in_pieces(voice: Voice) -> None:
    pieces = voice.speak("the heart and the lungs and the kidneys " * 60)
    assert next(pieces).seconds > 0
    assert next(pieces).seconds > 0


def test_it_stops_at_the_next_piece_when_cancelled(voice: Voice) -> None:
    cancellation = Cancellation()
    speaking = voice.speak("the heart and the lungs and the kidneys " * 60, cancelled=cancellation.token())
    next(speaking)
    cancellation.cancel()
    assert list(speaking) == []


def test_it_is_not_asked_before_it_is_loaded(unloaded: Voice) -> None:
    with pytest.raises(EngineError, match="before it was loaded"):
        list(unloaded.speak("Hello."))


def test_it_is_closed_and_loaded_as_often_as_you_like(unloaded: Voice) -> None:
    unloaded.close()
    unloaded.load()
    unloaded.load()
    unloaded.close()
    unloaded.close()
    unloaded.load()
    assert seconds(unloaded, "Again.") > 0
    unloaded.close()


async def test_it_streams_from_a_thread_of_its_own(unloaded: Voice) -> None:
    thread = OwnerThread[Voice](lambda: unloaded, "voice")
    await thread.call(lambda owned: owned.load())
    heard = [clip async for clip in thread.stream(lambda owned: owned.speak("Good."))]
    thread.close()
    assert sum(clip.seconds for clip in heard) > 0
