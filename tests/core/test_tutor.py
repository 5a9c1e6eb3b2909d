"""A language model may fit a point into a sentence, and nothing else."""

from __future__ import annotations

import pytest

from companion.core.tutor import phrased, phrasing_messages

ASPIRIN = "Give aspirin 300 mg now."
LEADS = "Right-sided leads show it, above all V4R."
NITRATES = "Nitrates must be avoided."


def test_the_model_is_asked_with_the_point_after_examples_that_never_change() -> None:
    system, user = phrasing_messages(ASPIRIN)
    assert user.text == "Point: Give aspirin 300 mg now.\nTutor: You left out"
    assert phrasing_messages(LEADS)[0] == system


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (" that you should give aspirin 300 mg now.", ASPIRIN),
        ("You left out that you should give aspirin 300 mg now.", ASPIRIN),
        ("Tutor: You left out that you should give aspirin 300 mg now.", ASPIRIN),
        (" the right-sided leads, which show it, above all V4R.", LEADS),
        (" that nitrates must be avoided.", NITRATES),
    ],
)
def test_the_point_in_a_sentence_is_spoken(text: str, statement: str) -> None:
    said = phrased(text, statement)
    assert said is not None
    assert said.startswith("You left out th")
    assert said.count("You left out") == 1


def test_a_sentence_repeated_word_for_word_is_joined_as_a_sentence() -> None:
    assert phrased(" nitrates must be avoided.", NITRATES) == "You left out that nitrates must be avoided."
    assert phrased(" a perforated ulcer.", "A perforated ulcer.") == "You left out a perforated ulcer."


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (" that you should give aspirin 75 mg now.", ASPIRIN),
        (" that you should give clopidogrel 300 mg now.", ASPIRIN),
        (" that you should not give aspirin 300 mg now.", ASPIRIN),
        (" that you should give aspirin 300 mg now, and morphine.", ASPIRIN),
        (" that you should avoid nitrites.", NITRATES),
        (" that nitrates must be given.", NITRATES),
        (" the left-sided leads, which show it, above all V4R.", LEADS),
        (" the leads.", LEADS),
        ("", ASPIRIN),
        ("   \n", ASPIRIN),
        (" that " + "you should give aspirin 300 mg now " * 20, ASPIRIN),
    ],
)
def test_anything_else_is_not(text: str, statement: str) -> None:
    assert phrased(text, statement) is None
