"""The tutor's reply to one answer, clause by clause, while a language model may still be writing."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from companion.core.cancel import Cancelled
from companion.core.case import Question
from companion.core.errors import CompanionError
from companion.core.events import Notice
from companion.core.feedback import feedback
from companion.core.mark import Mark
from companion.core.sentences import split_sentences
from companion.core.tutor import MAX_TOKENS, STOP, phrased, phrasing_messages
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import LanguageModel

PHRASING_S = 2.0
"""Seconds after which the template is used: what was queued before has been heard by then."""


@dataclass(slots=True)
class Mind:
    """The language model on its thread; ``works`` turns False when it failed, which is told once."""

    model: OwnerThread[LanguageModel]
    works: bool = True


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of the reply; ``fixed`` if it is the deck's own text and so worth keeping as sound."""

    text: str
    fixed: bool = False


class ReplyWriter:
    """Writes: an opener true of the marking, corrections, what was right and missed, the explanation.

    The deck is the authority: verdicts, corrections, critical points and the explanation are its own
    words. The language model may phrase what else was missed while the opener is heard; what it
    writes must pass the guard of ``core.tutor``, else it is dropped and counted and a template says it.
    """

    def __init__(
        self,
        question: Question,
        mark: Mark,
        answer: str,
        variety: int,
        mind: Mind | None,
        cancelled: Cancelled,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._question, self._mark, self._answer = question, mark, answer
        self._variety = variety
        self._mind = mind
        self._cancelled = cancelled
        self._clock = clock
        self.first_token_s: float | None = None
        """Seconds from asking the language model to its first token."""
        self.dropped = 0
        """Phrasings the guard refused."""

    async def clauses(self) -> AsyncGenerator[Clause | Notice, None]:
        """The reply in order; a notice where the language model was lost on the way."""
        whole = feedback(self._question, self._mark, random.Random(self._variety), heard=bool(self._answer))
        verdict, colon, point = whole.opener.partition(": ")
        # The verdict is one of a few fixed words, so it is heard at once, from the cache after the first time.
        yield Clause(verdict + colon.strip(), fixed=True)
        if point:
            yield Clause(point)
        for text in (*whole.corrected, *whole.credited):
            yield Clause(text)
        for left in whole.missed:
            phrasing = await self._phrase(left.statement) if left.statement else None
            if isinstance(phrasing, Notice):
                yield phrasing
                phrasing = None
            yield Clause(phrasing or left.text)
        for text in split_sentences(whole.explanation):
            yield Clause(text, fixed=True)

    async def _phrase(self, statement: str) -> str | Notice | None:
        """A point that was missed in the language model's words, if they pass and come in time."""
        mind = self._mind
        if mind is None or not mind.works:
            return None
        began = self._clock()
        late = began + PHRASING_S
        messages = phrasing_messages(statement)
        text = ""
        try:
            async with aclosing(
                mind.model.stream(
                    lambda model: model.reply(
                        messages,
                        max_tokens=MAX_TOKENS,
                        stop=STOP,
                        cancelled=lambda: self._cancelled() or self._clock() > late,
                    )
                )
            ) as pieces:
                async for piece in pieces:
                    if self.first_token_s is None:
                        self.first_token_s = self._clock() - began
                    text += piece
        except CompanionError as error:
            mind.works = False
            return Notice(
                f"The language model stopped working, so the tutor speaks from its decks. {error.message}", error.hint
            )
        if self._cancelled() or self._clock() > late:
            return None
        passed = phrased(text, statement)
        self.dropped += passed is None
        return passed
