"""Answers and wordings come out as the same words, however they were said or spelled."""

from __future__ import annotations

import pytest

from companion.core.answer_text import clean, words_of


def words(text: str) -> list[str]:
    return [word.text for word in words_of(clean(text)) if word.text.isalnum() or word.text[0].isdigit()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ischaemia", "ischemia"),
        ("ischaemic", "ischemia"),
        ("oedema", "edema"),
        ("haemoglobin", "hemoglobin"),
        ("anaesthetise", "anesthetize"),
        ("tumour", "tumor"),
        ("infarcted", "infarction"),
        ("dissecting", "dissection"),
        ("immobile", "immobilisation"),
        ("arteries", "arterial"),
        ("embolus", "emboli"),
        ("thrombolysed", "thrombolysis"),
        ("anticoagulate", "anticoagulation"),
        ("stopped", "stopping"),
        ("immediately", "immediate"),
        ("S.T.E.M.I.", "STEMI"),
        ("S T elevation M I", "STEMI"),
        ("E K G", "ECG"),
        ("an MI", "a myocardial infarction"),
        ("a heart attack", "a myocardial infarction"),
        ("D K A", "diabetic ketoacidosis"),
        ("DVT", "deep venous thrombosis"),
        ("the CTPA", "the CT pulmonary angiogram"),
        ("co2", "carbon dioxide"),
        ("CO₂", "C O 2"),
        ("dextrose", "glucose"),
        ("Clexane", "enoxaparin"),
        ("5 milligrams", "five mg"),
        ("one hundred and twenty mins", "120 minutes"),
        ("twenty-five", "25"),
        ("nought point zero five", "0.05"),
        ("point nine percent", "0.9%"),
        ("1,250", "1250"),
        ("0.10", ".1"),
        ("leads II and III", "leads two and three"),
        ("don't", "do not"),
        ("can't", "cannot"),
        ("F R triple I", "fixed rate intravenous insulin infusion"),
        ("Kussmaul’s", "Kussmaul"),
    ],
)
def test_two_ways_to_say_one_thing_are_the_same_words(one: str, other: str) -> None:
    level = [word for word in words(one) if word not in ("a", "an", "the", "do", "can")]
    assert level == [word for word in words(other) if word not in ("a", "an", "the", "do", "can")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NSTEMI", "STEMI"),
        ("non-STEMI", "STEMI"),
        ("hyper", "hypo"),
        ("systolic", "diastolic"),
        ("thrombosis", "thrombolysis"),
        ("infection", "infarction"),
        ("0.1", "1"),
        ("two three", "23"),
        ("acidosis", "alkalosis"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_numbers_said_one_after_another_stay_apart() -> None:
    assert words("leads two three and aVF") == ["lead", "2", "3", "and", "avf"]
    assert words("one hundred and twenty and thirty") == ["120", "and", "30"]
    assert words("two thousand five hundred") == ["2500"]


def test_every_word_knows_where_it_stood() -> None:
    text = clean("Give  aspirin, then a C.T.P.A. now")
    for word in words_of(text):
        assert 0 <= word.start < word.end <= len(text)
    aspirin = next(word for word in words_of(text) if word.text == "aspirin")
    assert text[aspirin.start : aspirin.end] == "aspirin"


def test_control_characters_are_blanks() -> None:
    assert clean("a\x00b\x1bc") == "a b c"
