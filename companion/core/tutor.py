"""Feedback in a language model's words, and the guard that keeps it to what the deck says.

The model is only ever asked to say aloud what is already written. What it makes is spoken when
``phrased`` lets it pass; otherwise the templates speak, which need no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.core.case import Question
from companion.core.grounding import grounded, words_of_substance
from companion.core.mark import Mark, Verdict
from companion.core.prompting import Message

STOP = ("\n",)
MAX_TOKENS = 90

_EXAMPLES = """\
A tutor says aloud to a trainee what is written, first what was right, then what was left out. \
Nothing is added and nothing is changed.

Right: Acute appendicitis.
Left out: Pain that moves to the right iliac fossa is typical.
Spoken: Yes, acute appendicitis. You left out that pain that moves to the right iliac fossa is typical.

Right: Give high-flow oxygen.
Left out: Sit the patient upright.
Spoken: Yes, give high-flow oxygen. You left out that you should sit the patient upright.

Right: nothing
Left out: Hyperkalaemia causes tall tented T waves. Give calcium gluconate without waiting for the result.
Spoken: You left out that hyperkalaemia causes tall tented T waves, and that you should give calcium gluconate \
without waiting for the result.

Right: Low ferritin confirms iron deficiency.
Left out: nothing
Spoken: Yes, low ferritin confirms iron deficiency.

Right: Acute gout. Rest the joint.
Left out: Aspirate the joint. Do not start allopurinol in the attack.
Spoken: Yes, acute gout, and rest the joint. You left out that you should aspirate the joint, and that you should \
not start allopurinol in the attack."""
"""Worked examples, for pretrained models too. The same for every turn, so their keys and values stay in the cache."""

_LEFT_OUT = re.compile(r"\b(?:you (?:left out|missed)|what you (?:left out|missed) (?:was|is))\b", re.IGNORECASE)

COVERED = 0.7
"""The part of each left-out statement's words of substance that a sentence must hold to have named it."""


def phrasing_messages(question: Question, answer: str, mark: Mark) -> tuple[Message, ...]:
    """What to ask a language model for; generate with ``STOP`` and ``MAX_TOKENS``.

    The answer is not shown to it: measured, a small model then repeats the trainee's words as if
    they were the deck's.
    """
    said, left_out = _statements(question, mark)
    asked = f"Right: {' '.join(said) or 'nothing'}\nLeft out: {' '.join(left_out) or 'nothing'}\nSpoken:"
    return Message("system", _EXAMPLES), Message("user", asked)


def phrased(sentence: str, question: Question, mark: Mark) -> str | None:
    """The sentence ready to be spoken, or None where it says anything but what the mark and deck say.

    What it calls right must come from points that were hit, what it calls left out from the others,
    and each of those must be named.
    """
    said, left_out = _statements(question, mark)
    spoken = " ".join(sentence.split())
    parts = _LEFT_OUT.split(spoken)
    right, missed = parts[0].strip(), " ".join(parts[1:]).strip()
    if (bool(left_out) != bool(missed)) or (right and not said):
        return None
    if right and not grounded(right, *said):
        return None
    if missed and not (grounded(missed, *left_out) and all(_names(missed, point) for point in left_out)):
        return None
    return spoken if right or missed else None


def _statements(question: Question, mark: Mark) -> tuple[Sequence[str], Sequence[str]]:
    statement = {point.id: point.statement for point in question.key_points}
    said = [statement[point.id] for point in mark.of(Verdict.HIT)]
    return said, [statement[point.id] for point in mark.points if point.verdict != Verdict.HIT]


def _names(text: str, statement: str) -> bool:
    wanted = words_of_substance(statement)
    return len(wanted & words_of_substance(text)) >= COVERED * len(wanted)
