"""How figures spread: the least, the middle, the slow end, the most."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median, the 95th percentile and the most of ``n`` figures, in their own unit.

    Percentiles interpolate linearly between the nearest ranks: definition 7 of Hyndman and Fan,
    "Sample quantiles in statistical packages", The American Statistician 50 (1996), which is
    also what numpy and R do unless told otherwise.
    """

    n: int
    min: float
    median: float
    p95: float
    max: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """The spread of one or more finite figures; none, or one that is not a number, is a ``ValueError``."""
        ordered = sorted(figures)
        if not ordered:
            raise ValueError("no figures have no spread")
        if not all(math.isfinite(figure) for figure in ordered):
            raise ValueError("a spread needs finite figures")
        return cls(len(ordered), ordered[0], _quantile(ordered, 0.5), _quantile(ordered, 0.95), ordered[-1])


def _quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
