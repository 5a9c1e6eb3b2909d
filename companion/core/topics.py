"""Finding what the decks say on a topic, in other words than theirs and misheard ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from companion.core.answer_text import level
from companion.core.case import Case, Question
from companion.core.finding import Finding, FindingsFile
from companion.core.near_twins import twins
from companion.core.sound_alike import alike
from companion.core.topic_words import ASIDE, GENERAL, opposed, topic_words

HELD = 0.6
"""The share of a request's weight that a finding must hold to be what was asked for."""
NAMED = 0.4
"""The share of one of its names that the request must hold."""
CASE_HELD = 0.7
"""The share that a question of a case must hold: it has no name, so more must agree."""
CASE_TELLING = 0.7
"""How rare a request's words must be to be looked for in cases, beside one that stands in a single question."""
CASE_NAMED = 0.5
"""The share that its key points must hold, not only what is told around them."""
IN_TEXT = 0.5
"""What a word is worth that is only told of a finding, not what it is called."""
ALIKE = 82
"""rapidfuzz's ratio, of 100, from which two words count as one misheard."""
SYLLABLE = 2
"""Letters by which a misheard word may be longer or shorter: with a syllable more it is another word."""
STAYING = 0.1
"""What staying with the case that is being explained is worth."""
OPPOSED = 0.4
"""What is left of a score if the request says the opposite of the name."""
ORDER = 0.1
"""What the order of the words is worth: "low carbon dioxide and high P H" is not "high carbon dioxide and low P H"."""
LONGEST = 60
"""Words of a request that are looked at; nobody asks for a finding in more."""
IN_PASSING = 0.3
"""What is left of the weight of a word said in passing, where the finding does not speak of it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One question of a case, as something to explain."""

    case: Case
    question: Question
    words: frozenset[str]
    points: frozenset[str]
    """Those of its title and key points."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finding, the words of each of its names, and those of its explanation and its area."""

    finding: Finding
    names: tuple[tuple[str, ...], ...]
    named: frozenset[str]
    told: frozenset[str]


class Topics:
    """All that the decks can explain; searched by words, the rare ones counting most.

    Findings come first. Only if there is none on what was asked, the questions of the cases are looked through.
    """

    def __init__(self, cases: Iterable[Case], findings: Iterable[FindingsFile] = ()) -> None:
        self._entries = [_entry(finding, file) for file in findings for finding in file.findings]
        self._names = _Lexicon(
            [entry.named | entry.told for entry in self._entries],
            figures=frozenset(word for entry in self._entries for word in entry.named if word.isdecimal()),
            compounds=_compounds(self._entries),
        )
        self._of_cases = tuple(cases)

    def find(self, request: str, near: Case | None = None) -> Finding | Passage | None:
        """The finding or else the passage that best holds the request's words, None if none holds enough of them.

        ``near`` is the case being talked of, which wins when two passages are about as good.
        """
        return self.finding(request) or self._passage(topic_words(request), near)

    def finding(self, request: str) -> Finding | None:
        """The finding whose names best fit the words of the request, if any fits well."""
        wanted = self._names.known(topic_words(request))
        if not wanted or not self._entries:
            return None
        score, place = max((self._fit(wanted, entry), -place) for place, entry in enumerate(self._entries))
        return self._entries[-place].finding if score > 0 else None

    def _fit(self, wanted: Sequence[str], entry: _Entry) -> float:
        weight = self._names.weight
        held = whole = 0.0
        for word in wanted:
            worth = weight(word)
            here = 1.0 if word in entry.named else IN_TEXT if word in entry.told else 0.0
            held += worth * here
            whole += worth * (1.0 if here or word not in ASIDE else IN_PASSING)
        if held < HELD * whole:
            return 0.0
        best = max(self._likeness(wanted, name) for name in entry.names)
        return held / whole * best if best >= NAMED else 0.0

    def _likeness(self, wanted: Sequence[str], name: Sequence[str]) -> float:
        """How much of a name was asked for, and, between names of the same words, how nearly in its order."""
        weight = self._names.weight
        there = sum(weight(word) for word in name if word in wanted) / sum(map(weight, name))
        if any(opposed(word, other) for word in name if word not in wanted for other in wanted if other not in name):
            there *= OPPOSED
        return there + ORDER * Levenshtein.normalized_similarity(wanted, name)

    @cached_property
    def _passages(self) -> list[Passage]:
        return [_passage(case, question) for case in self._of_cases for question in case.questions]

    @cached_property
    def _cases(self) -> _Lexicon:
        return _Lexicon([passage.words for passage in self._passages])

    def _passage(self, asked: tuple[str, ...], near: Case | None) -> Passage | None:
        wanted = self._cases.known(asked)
        if not wanted or not self._passages:
            return None
        weight = self._cases.weight
        whole = sum(map(weight, wanted))

        def fit(passage: Passage) -> float:
            telling = [word for word in wanted if word in passage.words and word not in GENERAL]
            held, named = sum(map(weight, telling)), sum(weight(word) for word in telling if word in passage.points)
            if passage.case == near:
                return held / whole + STAYING
            telling_enough = held >= CASE_TELLING * weight("") and named >= CASE_NAMED * whole
            return held / whole if telling_enough else 0.0

        best, place = max((fit(passage), -place) for place, passage in enumerate(self._passages))
        return self._passages[-place] if best >= CASE_HELD else None


class _Lexicon:
    """The words of some texts: how rare each is, and which of them a misheard one was."""

    def __init__(
        self,
        texts: Collection[frozenset[str]],
        *,
        figures: frozenset[str] = frozenset(),
        compounds: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        """``figures`` are those that tell one topic from another; ``compounds`` are words that may be said as one."""
        found = Counter(word for text in texts for word in text)
        self._weights = {word: math.log(1 + len(texts) / count) for word, count in found.items()}
        self._unknown = max(self._weights.values(), default=1.0)
        self._words = sorted(self._weights)
        self._figures = figures
        self._compounds = compounds or {}
        self._meanings: dict[str, str | None] = {}

    def weight(self, word: str) -> float:
        """How much a word tells; one that no text holds tells most."""
        return self._weights.get(word, self._unknown)

    def known(self, asked: tuple[str, ...]) -> list[str]:
        """The words that were asked as the texts have them: joined, taken apart, or put right if misheard."""
        out: list[str] = []
        place = 0
        asked = asked[:LONGEST]
        while place < len(asked):
            word, pair = asked[place], level("".join(asked[place : place + 2]))
            together = None
            if place + 1 < len(asked) and min(map(len, asked[place : place + 2])) > 1:
                both = word in self._weights and asked[place + 1] in self._weights
                together = pair if pair in self._weights else None if both else self._meant(pair)
                # One word that is known beside one that is not is no third word.
                if together is not None and abs(len(together) - len(pair)) > SYLLABLE:
                    together = None
            if together is not None:
                out.append(together)
                place += 2
                continue
            out += self._compounds.get(word) or (self._meant(word) or word,)
            place += 1
        # A value that no topic is called by says nothing of what was asked.
        return [word for word in dict.fromkeys(out) if word in self._figures or not _is_figure(word)]

    def _meant(self, word: str) -> str | None:
        """The word of the texts that this one is, or may be misheard; likeness is slow to tell, so it is kept."""
        if word in self._weights:
            return word
        if word not in self._meanings:
            self._meanings[word] = self._nearest(word)
        return self._meanings[word]

    def _nearest(self, word: str) -> str | None:
        if len(word) < 4:
            return None
        likely = [meant for meant in self._words if abs(len(meant) - len(word)) <= SYLLABLE]
        heard = [(fuzz.ratio(word, meant), meant) for meant in likely if alike(word, meant)]
        if heard:
            return max(heard)[1]
        if len(word) < 5:
            return None
        near = process.extract(word, likely, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3)
        return next((str(meant) for meant, *_ in near if not twins(word, str(meant))), None)


def _is_figure(word: str) -> bool:
    return word.replace(".", "", 1).isdecimal()


def _entry(finding: Finding, file: FindingsFile) -> _Entry:
    names = tuple(dict.fromkeys(filter(None, map(topic_words, finding.names))))
    told = frozenset(topic_words(f"{finding.told} {file.title} {file.area}"))
    return _Entry(finding, names, frozenset(word for name in names for word in name), told)


def _compounds(entries: Iterable[_Entry]) -> dict[str, tuple[str, ...]]:
    """Words written apart in a name that somebody may write together: "whiteout"."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        for words in map(topic_words, entry.finding.names):
            found |= {a + b: (a, b) for a, b in pairwise(words) if len(a) > 2 and len(b) > 2}
    return found


def _passage(case: Case, question: Question) -> Passage:
    points = [text for point in question.key_points for text in (point.statement, *point.accepted)]
    named = frozenset(topic_words(". ".join((case.title, *points))))
    told = frozenset(topic_words(". ".join((question.prompt, question.hint, question.explanation))))
    return Passage(case, question, named | told, named)
