"""Answers in which a denial, a quality word or a direction belongs to one phrase and not to its neighbour."""

from __future__ import annotations

import pytest

from companion.core.case import KeyPoint, Question
from companion.core.grading import grade
from companion.core.mark import Verdict

HIT, PARTIAL, MISSED, WRONG = Verdict.HIT, Verdict.PARTIAL, Verdict.MISSED, Verdict.CONTRADICTED


def verdict(answer: str, accepted: str, contradicted: str = "", prompt: str = "What now?") -> Verdict:
    def split(text: str) -> tuple[str, ...]:
        return tuple(filter(None, map(str.strip, text.split(";"))))

    key = KeyPoint("p", "It is so.", split(accepted), split(contradicted), 1.0)
    return grade(answer, Question("q", prompt, (key,), "Hint.", "Why.")).points[0].verdict


@pytest.mark.parametrize(
    ("answer", "wording"),
    [
        ("she's still fitting but you can't see it, E E G", "EEG"),
        ("no P waves, atrial fibrillation, and Graves disease", "Graves disease"),
        ("no P waves, atrial fibrillation, and Graves disease", "atrial fibrillation"),
        ("no thrombectomy is needed, alteplase within 6 hours", "alteplase"),
        ("no thrombectomy is needed, alteplase or tenecteplase within 6 hours", "alteplase"),
        ("CT head without contrast, within six hours", "within 6 hours"),
        ("not acidotic, and volume depleted", "volume depleted"),
        ("he hasn't been taking his lamotrigine, encephalitis, eclampsia, CT brain", "encephalitis"),
        ("he hasn't been taking his lamotrigine, encephalitis, eclampsia, CT brain", "CT brain"),
        ("not anterior, inferior", "inferior"),
        ("antibiotics or not, and let her eat", "let her eat"),
        ("it isn't viral, bacterial meningitis", "bacterial meningitis"),
        ("levetiracetam, avoid valproate, and then intubation", "intubation"),
    ],
)
def test_a_denial_ends_with_its_phrase(answer: str, wording: str) -> None:
    assert verdict(answer, wording) is HIT


@pytest.mark.parametrize("denied", ["fever", "cough", "rash"])
@pytest.mark.parametrize(
    "answer",
    [
        "no fever, cough or rash",
        "no fever, no cough, no rash",
        "no fever, no cough, and no rash",
        "no fever, cough, or rash",
        "she doesn't have fever, cough or a rash",
        "without fever or cough or rash",
        "no fever and cough and rash",
        "neither fever, cough nor rash",
    ],
)
def test_a_list_joined_by_or_is_denied_to_its_end(answer: str, denied: str) -> None:
    assert verdict(answer, denied) is WRONG


@pytest.mark.parametrize(
    "answer",
    ["avoid nitrates, morphine and diuretics", "don't give nitrates, morphine or diuretics"],
)
def test_a_list_of_what_to_avoid_is_avoided_to_its_end(answer: str) -> None:
    assert verdict(answer, "give diuretics; diuretics") is WRONG
    assert verdict(answer, "avoid diuretics") in (HIT, PARTIAL)


BLOODS = "low sodium, high potassium and she's hypoglycemic"
TWO_LOW = "sodium and glucose are low and potassium is high"


@pytest.mark.parametrize(
    ("answer", "wording", "expected"),
    [
        (BLOODS, "high potassium", HIT),
        (BLOODS, "low sodium", HIT),
        (BLOODS, "low potassium", MISSED),
        (BLOODS, "high sodium", MISSED),
        (TWO_LOW, "high potassium", HIT),
        (TWO_LOW, "low potassium", MISSED),
        (TWO_LOW, "high glucose", MISSED),
        ("the left ventricle is big, right atrium small", "right atrium", HIT),
        ("the left ventricle is big, right atrium small", "left atrium", MISSED),
        ("raised systolic, reduced diastolic", "raised diastolic", MISSED),
        ("raised systolic, reduced diastolic", "reduced diastolic", HIT),
        ("right and left ventricle", "left ventricle", HIT),
        ("the potassium is low", "high potassium", MISSED),
        ("the potassium, it's low", "high potassium", MISSED),
    ],
)
def test_a_quality_belongs_to_the_noun_of_its_phrase(answer: str, wording: str, expected: Verdict) -> None:
    assert verdict(answer, wording) is expected


def test_a_quality_of_another_noun_contradicts_nothing() -> None:
    assert verdict(TWO_LOW, "high potassium; hyperkalaemia", "low potassium") is HIT
    assert verdict(BLOODS, "high potassium; hyperkalaemia", "low potassium") is HIT
    assert verdict("potassium is low and sodium is high", "high potassium", "low potassium") is WRONG


def test_what_is_left_unsaid_is_understood_from_what_stands_beside_it() -> None:
    prompt = "What is the ST depression?"
    assert verdict("ST elevation. It's reciprocal", "reciprocal ST depression", prompt=prompt) is not HIT
    assert verdict("It's reciprocal", "reciprocal ST depression", prompt=prompt) is HIT


@pytest.mark.parametrize(
    "answer",
    [
        "dissection must be excluded",
        "dissection needs to be ruled out",
        "a dissection should be ruled out",
        "what must be excluded is a dissection",
        "I'd want a dissection excluded first",
        "exclude dissection",
        "rule out dissection",
    ],
)
def test_what_has_to_be_excluded_is_considered_and_not_denied(answer: str) -> None:
    assert verdict(answer, "exclude dissection") is HIT
    assert verdict(answer, "dissection") is MISSED


@pytest.mark.parametrize(
    "answer", ["dissection is excluded", "dissection has been ruled out", "we ruled out dissection"]
)
def test_what_has_been_excluded_is_denied(answer: str) -> None:
    assert verdict(answer, "dissection") is WRONG
    assert verdict(answer, "exclude dissection") is not HIT


@pytest.mark.parametrize(
    ("answer", "wording", "expected"),
    [
        ("against this an anticoagulant", "anticoagulant", HIT),
        ("to protect against stroke give apixaban", "apixaban", HIT),
        ("I'd advise against an anticoagulant", "anticoagulant", WRONG),
        ("the evidence is against an anticoagulant", "anticoagulant", WRONG),
        ("breath sounds are absent on the right", "absent breath sounds", HIT),
        ("absent breath sounds", "breath sounds are absent", HIT),
        ("breath sounds are absent on the right", "breath sounds", WRONG),
        ("I am not against an anticoagulant", "anticoagulant", MISSED),
        ("I'm against an anticoagulant", "anticoagulant", WRONG),
        ("he has absent ankle jerks", "absent ankle jerks", HIT),
        ("there is absence of P waves", "no P waves", HIT),
        ("rule out haemorrhage before aspirin", "aspirin", HIT),
        ("absent reflexes and a normal CSF", "normal CSF", HIT),
        ("reflexes are absent and the pupils are fixed", "fixed pupils", HIT),
        ("the gag is absent, intubate", "intubate", HIT),
    ],
)
def test_absent_and_against_deny_only_what_they_are_said_of(answer: str, wording: str, expected: Verdict) -> None:
    assert verdict(answer, wording) is expected


@pytest.mark.parametrize(
    ("answer", "wording", "expected"),
    [
        ("water moves into the cells", "water moves into the cells", HIT),
        ("the water shifts back into cells", "water into the cells", HIT),
        ("water moves out of the cells", "water moves into the cells", MISSED),
        ("water moves into the cells", "water moves out of the cells", MISSED),
        ("water moves out of the blood into the cells", "water moves into the cells", HIT),
        ("water moves out of the cells into the blood", "water moves into the cells", MISSED),
        ("water moves from the cells", "water moves into the cells", MISSED),
        ("water moves inside the cells", "water moves into the cells", HIT),
        ("the potassium goes down", "potassium goes up", MISSED),
        ("the potassium goes up", "potassium goes down", MISSED),
        ("the potassium goes up and the sodium goes down", "potassium goes up", HIT),
        ("the potassium goes up and the sodium goes down", "sodium goes up", MISSED),
        ("she needs less insulin", "more insulin", MISSED),
        ("she needs more insulin", "less insulin", MISSED),
        ("she needs more insulin", "more insulin", HIT),
    ],
)
def test_directions_are_told_apart(answer: str, wording: str, expected: Verdict) -> None:
    assert verdict(answer, wording) is expected


def test_the_opposite_direction_contradicts_and_the_right_one_does_not() -> None:
    wordings = ("water moves into the cells", "water moves out of the cells")
    assert verdict("water moves into the cells", *wordings) is HIT
    assert verdict("water moves out of the cells", *wordings) is WRONG


@pytest.mark.parametrize(
    ("answer", "wording", "expected"),
    [
        ("it's fast A F and Graves", "AF", HIT),
        ("this is fast a f with a wide pulse pressure", "AF", HIT),
        ("A F, and Graves", "AF", HIT),
        ("she has a K of 6", "K of 6", HIT),
        ("ascending and symmetrical weakness", "asymmetrical weakness", MISSED),
        ("it's a symmetrical weakness", "asymmetrical weakness", MISSED),
        ("a granular cytosis", "agranulocytosis", HIT),
    ],
)
def test_words_are_joined_only_when_that_is_what_was_said(answer: str, wording: str, expected: Verdict) -> None:
    assert verdict(answer, wording) is expected


def test_a_known_word_is_not_joined_to_its_neighbour() -> None:
    assert verdict("ascending and symmetrical", "symmetrical; both sides", "asymmetrical") is HIT


ORDER = ("propylthiouracil then iodine", "iodine then propylthiouracil")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("iodine, then wait an hour, then propylthiouracil", WRONG),
        ("propylthiouracil, wait an hour and then give iodine", HIT),
        ("propylthiouracil first then iodine", HIT),
        ("iodine an hour after the propylthiouracil", HIT),
        ("propylthiouracil before iodine", HIT),
        ("iodine before propylthiouracil", WRONG),
        ("after propylthiouracil give iodine", HIT),
        ("give iodine, and after an hour propylthiouracil", WRONG),
        ("propylthiouracil", MISSED),
    ],
)
def test_a_wording_with_then_demands_that_order(answer: str, expected: Verdict) -> None:
    assert verdict(answer, *ORDER) is expected


def test_a_contradiction_is_heard_across_until() -> None:
    assert verdict("hold on with heparin until the scan", "heparin now", "heparin until the scan") is WRONG


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("malaria, alcohol and steroids", MISSED),
        ("alcohol", MISSED),
        ("alcohol withdrawal", HIT),
        ("withdrawal of some sort", MISSED),
    ],
)
def test_half_of_a_name_that_means_something_else_earns_nothing(answer: str, expected: Verdict) -> None:
    wordings = "alcohol withdrawal; delirium tremens; DTs; withdrawal from alcohol; drink withdrawal"
    assert verdict(answer, wordings, "alcohol intoxication; drunk; opiate withdrawal") is expected


def test_half_a_point_needs_a_word_that_wrong_answers_do_not_hold() -> None:
    wordings = "delirium tremens; alcohol cessation; DTs; stopping drink; the shakes"
    assert verdict("malaria and alcohol", wordings, "alcohol poisoning") is MISSED
    assert verdict("some dissection", "aortic dissection", "coronary dissection") is PARTIAL
