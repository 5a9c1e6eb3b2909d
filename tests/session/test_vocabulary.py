"""What whisper is told to expect helps it and gives nothing away."""

from __future__ import annotations

from companion.home import Home
from companion.session.vocabulary import TERMS, listening_prompt
from companion.store.deck_library import DeckLibrary
from tests.session.stage import CASE


def test_it_is_one_natural_sentence_of_clinical_words() -> None:
    prompt = listening_prompt([CASE])
    assert prompt.startswith("A doctor answers: ")
    assert prompt.endswith(".")
    assert "echocardiogram" in prompt
    assert "nitrates" in prompt


def test_words_of_right_and_of_wrong_answers_stand_together(home: Home) -> None:
    cases = [case for deck in DeckLibrary.of(home).decks for case in deck.cases]
    terms = listening_prompt(cases).removeprefix("A doctor answers: ").removesuffix(".").split(", ")
    assert len(terms) == len(set(terms)) == TERMS
    for case in cases:
        for question in case.questions:
            own = " ".join(text for point in question.key_points for text in (point.statement, *point.accepted)).lower()
            assert sum(term in own for term in terms) < TERMS / 2, "mostly the words of one question"


def test_the_same_seed_gives_the_same_prompt_and_another_another(home: Home) -> None:
    cases = [case for deck in DeckLibrary.of(home).decks for case in deck.cases]
    assert listening_prompt(cases, 1) == listening_prompt(cases, 1)
    assert listening_prompt(cases, 1) != listening_prompt(cases, 2)


def test_without_cases_nothing_is_expected() -> None:
    assert listening_prompt([]) == ""
