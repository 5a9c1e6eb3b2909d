"""What an answer asserts, what it denies and what it only wants to exclude, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from companion.core.answer_text import BREAK, COMMA, Word
from companion.core.polarity_scopes import Scopes, is_stop
from companion.core.polarity_words import BREAKS, CONDITION, JOINS


class Polarity(StrEnum):
    """How a word is meant."""

    SAID = "said"
    DENIED = "denied"
    UPHELD = "upheld"
    """Denied twice: "not contraindicated"; neither a plain mention nor a denial."""
    EXCLUDED = "excluded"
    """To be ruled out: neither claimed nor denied."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word that carries meaning, and how it stands in the answer."""

    text: str
    raw: str
    start: int
    end: int
    polarity: Polarity
    clause: int
    """Which clause it is in; a statement that is wrong must be made within one."""
    phrase: int
    """Which phrase: what a quality such as "high" is said of stands in its own."""
    sentence: int
    conditional: bool
    """After "if", "unless" or "otherwise": not what the speaker says is so."""
    place: int
    """Its place among all words, so that words that stood together can be found."""
    span: tuple[int, int]
    """Where it starts and ends in the text together with the words that deny it."""


def terms_of(words: Sequence[Word]) -> list[Term]:
    """The words that carry meaning, each with how it is meant; denials themselves are not among them."""
    scopes = Scopes(words)
    found: list[Term] = []
    clause = sentence = 0
    phrases = phrases_of(words)
    conditional = False
    for i, word in enumerate(words):
        raw = word.raw
        if word.text == BREAK:
            clause, sentence, conditional = clause + 1, sentence + 1, False
        elif scopes.ends_clause(i):
            clause += 1
        if raw in CONDITION:
            conditional = True
        if word.text in (BREAK, COMMA) or scopes.cue[i] or is_stop(word) or raw in BREAKS:
            continue
        polarity = Polarity.SAID
        if scopes.excluded[i]:
            polarity = Polarity.UPHELD if scopes.denied[i] else Polarity.EXCLUDED
        elif scopes.denied[i]:
            polarity = Polarity.DENIED if scopes.denied[i] % 2 else Polarity.UPHELD
        found.append(
            Term(
                word.text,
                raw,
                word.start,
                word.end,
                polarity,
                clause,
                phrases[i],
                sentence,
                conditional,
                i,
                scopes.spans[i],
            )
        )
    return found


def phrases_of(words: Sequence[Word]) -> list[int]:
    """Which phrase each word is in; commas, conjunctions and whatever ends a clause stand between two."""
    phrases: list[int] = []
    phrase = 0
    for word in words:
        phrase += word.text in (BREAK, COMMA) or word.raw in JOINS or word.raw in BREAKS
        phrases.append(phrase)
    return phrases
