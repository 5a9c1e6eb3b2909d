"""One turn: a question is put, an answer heard and marked, the feedback spoken."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from companion.core.cancel import Cancelled
from companion.core.case import Case, Question
from companion.core.errors import CompanionError
from companion.core.events import (
    Asked,
    Event,
    FirstAudio,
    Graded,
    Heard,
    Notice,
    Reply,
    ReplyDelta,
    TurnFailed,
    TurnFinished,
)
from companion.core.grading import grade
from companion.core.latency import Latency
from companion.core.sentences import split_clauses
from companion.session.narration import Mouths, Narration
from companion.session.reply import Mind, ReplyWriter

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the trainee said or typed, and when they had finished."""

    text: str
    raw: str
    audio_s: float
    compute_s: float
    ended_at: float
    """Clock time of the true end of speech: the key release, or the last speech the detector heard."""
    decided_at: float
    """Clock time at which it was decided that they had finished."""
    notice: Notice | None = None


class EndOfAnswers(Exception):
    """No more answers come: the files are used up, or whoever typed has gone."""


Ear = Callable[[Cancelled], Awaitable[Answer]]
"""Waits for the trainee's answer; raises ``CompanionError`` when none can be had, ``EndOfAnswers`` at the end."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one turn is about."""

    case: Case
    question: Question
    asked: str
    """All that is said to put the question: the vignette too, when the case is new."""
    variety: int
    """Seeds the choice among phrasings, so that they vary and a test can repeat them."""


async def take_turn(
    exchange: Exchange,
    ear: Ear,
    mouths: Mouths,
    mind: Mind | None,
    cancelled: Cancelled,
    clock: Clock = time.perf_counter,
) -> AsyncGenerator[Event, None]:
    """The events of one turn, ending in ``TurnFinished`` or ``TurnFailed``.

    Losing the voice or the language model midway is told in a ``Notice`` and the turn goes on
    without it; only an answer that cannot be had ends it early.
    """
    question = exchange.question
    yield Asked(exchange.case.id, question.id, exchange.asked)
    asking = Narration(mouths.asking, cancelled, clock)
    for sentence in split_clauses(exchange.asked):
        async with aclosing(asking.say(sentence, fixed=True)) as sounds:
            async for sound in sounds:
                yield sound
    if (lost := await asking.finish()) is not None:
        yield lost

    try:
        answer = await ear(cancelled)
    except CompanionError as error:
        yield TurnFailed("listen", error.message, error.hint)
        return
    if answer.notice is not None:
        yield answer.notice
    if cancelled():
        # Nobody was done answering, so there is nothing to mark.
        yield TurnFinished(Latency(), None, interrupted=True)
        return
    heard_at = clock()
    yield Heard(answer.text, answer.raw, answer.audio_s, answer.compute_s)

    mark = grade(answer.text, question)
    graded_at = clock()
    yield Graded.of(mark)

    writer = ReplyWriter(question, mark, answer.text, exchange.variety, mind, cancelled, clock)
    replying = Narration(mouths.replying, cancelled, clock)
    first_clause_at: float | None = None
    first_audio: FirstAudio | None = None
    async with aclosing(writer.clauses()) as clauses:
        async for clause in clauses:
            if isinstance(clause, Notice):
                yield clause
                continue
            first_clause_at = first_clause_at or clock()
            yield ReplyDelta(clause.text + " ")
            async with aclosing(replying.say(clause.text, fixed=clause.fixed)) as sounds:
                async for sound in sounds:
                    yield sound
            if first_audio is None and (at := await replying.first_sample_at()) is not None:
                first_audio = FirstAudio(at - answer.ended_at)
                yield first_audio
    if (lost := await replying.finish()) is not None:
        yield lost

    yield Reply(replying.planned, replying.said)
    yield TurnFinished(
        Latency(
            endpoint_s=answer.decided_at - answer.ended_at,
            transcribe_s=heard_at - answer.decided_at,
            grade_s=graded_at - heard_at,
            first_token_s=writer.first_token_s,
            first_clause_s=None if first_clause_at is None else first_clause_at - graded_at,
            first_audio_s=None
            if first_audio is None or first_clause_at is None
            else answer.ended_at + first_audio.latency_s - first_clause_at,
        ),
        None if first_audio is None else first_audio.latency_s,
        interrupted=cancelled(),
    )
