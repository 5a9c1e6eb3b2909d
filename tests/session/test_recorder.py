from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from companion.core.case import Question
from companion.core.clip import Clip
from companion.core.events import (
    Asked,
    AudioChunk,
    Event,
    FirstAudio,
    Graded,
    Heard,
    Notice,
    Reply,
    ReplyDelta,
    SessionFinished,
    TurnFailed,
    TurnFinished,
)
from companion.core.latency import Latency
from companion.core.mark import Verdict
from companion.home import Home
from companion.session.recorder import Recorder
from companion.store.history import History
from companion.store.records import Status, Turn
from tests.store.sessions import BEGUN, ENGINES, LATENCY, MARK, QUESTION

ASKED = Asked("chest-pain", "ecg", "A man of 58. What does the ECG show?")
HEARD = Heard("An inferior infarction.", "an inferior in farction", 4.2, 0.7)
REPLY = Reply("Quite right. Which artery?", "Quite right.")
TURN: tuple[Event, ...] = (
    ASKED,
    HEARD,
    Graded.of(MARK),
    ReplyDelta("Quite right. "),
    AudioChunk(Clip.silence(0.1), "Quite right."),
    FirstAudio(1.03),
    ReplyDelta("Which artery?"),
    REPLY,
    TurnFinished(LATENCY, 1.03),
)


@pytest.fixture
def history(home: Home) -> Iterator[History]:
    kept = History(home)
    yield kept
    kept.close()


@pytest.fixture
def recorder(history: History) -> Recorder:
    seconds = iter(range(1_000_000))

    def find_question(case: str, question: str) -> Question:
        assert (case, question) == ("chest-pain", "ecg")
        return QUESTION

    def now() -> datetime:
        return BEGUN + timedelta(seconds=next(seconds))

    return Recorder(history, kind="quiz", deck="cardiology", engines=ENGINES, find_question=find_question, now=now)


def take(recorder: Recorder, *events: Event) -> list[Notice]:
    return [notice for event in events if (notice := recorder.take(event))]


def only_turn(history: History, session: int = 1) -> Turn:
    (turn,) = history.session(session).turns
    return turn


def test_a_whole_session_is_written_down(history: History, recorder: Recorder) -> None:
    assert take(recorder, *TURN, *TURN, SessionFinished(recorder.session, 0.625)) == []
    session = history.session(recorder.session)
    assert (session.summary.kind, session.summary.deck, session.summary.score) == ("quiz", "cardiology", 0.625)
    assert session.summary.recognizer == ENGINES["recognizer"]
    assert session.summary.started_at == BEGUN
    assert session.summary.ended_at is not None
    assert [turn.status for turn in session.turns] == [Status.FINISHED] * 2
    turn = session.turns[0]
    assert (turn.case, turn.question, turn.asked) == (ASKED.case, ASKED.question, ASKED.text)
    assert (turn.heard, turn.raw, turn.audio_s, turn.compute_s) == (HEARD.text, HEARD.raw, 4.2, 0.7)
    assert [(point.id, point.verdict, point.weight) for point in turn.points] == [
        ("site", Verdict.HIT, 2.0),
        ("leads", Verdict.PARTIAL, 1.0),
        ("artery", Verdict.MISSED, 1.0),
    ]
    assert turn.points[1].statement == QUESTION.key_points[1].statement
    assert (turn.reply, turn.said) == (REPLY.text, REPLY.said)
    assert (turn.latency, turn.first_audio_latency_s) == (LATENCY, 1.03)


def test_each_event_is_on_disk_when_it_has_been_taken(home: Home, recorder: Recorder) -> None:
    reader = History(home)
    recorder.take(ASKED)
    assert only_turn(reader).status == Status.OPEN
    recorder.take(HEARD)
    assert only_turn(reader).heard == HEARD.text
    recorder.take(Graded.of(MARK))
    assert len(only_turn(reader).points) == 3
    recorder.take(REPLY)
    assert only_turn(reader).said == REPLY.said
    recorder.take(TurnFinished(LATENCY, None))
    assert only_turn(reader).status == Status.FINISHED
    reader.close()


def test_a_session_that_never_began_leaves_no_trace(home: Home, recorder: Recorder) -> None:
    assert take(recorder, Notice("No microphone."), TurnFailed("start", "No voice.")) == []
    assert recorder.close(BEGUN) is None
    assert recorder.session == 0
    assert not home.root.exists()


@pytest.mark.parametrize("events", range(1, len(TURN)))
def test_ctrl_c_at_any_event_keeps_what_happened(history: History, recorder: Recorder, events: int) -> None:
    take(recorder, *TURN[:events])
    assert recorder.close(BEGUN + timedelta(minutes=1)) is None
    turn = only_turn(history)
    happened = TURN[:events]
    assert turn.status == Status.INTERRUPTED
    assert turn.asked == ASKED.text
    assert turn.heard == (HEARD.text if HEARD in happened else None)
    assert turn.score == (0.625 if Graded.of(MARK) in happened else None)
    if REPLY in happened:
        assert (turn.reply, turn.said) == (REPLY.text, REPLY.said)
    else:
        begun = "".join(event.text for event in happened if isinstance(event, ReplyDelta))
        assert (turn.reply, turn.said) == (begun or None, None)
    summary = history.session(1).summary
    assert summary.ended_at == BEGUN + timedelta(minutes=1)
    assert summary.score == turn.score


def test_a_turn_cut_in_on_is_kept_as_interrupted(history: History, recorder: Recorder) -> None:
    take(recorder, ASKED, HEARD, REPLY, TurnFinished(Latency(), 0.9, interrupted=True))
    turn = only_turn(history)
    assert (turn.status, turn.said, turn.first_audio_latency_s) == (Status.INTERRUPTED, REPLY.said, 0.9)


def test_a_turn_that_fails_keeps_what_came_before(history: History, recorder: Recorder) -> None:
    take(recorder, ASKED, HEARD, ReplyDelta("Quite"), TurnFailed("speech", "The voice broke.", "Try another."), *TURN)
    failed, next_one = history.session(1).turns
    assert (failed.status, failed.failed_stage, failed.failure) == (Status.FAILED, "speech", "The voice broke.")
    assert (failed.heard, failed.reply, failed.said) == (HEARD.text, "Quite", None)
    assert next_one.status == Status.FINISHED


def test_a_question_put_before_the_last_turn_ended_interrupts_it(history: History, recorder: Recorder) -> None:
    take(recorder, ASKED, HEARD, *TURN)
    assert [turn.status for turn in history.session(1).turns] == [Status.INTERRUPTED, Status.FINISHED]


def test_a_trainee_who_speaks_first_begins_a_turn(history: History, recorder: Recorder) -> None:
    take(recorder, HEARD, Graded.of(MARK), REPLY, TurnFinished(LATENCY, 1.0))
    turn = only_turn(history)
    assert (turn.case, turn.question, turn.asked, turn.heard) == (None, None, "", HEARD.text)
    assert turn.points[0].statement == "site", "without a question a point is named by its id"


def test_the_score_of_a_session_left_early_is_the_mean_of_its_turns(history: History, recorder: Recorder) -> None:
    take(recorder, *TURN, ASKED, HEARD, Graded((), 0.125))
    recorder.close(BEGUN)
    assert history.session(1).summary.score == pytest.approx((0.625 + 0.125) / 2)


def test_closing_after_the_end_changes_nothing(history: History, recorder: Recorder) -> None:
    take(recorder, *TURN, SessionFinished(1, 0.9))
    before = history.session(1)
    assert recorder.close(BEGUN + timedelta(days=1)) is None
    assert take(recorder, ASKED, HEARD) == []
    assert history.session(1) == before


def test_a_recording_is_kept_with_its_turn(home: Home, history: History, recorder: Recorder) -> None:
    take(recorder, ASKED)
    assert recorder.recorded(home.recordings / "2026" / "a.wav") is None
    assert only_turn(history).recording == str(Path("2026") / "a.wav")


def limit_pages(history: History, pages: int | None) -> None:
    """Let the file grow to so many pages and no more, as on a disk that is full; None frees it."""
    with history.database.reading() as connection:
        assert connection is not None
        connection.execute(f"PRAGMA max_page_count = {pages or 2**30}")


def test_a_full_disk_is_told_once_and_the_conversation_goes_on(history: History, recorder: Recorder) -> None:
    take(recorder, *TURN)
    limit_pages(history, 1)  # SQLite takes the pages there are for the least
    long = Heard("long " * 20_000, "", 1.0, 1.0)
    notices = take(recorder, *TURN, *TURN, ASKED, long, *TURN[2:], *TURN)
    assert [notice.message for notice in notices] == ["The disk is full, so this could not be written to the history."]
    assert "safe" in notices[0].hint
    assert recorder.close(BEGUN) is None, "it was told"
    kept = history.session(1).turns
    assert kept[0].status == Status.FINISHED
    assert kept[0].said == REPLY.said


def test_nothing_is_lost_when_space_is_made_in_time(history: History, recorder: Recorder) -> None:
    take(recorder, *TURN)
    limit_pages(history, 1)
    long = Heard("long " * 20_000, "", 1.0, 1.0)
    assert len(take(recorder, ASKED, long, *TURN[2:], *TURN)) == 1
    assert len(history.session(1).turns) == 2
    limit_pages(history, None)
    assert take(recorder, *TURN, SessionFinished(1, 0.625)) == []
    session = history.session(1)
    assert [turn.status for turn in session.turns] == [Status.FINISHED] * 4
    assert session.turns[1].heard == long.text
    assert [turn.reply for turn in session.turns] == [REPLY.text] * 4
    times = [turn.asked_at for turn in session.turns]
    assert times == sorted(set(times)), "each with the time it happened"


def test_a_history_that_cannot_be_opened_is_told_once_and_mended_in_time(
    home: Home, history: History, recorder: Recorder
) -> None:
    home.root.mkdir(parents=True)
    home.database.write_bytes(b"damaged")
    notices = take(recorder, *TURN)
    assert len(notices) == 1
    assert "damaged" in notices[0].message
    assert recorder.session == 0
    assert home.database.read_bytes() == b"damaged"
    shutil.move(home.database, home.root / "aside")
    assert take(recorder, *TURN) == []
    assert [turn.status for turn in history.session(recorder.session).turns] == [Status.FINISHED] * 2


def test_a_file_in_use_is_not_waited_for_at_every_word(
    home: Home, history: History, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.store.database.BUSY_S", 0.01)
    take(recorder, ASKED, HEARD)
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tries: list[str] = []
    with history.database.reading() as connection:
        assert connection is not None
    connection.set_trace_callback(tries.append)
    notices = take(recorder, Graded.of(MARK), *(ReplyDelta("word ") for _ in range(100)))
    assert len(notices) == 1
    assert tries.count("BEGIN IMMEDIATE") == 1
    other.execute("ROLLBACK")
    other.close()
    take(recorder, TurnFinished(LATENCY, 1.0))
    turn = only_turn(history)
    assert (turn.score, turn.reply, turn.status) == (0.625, "word " * 100, Status.FINISHED)


def test_a_session_deleted_while_it_runs_stays_deleted(history: History, recorder: Recorder) -> None:
    take(recorder, *TURN)
    history.delete(1)
    notices = take(recorder, *TURN, *TURN)
    assert len(notices) == 1
    assert "deleted" in notices[0].message
    assert recorder.close(BEGUN) is None
    assert history.count() == 0
