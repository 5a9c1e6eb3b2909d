from __future__ import annotations

import pytest

from companion.core.grounding import grounded

DECK = (
    "Give aspirin 300 mg. Start isotonic saline before insulin.",
    "A D-dimer is not useful when the probability is high.",
    "Give intravenous ceftriaxone without waiting for a lumbar puncture.",
    "The right coronary artery is the usual culprit. Keep saturations at 94 to 98 per cent.",
    "Lie the patient flat with the legs raised.",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Give aspirin 300 mg.",
        "You should be giving aspirin, 300 mg, and then start isotonic saline before insulin.",
        "The D-dimer is not useful here.",
        "It's the right coronary artery.",
        "You need to lie the patient flat, and give ceftriaxone without waiting.",
        "Keep saturations at 94 to 98 per cent.",
        "Yes, good.",
    ],
)
def test_what_the_deck_says_passes_in_other_words(sentence: str) -> None:
    assert grounded(sentence, *DECK)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Give aspirin 75 mg.", "another dose"),
        ("Give aspirin 300 g.", "another unit"),
        ("Give aspirin 94 mg.", "a number that belongs to something else"),
        ("Give aspirin three hundred and one mg.", "a number in words"),
        ("Give clopidogrel 300 mg.", "another drug"),
        ("Give aspirin 300 mg twice.", "a frequency of its own"),
        ("Do not give aspirin.", "a negation of its own"),
        ("A D-dimer is useful.", "a negation lost"),
        ("Give ceftriaxone waiting for a lumbar puncture.", "a negation lost"),
        ("Start insulin before isotonic saline.", "the order turned round"),
        ("Start isotonic saline after insulin.", "before became after"),
        ("The left coronary artery is the culprit.", "the other side"),
        ("Saturations at 94 to 98 per cent is the usual culprit.", "two facts mixed"),
        ("Give saline 300 mg.", "a dose moved to another drug"),
        ("Keep saturations at <94 per cent.", "a symbol of its own"),
        ("", "nothing"),
        ("Give aspirin 300 mg.\n\nGive aspirin 300 mg.", "more than was asked for"),
        ("Give aspirin " * 40, "far too long"),
        ("Give aspirin, but not.", "a negation of nothing"),
    ],
)
def test_what_the_deck_does_not_say_is_refused(sentence: str, why: str) -> None:
    assert not grounded(sentence, *DECK), why
