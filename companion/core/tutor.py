"""What was left out, in a language model's words, and the guard that keeps them to what the deck says.

The model is only asked to fit a written point into a spoken sentence. What it makes is spoken when
``phrased`` lets it pass; otherwise the templates speak, which need no model.
"""

from __future__ import annotations

import re

from companion.core.grounding import grounded, words_of_substance
from companion.core.prompting import Message

STOP = ("\n",)
MAX_TOKENS = 60

LEAD = "You left out"
"""How the sentence begins; the model goes on from here."""

EXAMPLES = """\
A tutor tells a trainee which point was missing, in the words of the point.

Point: Sit the patient upright.
Tutor: You left out that you should sit the patient upright.

Point: This is acute appendicitis.
Tutor: You left out that this is acute appendicitis.

Point: A perforated ulcer.
Tutor: You left out a perforated ulcer.

Point: Start allopurinol later, not in the attack.
Tutor: You left out that you should start allopurinol later, not in the attack.

Point: Tonsillitis, with quinsy.
Tutor: You left out tonsillitis, with quinsy.

Point: Pain that moves to the right iliac fossa is typical.
Tutor: You left out that pain that moves to the right iliac fossa is typical.

Point: Add calcium gluconate, 10 ml of 10%, without waiting for the result.
Tutor: You left out that you should add calcium gluconate, 10 ml of 10%, without waiting for the result.

Point: The T waves are tall and tented.
Tutor: You left out that the T waves are tall and tented.

Point: Consider a lumbar puncture.
Tutor: You left out that you should consider a lumbar puncture.

Point: Check the calcium again.
Tutor: You left out that you should check the calcium again."""
"""Worked examples, for pretrained models too. The same for every point, so their keys and values stay cached.

Measured on the 44 points of the first three cases with Gemma 3 270M, pretrained, Q4_K_M: 40 pass the
guard and are true; of the four refused three were untrue. Asking for praise and omissions in one
sentence passed 2 of 20, which is why it is asked so little.
"""

_TELLS = re.compile(r"\b(is|are|was|were|has|have|must|should|can|cannot|may|needs?|shows?)\b")
"""Words by which a point is a sentence; one that is repeated word for word wants a “that” before it."""

COVERED = 0.7
"""The part of the point's words of substance that a sentence must hold to have named it."""


def phrasing_messages(statement: str) -> tuple[Message, ...]:
    """What to ask a language model for; generate with ``STOP`` and ``MAX_TOKENS``.

    The answer is not shown to it: measured, a small model then repeats the trainee's words as if
    they were the deck's.
    """
    return Message("system", EXAMPLES), Message("user", f"Point: {statement}\nTutor: {LEAD}")


def phrased(text: str, statement: str) -> str | None:
    """The whole sentence, or None where it says anything but the point."""
    said = " ".join(text.split())
    # A chat model begins its sentence anew, a pretrained one goes on.
    for lead in (f"Tutor: {LEAD}", LEAD):
        said = said.removeprefix(lead).lstrip()
    wanted = words_of_substance(statement)
    named = len(wanted & words_of_substance(said)) >= COVERED * len(wanted)
    if not wanted or not named or not grounded(said, statement):
        return None
    if said.casefold() == " ".join(statement.split()).casefold() and _TELLS.search(said):
        said = f"that {said}"
    return f"{LEAD} {said}"
