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
from companion.core.grading import grade
from companion.core.mark import Mark, Verdict
from companion.core.sentences import ClauseSplitter, split_clauses
from companion.core.tutor import Phrasing, phrasing
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import LanguageModel

PHRASING_TOKENS = 64
"""More than two spoken sentences take."""
PHRASING_S = 4.0
"""Seconds after which the deck's own words are used: the opener has been heard by then."""


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
    """Writes: an opener true of the marking, what was right and missed, then the explanation.

    The deck is the authority: verdicts, corrections and the explanation are its own words. The
    language model may phrase what was right and missed; each of its sentences must pass the guard
    of ``core.tutor``, what fails is dropped and counted, and what it left out is said by template.
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
        """Sentences the guard refused."""

    async def clauses(self) -> AsyncGenerator[Clause | Notice, None]:
        """The reply in order; a notice where the language model was lost on the way."""
        heard = bool(self._answer)
        whole = feedback(self._question, self._mark, random.Random(self._variety), heard=heard)
        for text in split_clauses(whole.opener):
            yield Clause(text)
        covered: set[str] = set()
        if heard:
            async with aclosing(self._phrased()) as sentences:
                async for sentence in sentences:
                    if isinstance(sentence, str):
                        covered |= self._named_in(sentence)
                        yield Clause(sentence)
                    else:
                        yield sentence
        for id, text in whole.by_point:
            if id not in covered:
                yield Clause(text)
        for text in split_clauses(whole.explanation):
            yield Clause(text, fixed=True)

    async def _phrased(self) -> AsyncGenerator[str | Notice, None]:
        """The language model's sentences that pass the guard, as they are finished."""
        mind = self._mind
        if mind is None or not mind.works:
            return
        task = phrasing(self._question, self._mark, self._answer)
        if task is None:
            return
        began = self._clock()
        late = began + PHRASING_S
        splitter = ClauseSplitter(first_words=None)
        try:
            async with aclosing(
                mind.model.stream(
                    lambda model: model.reply(
                        task.messages,
                        max_tokens=PHRASING_TOKENS,
                        stop=task.stop,
                        cancelled=lambda: self._cancelled() or self._clock() > late,
                    )
                )
            ) as pieces:
                async for piece in pieces:
                    if self.first_token_s is None:
                        self.first_token_s = self._clock() - began
                    for sentence in splitter.feed(piece):
                        if not self._allowed(task, sentence):
                            return
                        yield sentence
            if self._clock() <= late and not self._cancelled():
                for sentence in splitter.finish():
                    if not self._allowed(task, sentence):
                        return
                    yield sentence
        except CompanionError as error:
            mind.works = False
            yield Notice(
                f"The language model stopped working, so the tutor speaks from its deck. {error.message}", error.hint
            )

    def _allowed(self, task: Phrasing, sentence: str) -> bool:
        if task.allows(sentence):
            return True
        self.dropped += 1
        return False

    def _named_in(self, sentence: str) -> set[str]:
        """The points a sentence already said, found as they are found in an answer."""
        return {point.id for point in grade(sentence, self._question).of(Verdict.HIT)}
