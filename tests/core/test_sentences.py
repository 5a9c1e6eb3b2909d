"""Clauses come out early and whole, and nothing is lost between them."""

from __future__ import annotations

import random
import re

import pytest

from companion.core.sentences import FIRST_LENGTH, LONGEST, ClauseSplitter


def clauses(text: str, piece: int = 3) -> list[str]:
    splitter = ClauseSplitter()
    given = [clause for i in range(0, len(text), piece) for clause in splitter.feed(text[i : i + piece])]
    return given + splitter.finish()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_first_clause_comes_at_a_comma_and_later_ones_at_sentence_ends() -> None:
    text = "Yes, that is the inferior wall, which the right coronary supplies. The pain, as you said, fits. Well done."
    assert clauses(text) == [
        "Yes, that is the inferior wall,",
        "which the right coronary supplies.",
        "The pain, as you said, fits.",
        "Well done.",
    ]


def test_the_first_clause_is_given_out_before_the_sentence_is_whole() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("That is right about the artery; the ") == ["That is right about the artery;"]


def test_a_short_opening_sentence_is_given_out_at_once() -> None:
    assert ClauseSplitter().feed("Not quite. The") == ["Not quite."]


def test_a_comma_after_three_words_is_too_early() -> None:
    assert clauses("Yes, you did, and the rest is right. Good.")[0] == "Yes, you did, and the rest is right."


@pytest.mark.parametrize(
    "sentence",
    [
        "Ask Dr. Smith about the results today.",
        "Give an antiplatelet, e.g. aspirin by mouth.",
        "The potassium is now 8.2 and rising.",
        "The blood pressure is 90/60 mmHg today.",
        "There is ST elevation in leads II, III and aVF today.",
        "This shows up in V1, V2 and V3 first.",
        "She has had some fever, cough and breathlessness since Monday.",
        "This fits aspirin vs. clopidogrel as shown.",
        "Blood was taken by J. Okafor on the ward.",
        "The usual signs, etc. are absent here.",
        "Is that i.e. the same thing?",
        "The dose is 300 mg p.o. once only.",
    ],
)
def test_what_looks_like_an_end_but_is_none_does_not_split(sentence: str) -> None:
    assert clauses(sentence + " Then we go on.") == [sentence, "Then we go on."]


def test_a_question_mark_and_a_closing_quote_end_a_clause() -> None:
    assert clauses("Why is “the pressure low?” Think about it. Then answer!") == [
        "Why is “the pressure low?”",
        "Think about it.",
        "Then answer!",
    ]


def test_items_of_a_list_are_clauses() -> None:
    assert clauses("Three things:\n\n- fluids\n- insulin\n- potassium") == [
        "Three things:",
        "- fluids",
        "- insulin",
        "- potassium",
    ]


def test_no_clause_is_longer_than_the_bound() -> None:
    given = clauses("word " * 300)
    assert len(given[0]) <= FIRST_LENGTH
    assert all(len(clause) <= LONGEST for clause in given)


def test_a_word_without_end_is_cut_rather_than_kept() -> None:
    assert max(map(len, clauses("a" * 5000, piece=50))) <= LONGEST


def test_nothing_in_gives_nothing_out() -> None:
    assert clauses("") == []
    assert clauses("  \n ") == []


def test_the_splitter_can_be_used_again_after_finish() -> None:
    splitter = ClauseSplitter()
    splitter.feed("One two three four five")
    assert splitter.finish() == ["One two three four five"]
    assert splitter.feed("One two three four, five six seven") == ["One two three four,"]


@pytest.mark.parametrize("seed", range(200))
def test_whatever_comes_in_whatever_pieces_nothing_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = ["a", "ECG", "II", "8.2", "90/60", "Dr.", "e.g.", "–", ",", ";", ":", ".", "?!", "\n", "\n\n", "- ", " "]
    alphabet += [" ", " ", "“", "”", "é", "心", "😀", "\t", "aVF", "word", "…", "*", "\u00a0"]
    text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(400)))
    splitter, given, at = ClauseSplitter(), list[str](), 0
    while at < len(text):
        size = chance.randrange(1, 30)
        given += splitter.feed(text[at : at + size])
        at += size
    given += splitter.finish()
    assert squeezed("".join(given)) == squeezed(text)
    assert all(clause == clause.strip() and clause for clause in given)


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_the_clauses_do_not_depend_on_how_the_text_arrived(piece: int) -> None:
    text = "Yes, you found the artery, and the ECG fits. Ask Dr. Lee, e.g. today. The pH is 7.2, so act now. Go on."
    assert clauses(text, piece) == clauses(text, 5)
