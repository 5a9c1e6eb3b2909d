"""Where an answer has the words of a wording, how completely, and whether it means them so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from companion.core.answer_text import Word, fold, level
from companion.core.directions import Ways
from companion.core.near_twins import sisters, twins
from companion.core.polarity import Polarity, Term
from companion.core.polarity_scopes import is_stop
from companion.core.sound_alike import alike
from companion.core.word_order import done_in_order
from companion.core.wording import Need, Wording

_SLACK = 3
"""Words with meaning that may stand between those of a wording."""


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
    steps: int
    """How many steps the wording demands in order; each may be a clause of its own."""
    telling: tuple[int, ...]
    """Terms that are neither general, nor mere adjectives, nor words of the question."""


class Hearing:
    """An answer's terms, and which of them could be a given word; looked up once for each word."""

    def __init__(self, words: Sequence[Word], terms: Sequence[Term], known: frozenset[str]) -> None:
        self.words = words
        self.terms = terms
        self.ways = Ways(words, terms)
        self._known = known
        self._places: dict[str, list[int]] = {}
        for i, term in enumerate(terms):
            self._places.setdefault(term.text, []).append(i)
        self._raws = {term.text: fold(term.raw) for term in terms}
        self._pairs = _pairs(words, terms, known)
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

    def elsewhere(self, twin: int, chosen: frozenset[int]) -> bool:
        """Whether a near twin is said of something else: it stands in another phrase, which has a noun of its own."""
        phrase = self.terms[twin].phrase
        if any(self.terms[place].phrase == phrase for place in chosen):
            return False
        beside = (i for i in (twin - 1, twin + 1) if 0 <= i < len(self.terms) and i not in chosen)
        return any(self.terms[i].phrase == phrase for i in beside)

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
        for (joined, whole), places in self._pairs.items():
            likely = whole and len(text) >= 6 and joined not in self._known
            if joined == text or (likely and alike(joined, text)):
                yield from places


def find(wording: Wording, hearing: Hearing) -> list[Found]:
    """Every place where enough of a wording stands close together, best matches of each place only."""
    required = [need for need in wording.needs if need.required]
    if not required:
        return []
    events = sorted((place, n) for n, need in enumerate(wording.needs) for place in hearing.places(need))
    reach = len(wording.needs) + _SLACK * wording.steps
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
    named = {wording.needs[n].text: place for n, place in chosen.items()}
    if hearing.ways.oppose(wording.directions, named, demanded=wording.exact):
        return None
    if wording.steps > 1 and not _in_steps(chosen, wording, hearing):
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
        steps=wording.steps,
        telling=tuple(place for n, place in chosen.items() if wording.needs[n].tells),
    )


def _in_steps(chosen: Mapping[int, int], wording: Wording, hearing: Hearing) -> bool:
    places: dict[int, list[int]] = {}
    for n, place in chosen.items():
        places.setdefault(wording.needs[n].step, []).append(place)
    return done_in_order([places[step] for step in sorted(places)], hearing.words, hearing.terms)


def _twin_nearer(chosen: Mapping[int, int], wording: Wording, hearing: Hearing, first: int, last: int) -> bool:
    """Whether a near twin stands where the word of the wording should ("left" in "right then left ventricle")."""
    held = frozenset(chosen.values())
    for n, need in enumerate(wording.needs):
        around = [t for t in hearing.sisters_in(need, first - 1, last + 1) if t not in held]
        others = [place for m, place in chosen.items() if m != n]
        parted = _parted(chosen[n], others, hearing) if n in chosen else set()
        if any(hearing.terms[t].phrase in parted for t in around):
            return True
        if n not in chosen and around:
            return True  # What is left unsaid is understood from what stands beside it.
        around = [t for t in around if not hearing.elsewhere(t, held)]
        if others and any(_distance(t, others) < _distance(chosen[n], others) for t in around):
            return True
    return False


def _parted(place: int, others: Sequence[int], hearing: Hearing) -> set[int]:
    """The phrases of the other words of a wording, if this one stands in none of them."""
    phrases = {hearing.terms[other].phrase for other in others}
    return set() if hearing.terms[place].phrase in phrases else phrases


def _distance(modifier: int, nouns: Sequence[int]) -> float:
    """How far a word stands from what it could describe; after it counts for more than before it."""
    return min(noun - modifier if modifier < noun else modifier - noun + 0.5 for noun in nouns)


def _pairs(words: Sequence[Word], terms: Sequence[Term], known: frozenset[str]) -> dict[tuple[str, bool], list[int]]:
    """Neighbouring words as one, for words that were heard as two ("a ortic"), at the longer of the two.

    A word the question knows is not joined to a small one before it ("and symmetrical"), and what a small word is part
    of must be matched exactly: the second part of a key tells whether likeness is enough.
    """
    index = {term.place: i for i, term in enumerate(terms)}
    pairs: dict[tuple[str, bool], list[int]] = {}
    for place in range(len(words) - 1):
        one, two = words[place], words[place + 1]
        longer, shorter = (place, place + 1) if len(one.raw) >= len(two.raw) else (place + 1, place)
        if longer not in index or not (one.raw.isalpha() and two.raw.isalpha()):
            continue
        small, text = is_stop(words[shorter]), words[longer].text
        if not (small and (text in known or sisters(text))):
            pairs.setdefault((level(one.raw + two.raw), not small), []).append(index[longer])
        if not small and place > 0 and words[place - 1].raw == "a":
            pairs.setdefault((level("a" + one.raw + two.raw), True), []).append(index[longer])
    return pairs
