"""The words whisper is told to expect: clinical terms, never only those of the right answer."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from companion.core.case import Case

TERMS = 24
"""Enough to set the register; each costs decoding time and more would crowd out what is heard."""
_LONG_WORD = re.compile(r"[a-z]{7,}", re.IGNORECASE)


def listening_prompt(cases: Sequence[Case], seed: int = 0) -> str:
    """A short natural prompt with long words of all ``cases``, in an order that says nothing.

    A prompt that held only one question's answers would hand out marks, so give it a whole
    deck or more: what is not asked now is the distractor.
    """
    words = sorted(
        {
            word.lower()
            for case in cases
            for question in case.questions
            for point in question.key_points
            for wording in (point.statement, *point.accepted, *point.contradicted)
            for word in _LONG_WORD.findall(wording)
        }
    )
    chosen = random.Random(seed).sample(words, min(TERMS, len(words)))
    return f"A doctor answers: {', '.join(chosen)}." if chosen else ""
