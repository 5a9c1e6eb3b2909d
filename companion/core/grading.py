"""How an answer is marked: each key point hit, partial, missed or contradicted, and the score summed.

Everything is decided by the deck's own wordings, levelled the same way as the answer (``answer_text``), with what is
denied told from what is said (``polarity``). When in doubt a point is not given: a trainee who is told "yes" about
something wrong has been harmed, one who is asked again has not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from companion.core.answer_text import BREAK, COMMA, Word, clean, words_of
from companion.core.case import KeyPoint, Question
from companion.core.hearing import Found, Hearing, find
from companion.core.mark import Mark, PointMark, Verdict
from companion.core.near_twins import sisters
from companion.core.polarity import Polarity, Term, terms_of
from companion.core.wording import Wording

CREDIT = {Verdict.HIT: 1.0, Verdict.PARTIAL: 0.5, Verdict.MISSED: 0.0, Verdict.CONTRADICTED: 0.0}
"""What a verdict is worth of a point's weight."""

ENOUGH_FOR_PARTIAL = 0.6
"""The share of a wording's weight that earns half a point."""

_CENTRAL = 4
"""A word in one of so many accepted wordings is what a point is about, whatever wrong answers hold it too."""

_ECHO = 7
"""Words in a row, as in the question, that only recite it."""
_SHORTEST_ECHO = 4
_LONGEST_ANSWER = 12_000
"""Characters; about a quarter of an hour of speech, and what follows is not marked."""
_LONGEST_EVIDENCE = 160
_CORRECTIONS = frozenset({"sorry", "actually", "correction", "mean", "wait"})
_HEDGES = frozenset({"maybe", "perhaps", "possibly", "might", "could", "either", "or"})


def grade(answer: str, question: Question) -> Mark:
    """Mark one answer to one question; never raises, whatever the answer holds."""
    text = clean(answer[:_LONGEST_ANSWER])
    words = words_of(text)
    return _mark_words(text, words, _without_echo(words, terms_of(words), question), question)


def given_away(text: str, question: Question) -> tuple[PointMark, ...]:
    """The points that ``text``, such as the question itself, already holds the answer to."""
    text = clean(text)
    words = words_of(text)
    return _mark_words(text, words, terms_of(words), question).of(Verdict.HIT)


def _mark_words(text: str, words: Sequence[Word], terms: Sequence[Term], question: Question) -> Mark:
    points = _listened_for(question)
    hearing = Hearing(words, terms, _known(question))
    judged = [_judge(point, hearing) for point in points]
    accounted = {i for one in judged for found in (*one.hits, *one.wrong) for i in found.terms}
    retracted = _corrections(words)
    marks = tuple(_mark(one, text, words, terms, accounted, retracted) for one in judged)
    total = sum(point.weight for point in question.key_points)
    earned = sum(point.weight * CREDIT[mark.verdict] for point, mark in zip(question.key_points, marks, strict=True))
    return Mark(marks, earned / total if total else 0.0)


def _without_echo(words: Sequence[Word], terms: Sequence[Term], question: Question) -> list[Term]:
    """The terms less what only recites the question, unless it was recited to be denied."""
    runs = _echoes(question.prompt)
    places = [i for i, word in enumerate(words) if word.raw.isalnum()]
    echoed: set[int] = set()
    for length in {len(run) for run in runs}:
        for i in range(len(places) - length + 1):
            if tuple(words[place].raw for place in places[i : i + length]) in runs:
                echoed.update(places[i : i + length])
    return [term for term in terms if term.place not in echoed or term.polarity is not Polarity.SAID]


@lru_cache(maxsize=64)
def _echoes(prompt: str) -> frozenset[tuple[str, ...]]:
    """Rows of words that only recite: its whole short sentences, and any long enough row."""
    words = words_of(clean(prompt))
    asked = [word.raw for word in words if word.raw.isalnum()]
    runs = {tuple(asked[i : i + _ECHO]) for i in range(len(asked) - _ECHO + 1)}
    sentence: list[str] = []
    for word in words:
        if word.text == BREAK:
            runs.add(tuple(sentence))
            sentence = []
        elif word.raw.isalnum():
            sentence.append(word.raw)
    return frozenset(run for run in runs if _SHORTEST_ECHO <= len(run) <= _ECHO)


@dataclass(frozen=True, slots=True)
class _Point:
    """A key point made ready to listen for."""

    id: str
    accepted: tuple[Wording, ...]
    contradicted: tuple[Wording, ...]


@lru_cache(maxsize=64)
def _listened_for(question: Question) -> tuple[_Point, ...]:
    prompt = frozenset(word.text for word in words_of(clean(question.prompt)))
    return tuple(_point(point, prompt) for point in question.key_points)


def _point(point: KeyPoint, prompt: frozenset[str]) -> _Point:
    against = frozenset(word.text for written in point.contradicted for word in words_of(clean(written)))
    named = Counter(text for written in point.accepted for text in {word.text for word in words_of(clean(written))})
    against -= {text for text, times in named.items() if times * _CENTRAL >= len(point.accepted)}
    return _Point(
        point.id,
        tuple(Wording.accepted(written, prompt, against) for written in point.accepted),
        tuple(Wording.contradicting(written) for written in point.contradicted),
    )


@lru_cache(maxsize=64)
def _known(question: Question) -> frozenset[str]:
    """Every word of the question and its wordings: one of them is never taken for another misheard."""
    texts = [question.prompt]
    for point in question.key_points:
        texts += [point.statement, *point.accepted, *point.contradicted]
    return frozenset(word.text for text in texts for word in words_of(clean(text)))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found for one point."""

    id: str
    hits: tuple[Found, ...]
    wrong: tuple[Found, ...]
    denials: tuple[Found, ...]
    partials: tuple[Found, ...]


def _judge(point: _Point, hearing: Hearing) -> _Judged:
    found = [match for wording in point.accepted for match in find(wording, hearing)]
    against = [match for wording in point.contradicted for match in find(wording, hearing)]
    hits = [match for match in found if match.share == 1 and match.agrees]
    wrong = [match for match in against if match.share == 1 and match.agrees and _asserted(match, hearing.terms)]
    hits, wrong = (
        [hit for hit in hits if not any(_outdone(hit, other) for other in wrong)],
        [match for match in wrong if not any(_outdone(match, hit) for hit in hits)],
    )
    denials = [match for match in found if match.share == 1 and match.denied and _asserted(match, hearing.terms)]
    partials = [m for m in found if ENOUGH_FOR_PARTIAL <= m.share < 1 and m.agrees and m.telling]
    return _Judged(point.id, tuple(hits), tuple(wrong), tuple(denials), tuple(partials))


def _asserted(match: Found, terms: Sequence[Term]) -> bool:
    """Whether a wrong statement was made in one clause, its steps in one sentence, and not only as a condition."""
    held = [terms[i] for i in match.terms]
    places = {term.sentence if match.steps > 1 else term.clause for term in held}
    return len(places) == 1 and not any(term.conditional for term in held)


def _outdone(one: Found, other: Found) -> bool:
    """Whether ``other`` reads the same words better: more of them, or the same in the order of its wording."""
    if one.terms == other.terms:
        return other.in_order and not one.in_order
    return len(one.terms) < len(other.terms) and set(one.terms) <= set(other.terms)


def _mark(
    judged: _Judged,
    text: str,
    words: Sequence[Word],
    terms: Sequence[Term],
    accounted: set[int],
    corrections: Sequence[int],
) -> PointMark:
    hits, wrong = _after_corrections(judged.hits, judged.wrong, terms, corrections)

    def marked(verdict: Verdict, found: Found) -> PointMark:
        return PointMark(judged.id, verdict, _evidence(found, text, terms))

    if wrong:
        worst = max(wrong, key=lambda match: (len(match.terms), -match.first))
        both = [hit for hit in hits if _alternatives(hit, worst, words, terms)]
        return marked(Verdict.PARTIAL, both[0]) if both and len(wrong) == 1 else marked(Verdict.CONTRADICTED, worst)
    if hits:
        best = max(hits, key=lambda match: (len(match.terms), match.first - match.last, -match.first))
        if _guessed(best, words, terms, accounted):
            if _whole_set(best, terms):
                return PointMark(judged.id, Verdict.MISSED)
            return marked(Verdict.PARTIAL, best)
        return marked(Verdict.HIT, best)
    if judged.denials:
        return marked(Verdict.CONTRADICTED, max(judged.denials, key=lambda match: len(match.terms)))
    partials = [match for match in judged.partials if set(match.telling) - accounted]
    if partials:
        return marked(Verdict.PARTIAL, max(partials, key=lambda match: (match.share, len(match.terms))))
    return PointMark(judged.id, Verdict.MISSED)


def _evidence(found: Found, text: str, terms: Sequence[Term]) -> str:
    """The stretch of the answer from the first to the last word that counted, denials included."""
    spans = [terms[i].span for i in found.terms]
    said = " ".join(text[min(start for start, _ in spans) : max(end for _, end in spans)].split())
    return said if len(said) <= _LONGEST_EVIDENCE else said[: _LONGEST_EVIDENCE - 1].rstrip() + "…"


def _corrections(words: Sequence[Word]) -> list[int]:
    """Places in the text where the speaker takes back what was just said: "sorry", "I mean", "no wait"."""
    return [
        word.start
        for i, word in enumerate(words)
        if word.raw in _CORRECTIONS and (word.raw != "mean" or (i > 0 and words[i - 1].raw == "i"))
    ]


def _after_corrections(
    hits: Sequence[Found], wrong: Sequence[Found], terms: Sequence[Term], corrections: Sequence[int]
) -> tuple[list[Found], list[Found]]:
    """What still stands once a speaker who said both right and wrong has put it right, or wrong."""
    both = [*hits, *wrong]
    for at in corrections if hits and wrong else ():
        if any(terms[match.first].start > at for match in both):
            both = [match for match in both if terms[match.last].end > at]
    return [hit for hit in hits if hit in both], [match for match in wrong if match in both]


def _alternatives(hit: Found, other: Found, words: Sequence[Word], terms: Sequence[Term]) -> bool:
    """Whether two statements are offered as alternatives: "a STEMI or pericarditis"."""
    first, last = sorted((hit, other), key=lambda match: match.first)
    between = range(terms[first.last].place, terms[last.first].place)
    return any(words[i].raw == "or" for i in between) and not any(words[i].text == BREAK for i in between)


def _guessed(hit: Found, words: Sequence[Word], terms: Sequence[Term], accounted: set[int]) -> bool:
    """Whether a hit is one of a list of guesses, most of which earn nothing."""
    sentence = terms[hit.first].sentence
    here = [i for i, term in enumerate(terms) if term.sentence == sentence]
    start, end = terms[here[0]].place, terms[here[-1]].place
    items: list[list[int]] = [[]]
    hedged = False
    by_place = {terms[i].place: i for i in here}
    for place in range(start, end + 1):
        word = words[place]
        hedged = hedged or word.raw in _HEDGES
        if word.text == COMMA or word.raw in ("or", "and", "maybe", "perhaps"):
            items.append([])
        elif place in by_place:
            items[-1].append(by_place[place])
    items = [item for item in items if item]
    stray = [item for item in items if len(item) <= (3 if hedged else 2) and not accounted & set(item)]
    return len(stray) >= (2 if hedged else 4) and all(len(item) <= 5 for item in items)


def _whole_set(hit: Found, terms: Sequence[Term]) -> bool:
    """Whether the near twins of what was hit were named as well: "inferior or anterior or lateral" says nothing."""
    sentence = terms[hit.first].sentence
    others = {term.text for term in terms if term.sentence == sentence}
    return any(len(sisters(terms[i].text) & others) >= 2 for i in hit.terms)
