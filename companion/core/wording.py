"""One accepted or contradicting wording as the words to listen for, and where an answer has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from companion.core.answer_terms import LIGHT, VERBS
from companion.core.answer_text import Word, clean, fold, level, words_of
from companion.core.near_twins import sisters, twins
from companion.core.polarity import Polarity, Term, terms_of
from companion.core.sound_alike import alike

_LIGHT = frozenset(level(word) for word in LIGHT.split())
_GENERAL = frozenset(level(word) for word in VERBS.split())
_DESCRIBES = ("ic", "al", "ary", "ar", "ous", "ive", "ior", "ory")
_PLAIN_DESCRIBES = """
left right acute low high severe deep type fixed blood new heart lung chest leg arm vein artery cell back pain test scan
vessel body aorta ventricle
"""
_DESCRIBING = frozenset(map(fold, _PLAIN_DESCRIBES.split()))
_SLACK = 3
"""Words with meaning that may stand between those of a wording."""


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


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a wording, in no order."""

    needs: tuple[Need, ...]

    @classmethod
    def accepted(cls, written: str, prompt: frozenset[str]) -> Wording:
        """A wording that earns a point; words the question itself said may be left out of the answer."""
        terms = _distinct(terms_of(words_of(clean(written))))
        solid = [term for term in terms if term.text not in _LIGHT] or terms
        left = [term for term in solid if not _may_be_left_out(term, prompt)]
        telling = any(t.text not in _GENERAL and fold(t.raw) not in _DESCRIBING and t.text.isalpha() for t in left)
        required = {term.text for term in (left if telling else solid if left else terms)}
        return cls(tuple(_need(term, term.text in required, given=term.text in prompt) for term in terms))

    @classmethod
    def contradicting(cls, written: str) -> Wording:
        """A wording that says the opposite of a point; every word of it must be there."""
        return cls(tuple(_need(term, True, given=False) for term in _distinct(terms_of(words_of(clean(written))))))


@dataclass(frozen=True, slots=True)
class Found:
    """A wording found in an answer: which terms matched, how completely, and whether they are meant so."""

    first: int
    last: int
    terms: tuple[int, ...]
    share: float
    """Of the weight of what is required, 1 if all is there."""
    agrees: bool
    in_order: bool
    """The words stand in the order of the wording."""
    denied: bool
    """All that was found is denied where the wording says it."""
    telling: tuple[int, ...]
    """Terms that are neither general, nor mere adjectives, nor words of the question."""


class Hearing:
    """An answer's terms, and which of them could be a given word; looked up once for each word."""

    def __init__(self, words: Sequence[Word], terms: Sequence[Term], known: frozenset[str]) -> None:
        self.terms = terms
        self._known = known
        self._places: dict[str, list[int]] = {}
        for i, term in enumerate(terms):
            self._places.setdefault(term.text, []).append(i)
        self._raws = {term.text: fold(term.raw) for term in terms}
        self._pairs = _pairs(words, terms)
        self._heard: dict[tuple[str, str], tuple[int, ...]] = {}

    def places(self, need: Need) -> tuple[int, ...]:
        """The terms that are this word, said exactly or misheard, in order."""
        key = (need.text, need.raw)
        if key not in self._heard:
            self._heard[key] = tuple(sorted(set(self._look_up(*key))))
        return self._heard[key]

    def sisters_in(self, need: Need, first: int, last: int) -> list[int]:
        """Where a near twin of the word stands between two terms."""
        return [i for sister in sisters(need.text) for i in self._places.get(sister, ()) if first <= i <= last]

    def _look_up(self, text: str, raw: str) -> Iterable[int]:
        yield from self._places.get(text, ())
        if not text.isalpha() or len(text) < 4:
            return
        folded = fold(raw)
        for said, places in self._places.items():
            if said == text or said in self._known or twins(said, text):
                continue
            if alike(said, text) or alike(self._raws[said], folded):
                yield from places
        for joined, places in self._pairs.items():
            if joined == text or (len(text) >= 6 and joined not in self._known and alike(joined, text)):
                yield from places


def find(wording: Wording, hearing: Hearing) -> list[Found]:
    """Every place where enough of a wording stands close together, best matches of each place only."""
    required = [need for need in wording.needs if need.required]
    if not required:
        return []
    events = sorted((place, n) for n, need in enumerate(wording.needs) for place in hearing.places(need))
    reach = len(wording.needs) + _SLACK
    found: dict[tuple[int, ...], Found] = {}
    start = 0
    for end in range(len(events)):
        while events[end][0] - events[start][0] >= reach:
            start += 1
        if end + 1 < len(events) and events[end + 1][0] - events[start][0] < reach:
            continue
        if (match := _match(wording, hearing, events[start : end + 1])) is not None:
            found[match.terms] = match
    return list(found.values())


def _match(wording: Wording, hearing: Hearing, events: Sequence[tuple[int, int]]) -> Found | None:
    """The closest-standing choice of one term for each word, from those in one window."""
    options: dict[int, list[int]] = {}
    for place, n in events:
        options.setdefault(n, []).append(place)
    required = {n for n, need in enumerate(wording.needs) if need.required}
    figures = {n for n in required if not wording.needs[n].text.isalpha()}
    if not required & options.keys() or not figures <= options.keys():
        return None
    rarest = min(required & options.keys(), key=lambda n: (len(options[n]), -wording.needs[n].weight))
    matches = [
        match for anchor in options[rarest] if (match := _around(anchor, rarest, options, wording, hearing)) is not None
    ]
    return max(matches, key=lambda m: (m.share, m.agrees, m.first - m.last), default=None)


def _around(
    anchor: int, rarest: int, options: Mapping[int, Sequence[int]], wording: Wording, hearing: Hearing
) -> Found | None:
    clause = hearing.terms[anchor].clause
    chosen: dict[int, int] = {rarest: anchor}
    for n, places in options.items():
        wanted = wording.needs[n].polarity

        def strangeness(place: int, wanted: Polarity = wanted) -> tuple[bool, bool, int]:
            term = hearing.terms[place]
            return term.polarity is not wanted, term.clause != clause, abs(place - anchor)

        free = [place for place in places if place not in chosen.values()]
        if n != rarest and free:
            chosen[n] = min(free, key=strangeness)
    core = [place for n, place in chosen.items() if wording.needs[n].required]
    first, last = min(core), max(core)
    if _twin_nearer(chosen, wording, hearing, first, last):
        return None
    required = [need for need in wording.needs if need.required]
    matched = [
        (need, hearing.terms[chosen[n]]) for n, need in enumerate(wording.needs) if n in chosen and need.required
    ]
    share = sum(need.weight for need, _ in matched) / sum(need.weight for need in required)
    return Found(
        first,
        last,
        tuple(sorted(chosen.values())),
        share if len(matched) < len(required) else 1.0,
        agrees=all(term.polarity is need.polarity for need, term in matched),
        in_order=(order := [chosen[n] for n in sorted(chosen)]) == sorted(order),
        denied=all(need.polarity is Polarity.SAID and term.polarity is Polarity.DENIED for need, term in matched),
        telling=tuple(place for n, place in chosen.items() if wording.needs[n].tells),
    )


def _twin_nearer(chosen: Mapping[int, int], wording: Wording, hearing: Hearing, first: int, last: int) -> bool:
    """Whether a near twin stands where the word of the wording should ("left" in "right then left ventricle")."""
    for n, need in enumerate(wording.needs):
        around = hearing.sisters_in(need, first - 1, last + 1)
        if not around:
            continue
        if n not in chosen:
            return True
        others = [place for m, place in chosen.items() if m != n]
        if others and any(
            _distance(t, others) < _distance(chosen[n], others) for t in around if t not in chosen.values()
        ):
            return True
    return False


def _may_be_left_out(term: Term, prompt: frozenset[str]) -> bool:
    """Whether the question has said this word already; what is done or denied must be said again."""
    named = term.text in prompt and term.text.isalpha() and term.text not in _GENERAL
    return named and term.polarity is Polarity.SAID


def _distance(modifier: int, nouns: Sequence[int]) -> float:
    """How far a word stands from what it could describe; after it counts for more than before it."""
    return min(noun - modifier if modifier < noun else modifier - noun + 0.5 for noun in nouns)


def _pairs(words: Sequence[Word], terms: Sequence[Term]) -> dict[str, list[int]]:
    """Neighbouring words as one, for words that were heard as two ("a ortic"), at the longer of the two."""
    index = {term.place: i for i, term in enumerate(terms)}
    pairs: dict[str, list[int]] = {}
    for place in range(len(words) - 1):
        one, two = words[place], words[place + 1]
        longer = place if len(one.raw) >= len(two.raw) else place + 1
        if longer in index and one.raw.isalpha() and two.raw.isalpha():
            pairs.setdefault(level(one.raw + two.raw), []).append(index[longer])
    return pairs


def _distinct(terms: Sequence[Term]) -> list[Term]:
    return list({term.text: term for term in terms}.values())


def _need(term: Term, required: bool, *, given: bool) -> Need:
    describes = fold(term.raw) in _DESCRIBING or (len(term.raw) > 4 and term.raw.endswith(_DESCRIBES))
    general = term.text in _GENERAL or not term.text.isalpha()
    weight = 0.4 if describes or general else 1.0
    return Need(term.text, term.raw, term.polarity, required, weight, tells=required and weight == 1 and not given)
