"""The checker names what would not be found, or is not good to hear, with its line."""

from __future__ import annotations

from companion.core.finding_check import check_findings
from companion.home import shipped
from tests.core.findings import TEXT

FINDINGS = sorted((shipped("decks") / "findings").glob("*.md"))


def checked(old: str, new: str) -> list[str]:
    assert old in TEXT
    return [str(problem) for problem in check_findings({"elements.md": TEXT.replace(old, new, 1)})]


def test_the_shipped_findings_have_nothing_to_mend() -> None:
    texts = {str(file): file.read_text(encoding="utf-8") for file in FINDINGS}
    assert [str(problem) for problem in check_findings(texts)] == []
    assert sum(text.count("\n## ") for text in texts.values()) >= 64


def test_a_good_file_has_nothing_to_mend() -> None:
    assert check_findings({"elements.md": TEXT}) == []


def test_a_file_without_a_source_or_with_another_name_is_told() -> None:
    (problem,) = checked("sources:\n  - title: The Guideline\n    year: 2020\n", "")
    assert problem == "elements.md:1: No source is named: findings say which guideline or text their medicine is from."
    (other,) = check_findings({"chemistry/stuff.md": TEXT})
    assert other.message == "The file should be named after its id: elements.md."


def test_fewer_than_five_other_names_are_told_at_the_finding() -> None:
    (problem,) = checked("; lack of unobtainium; no unobtainium", "")
    line = TEXT[: TEXT.index("## low")].count("\n") + 1
    assert (
        problem == f"elements.md:{line}: Finding “low-unobtainium” has 3 other names to ask for it; write at least 5."
    )


def test_a_name_twice_is_told() -> None:
    (problem,) = checked("; no unobtainium", "; no unobtainium; No  Unobtainium")
    assert "has a name twice" in problem


def test_what_is_too_long_to_listen_to_is_told() -> None:
    assert any("more than 110 are too many" in p for p in checked("Give food.", "Give food. " + "Wait a bit. " * 40))
    (problem,) = checked("Give food.", "Give " + "and give " * 15 + "food.")
    assert "A sentence of 32 words is hard to follow by ear" in problem


def test_what_is_written_and_not_said_is_told() -> None:
    assert any("write “4” as it is said" in problem for problem in checked("above four", "above 4"))
    assert any("write “III” as it is said" in problem for problem in checked("may stop", "may stop in III"))
    assert any("write “%” as it is said" in problem for problem in checked("may stop", "may stop in half %"))


def test_a_name_that_finds_another_finding_is_told() -> None:
    problems = checked("lack of unobtainium", "raised unobtainium")
    assert any(
        "Asked for by the name “raised unobtainium”, “high-unobtainium” is found instead." in p for p in problems
    )


def test_a_name_of_nothing_but_small_words_is_told() -> None:
    (problem,) = checked("lack of unobtainium", "what is it")
    assert "Asked for by the name “what is it”, nothing is found" in problem


def test_an_id_in_two_files_is_told() -> None:
    problems = check_findings({"a/elements.md": TEXT, "b/elements.md": TEXT})
    assert any(
        problem.file == "b/elements.md" and "“high-unobtainium” is also used in a/elements.md." in problem.message
        for problem in problems
    )


def test_problems_of_reading_come_out_too() -> None:
    (problem,) = check_findings({"x.md": "nothing"})
    assert str(problem).startswith("x.md:1: The file must begin with front matter")
