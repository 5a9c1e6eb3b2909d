"""Whether a generated sentence keeps to its sources: no number, drug, finding or "not" of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 60
"""Words; more than this is not one or two spoken sentences."""

_GRAMMAR = """
    a an the this that these those it its he she they them their his her him i me my we us our you your yours
    and or but so then as at by for from in into of onto out to with about through while when where
    which who whom whose what why how because also too very just even still such same
    is are was were be been being am do does did done doing has have had having will would shall should
    need needs needed ought let get gets got go goes going make makes made there here now well yes ok okay good
    great nice correct correctly exactly true indeed fine say said saying tell told mention mentioned name named
    think thought know known remember forget forgot forgotten miss missed missing add added adding
    point points answer answered thing things idea want wanted give giving given take taking taken use using used
"""
_GENERAL = frozenset(_GRAMMAR.split())
"""Words of grammar and of a tutor's manner. None of them may change the medicine: not "left", not "before"."""

_NEGATING = "not no never without nor neither none cannot cant dont avoid stop except"
_NEGATIONS = frozenset(_NEGATING.split())

_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTING.split())} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "hundred": "100",
    "half": "0.5",
}

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%°<>≤≥±=/+]")
_CLAUSE = re.compile(r"(?<!\d)[.,;:!?]+(?!\d)|[.,;:!?]+\s|\b(?:and|but|while|whereas)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


def grounded(sentence: str, *sources: str) -> bool:
    """Whether every clause draws its substance from one sentence of the sources.

    Each number (with what it counts), unit, symbol and word that is not general must occur there,
    stemmed and in the same order; a word may be negated only where the source negates it, and must
    be where the source always does.
    """
    if not sentence.strip() or len(sentence.split()) > LONGEST or "\n" in sentence.strip():
        return False
    read = [_Clause(part) for source in sources for part in _SENTENCE.split(source) if part.strip()]
    clauses = [clause for part in _CLAUSE.split(sentence) if (clause := _Clause(part)).words or clause.dangling]
    return all(any(clause.within(source) for source in read) for clause in clauses)


def words_of_substance(text: str) -> frozenset[str]:
    """The stemmed words and numbers of a text that are not general."""
    return frozenset(_Clause(text).words)


class _Clause:
    """Words of substance in order, which of them are negated, and each number with what follows it."""

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        self.negated: set[str] = set()
        self.plain: set[str] = set()
        self.counted: set[tuple[str, str]] = set()
        negation, number = False, ""
        for word in _words(text):
            if word in _NEGATIONS or word.endswith("n't"):
                negation = True
                continue
            if number:
                self.counted.add((number, _stem(word)))
                number = ""
            if word[0].isdigit():
                number = word
            elif word in _GENERAL:
                continue
            stem = _stem(word)
            self.words.append(stem)
            (self.negated if negation else self.plain).add(stem)
            negation = False
        self.dangling = negation

    def within(self, source: _Clause) -> bool:
        """Whether this clause says nothing that the source sentence does not."""
        return (
            _in_order(self.words, source.words)
            and self.counted <= source.counted
            and self.negated <= source.negated
            and self.plain <= source.plain
            and not self.dangling
        )


def _in_order(words: list[str], source: list[str]) -> bool:
    rest = iter(source)
    return all(word in rest for word in words)


def _words(text: str) -> Iterator[str]:
    for found in _WORD.findall(text.lower().replace("’", "'").replace(",000", "000")):
        word = found.removesuffix("'s")
        yield _NUMBERS.get(word, word)


def _stem(word: str) -> str:
    """A word without the common endings of English, so that "gives" and "giving" agree."""
    for ending in ("ies", "ing", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word
