"""The checker names what would not teach or mark well, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.core.deck_check import check_case, check_cases
from companion.core.deck_front_matter import holds_findings
from companion.home import shipped

SHIPPED = [
    file for file in sorted(shipped("decks").glob("*/*.md")) if not holds_findings(file.read_text(encoding="utf-8"))
]
STEMI = shipped("decks") / "cardiology" / "inferior-stemi.md"


def checked(old: str, new: str) -> list[str]:
    text = STEMI.read_text(encoding="utf-8")
    assert old in text
    return [str(problem) for problem in check_case(text.replace(old, new, 1), "inferior-stemi.md")]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_shipped_cases_have_nothing_to_mend(file: Path) -> None:
    assert [str(problem) for problem in check_case(file.read_text(encoding="utf-8"), str(file))] == []


def test_a_case_without_a_source_is_named() -> None:
    text = STEMI.read_text(encoding="utf-8")
    start, end = text.index("sources:"), text.index("author:")
    problems = check_case(text[:start] + text[end:], "inferior-stemi.md")
    assert [problem.message for problem in problems] == [
        "No source is named: every case says which guideline or text its medicine is from."
    ]


def test_fewer_than_three_wordings_are_named_at_the_key_point() -> None:
    text = STEMI.read_text(encoding="utf-8")
    line = text[: text.index("- **right-coronary**")].count("\n") + 1
    problems = checked(
        "right coronary artery; right coronary; RCA; right sided coronary vessel", "right coronary artery"
    )
    assert (
        f"inferior-stemi.md:{line}: Key point “right-coronary” has 1 accepted wordings; write at least 3." in problems
    )


def test_a_point_given_away_by_the_question_is_named() -> None:
    (problem,) = checked("What is the diagnosis, and must", "This heart attack: what is the diagnosis, and must")
    assert "“stemi” is given away by the question (“heart attack”)" in problem


def test_a_point_given_away_by_the_vignette_or_title_is_named() -> None:
    assert any("given away by the vignette" in p for p in checked("She smokes,", "She has had a STEMI. She smokes,"))
    assert any("given away by the title" in p for p in checked("A shopkeeper with an ache", "A heart attack"))


def test_a_wording_that_does_not_earn_its_own_point_is_named() -> None:
    problems = checked("  - accept: STEMI; ", "  - accept: NSTEMI; STEMI; ")
    assert any("the accepted wording “NSTEMI” is marked contradicted" in problem for problem in problems)


def test_a_contradicting_wording_with_nothing_to_listen_for_is_named() -> None:
    problems = checked("  - contradict: NSTEMI; ", "  - contradict: it is the; NSTEMI; ")
    assert any("the contradicting wording “it is the” is marked missed" in problem for problem in problems)


def test_an_explanation_that_never_says_its_point_is_named() -> None:
    problems = checked(
        "infarction. A coronary artery is blocked, and muscle dies by the minute. Troponin", "infarction. Troponin"
    )
    assert problems == []
    problems = checked(
        "The\ndecision to reopen the artery rests on the history and the ECG, never on a blood test.", ""
    )
    assert any("The explanation never says key point “no-troponin-wait”." in problem for problem in problems)


def test_texts_too_long_to_listen_to_are_named() -> None:
    assert any("The vignette has" in problem for problem in checked("She smokes,", "word " * 40 + "She smokes,"))
    assert any(
        "The explanation has" in problem
        for problem in checked("Troponin may still be", "word " * 60 + "Troponin may be")
    )


def test_too_few_questions_are_named() -> None:
    text = STEMI.read_text(encoding="utf-8")
    text = text[: text.index("## differential")]
    assert "The case has 2 questions; write three to five." in [
        p.message for p in check_case(text, "inferior-stemi.md")
    ]


def test_a_file_not_named_after_its_case_is_named() -> None:
    (problem,) = check_case(STEMI.read_text(encoding="utf-8"), "cardiology/stemi.md")
    assert problem.message == "The file should be named after its case: inferior-stemi.md."


def test_an_id_used_by_two_files_is_named() -> None:
    text = STEMI.read_text(encoding="utf-8")
    (problem,) = check_cases({"a/inferior-stemi.md": text, "b/inferior-stemi.md": text})
    assert str(problem) == "b/inferior-stemi.md:1: The id “inferior-stemi” is also that of a/inferior-stemi.md."


def test_problems_of_reading_come_out_too() -> None:
    (problem,) = check_case("nothing", "x.md")
    assert str(problem).startswith("x.md:1: The file must begin with front matter")
