"""A session's events go on to whoever watches, and into a real history on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from companion.core.cancel import Cancelled
from companion.core.case import Question
from companion.core.clip import Clip
from companion.core.errors import EngineError, HistoryError
from companion.core.events import Asked, AudioChunk, Event, Heard, Notice, Reply, SessionFinished, TurnFailed
from companion.engines.owner_thread import OwnerThread
from companion.home import Home
from companion.session.quiz import Quiz
from companion.session.recorder import Recorder
from companion.session.scribe import Scribe, recorded
from companion.session.turn import Answer
from companion.store.history import History
from companion.store.records import Session, Status
from tests.session.stage import CASE, TickingClock, all_of, kinds, typed

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def question(case: str, id: str) -> Question:
    found = CASE.question(id)
    assert case == CASE.id
    assert found is not None
    return found


@pytest.fixture
def scribe(home: Home) -> Iterator[OwnerThread[Scribe]]:
    def build() -> Scribe:
        history = History(home)
        return Scribe(
            history,
            Recorder(history, kind="quiz", deck="test", engines={}, find_question=question, now=lambda: NOW),
        )

    thread = OwnerThread(build, "history")
    yield thread
    thread.close()


def kept(home: Home, number: int = 1) -> Session:
    history = History(home)
    try:
        return history.session(number)
    finally:
        history.close()


def quiz(*answers: str | EngineError) -> Quiz:
    clock = TickingClock()
    return Quiz((CASE,), typed(*answers, clock=clock), clock=clock)


async def test_events_go_through_unchanged_and_the_session_gets_its_number(
    home: Home, scribe: OwnerThread[Scribe]
) -> None:
    plain = await all_of(quiz("Aspirin.", "No.").events())
    written = await all_of(recorded(quiz("Aspirin.", "No.").events(), scribe))
    assert kinds(written) == kinds(plain)
    assert isinstance(written[-1], SessionFinished)
    assert written[-1].session == 1
    session = kept(home)
    assert [turn.status for turn in session.turns] == [Status.FINISHED] * 2
    assert session.turns[0].heard == "Aspirin."
    assert session.turns[0].points[1].evidence == "Aspirin"
    assert session.summary.score == pytest.approx(written[-1].score)


async def test_a_turn_that_failed_is_kept_and_the_next_one_too(home: Home, scribe: OwnerThread[Scribe]) -> None:
    events = quiz(EngineError("whisper.cpp failed."), "The right coronary artery.").events()
    await all_of(recorded(events, scribe))
    failed, good = kept(home).turns
    assert (failed.status, failed.failed_stage, failed.failure) == (Status.FAILED, "listen", "whisper.cpp failed.")
    assert (good.status, good.score) == (Status.FINISHED, 1.0)


@pytest.mark.parametrize("after", ["Asked", "Heard", "Graded", "ReplyDelta", "Reply"])
async def test_left_at_any_event_what_happened_is_on_disk(home: Home, scribe: OwnerThread[Scribe], after: str) -> None:
    async with aclosing(recorded(quiz("Aspirin.").events(), scribe)) as running:
        async for event in running:
            if type(event).__name__ == after:
                break
    (turn,) = kept(home).turns
    assert turn.status == Status.INTERRUPTED
    assert turn.asked
    assert turn.heard == (None if after == "Asked" else "Aspirin.")
    assert kept(home).summary.ended_at is not None


async def test_cancelled_as_by_ctrl_c_while_an_answer_is_awaited_the_question_is_on_disk(
    home: Home, scribe: OwnerThread[Scribe]
) -> None:
    listening = asyncio.Event()

    async def ear(cancelled: Cancelled) -> Answer:
        listening.set()
        await asyncio.Event().wait()
        raise AssertionError

    asked = Quiz((CASE,), ear)

    async def watch() -> None:
        async with aclosing(recorded(asked.events(), scribe)) as running:
            async for _ in running:
                pass

    task = asyncio.create_task(watch())
    await asyncio.wait_for(listening.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    (turn,) = kept(home).turns
    assert turn.status == Status.INTERRUPTED


async def test_an_error_of_the_session_goes_up_and_what_happened_is_kept(
    home: Home, scribe: OwnerThread[Scribe]
) -> None:
    async def broken() -> AsyncGenerator[Event, None]:
        yield Asked("cold-hands", "cause", "Which artery?")
        yield Heard("The left one.", "the left one", 1.0, 0.1)
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        await all_of(recorded(broken(), scribe))
    (turn,) = kept(home).turns
    assert (turn.status, turn.heard) == (Status.INTERRUPTED, "The left one.")


async def test_a_history_that_cannot_be_written_is_told_once_and_the_session_goes_on(
    home: Home, scribe: OwnerThread[Scribe]
) -> None:
    home.root.mkdir(parents=True)
    home.database.write_bytes(b"damaged")
    events = await all_of(recorded(quiz("Aspirin.", "No.").events(), scribe))
    assert kinds(events).count("Notice") == 1
    assert [kind for kind in kinds(events) if kind != "Notice"] == [
        *["Asked", "Heard", "Graded", "Reply", "TurnFinished"] * 2,
        "SessionFinished",
    ]


async def test_a_fault_in_the_very_last_write_is_told_too(
    home: Home, scribe: OwnerThread[Scribe], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise HistoryError("The disk is full.", hint="Free some space.")

    monkeypatch.setattr(History, "close_session", full)
    events = await all_of(recorded(quiz("Aspirin.").events(), scribe))
    assert kinds(events)[-2:] == ["Notice", "SessionFinished"]
    assert Notice("The disk is full.", "Free some space.") in events


async def test_the_conversation_does_not_wait_for_the_disk(home: Home, scribe: OwnerThread[Scribe]) -> None:
    slow = threading.Event()
    waiting = asyncio.create_task(scribe.call(lambda kept: slow.wait(10)))
    await asyncio.sleep(0)

    async def talk() -> AsyncGenerator[Event, None]:
        yield Asked("cold-hands", "cause", "Which artery?")
        yield AudioChunk(Clip.silence(0.1), "Which artery?")
        yield TurnFailed("listen", "Nothing.")
        slow.set()
        yield Reply("", "")

    assert len(await asyncio.wait_for(all_of(recorded(talk(), scribe)), 10)) == 4
    assert await waiting
    assert kept(home).turns[0].status == Status.FAILED
