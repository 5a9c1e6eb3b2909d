"""Words that say which way, such as "into" and "out": too small to listen for, and the opposite of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from companion.core.answer_text import BREAK, COMMA, Word
from companion.core.polarity import Term, phrases_of
from companion.core.polarity_words import JOINS, words_in


class Way(StrEnum):
    """One side of a pair of opposites."""

    IN = "in"
    OUT = "out"
    UP = "up"
    DOWN = "down"
    MORE = "more"
    LESS = "less"

    @property
    def opposite(self) -> Way:
        """The other side of the pair."""
        return _OPPOSITE[self]


_OPPOSITE = {
    Way.IN: Way.OUT,
    Way.OUT: Way.IN,
    Way.UP: Way.DOWN,
    Way.DOWN: Way.UP,
    Way.MORE: Way.LESS,
    Way.LESS: Way.MORE,
}
_WAYS = {
    **dict.fromkeys(("into", "inside", "inward", "inwards"), Way.IN),
    **dict.fromkeys(("out", "outside", "outward", "outwards", "from"), Way.OUT),
    **dict.fromkeys(("up", "upward", "upwards"), Way.UP),
    **dict.fromkeys(("down", "downward", "downwards"), Way.DOWN),
    "more": Way.MORE,
    **dict.fromkeys(("less", "fewer"), Way.LESS),
}
_IDIOMS = {
    "out": words_in("rule rules ruled ruling find found carry carried work worked turn turned check point"),
    "up": words_in("follow followed work worked set back wake woken make made check speed catch bring turn"),
    "more": words_in("no any not once even"),
    "less": words_in("no any not nor"),
}
"""Words before these with which they say no direction: "rule out", "follow up", "no more"."""
_LEADS = 4
"""Words before a noun among which the word that says where it goes may stand: "into the red blood cells"."""


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction a wording gives; ``noun`` is what it leads into or out of, if it names that."""

    way: Way
    noun: str | None
    stated: bool
    """Must be said to go wrong: "from" may only name an origin, and "in" and "some" do for "into" and "more"."""


def directions_of(words: Sequence[Word], terms: Sequence[Term]) -> tuple[Direction, ...]:
    """The directions a wording gives; none of a pair of which it names both sides ("sit up with legs down")."""
    found = []
    for place, word in enumerate(words):
        if (way := _way(words, place)) is not None:
            after = next((term for term in terms if term.place > place), None)
            noun = after.text if after is not None and way in (Way.IN, Way.OUT) else None
            found.append(Direction(way, noun, word.raw != "from" and way not in (Way.IN, Way.MORE)))
    ways = {one.way for one in found if one.noun is None}
    return tuple(one for one in found if one.noun is not None or one.way.opposite not in ways)


class Ways:
    """The directions an answer gives, by phrase and by the noun they lead to."""

    def __init__(self, words: Sequence[Word], terms: Sequence[Term]) -> None:
        self._words = words
        self._terms = terms
        self._in_phrase: dict[int, set[Way]] = {}
        for place, phrase in enumerate(phrases_of(words)):
            if (way := _way(words, place)) is not None:
                self._in_phrase.setdefault(phrase, set()).add(way)

    def oppose(self, wanted: Iterable[Direction], chosen: Mapping[str, int], *, demanded: bool) -> bool:
        """Whether the answer goes another way than a wording; with ``demanded``, also if it says no way at all."""
        for one in wanted:
            ways = self._ways(one, chosen)
            if one.way not in ways and (one.way.opposite in ways or (demanded and one.stated)):
                return True
        return False

    def _ways(self, one: Direction, chosen: Mapping[str, int]) -> set[Way]:
        if not self._in_phrase:
            return set()
        if one.noun is not None and one.noun in chosen:
            return self._leading_to(self._terms[chosen[one.noun]].place)
        phrases = {self._terms[term].phrase for term in chosen.values()}
        return {way for phrase in phrases for way in self._in_phrase.get(phrase, ())}

    def _leading_to(self, place: int) -> set[Way]:
        for i in range(place - 1, max(-1, place - 1 - _LEADS), -1):
            if self._words[i].text in (BREAK, COMMA) or self._words[i].raw in JOINS:
                break
            if (way := _way(self._words, i)) in (Way.IN, Way.OUT):
                return {way}
        return set()


def _way(words: Sequence[Word], place: int) -> Way | None:
    raw = words[place].raw
    way = _WAYS.get(raw)
    if way is None or (place > 0 and words[place - 1].raw in _IDIOMS.get(raw, ())):
        return None
    return way
