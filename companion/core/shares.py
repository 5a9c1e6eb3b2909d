"""Probabilities out of a model's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def log_softmax(scores: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithms of the probabilities that the scores stand for, over the last axis."""
    exact = np.asarray(scores, np.float64)
    exact = exact - exact.max(axis=-1, keepdims=True)
    result: NDArray[np.float64] = exact - np.log(np.exp(exact).sum(axis=-1, keepdims=True))
    return result


def shares(answers: Sequence[str], log_probabilities: Sequence[float]) -> Mapping[str, float]:
    """Each answer's part of what all of them have together: the parts sum to one."""
    parts = np.exp(log_softmax(log_probabilities))
    return {answer: float(part) for answer, part in zip(answers, parts, strict=True)}


def begins_only(token: str, answer: str, answers: Sequence[str]) -> bool:
    """Whether ``token`` begins ``answer`` and none of the others, capitals aside."""
    return [each for each in answers if each.casefold().startswith(token.casefold())] == [answer]
