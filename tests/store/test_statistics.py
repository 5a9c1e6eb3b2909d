from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from companion.core.latency import Latency
from companion.core.mark import Mark, PointMark, Verdict
from companion.store.history import History
from companion.store.statistics import CaseFigures, WeekFigures
from tests.store import sessions
from tests.store.sessions import BEGUN, QUESTION


def marked(site: Verdict, artery: Verdict, score: float) -> Mark:
    return Mark((PointMark("site", site), PointMark("artery", artery)), score)


def test_figures_count_what_happened(history: History) -> None:
    session = sessions.begin(history)
    sessions.turn(history, session, case="chest-pain", mark=marked(Verdict.HIT, Verdict.MISSED, 0.5), wait=1.0)
    sessions.turn(history, session, case="dyspnoea", mark=marked(Verdict.HIT, Verdict.HIT, 1.0), wait=3.0)
    sessions.turn(history, session, case="dyspnoea", mark=marked(Verdict.CONTRADICTED, Verdict.MISSED, 0.0), wait=2.0)
    silent = history.ask(session, "dyspnoea", "ecg", "And?", BEGUN)
    history.heard(silent, " ", "", 2.0, 0.1)
    history.finish(silent, "", "", Latency(), None)
    history.ask(session, None, None, "", BEGUN)

    figures = history.statistics(UTC)

    assert (figures.sessions, figures.turns, figures.answered) == (1, 5, 3)
    assert figures.mean_score == pytest.approx(0.5)
    assert figures.cases == (CaseFigures("chest-pain", 1, 0.5), CaseFigures("dyspnoea", 3, 0.5))
    wait = figures.first_audio_latency_s
    assert wait is not None
    assert (wait.n, wait.min, wait.median, wait.max) == (3, 1.0, 2.0, 3.0)


def test_the_points_missed_most_come_first_in_their_latest_wording(history: History) -> None:
    session = sessions.begin(history)
    for site, artery in ((Verdict.HIT, Verdict.MISSED), (Verdict.CONTRADICTED, Verdict.MISSED)):
        sessions.turn(history, session, mark=marked(site, artery, 0.0))
    number = sessions.turn(history, session, mark=marked(Verdict.HIT, Verdict.PARTIAL, 0.5))
    with history.database.writing() as connection:
        connection.execute("UPDATE points SET statement = 'Reworded.' WHERE turn = ? AND position = 1", [number])

    missed = history.statistics().missed_most

    assert [(point.point, point.missed, point.marked) for point in missed] == [("artery", 2, 3), ("site", 1, 3)]
    assert [point.statement for point in missed] == ["Reworded.", QUESTION.key_points[0].statement]
    assert (missed[0].case, missed[0].question) == ("chest-pain", "ecg")


def test_weeks_begin_on_the_trainees_monday(history: History) -> None:
    session = sessions.begin(history)
    sunday_evening = BEGUN.replace(day=1, hour=22)
    assert sunday_evening.weekday() == 6
    sessions.turn(history, session, at=sunday_evening)
    sessions.turn(history, session, at=BEGUN)
    sessions.turn(history, session, at=BEGUN + timedelta(days=14))
    score = sessions.MARK.score
    assert history.statistics(UTC).weeks == (
        WeekFigures(date(2026, 10, 26), 1, score),
        WeekFigures(date(2026, 11, 2), 1, score),
        WeekFigures(date(2026, 11, 16), 1, score),
    )
    sydney = timezone(timedelta(hours=11))
    assert history.statistics(sydney).weeks[0] == WeekFigures(date(2026, 11, 2), 2, score)


def test_a_history_without_marks_has_no_means(history: History) -> None:
    session = history.open_session("explain", None, datetime(2026, 11, 2, tzinfo=UTC), {})
    history.ask(session, None, None, "", BEGUN)
    figures = history.statistics(UTC)
    assert (figures.turns, figures.mean_score, figures.cases, figures.missed_most) == (1, None, (), ())
    assert figures.weeks == (WeekFigures(date(2026, 11, 2), 1, None),)
    assert figures.first_audio_latency_s is None
