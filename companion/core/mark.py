"""The marks of an answer, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of one key point."""

    HIT = "hit"
    PARTIAL = "partial"
    MISSED = "missed"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class PointMark:
    """The verdict on one key point, with the words of the answer that earned it."""

    id: str
    verdict: Verdict
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """All points of a question in its order, and their weighted score from 0 to 1."""

    points: tuple[PointMark, ...]
    score: float

    def of(self, *verdicts: Verdict) -> tuple[PointMark, ...]:
        """The points that got one of these verdicts."""
        return tuple(point for point in self.points if point.verdict in verdicts)
