"""Requests are levelled, so that other words, figures and misheard letters meet the names of findings."""

from __future__ import annotations

import pytest

from companion.core.topic_words import opposed, topic_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("raised platelets", "high platelet"),
        ("what does a low K mean?", "low potassium"),
        ("peaked T waves", "tented tea waves"),
        ("you waves", "U waves"),
        ("S1Q3T3", "S one Q three T three"),
        ("ST elevation in II and III", "elevated ST in two and three"),
        ("the bicarb is up", "high bicarbonate"),
        ("anaemia", "anemia"),
        ("an iron gap", "anion gap"),
    ],
)
def test_the_same_thing_in_other_words_is_the_same(one: str, other: str) -> None:
    assert sorted(topic_words(one)) == sorted(topic_words(other))


def test_how_somebody_asks_is_passed_over() -> None:
    assert topic_words("Can you please explain what it means, when do I see it?") == ()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("sodium of 118", ("sodium", "low")),
        ("sodium of 160", ("sodium", "high")),
        ("sodium of 140", ("sodium",)),
        ("high sodium of 118", ("high", "sodium")),
    ],
)
def test_a_value_becomes_high_low_or_nothing(said: str, words: tuple[str, ...]) -> None:
    assert topic_words(said) == words


@pytest.mark.parametrize(("one", "other"), [("high", "low"), ("left", "right"), ("hiperkalem", "hipokalem")])
def test_opposites_are_known_both_ways(one: str, other: str) -> None:
    assert opposed(one, other) and opposed(other, one)


@pytest.mark.parametrize(("one", "other"), [("high", "high"), ("murmur", "tremor"), ("low", "acidos")])
def test_other_words_are_no_opposites(one: str, other: str) -> None:
    assert not opposed(one, other)
