"""A case written as Markdown is read whole, and what is wrong with it is named with its line."""

from __future__ import annotations

import pytest

from companion.core.case import Case
from companion.core.deck_format import parse_case, read_case
from companion.core.errors import DeckError

WHOLE = """\
---
id: inferior-stemi
title: A shopkeeper
specialty: cardiology
level: foundation
findings:
  - ST elevation in II, III and aVF
sources:
  - title: ESC Guidelines
    year: 2023
author: A. Writer
reviewed_by:
licence: Apache-2.0
---

Maria is 58. She has
had an ache.

## territory

Which wall is that?

- **inferior-wall** (weight 2, critical): The change is in the *inferior* wall.
  - accept: inferior wall; inferior territory;
    bottom of the heart
  - contradict: anterior wall
- **other**: Another point.
  - accept: one; two; three

**Hint:** Think.

**Explanation:** They look
from below.

And there is more.

**References:**

- ESC 2023, section 3
"""


def case(text: str = WHOLE) -> Case:
    return parse_case(text, "deck/inferior-stemi.md")


def problem(text: str) -> str:
    with pytest.raises(DeckError) as error:
        case(text)
    return error.value.message


def test_front_matter_vignette_and_questions_are_read() -> None:
    read = case()
    assert (read.id, read.title, read.specialty, read.level) == (
        "inferior-stemi",
        "A shopkeeper",
        "cardiology",
        "foundation",
    )
    assert read.findings == ("ST elevation in II, III and aVF",)
    assert [(source.title, source.year) for source in read.sources] == [("ESC Guidelines", 2023)]
    assert read.vignette == "Maria is 58. She has had an ache."
    (question,) = read.questions
    assert question.id == "territory"
    assert question.prompt == "Which wall is that?"
    assert question.hint == "Think."
    assert question.explanation == "They look from below.\n\nAnd there is more."
    assert question.references == ("ESC 2023, section 3",)


def test_a_key_point_has_its_id_statement_wordings_weight_and_danger() -> None:
    first, second = case().questions[0].key_points
    assert first.id == "inferior-wall"
    assert first.statement == "The change is in the *inferior* wall."
    assert first.accepted == ("inferior wall", "inferior territory", "bottom of the heart")
    assert first.contradicted == ("anterior wall",)
    assert (first.weight, first.critical) == (2.0, True)
    assert (second.weight, second.critical, second.contradicted) == (1.0, False, ())


def test_an_empty_reviewer_is_nobody_and_a_name_is_kept() -> None:
    assert case().reviewed_by is None
    assert case(WHOLE.replace("reviewed_by:", "reviewed_by: Dr A. Reader")).reviewed_by == "Dr A. Reader"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    assert case("\ufeff" + WHOLE.replace("\n", "\r\n")) == case()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: A shopkeeper\n", "", ":1: The front matter has no “title”."),
        (
            "specialty: cardiology",
            "speciality: cardiology",
            ":4: Unknown field “speciality”. Did you mean “specialty”?",
        ),
        ("year: 2023", "year: recently", ":8: “sources” must be a list, each with a “title” and a “year” in figures."),
        ("author: A. Writer", "author: [a, b]", ":11: “author” must be words."),
        ("id: inferior-stemi", "id: Inferior STEMI", ":2: “Inferior STEMI” cannot be an id"),
        ("findings:\n  - ST", "findings: 5\n#  - ST", ":6: “findings” must be a list of words"),
        ("level: foundation", "level: [", "The front matter is not valid YAML"),
        ("reviewed_by:", "reviewed_by: 7", ":12: “reviewed_by” must be a name, or empty."),
        ("## territory", "## The Territory", ":19: “The Territory” cannot be a question's id"),
        ("Which wall is that?\n", "", ":19: Question “territory” has no prompt."),
        ("**Hint:** Think.\n", "", ":19: Question “territory” has no hint."),
        ("**Explanation:** They look\nfrom below.\n\nAnd there is more.\n", "", "has no explanation."),
        ("- **other**: Another", "- other: Another", ":27: A key point looks like"),
        ("- **other**: Another", "- **inferior-wall**: Another", ":27: The id “inferior-wall” is used twice"),
        ("- **other**: Another", "- **territory**: Another", ":27: The id “territory” is used twice"),
        ("  - accept: one; two; three\n", "", ":27: Key point “other” has no accepted wordings"),
        ("  - contradict: anterior wall", "  - wrong: anterior wall", ":26: Under a key point stands"),
        ("(weight 2, critical)", "(weight heavy)", ":23: “weight heavy” is not “critical” or “weight”"),
        ("(weight 2, critical)", "(weight -1)", "“weight -1” is not"),
        ("(weight 2, critical)", "(weight nan)", "“weight nan” is not"),
        ("Maria is 58. She has\nhad an ache.\n", "", "There is no vignette"),
        ("had an ache.", "had an ache.\n\n- a list", ":19: Only plain paragraphs can be read aloud as the vignette."),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert old in WHOLE
    problems = read_case(WHOLE.replace(old, new), "deck/inferior-stemi.md").problems
    assert any(message in str(problem) for problem in problems)
    assert problem(WHOLE.replace(old, new)) == str(problems[0])
    assert str(problems[0]).startswith("deck/inferior-stemi.md:")


def test_all_problems_of_a_file_are_found_in_the_order_of_their_lines() -> None:
    draft = read_case(WHOLE.replace("title: A shopkeeper\n", "").replace("**Hint:** Think.\n", ""), "a.md")
    assert draft.case is None
    assert [problem.line for problem in draft.problems] == [1, 18]


def test_the_error_of_a_case_tells_how_many_more_there_are() -> None:
    with pytest.raises(DeckError) as error:
        case(WHOLE.replace("title: A shopkeeper\n", "").replace("**Hint:** Think.\n", ""))
    assert "There is 1 more in this file." in error.value.hint


def test_lines_of_vignette_questions_and_points_are_known() -> None:
    assert dict(read_case(WHOLE, "a.md").lines) == {
        "": 1,
        "vignette": 16,
        "territory": 19,
        "territory/inferior-wall": 23,
        "territory/other": 27,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no front matter",
        "---\n---\n",
        "---\n- a list\n---\n",
        "---\nid: " + "[" * 5000 + "\n---\n",
        "---\nid: \x00\n---\n",
    ],
)
def test_what_is_no_case_at_all_is_an_error_in_words(text: str) -> None:
    assert problem(text).startswith("deck/inferior-stemi.md:")
