from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from companion.core.latency import Latency
from companion.core.mark import Mark, PointMark, Verdict
from companion.home import Home
from companion.store.history import History, NotInHistory
from companion.store.records import Status
from tests.store import sessions
from tests.store.sessions import BEGUN, LATENCY, QUESTION


def test_a_session_is_read_back_as_it_happened(history: History) -> None:
    number = sessions.begin(history)
    sessions.turn(history, number, raw="an inferior in farction")
    history.close_session(number, 0.625, BEGUN + timedelta(minutes=10))

    session = history.session(number)
    summary = session.summary
    assert (summary.kind, summary.deck, summary.score, summary.turns) == ("quiz", "cardiology", 0.625, 1)
    assert (summary.started_at, summary.ended_at) == (BEGUN, BEGUN + timedelta(minutes=10))
    assert (summary.recognizer, summary.language_model, summary.voice) == tuple(sessions.ENGINES.values())
    (turn,) = session.turns
    assert (turn.case, turn.question, turn.asked_at) == ("chest-pain", "ecg", BEGUN)
    assert turn.raw == "an inferior in farction"
    assert (turn.audio_s, turn.compute_s, turn.score) == (4.2, 0.7, 0.625)
    assert [(point.id, point.verdict, point.evidence, point.weight) for point in turn.points] == [
        ("site", Verdict.HIT, "inferior", 2.0),
        ("leads", Verdict.PARTIAL, "two and three", 1.0),
        ("artery", Verdict.MISSED, "", 1.0),
    ]
    assert turn.points[0].statement == "It is an inferior infarction."
    assert (turn.reply, turn.said) == ("Quite right: inferior. Which artery?", "Quite right: inferior.")
    assert (turn.status, turn.latency, turn.first_audio_latency_s) == (Status.FINISHED, LATENCY, 1.03)


def test_a_question_is_kept_as_soon_as_it_is_put(home: Home, history: History) -> None:
    session = sessions.begin(history)
    history.ask(session, "chest-pain", "ecg", "What now?", BEGUN)
    other = History(home)
    (turn,) = other.session(session).turns
    assert (turn.asked, turn.status, turn.heard) == ("What now?", Status.OPEN, None)
    other.close()


def test_a_turn_that_fails_keeps_what_came_before(history: History) -> None:
    session = sessions.begin(history)
    number = history.ask(session, "chest-pain", "ecg", "What now?", BEGUN)
    history.heard(number, "Aspirin.", "aspirin", 1.0, 0.2)
    history.fail(number, "speech", "The voice ran out of memory.")
    (turn,) = history.session(session).turns
    assert (turn.heard, turn.status, turn.failed_stage) == ("Aspirin.", Status.FAILED, "speech")
    assert turn.failure == "The voice ran out of memory."


def test_turns_left_open_are_interrupted_when_their_session_closes(history: History) -> None:
    session, other = sessions.begin(history), sessions.begin(history)
    sessions.turn(history, session)
    history.ask(session, "chest-pain", "ecg", "And?", BEGUN)
    history.ask(other, "chest-pain", "ecg", "And?", BEGUN)
    history.close_session(session, None, BEGUN)
    assert [turn.status for turn in history.session(session).turns] == [Status.FINISHED, Status.INTERRUPTED]
    assert [turn.status for turn in history.session(other).turns] == [Status.OPEN]


def test_a_second_marking_replaces_the_first(history: History) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session)
    history.graded(number, Mark((PointMark("site", Verdict.CONTRADICTED, "anterior"),), 0.0), QUESTION)
    (turn,) = history.session(session).turns
    assert [(point.id, point.verdict) for point in turn.points] == [("site", Verdict.CONTRADICTED)]
    assert turn.score == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "心电图显示\n下壁梗死",
        "nul\x00 and escape \x1b[31m",
        "👩‍⚕️ ' \" ; -- DROP TABLE turns",
        "مرحبا",
        " ",
        "x" * 100_000,
    ],
)
def test_any_text_is_kept_exactly(history: History, text: str) -> None:
    session = sessions.begin(history)
    sessions.turn(history, session, asked=text, heard=text, said=text)
    (turn,) = history.session(session).turns
    assert (turn.asked, turn.heard, turn.raw, turn.said) == (text, text, text, text)


def test_half_a_surrogate_pair_does_not_stop_a_session(history: History) -> None:
    session = sessions.begin(history)
    sessions.turn(history, session, heard="caf\udce9")
    assert history.session(session).turns[0].heard == "caf?"


def test_times_of_any_zone_are_kept_in_utc_and_others_refused(history: History) -> None:
    sydney = timezone(timedelta(hours=11))
    session = sessions.begin(history, datetime(2026, 11, 2, 20, 30, tzinfo=sydney))
    started = history.session(session).summary.started_at
    assert started == BEGUN
    assert started.tzinfo == UTC
    with pytest.raises(ValueError, match="zone"):
        sessions.begin(history, datetime(2026, 11, 2))


def test_engines_that_no_column_holds_are_refused(history: History) -> None:
    with pytest.raises(ValueError, match="detector"):
        history.open_session("quiz", "cardiology", BEGUN, {"detector": "silero"})


def test_the_latest_sessions_come_first_and_no_more_than_wanted(history: History) -> None:
    early = sessions.whole(history, BEGUN)
    late = sessions.whole(history, BEGUN + timedelta(days=2))
    between = sessions.whole(history, BEGUN + timedelta(days=1))
    assert [session.id for session in history.sessions()] == [late, between, early]
    assert [session.id for session in history.sessions(2)] == [late, between]
    assert history.count() == 3


def test_a_session_that_is_not_there_is_told_with_those_that_are(history: History) -> None:
    for _ in range(12):
        sessions.whole(history)
    for wrong in (99, 0, -1, 10**30):
        with pytest.raises(NotInHistory) as raised:
            history.session(wrong)
        assert str(wrong) in raised.value.message
    assert "12, 11, 10, 9, 8, 7, 6, 5, 4, 3 and earlier ones" in raised.value.hint


def test_a_deleted_session_is_gone_with_its_recordings_and_every_trace(home: Home, history: History) -> None:
    home.recordings.mkdir(parents=True)
    recording = home.recordings / "1.wav"
    recording.write_bytes(b"RIFF")
    session = sessions.begin(history)
    number = sessions.turn(history, session, heard="It was zebrafishitis.", said="No zebrafishitis.")
    history.recorded(number, recording)
    other = sessions.whole(history)
    assert b"zebrafishitis" in b"".join(path.read_bytes() for path in home.root.glob("companion.db*"))

    deleted = history.delete(session)

    assert (deleted.session, deleted.turns, deleted.recordings) == (session, 1, ("1.wav",))
    assert not recording.exists()
    assert [summary.id for summary in history.sessions()] == [other]
    assert history.search("zebrafishitis") == []
    assert len(history.search("inferior")) == 1
    for table in ("turns", "points"):
        with history.database.reading() as connection:
            assert connection is not None
            column = "session" if table == "turns" else "turn"
            assert {row[0] for row in connection.execute(f"SELECT {column} FROM {table}")} == {other}
    for path in home.root.glob("companion.db*"):
        assert b"zebrafishitis" not in path.read_bytes(), path
    with pytest.raises(NotInHistory):
        history.delete(session)


def test_the_number_of_a_deleted_session_is_not_given_again(history: History) -> None:
    session = sessions.whole(history)
    history.delete(session)
    assert sessions.whole(history) == session + 1


def test_deleting_removes_no_file_outside_the_recordings(home: Home, history: History, tmp_path: Path) -> None:
    home.recordings.mkdir(parents=True)
    precious = tmp_path / "precious.wav"
    precious.write_bytes(b"RIFF")
    session = sessions.begin(history)
    number = sessions.turn(history, session)
    with history.database.writing() as connection:
        connection.execute("UPDATE turns SET recording = '../../precious.wav' WHERE id = ?", [number])
    assert home.recordings.joinpath("../../precious.wav").resolve() == precious
    assert history.delete(session).recordings == ()
    assert precious.exists()


def test_writing_to_what_was_deleted_is_told(history: History) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session)
    history.delete(session)
    with pytest.raises(NotInHistory):
        history.ask(session, "chest-pain", "ecg", "And?", BEGUN)
    with pytest.raises(NotInHistory):
        history.finish(number, "a", "a", Latency(), None)
    with pytest.raises(NotInHistory):
        history.close_session(session, None, BEGUN)


STAGES = ("open_session", "ask", "heard", "graded", "replied", "finish", "close_session")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
@pytest.mark.parametrize("last", STAGES)
def test_kill_nine_leaves_all_that_had_happened(home: Home, history: History, last: str) -> None:
    code = f"""
import os, signal
from companion.home import Home
from companion.store.history import History
from tests.store.sessions import BEGUN, LATENCY, MARK, QUESTION, begin

history = History(Home.locate())
steps = iter([
    lambda: begin(history),
    lambda: history.ask(1, "chest-pain", "ecg", "What now?", BEGUN),
    lambda: history.heard(1, "Aspirin.", "aspirin", 1.0, 0.2),
    lambda: history.graded(1, MARK, QUESTION),
    lambda: history.replied(1, "Quite right.", "Quite"),
    lambda: history.finish(1, "Quite right.", "Quite", LATENCY, 1.0),
    lambda: history.close_session(1, 0.5, BEGUN),
])
for name, step in zip({STAGES!r}, steps):
    step()
    if name == {last!r}:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    reached = STAGES.index(last)
    session = history.session(1)
    assert (session.summary.ended_at is not None) == (last == "close_session")
    assert len(session.turns) == (1 if reached >= 1 else 0)
    if session.turns:
        (turn,) = session.turns
        assert turn.heard == ("Aspirin." if reached >= 2 else None)
        assert len(turn.points) == (3 if reached >= 3 else 0)
        assert turn.said == ("Quite" if reached >= 4 else None)
        assert turn.status == (Status.FINISHED if reached >= 5 else Status.OPEN)
        assert turn.latency == (LATENCY if reached >= 5 else Latency())
    with history.database.reading() as connection:
        assert connection is not None
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert sessions.whole(history) == 2, "the next session is kept as if nothing had been"
