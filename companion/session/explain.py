"""Explaining a finding from the decks, and answering what is asked on."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from companion.core.cancel import Cancellation, Cancelled
from companion.core.case import Case
from companion.core.errors import CompanionError
from companion.core.events import (
    Event,
    FirstAudio,
    Heard,
    Reply,
    ReplyDelta,
    SessionFinished,
    TurnFailed,
    TurnFinished,
)
from companion.core.finding import Finding
from companion.core.follow_up import part_asked, part_told
from companion.core.latency import Latency
from companion.core.sentences import split_sentences
from companion.core.topics import Passage, Topics
from companion.session.narration import Mouths, Narration
from companion.session.turn import Answer, Ear, EndOfAnswers

NOTHING = "I have nothing on that in my decks, so I would rather not guess."
UNHEARD = "I did not hear a question."


@dataclass(slots=True)
class Explanation:
    """Requests in, explanations out, until no more requests come. Every word is the decks' own."""

    topics: Topics
    ear: Ear
    mouths: Mouths = field(default_factory=Mouths)
    case: Case | None = None
    """The case that is being talked of, if one was named."""
    finding: Finding | None = None
    """The finding that was explained last: "what causes it?" is about that."""
    cancellation: Cancellation = field(default_factory=Cancellation)
    clock: Callable[[], float] = time.perf_counter

    async def events(self) -> AsyncGenerator[Event, None]:
        """Each request's events, then ``SessionFinished`` without a score."""
        try:
            while True:
                async with aclosing(self._turn(self.cancellation.token())) as turn:
                    async for event in turn:
                        yield event
        except EndOfAnswers:
            pass
        finally:
            self.cancellation.cancel()
            self.mouths.flush()
        yield SessionFinished(0, None)

    async def _turn(self, cancelled: Cancelled) -> AsyncGenerator[Event, None]:
        try:
            request = await self.ear(cancelled)
        except CompanionError as error:
            yield TurnFailed("listen", error.message, error.hint)
            raise EndOfAnswers from error
        if request.notice is not None:
            yield request.notice
        if cancelled():
            yield TurnFinished(Latency(), None, interrupted=True)
            return
        heard_at = self.clock()
        yield Heard(request.text, request.raw, request.audio_s, request.compute_s)
        sentences = self._answer(request.text)
        found_at = self.clock()
        narration = Narration(self.mouths.replying, cancelled, self.clock)
        first_audio: FirstAudio | None = None
        for sentence in sentences:
            yield ReplyDelta(sentence + " ")
            async with aclosing(narration.say(sentence, fixed=True)) as sounds:
                async for sound in sounds:
                    yield sound
            if first_audio is None and (at := await narration.first_sample_at()) is not None:
                first_audio = FirstAudio(at - request.ended_at)
                yield first_audio
        if (lost := await narration.finish()) is not None:
            yield lost
        yield Reply(narration.planned, narration.said)
        yield _finished(request, heard_at, found_at, first_audio, interrupted=cancelled())

    def _answer(self, request: str) -> list[str]:
        """The sentences that answer a request; a finding's name comes first, so that a wrong one is heard at once."""
        if not request:
            return [UNHEARD]
        if self.finding is not None and (part := part_asked(request)) is not None:
            return split_sentences(part_told(self.finding, part))
        found = self.topics.find(request, self.case)
        if found is None:
            return [NOTHING]
        if isinstance(found, Finding):
            self.finding = found
            return [f"{found.name}.", *split_sentences(found.told)]
        self.case, self.finding = found.case, None
        return _told(found)


def _told(passage: Passage) -> list[str]:
    points = " ".join(point.statement for point in passage.question.key_points)
    return split_sentences(f"{passage.question.explanation} In short: {points}")


def _finished(
    request: Answer, heard_at: float, found_at: float, first_audio: FirstAudio | None, *, interrupted: bool
) -> TurnFinished:
    latency = Latency(
        endpoint_s=request.decided_at - request.ended_at,
        transcribe_s=heard_at - request.decided_at,
        first_clause_s=found_at - heard_at,
        first_audio_s=None if first_audio is None else request.ended_at + first_audio.latency_s - found_at,
    )
    return TurnFinished(latency, None if first_audio is None else first_audio.latency_s, interrupted)
