"""What is asked on, without naming the finding again."""

from __future__ import annotations

import pytest

from companion.core.follow_up import part_asked, part_told
from tests.core.findings import HIGH, LOW


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("What causes it?", "causes"),
        ("why?", "causes"),
        ("and the differential", "causes"),
        ("What should I do next?", "next"),
        ("how do you treat that", "next"),
        ("What does it mean?", "means"),
        ("How would I recognise it?", "what"),
        ("say that again", "again"),
        ("please repeat", "again"),
        ("What's the evidence?", "evidence"),
    ],
)
def test_a_part_is_asked_for(request_: str, part: str) -> None:
    assert part_asked(request_) == part


@pytest.mark.parametrize(
    "request_", ["", "?", "What causes a high potassium?", "why avoid nitrates", "and pericarditis?"]
)
def test_a_request_that_names_something_is_not_about_what_was_said_before(request_: str) -> None:
    assert part_asked(request_) is None


def test_each_part_is_told() -> None:
    assert part_told(HIGH, "causes") == "Think first of kidney failure. Then of a drug and a bad sample."
    assert part_told(HIGH, "next") == HIGH.next
    assert part_told(HIGH, "means") == HIGH.means
    assert part_told(HIGH, "what") == HIGH.what
    assert part_told(HIGH, "evidence") == "This is from The Guideline 2020, on high things."
    assert part_told(LOW, "evidence") == "No reference is given for this finding."
    assert part_told(HIGH, "again") == f"High unobtainium. {HIGH.told}"
