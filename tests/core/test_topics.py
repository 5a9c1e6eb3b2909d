from __future__ import annotations

import pytest

from companion.core.topics import Topics
from companion.home import shipped
from companion.store.deck_library import DeckLibrary

CASES = [case for deck in DeckLibrary([shipped("decks")]).decks for case in deck.cases]


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics(CASES)


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
def test_a_topic_is_found_in_other_words_and_misheard_ones(topics: Topics, request_: str, question: str) -> None:
    found = topics.find(request_)
    assert found is not None
    assert (found.case.id, found.question.id) == ("inferior-stemi", question)


@pytest.mark.parametrize("request_", ["", "?!", "hepatolenticular degeneration", "the weather in Lisbon"])
def test_what_no_deck_holds_is_not_found(topics: Topics, request_: str) -> None:
    assert topics.find(request_) is None


def test_without_cases_nothing_is_found() -> None:
    assert Topics([]).find("nitrates") is None


def test_of_two_that_are_about_as_good_the_case_being_talked_of_wins(topics: Topics) -> None:
    for case in CASES:
        found = topics.find("what is the diagnosis?", near=case)
        assert found is not None
        assert found.case == case
