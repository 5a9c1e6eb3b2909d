"""A file of findings is read whole, or told by file and line what is wrong with it."""

from __future__ import annotations

import pytest

from companion.core.deck_front_matter import holds_findings
from companion.core.errors import DeckError
from companion.core.finding_check import check_findings
from companion.core.finding_format import parse_findings, read_findings
from companion.home import shipped
from tests.core.findings import FILE, HIGH, LOW, TEXT

STEMI = shipped("decks") / "cardiology" / "inferior-stemi.md"


def problems(old: str, new: str) -> list[str]:
    assert old in TEXT
    draft = read_findings(TEXT.replace(old, new, 1), "elements.md")
    assert (draft.file is None) == bool(draft.problems)
    return [str(problem) for problem in draft.problems]


def line_of(part: str) -> int:
    return TEXT[: TEXT.index(part)].count("\n") + 1


def test_a_file_is_read_whole() -> None:
    assert parse_findings(TEXT, "elements.md") == FILE


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_matter() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    assert holds_findings(text)
    assert parse_findings(text, "elements.md") == FILE


def test_the_lines_of_findings_are_known() -> None:
    lines = read_findings(TEXT, "elements.md").lines
    assert lines["high-unobtainium"] == line_of("## high")
    assert lines["low-unobtainium"] == line_of("## low")


def test_only_front_matter_says_that_a_file_holds_findings() -> None:
    assert holds_findings(TEXT)
    assert holds_findings(TEXT.replace("kind: findings", 'kind: "findings" # not a case'))
    assert not holds_findings(TEXT.replace("kind: findings", "kind: case"))
    assert not holds_findings(STEMI.read_text(encoding="utf-8") + "\nkind: findings\n")
    assert not holds_findings("kind: findings\n")


def test_one_finding_is_told_in_order() -> None:
    assert HIGH.told == (
        "Unobtainium is above four. The pump may stop. Think first of kidney failure. Then of a drug and a bad sample. "
        "Record an ECG. Stop the drug."
    )
    assert LOW.causes_told == "Think of hunger."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("**What it means:** The pump may stop.\n", "", "Finding “high-unobtainium” has no “**What it means:**”."),
        ("**Next:** Give food.\n", "", "Finding “low-unobtainium” has no “**Next:**”."),
        ("High unobtainium\n\n", "", "Finding “high-unobtainium” has no name under its heading."),
        ("- hunger\n", "", "Finding “low-unobtainium” has no “**Causes:**”."),
        ("## low-unobtainium", "## high-unobtainium", "The id “high-unobtainium” is used twice in this file."),
        ("## low-unobtainium", "## Low unobtainium", "“Low unobtainium” cannot be a finding's id"),
        ("**Causes:**\n\n- hunger", "**Causes:** hunger\n\n- hunger", "must be a list, one cause a line"),
    ],
)
def test_what_is_wrong_with_a_finding_is_told_at_its_heading(old: str, new: str, said: str) -> None:
    id = "## high" if "high" in said and "twice" not in said else "## low"
    found = problems(old, new)
    assert len(found) == 1
    assert found[0].startswith(f"elements.md:{line_of(id)}: ") and said in found[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("area: chemistry\n", "", "elements.md:1: The front matter has no “area”."),
        ("area: chemistry", "aera: chemistry\narea: x", "elements.md:4: Unknown field “aera”. Did you mean “area”?"),
        ("kind: findings", "kind: fidnings", "elements.md:5: “kind” must be “case” or “findings”."),
        ("**Next:** Give food.", "**Next:** Give.\n\n- food", "Only plain paragraphs can be read aloud"),
        ("**Next:** Give food.", "**Next:** Give.\n\n**Next:** food", "has “Next” twice"),
        ("For those who", "- For those who", "Before the first finding stands only plain text"),
    ],
)
def test_other_problems_are_told_at_their_line(old: str, new: str, said: str) -> None:
    assert any(said in problem for problem in problems(old, new))


def test_a_file_without_findings_or_front_matter_is_told() -> None:
    front = TEXT[: TEXT.index("For those")]
    assert "There is no finding" in str(read_findings(front, "x.md").problems[0])
    assert "must begin with front matter" in str(read_findings("nothing", "x.md").problems[0])
    assert "must begin with front matter" in str(read_findings("", "x.md").problems[0])


def test_an_error_tells_the_first_problem_and_how_to_see_the_rest() -> None:
    with pytest.raises(DeckError) as error:
        parse_findings(TEXT.replace("**Next:**", "**Then:**"), "elements.md")
    assert error.value.message.startswith("elements.md:")
    assert "companion decks check elements.md" in error.value.hint


def test_the_example_that_authors_are_shown_can_be_read() -> None:
    manual = (shipped("decks") / "FORMAT.md").read_text(encoding="utf-8")
    example = manual.split("## A whole finding\n\n```markdown\n")[1].split("```")[0]
    (finding,) = parse_findings(example, "chest-film.md").findings
    assert finding.id == "pleural-effusion" and len(finding.also_said) >= 5
    assert [str(problem) for problem in check_findings({"chest-film.md": example})] == []
