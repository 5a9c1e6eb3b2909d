"""Sessions as a trainee would have had them, for tests of the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.core.case import KeyPoint, Question
from companion.core.latency import Latency
from companion.core.mark import Mark, PointMark, Verdict
from companion.store.history import History

BEGUN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
"""A Monday."""

ENGINES = {"recognizer": "whisper-tiny.en", "language_model": "gemma-3-270m", "voice": "af_heart"}

QUESTION = Question(
    id="ecg",
    prompt="What does the ECG show?",
    key_points=(
        KeyPoint("site", "It is an inferior infarction.", ("inferior",), weight=2.0),
        KeyPoint("leads", "The ST segments rise in II, III and aVF.", ("two three and avf",)),
        KeyPoint("artery", "The right coronary artery is the likeliest.", ("right coronary",)),
    ),
    hint="Look at the limb leads.",
    explanation="II, III and aVF look at the inferior wall.",
)

MARK = Mark(
    (
        PointMark("site", Verdict.HIT, "inferior"),
        PointMark("leads", Verdict.PARTIAL, "two and three"),
        PointMark("artery", Verdict.MISSED),
    ),
    0.625,
)

LATENCY = Latency(endpoint_s=0.1, transcribe_s=0.4, grade_s=0.01, first_clause_s=0.02, first_audio_s=0.5)


def begin(history: History, at: datetime = BEGUN) -> int:
    """A quiz that has begun."""
    return history.open_session("quiz", "cardiology", at, ENGINES)


def turn(
    history: History,
    session: int,
    *,
    asked: str = "A man of 58 has crushing chest pain. What does the ECG show?",
    heard: str = "An inferior infarction with ST elevation in two and three.",
    raw: str | None = None,
    said: str = "Quite right: inferior.",
    mark: Mark = MARK,
    case: str = "chest-pain",
    wait: float = 1.03,
    at: datetime = BEGUN,
) -> int:
    """A turn from question to the end of its reply."""
    number = history.ask(session, case, "ecg", asked, at)
    history.heard(number, heard, heard if raw is None else raw, 4.2, 0.7)
    history.graded(number, mark, QUESTION)
    history.finish(number, said + " Which artery?", said, LATENCY, wait)
    return number


def whole(history: History, at: datetime = BEGUN) -> int:
    """A session of one turn, closed after ten minutes."""
    session = begin(history, at)
    turn(history, session, at=at)
    history.close_session(session, 0.625, at + timedelta(minutes=10))
    return session
