from __future__ import annotations

import math
import random

import numpy as np
import pytest

from companion.core.spread import Spread


def test_a_spread_agrees_with_numpy() -> None:
    dice = random.Random(7)
    for n in (1, 2, 3, 20, 101):
        figures = [dice.expovariate(1.0) for _ in range(n)]
        spread = Spread.of(figures)
        assert spread.n == n
        expected = np.percentile(figures, [0, 50, 95, 100])
        assert [spread.min, spread.median, spread.p95, spread.max] == pytest.approx(list(expected))


def test_one_figure_is_its_own_spread() -> None:
    assert Spread.of([1.5]) == Spread(1, 1.5, 1.5, 1.5, 1.5)


@pytest.mark.parametrize("figures", [[], [1.0, math.nan], [math.inf]])
def test_what_has_no_spread_is_refused(figures: list[float]) -> None:
    with pytest.raises(ValueError):
        Spread.of(figures)
