"""What is denied, excluded, conditional or affirmed is told word by word."""

from __future__ import annotations

import pytest

from companion.core.answer_text import clean, words_of
from companion.core.polarity import Polarity, Term, terms_of

SIGNS = {Polarity.SAID: "+", Polarity.DENIED: "-", Polarity.EXCLUDED: "?", Polarity.UPHELD: "^"}


def terms(text: str) -> list[Term]:
    return terms_of(words_of(clean(text)))


def signs(text: str, *wanted: str) -> str:
    found = {term.raw: SIGNS[term.polarity] for term in terms(text)}
    return "".join(found[word] for word in wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("no fever, cough or rash", "fever cough rash", "---"),
        ("not the inferior wall, and the depression is reciprocal", "inferior wall depression", "--+"),
        ("it is inferior, not pericarditis. We act", "inferior pericarditis act", "+-+"),
        ("nitrates should not be given", "nitrates", "-"),
        ("nitrates are contraindicated because she needs preload", "nitrates preload", "-+"),
        ("it is dangerous to give nitrates", "nitrates", "-"),
        ("the d-dimer is not useful, start apixaban", "dimer apixaban", "-+"),
        ("No, keep the insulin going", "insulin", "+"),
        ("no, don't stop the insulin", "stop insulin", "--"),
        ("not sure but pneumonia", "pneumonia", "+"),
        ("not only pneumonia", "pneumonia", "+"),
        ("no doubt pneumonia", "pneumonia", "+"),
        ("don't hesitate to thrombolyse", "thrombolyse", "+"),
        ("heavy rather than tearing", "heavy tearing", "+-"),
        ("no nitrates no morphine", "nitrates morphine", "--"),
        ("do not avoid nitrates", "nitrates", "^"),
        ("nitrates are not contraindicated", "nitrates", "^"),
        ("rule out dissection with tomography", "dissection tomography", "?+"),
        ("dissection has been ruled out", "dissection", "-"),
        ("exclude pneumonia but treat asthma", "pneumonia asthma", "?+"),
        ("not pneumonia because asthma explains it", "pneumonia asthma", "-+"),
        ("avoid nitrates and give fluids", "nitrates fluids", "-+"),
    ],
)
def test_scopes(text: str, wanted: str, expected: str) -> None:
    assert signs(text, *wanted.split()) == expected


def test_what_stands_under_a_condition_is_marked_so() -> None:
    found = {term.raw: term.conditional for term in terms("Angioplasty, but if unavailable thrombolyse. Aspirin")}
    assert found == {"angioplasty": False, "unavailable": True, "thrombolyse": True, "aspirin": False}


def test_clauses_and_sentences_are_counted() -> None:
    found = terms("Saline first, insulin after. Potassium because levels fall")
    assert [term.sentence for term in found] == [0, 0, 0, 0, 1, 1, 1]
    assert len({term.clause for term in found}) == 4


def test_the_span_of_a_term_takes_in_what_denies_it() -> None:
    text = "I would never ever give nitrates"
    (nitrates,) = (term for term in terms(text) if term.raw == "nitrates")
    assert text[slice(*nitrates.span)] == "never ever give nitrates"
