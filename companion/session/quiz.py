"""A session of turns: cases asked in order, one question after the other."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from companion.core.cancel import Cancellation
from companion.core.case import Case, Question
from companion.core.events import Event, Graded, SessionFinished
from companion.session.narration import Mouths
from companion.session.reply import Mind
from companion.session.turn import Ear, EndOfAnswers, Exchange, take_turn


@dataclass(slots=True)
class Quiz:
    """Asks the questions of ``cases`` until they, the limit or the answers run out."""

    cases: Sequence[Case]
    ear: Ear
    mouths: Mouths = field(default_factory=Mouths)
    mind: Mind | None = None
    limit: int | None = None
    """Questions at most."""
    seed: int = 0
    """Varies the phrasing from session to session."""
    cancellation: Cancellation | None = None
    """Interrupts the running turn; the next one goes on."""
    clock: Callable[[], float] = time.perf_counter

    async def events(self) -> AsyncGenerator[Event, None]:
        """Every turn's events, then ``SessionFinished`` with the mean score."""
        cancellation = self.cancellation or Cancellation()
        scores: list[float] = []
        try:
            for number, exchange in enumerate(self._exchanges()):
                if number == self.limit:
                    break
                turn = take_turn(exchange, self.ear, self.mouths, self.mind, cancellation.token(), self.clock)
                async with aclosing(turn):
                    async for event in turn:
                        if isinstance(event, Graded):
                            scores.append(event.score)
                        yield event
        except EndOfAnswers:
            pass
        finally:
            # Whoever stopped listening to these events wants silence too.
            cancellation.cancel()
            self.mouths.flush()
        yield SessionFinished(0, sum(scores) / len(scores) if scores else None)

    def _exchanges(self) -> Sequence[Exchange]:
        return [
            Exchange(case, question, _asked(case, question, first=question is case.questions[0]), self.seed + number)
            for number, (case, question) in enumerate((c, q) for c in self.cases for q in c.questions)
        ]


def _asked(case: Case, question: Question, *, first: bool) -> str:
    return f"{case.vignette}\n\n{question.prompt}" if first else question.prompt
