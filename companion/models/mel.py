"""The mel filter bank that Whisper hears through."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Hertz."""
BINS = 201
"""Bins of a 400-sample Fourier transform, 25 ms at 16 kHz."""


def slaney_filters(bands: int) -> NDArray[np.float32]:
    """Triangular filters of equal area, ``bands`` x 201, over 0 to 8000 Hz.

    The scale is that of M. Slaney's Auditory Toolbox (1998), which OpenAI's Whisper takes from
    librosa: linear to 1000 Hz, 200/3 Hz a mel; logarithmic above, 27 mels for a factor of 6.4.
    The corner frequencies are worked out in decimals, whose logarithm is rounded rightly everywhere, so that
    the bytes are the same whatever mathematics library the machine has.
    """
    corners = _corner_frequencies(bands)
    bins = np.arange(BINS) * (RATE / 2 / (BINS - 1))
    filters = np.zeros((bands, BINS))
    for band, (low, peak, high) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        rising = (bins - low) / (peak - low)
        falling = (high - bins) / (high - peak)
        height = np.minimum(rising, falling)
        # Not np.maximum: whether that answers 0 or -0 depends on the processor.
        filters[band] = np.where(height > 0, height, 0.0) * (2.0 / (high - low))
    return filters.astype("<f4")


def _corner_frequencies(bands: int) -> list[float]:
    with localcontext() as context:
        context.prec = 40
        step = Decimal("6.4").ln() / 27
        top = 15 + (Decimal(RATE // 2) / 1000).ln() / step
        mels = [top * i / (bands + 1) for i in range(bands + 2)]
        hertz = [float(mel * 200 / 3 if mel < 15 else 1000 * (step * (mel - 15)).exp()) for mel in mels]
    assert all(low < high for low, high in pairwise(hertz))
    return hertz
