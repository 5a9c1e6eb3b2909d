"""Topics are found in other words and misheard ones, and what no deck holds is not guessed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from companion.core.finding import Finding
from companion.core.topics import Passage, Topics
from companion.home import shipped
from companion.store.deck_library import DeckLibrary
from tests.core.asked_findings import (
    ASKED,
    FRESH,
    FRESH_NOT_HELD,
    LAST_NOT_HELD,
    LATER,
    LATER_NOT_HELD,
    NOT_HELD,
    held_out,
    tuned_on,
)

LIBRARY = DeckLibrary([shipped("decks")])
CASES = [LIBRARY.case(id) for id in ("inferior-stemi", "ketoacidosis", "pulmonary-embolism")]


@pytest.fixture(scope="module")
def of_cases() -> Topics:
    return Topics(CASES)


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics([case for deck in LIBRARY.decks for case in deck.cases], LIBRARY.findings_files)


def passage(topics: Topics, request: str) -> tuple[str, str]:
    found = topics.find(request)
    assert isinstance(found, Passage)
    return found.case.id, found.question.id


def finding(topics: Topics, request: str) -> str | None:
    found = topics.find(request)
    return found.id if isinstance(found, Finding) else None


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("ST elevation in II, III and aVF", "territory"),
        ("why avoid nitrates?", "right-ventricle"),
        ("what is reciprocal change", "territory"),
        ("aortic dissection", "differential"),
        # Misheard.
        ("why avoid nitraits?", "right-ventricle"),
        ("aortic disection", "differential"),
    ],
)
def test_a_question_of_a_case_is_found_in_other_words_and_misheard_ones(
    of_cases: Topics, request_: str, question: str
) -> None:
    assert passage(of_cases, request_) == ("inferior-stemi", question)


@pytest.mark.parametrize("request_", ["", "?!", "hepatolenticular degeneration", "the weather in Lisbon", "and the?"])
def test_what_no_deck_holds_is_not_found(topics: Topics, of_cases: Topics, request_: str) -> None:
    assert topics.find(request_) is None
    assert of_cases.find(request_) is None


def test_without_cases_and_findings_nothing_is_found() -> None:
    assert Topics([]).find("nitrates") is None


def test_of_two_that_are_about_as_good_the_case_being_talked_of_wins(of_cases: Topics) -> None:
    for case in CASES:
        found = of_cases.find("what is the diagnosis?", near=case)
        assert isinstance(found, Passage)
        assert found.case == case


def test_a_finding_wins_over_a_case_that_speaks_of_it(of_cases: Topics, topics: Topics) -> None:
    assert passage(of_cases, "ST elevation in II, III and aVF") == ("inferior-stemi", "territory")
    assert finding(topics, "ST elevation in II, III and aVF") == "inferior-st-elevation"


@pytest.mark.parametrize(
    ("request_", "id"),
    [
        ("low potassium", "hypokalaemia"),
        ("high potassium", "hyperkalaemia"),
        ("left bundle branch block", "left-bundle-branch-block"),
        ("right bundle branch block", "right-bundle-branch-block"),
        ("low CO2 and a high pH", "respiratory-alkalosis"),
        ("high CO2 and a low pH", "respiratory-acidosis"),
        ("M in V1 and W in V6", "right-bundle-branch-block"),
        ("W in V1 and M in V6", "left-bundle-branch-block"),
        ("Mobitz type 1", "mobitz-one"),
        ("Mobitz type two", "mobitz-two"),
    ],
)
def test_opposites_are_told_apart(topics: Topics, request_: str, id: str) -> None:
    assert finding(topics, request_) == id


@pytest.mark.parametrize(
    ("request_", "id"),
    [
        ("explain a potassium of 6.8", "hyperkalaemia"),
        ("explain a potassium of two point six", "hypokalaemia"),
        ("the MCV is 72", "microcytic-anaemia"),
        ("platelets of 12", "thrombocytopenia"),
    ],
)
def test_a_value_says_which_way_it_is_out(topics: Topics, request_: str, id: str) -> None:
    assert finding(topics, request_) == id


def test_every_name_of_a_finding_finds_it(topics: Topics) -> None:
    missed = [
        (name, finding(topics, name))
        for held in LIBRARY.findings
        for name in held.names
        if finding(topics, name) != held.id
    ]
    assert missed == []


def right(topics: Topics, asked: Sequence[tuple[str, str]]) -> float:
    return sum(finding(topics, request) in meant.split("|") for request, meant in asked) / len(asked)


def refused(topics: Topics, asked: Sequence[str]) -> float:
    return sum(topics.find(request) is None for request in asked) / len(asked)


def test_trainees_are_understood_in_their_own_words(topics: Topics) -> None:
    assert right(topics, tuned_on(ASKED)) >= 0.95
    assert right(topics, held_out(ASKED)) >= 0.9
    assert right(topics, [*FRESH, *LATER]) >= 0.9


def test_what_is_not_held_is_refused_rather_than_guessed(topics: Topics) -> None:
    assert refused(topics, [*NOT_HELD, *FRESH_NOT_HELD, *LATER_NOT_HELD, *LAST_NOT_HELD]) >= 0.95


def test_a_very_long_request_is_answered_in_good_time_whatever_it_says(topics: Topics) -> None:
    assert topics.find("lorem ipsum dolor " * 3000) is None
