"""The reply is true of the marking, names what was right first, and calls danger by its name."""

from __future__ import annotations

import itertools
import random

import pytest

from companion.core.case import KeyPoint, Question
from companion.core.feedback import SILENCE, feedback, opener
from companion.core.mark import Mark, PointMark, Verdict

NITRATES = KeyPoint("nitrates", "Nitrates must be avoided.", ("avoid nitrates",), ("give GTN",), 2.0, critical=True)
LEADS = KeyPoint("leads", "Right-sided leads show it.", ("right leads",))
LONG = KeyPoint(
    "long", "The right ventricle is infarcted too, which is why the pressure is low and the veins are full.", ("RV",)
)
QUESTION = Question("rv", "What now?", (NITRATES, LEADS, LONG), "Think.", "The right ventricle needs filling.")
AFFIRMING = ("Yes", "Right", "Good", "Correct")


def mark(*verdicts: Verdict, evidence: str = "give GTN") -> Mark:
    points = zip(QUESTION.key_points, verdicts, strict=True)
    return Mark(tuple(PointMark(point.id, verdict, evidence) for point, verdict in points), 0.0)


H, P, M, C = Verdict.HIT, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED


def test_the_opener_names_the_weightiest_point_that_was_right() -> None:
    said = opener(QUESTION, mark(H, H, M), random.Random(1))
    assert said.endswith(": nitrates must be avoided.") or said.endswith(": Nitrates must be avoided.")
    assert said.startswith(AFFIRMING)


def test_a_point_named_by_the_opener_is_not_said_again() -> None:
    reply = feedback(QUESTION, mark(H, H, M), random.Random(1))
    assert len(reply.credited) == 1
    assert "ight-sided leads" in reply.credited[0]


def test_a_statement_too_long_for_an_opener_is_said_after_it() -> None:
    reply = feedback(QUESTION, mark(M, M, H), random.Random(1))
    assert len(reply.opener.split()) <= 14
    assert LONG.statement[1:] in reply.credited[0]


def test_what_was_missed_is_named_critical_points_first() -> None:
    reply = feedback(QUESTION, mark(M, H, M), random.Random(3))
    assert "itrates must be avoided." in reply.missed[0].text
    assert len(reply.missed) == 2


def test_a_wrong_critical_statement_is_quoted_called_dangerous_and_put_right() -> None:
    for seed in range(20):
        reply = feedback(QUESTION, mark(C, H, M), random.Random(seed))
        assert "GTN" in reply.corrected[0]
        assert "danger" in reply.corrected[0] or "harm" in reply.corrected[0]
        assert NITRATES.statement in reply.corrected[0]
        assert not reply.opener.startswith(AFFIRMING)


@pytest.mark.parametrize("verdicts", list(itertools.product([H, P, M, C], repeat=3)))
def test_no_opener_affirms_an_answer_with_nothing_right_or_something_dangerous(verdicts: tuple[Verdict, ...]) -> None:
    for seed in range(8):
        reply = feedback(QUESTION, mark(*verdicts), random.Random(seed))
        if H not in verdicts or verdicts[0] is C:
            assert not reply.opener.startswith(AFFIRMING)
        assert len(reply.credited) <= verdicts.count(H)
        assert len(reply.corrected) == verdicts.count(C)
        assert len(reply.missed) == verdicts.count(M) + verdicts.count(P)
        assert reply.sentences[0] == reply.opener
        assert reply.sentences[-1] == QUESTION.explanation


def test_the_opener_is_the_same_alone_as_in_the_whole_reply() -> None:
    for seed in range(10):
        alone = opener(QUESTION, mark(H, P, M), random.Random(seed))
        assert alone == feedback(QUESTION, mark(H, P, M), random.Random(seed)).opener


def test_an_empty_answer_is_told_so_and_shown_the_points_without_reproach() -> None:
    reply = feedback(QUESTION, mark(M, M, M), random.Random(1), heard=False)
    assert reply.opener == SILENCE == "I did not hear an answer."
    assert tuple(left.text for left in reply.missed) == (NITRATES.statement, LEADS.statement, LONG.statement)


def test_replies_vary_with_the_seed_and_only_with_it() -> None:
    replies = {feedback(QUESTION, mark(H, P, M), random.Random(seed)).sentences for seed in range(30)}
    assert len(replies) > 10
    assert feedback(QUESTION, mark(H, P, M), random.Random(5)) == feedback(QUESTION, mark(H, P, M), random.Random(5))
