"""What many sessions come to: figures by case and by week, and the points missed most."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from companion.core.spread import Spread

MOST = 10
"""How many missed points are named."""


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """One case: its turns, and the mean score of those that were marked."""

    case: str
    turns: int
    mean_score: float | None


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week, named by its Monday."""

    week: date
    turns: int
    mean_score: float | None


@dataclass(frozen=True, slots=True)
class MissedPoint:
    """A key point that was missed, or said wrong, ``missed`` times of the ``marked`` times it was marked."""

    case: str
    question: str
    point: str
    statement: str
    missed: int
    marked: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """All sessions together; a mean is None where nothing was marked."""

    sessions: int
    turns: int
    answered: int
    """Turns in which something was heard."""
    mean_score: float | None
    """Mean of the marked turns, 0 to 1."""
    cases: tuple[CaseFigures, ...]
    weeks: tuple[WeekFigures, ...]
    """From the first to the last in which something was asked."""
    missed_most: tuple[MissedPoint, ...]
    first_audio_latency_s: Spread | None
    """Seconds from the end of speech to the reply's first sound; None where none was spoken."""


NOTHING = Statistics(0, 0, 0, None, (), (), (), None)
"""The figures of an empty history."""


def statistics(connection: sqlite3.Connection, zone: tzinfo | None) -> Statistics:
    """The figures of a history; weeks begin on Monday in ``zone``, None being the machine's own."""
    (sessions,) = connection.execute("SELECT count(*) FROM sessions").fetchone()
    turns, answered, mean = connection.execute(
        "SELECT count(*), count(nullif(trim(heard), '')), avg(score) FROM turns"
    ).fetchone()
    cases = connection.execute(
        "SELECT case_id, count(*), avg(score) FROM turns WHERE case_id IS NOT NULL GROUP BY case_id ORDER BY case_id"
    )
    missed = connection.execute(
        """
        SELECT turns.case_id, turns.question_id, points.point_id, points.statement,
               sum(points.verdict IN ('missed', 'contradicted')) AS missed, count(*) AS marked, max(turns.id)
        FROM points JOIN turns ON turns.id = points.turn
        GROUP BY 1, 2, 3 HAVING missed > 0
        ORDER BY missed DESC, missed * 1.0 / marked DESC, 1, 2, 3 LIMIT ?
        """,  # SQLite takes the statement from the row of the max: its latest wording
        [MOST],
    )
    waits = [
        wait
        for (wait,) in connection.execute(
            "SELECT first_audio_latency_s FROM turns WHERE first_audio_latency_s IS NOT NULL"
        )
    ]
    return Statistics(
        sessions=sessions,
        turns=turns,
        answered=answered,
        mean_score=mean,
        cases=tuple(CaseFigures(*row) for row in cases),
        weeks=_weeks(connection, zone),
        missed_most=tuple(MissedPoint(row[0] or "", row[1] or "", *row[2:6]) for row in missed),
        first_audio_latency_s=Spread.of(waits) if waits else None,
    )


def _weeks(connection: sqlite3.Connection, zone: tzinfo | None) -> tuple[WeekFigures, ...]:
    scores: defaultdict[date, list[float | None]] = defaultdict(list)
    for asked_at, score in connection.execute("SELECT asked_at, score FROM turns"):
        day = datetime.fromisoformat(asked_at).astimezone(zone).date()
        scores[day - timedelta(days=day.weekday())].append(score)
    weeks = []
    for week in sorted(scores):
        marked = [score for score in scores[week] if score is not None]
        weeks.append(WeekFigures(week, len(scores[week]), sum(marked) / len(marked) if marked else None))
    return tuple(weeks)
