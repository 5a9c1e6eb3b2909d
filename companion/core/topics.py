"""Finding what the decks say on a topic, in other words than theirs and misheard ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from companion.core.case import Case, Question
from companion.core.grounding import words_of_substance

KNOWN = 0.5
"""The share of a request's weight that a passage must hold to be on it."""
ALIKE = 82
"""rapidfuzz's ratio, of 100, from which two words count as one misheard."""
SAME_CASE = 0.1
"""What staying with the case that is being explained is worth."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One question of a case, as something to explain."""

    case: Case
    question: Question
    words: frozenset[str]


class Topics:
    """All that the decks can explain; searched by words, the rare ones counting most."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._passages = [_passage(case, question) for case in cases for question in case.questions]
        self._weights: dict[str, float] = {}
        for word in {word for passage in self._passages for word in passage.words}:
            found = sum(word in passage.words for passage in self._passages)
            self._weights[word] = math.log(1 + len(self._passages) / found)

    def find(self, request: str, near: Case | None = None) -> Passage | None:
        """The passage that best holds the request's words, None if none holds enough of them.

        ``near`` is the case being talked of, which wins when two are about as good.
        """
        wanted = {self._known(word) for word in words_of_substance(request)}
        if not wanted or not self._passages:
            return None
        unknown = max(self._weights.values())
        whole = sum(self._weights.get(word, unknown) for word in wanted)
        scored = [
            (self._held(wanted, passage) / whole + (SAME_CASE if passage.case == near else 0.0), -place)
            for place, passage in enumerate(self._passages)
        ]
        best, place = max(scored)
        return self._passages[-place] if best >= KNOWN else None

    def _held(self, wanted: set[str], passage: Passage) -> float:
        return sum(self._weights.get(word, 0.0) for word in wanted if word in passage.words)

    def _known(self, word: str) -> str:
        if word in self._weights or len(word) < 5:
            return word
        near = process.extractOne(word, sorted(self._weights), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return str(near[0]) if near else word


def _passage(case: Case, question: Question) -> Passage:
    texts: Sequence[str] = (
        case.title,
        question.prompt,
        question.hint,
        question.explanation,
        *(point.statement for point in question.key_points),
        *(wording for point in question.key_points for wording in point.accepted),
    )
    return Passage(case, question, words_of_substance(" ".join(texts)))
