from __future__ import annotations

import pytest

from companion.core.case import KeyPoint, Question
from companion.core.mark import Mark, PointMark, Verdict
from companion.core.tutor import phrased, phrasing_messages

QUESTION = Question(
    id="manage",
    prompt="What would you do first?",
    key_points=(
        KeyPoint("aspirin", "Give aspirin 300 mg.", ("aspirin",)),
        KeyPoint("leads", "Record right-sided leads.", ("right-sided leads",)),
    ),
    hint="",
    explanation="",
)


def mark(**verdicts: Verdict) -> Mark:
    return Mark(tuple(PointMark(id, verdict) for id, verdict in verdicts.items()), 0.5)


HALF = mark(aspirin=Verdict.HIT, leads=Verdict.MISSED)
ALL = mark(aspirin=Verdict.HIT, leads=Verdict.HIT)
NONE = mark(aspirin=Verdict.MISSED, leads=Verdict.CONTRADICTED)


def test_the_model_is_asked_with_the_decks_statements_after_examples_that_never_change() -> None:
    system, user = phrasing_messages(QUESTION, "aspirin I suppose", HALF)
    assert user.text == "Right: Give aspirin 300 mg.\nLeft out: Record right-sided leads.\nSpoken:"
    assert phrasing_messages(QUESTION, "", NONE)[0] == system
    assert phrasing_messages(QUESTION, "", NONE)[1].text.startswith("Right: nothing\n")
    assert phrasing_messages(QUESTION, "", ALL)[1].text.endswith("Left out: nothing\nSpoken:")


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("Yes, give aspirin 300 mg. You left out that you should record right-sided leads.", HALF),
        ("You left out that you should give aspirin 300 mg, and record right-sided leads.", NONE),
        ("Yes, give aspirin 300 mg, and record right-sided leads.", ALL),
    ],
)
def test_a_sentence_that_keeps_to_the_mark_is_spoken(sentence: str, given: Mark) -> None:
    assert phrased(sentence, QUESTION, given) == sentence


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("Yes, record right-sided leads. You left out that you should record right-sided leads.", HALF),
        ("Yes, give aspirin 300 mg. You left out that you should give aspirin 300 mg.", HALF),
        ("Yes, give aspirin 300 mg.", HALF),
        ("Yes, give aspirin 75 mg. You left out that you should record right-sided leads.", HALF),
        ("Yes, give aspirin 300 mg. You left out that you should record left-sided leads.", HALF),
        ("Yes, give aspirin 300 mg. You left out the leads.", NONE),
        ("You left out that you should give aspirin 300 mg.", NONE),
        ("You left out that you should record right-sided leads.", ALL),
        ("", HALF),
    ],
)
def test_a_sentence_that_says_anything_else_is_not_spoken(sentence: str, given: Mark) -> None:
    assert phrased(sentence, QUESTION, given) is None
