"""What the tutor says to an answer: what was right, what was wrong, what was missed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from companion.core.case import KeyPoint, Question
from companion.core.mark import Mark, PointMark, Verdict


class Variety(Protocol):
    """Chooses one of several ways to say a thing; ``random.Random(seed)`` is one."""

    def choice(self, seq: Sequence[str], /) -> str:
        """One of the strings."""
        ...


@dataclass(frozen=True, slots=True)
class Omission:
    """What was incomplete or not said, as the template has it."""

    text: str
    statement: str | None = None
    """The point, where a language model may put it in its own words instead."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The reply in parts, each part made of whole sentences."""

    opener: str
    """Short, and true of the marking: it can be spoken while the rest is prepared."""
    credited: tuple[str, ...]
    """What was right beyond what the opener names."""
    corrected: tuple[str, ...]
    """Each wrong statement, named, and put right; dangerous ones first."""
    missed: tuple[Omission, ...]
    """Critical points first."""
    explanation: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """All parts in the order they are spoken."""
        return (self.opener, *self.corrected, *self.credited, *(left.text for left in self.missed), self.explanation)


SILENCE = "I did not hear an answer."

_LONGEST_NAMED = 12
"""Words of a statement that an opener will still name."""

_RIGHT = ("Yes", "Right", "Good", "Correct")
_ALL_RIGHT = ("Yes, that is all of it.", "Right, you have every point.", "Good, that is complete.")
_SOME_RIGHT = ("You have part of it.", "Part of that is right.", "There is something right in that.")
_NEARLY = ("You are close.", "You are part of the way there.", "That is part of it.")
_NOT_YET = ("Not yet.", "Not quite.", "That is not it yet.")
_WRONG = ("Not quite: one thing needs correcting.", "No, not quite.", "Let me correct one thing.")
_DANGER = (
    "Let us stop at one thing, because it could harm the patient.",
    "One thing there is dangerous, so let us put it right.",
    "Careful: acting on that could harm the patient.",
)
_DANGER_BUT = (
    "Part of that is right, but one thing is dangerous.",
    "You have part of it, but one thing could do harm.",
    "Some of that is right, and one thing is unsafe.",
)
_ALSO_RIGHT = ("You also had this: {}", "And right again: {}", "You said this too: {}")
_INCOMPLETE = ("You were close on this one: {}", "You had part of this: {}", "To make this complete: {}")
_MISSED = ("You did not mention this: {}", "One to add: {}", "This was missing: {}", "Also remember this: {}")
_MISSED_CRITICAL = ("The important one you missed: {}", "You must not leave this out: {}", "This one matters most: {}")
_CORRECTION = ("I heard “{heard}”, which is not right here. {point}", "You said “{heard}”. Rather: {point}")
_DANGEROUS = (
    "I heard “{heard}”. For this patient that would be dangerous. {point}",
    "You said “{heard}”, and here that could do real harm. {point}",
)
_SMALL_WORDS = """
a an the this that these those it its he she his her him they their there here in on at of for to from with without
give do not no never treatment avoid start stop take ask check measure record treat one two three
"""
_FUNCTION_WORDS = frozenset(_SMALL_WORDS.split())


def opener(question: Question, mark: Mark, variety: Variety, *, heard: bool = True) -> str:
    """A first sentence of at most about a dozen words that is true of the marking.

    ``heard`` is false where there was no answer at all.
    """
    return _opener(question, mark, variety, heard=heard)[0]


def feedback(question: Question, mark: Mark, variety: Variety, *, heard: bool = True) -> Feedback:
    """The whole reply to one answer; the same ``variety`` seed gives the same words."""
    first, named = _opener(question, mark, variety, heard=heard)
    points = {point.id: point for point in question.key_points}
    dangerous_first = sorted(mark.of(Verdict.CONTRADICTED), key=lambda marked: not points[marked.id].critical)
    left = list(mark.of(Verdict.PARTIAL, Verdict.MISSED))
    left.sort(key=lambda marked: (not points[marked.id].critical, marked.verdict is Verdict.MISSED))
    return Feedback(
        opener=first,
        credited=tuple(
            _filled(variety.choice(_ALSO_RIGHT), points[marked.id])
            for marked in mark.of(Verdict.HIT)
            if marked.id != named
        ),
        corrected=tuple(_corrected(points[marked.id], marked, variety) for marked in dangerous_first),
        missed=tuple(_left(points[marked.id], marked, variety, heard=heard) for marked in left),
        explanation=question.explanation,
    )


def _opener(question: Question, mark: Mark, variety: Variety, *, heard: bool) -> tuple[str, str | None]:
    """The opener, and the id of the point it names, if it names one."""
    if not heard:
        return SILENCE, None
    points = {point.id: point for point in question.key_points}
    hits = [points[marked.id] for marked in mark.of(Verdict.HIT)]
    wrong = [points[marked.id] for marked in mark.of(Verdict.CONTRADICTED)]
    partial = mark.of(Verdict.PARTIAL)
    if any(point.critical for point in wrong):
        return variety.choice(_DANGER_BUT if hits or partial else _DANGER), None
    nameable = [point for point in hits if len(point.statement.split()) <= _LONGEST_NAMED]
    if nameable:
        best = max(nameable, key=lambda point: (point.weight, point.critical))
        return f"{variety.choice(_RIGHT)}: {_inside(best.statement)}", best.id
    if hits:
        return variety.choice(_ALL_RIGHT if len(hits) == len(mark.points) else _SOME_RIGHT), None
    if wrong:
        return variety.choice(_WRONG), None
    return variety.choice(_NEARLY if partial else _NOT_YET), None


def _corrected(point: KeyPoint, marked: PointMark, variety: Variety) -> str:
    ways = _DANGEROUS if point.critical else _CORRECTION
    return variety.choice(ways).format(heard=marked.evidence, point=point.statement)


def _left(point: KeyPoint, marked: PointMark, variety: Variety, *, heard: bool) -> Omission:
    if not heard:
        return Omission(point.statement)
    if marked.verdict is Verdict.PARTIAL:
        return Omission(_filled(variety.choice(_INCOMPLETE), point))
    if point.critical:
        return Omission(_filled(variety.choice(_MISSED_CRITICAL), point))
    return Omission(_filled(variety.choice(_MISSED), point), point.statement)


def _filled(template: str, point: KeyPoint) -> str:
    return template.format(_inside(point.statement))


def _inside(statement: str) -> str:
    """A statement as it stands after a colon: without a capital, unless its first word may be a name."""
    first = statement.split(maxsplit=1)[0] if statement.split() else ""
    return statement[:1].lower() + statement[1:] if first.lower() in _FUNCTION_WORDS else statement
