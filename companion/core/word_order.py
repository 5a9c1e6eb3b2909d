"""Which of two things an answer puts first, when a wording written with "then" demands an order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from companion.core.answer_terms import LIGHT
from companion.core.answer_text import BREAK, COMMA, Word, level
from companion.core.polarity import Term
from companion.core.polarity_words import BREAKS, JOINS

_LATER = frozenset({"after", "following", "once"})
"""Between two things, these say that the one said first is done last: "iodine, once the PTU is in"."""
_LIGHT = frozenset(level(word) for word in LIGHT.split())


def steps_of(words: Sequence[Word], terms: Sequence[Term]) -> dict[str, int]:
    """Which step each term of a wording belongs to; all to the first if no "then" tells the words apart."""
    first = min((term.place for term in terms), default=0)
    turns = [place for place, word in enumerate(words) if word.raw == "then" and place > first]
    steps: dict[str, int] = {}
    for term in terms:
        step = sum(turn < term.place for turn in turns)
        if steps.setdefault(term.text, step) != step:
            return dict.fromkeys((term.text for term in terms), 0)
    return steps


def done_in_order(steps: Sequence[Sequence[int]], words: Sequence[Word], terms: Sequence[Term]) -> bool:
    """Whether the terms of each step come, in what the answer means, before those of the next."""
    for one, other in pairwise(steps):
        if max(one) < min(other):
            if _turned(terms[max(one)], terms[min(other)], words, terms):
                return False
        elif max(other) > min(one) or not _turned(terms[max(other)], terms[min(one)], words, terms):
            return False
    return True


def _turned(first: Term, second: Term, words: Sequence[Word], terms: Sequence[Term]) -> bool:
    """Whether what is said first is done second: "iodine after PTU", "before iodine, PTU", "iodine, but PTU first"."""
    heavy = {term.place for term in terms if term.text not in _LIGHT}
    for i in range(second.place - 1, first.place, -1):
        if words[i].raw in _LATER:
            return True
        if i in heavy:
            break
    for i in range(first.place - 1, -1, -1):
        if words[i].raw == "before":
            return i == 0 or words[i - 1].text in (BREAK, COMMA) or words[i - 1].raw in JOINS | BREAKS
        if i in heavy or words[i].text in (BREAK, COMMA):
            break
    return _first(second.place, words) and not _first(first.place, words)


def _first(place: int, words: Sequence[Word]) -> bool:
    return place + 1 < len(words) and words[place + 1].raw == "first"
