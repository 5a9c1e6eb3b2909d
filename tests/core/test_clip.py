from __future__ import annotations

import numpy as np
import pytest

from companion.core.clip import SPEECH_RATE, Clip


def test_a_clip_knows_its_length() -> None:
    assert Clip(np.zeros(8000, np.float32)).seconds == 0.5
    assert Clip(np.zeros(0, np.float32)).seconds == 0.0


def test_silence_is_as_long_as_asked_for_and_silent() -> None:
    silence = Clip.silence(1.5, 24_000)
    assert (silence.seconds, silence.rate, silence.samples.dtype) == (1.5, 24_000, np.dtype(np.float32))
    assert not silence.samples.any()


def test_clips_are_joined_end_to_end() -> None:
    one, two = Clip(np.array([0.1, 0.2], np.float32)), Clip(np.array([0.3], np.float32))
    joined = Clip.join([one, two])
    assert joined.samples.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert joined.rate == SPEECH_RATE


def test_nothing_joined_is_an_empty_clip_of_the_rate_asked_for() -> None:
    empty = Clip.join([], 24_000)
    assert (len(empty.samples), empty.rate, empty.samples.dtype) == (0, 24_000, np.dtype(np.float32))


def test_clips_of_different_rates_are_not_joined() -> None:
    with pytest.raises(ValueError, match="different rates"):
        Clip.join([Clip.silence(0.1, 16_000), Clip.silence(0.1, 24_000)])
