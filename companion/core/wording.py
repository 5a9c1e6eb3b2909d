"""One accepted or contradicting wording as the words to listen for, and where an answer has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.core.answer_terms import LIGHT, VERBS
from companion.core.answer_text import Word, clean, fold, level, words_of
from companion.core.directions import Direction, directions_of
from companion.core.polarity import Polarity, Term, terms_of
from companion.core.word_order import steps_of

_LIGHT = frozenset(level(word) for word in LIGHT.split())
_GENERAL = frozenset(level(word) for word in VERBS.split())
_DESCRIBES = ("ic", "al", "ary", "ar", "ous", "ive", "ior", "ory")
_PLAIN_DESCRIBES = """
left right acute low high severe deep type fixed blood new heart lung chest leg arm vein artery cell back pain test scan
vessel body aorta ventricle
"""
_DESCRIBING = frozenset(map(fold, _PLAIN_DESCRIBES.split()))
_NAMING = (
    "withdrawal renewal removal arrival referral interval hospital capillary antibiotic diuretic laxative "
    "sedative antiemetic anaesthetic clinic panic colic history"
)
"""Names that end as adjectives do."""
_NAMES = frozenset(map(fold, _NAMING.split()))


@dataclass(frozen=True, slots=True)
class Need:
    """One word of a wording; one that is not ``required`` may be left out of the answer."""

    text: str
    raw: str
    polarity: Polarity
    required: bool
    weight: float
    tells: bool
    """It is worth something by itself: neither general, nor a mere adjective, nor a word of the question."""
    step: int = 0
    """Which step it belongs to, in a wording written with "then"."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a wording, in no order but that of its steps."""

    needs: tuple[Need, ...]
    directions: tuple[Direction, ...] = ()
    exact: bool = False
    """Nothing of it may be left out."""

    @property
    def steps(self) -> int:
        """How many steps it demands in order; most wordings have one."""
        return 1 + max((need.step for need in self.needs), default=0)

    @classmethod
    def accepted(cls, written: str, prompt: frozenset[str], against: frozenset[str] = frozenset()) -> Wording:
        """A wording that earns a point; words the question itself said may be left out of the answer.

        Words in ``against``, which wrong answers to the same point hold as well, tell nothing by themselves.
        """
        words, every = _read(written)
        terms = _distinct(every)
        solid = [term for term in terms if term.text not in _LIGHT] or terms
        left = [term for term in solid if not _may_be_left_out(term, prompt)]
        telling = any(t.text not in _GENERAL and fold(t.raw) not in _DESCRIBING and t.text.isalpha() for t in left)
        required = {term.text for term in (left if telling else solid if left else terms)}
        step = steps_of(words, every)
        needs = tuple(_need(t, t.text in required, given=t.text in prompt | against, step=step[t.text]) for t in terms)
        return cls(needs, directions_of(words, terms))

    @classmethod
    def contradicting(cls, written: str) -> Wording:
        """A wording that says the opposite of a point; every word of it must be there."""
        words, every = _read(written)
        terms = _distinct(every)
        step = steps_of(words, every)
        needs = tuple(_need(term, True, given=False, step=step[term.text]) for term in terms)
        return cls(needs, directions_of(words, terms), exact=True)


def _may_be_left_out(term: Term, prompt: frozenset[str]) -> bool:
    """Whether the question has said this word already; what is done or denied must be said again."""
    named = term.text in prompt and term.text.isalpha() and term.text not in _GENERAL
    return named and term.polarity is Polarity.SAID


def _read(written: str) -> tuple[list[Word], list[Term]]:
    words = words_of(clean(written))
    return words, terms_of(words)


def _distinct(terms: Sequence[Term]) -> list[Term]:
    return list({term.text: term for term in terms}.values())


def _need(term: Term, required: bool, *, given: bool, step: int) -> Need:
    folded = fold(term.raw)
    describes = folded in _DESCRIBING or (len(term.raw) > 4 and term.raw.endswith(_DESCRIBES) and folded not in _NAMES)
    general = term.text in _GENERAL or not term.text.isalpha()
    weight = 0.4 if describes or general else 1.0
    tells = required and weight == 1 and not given
    return Need(term.text, term.raw, term.polarity, required, weight, tells=tells, step=step)
