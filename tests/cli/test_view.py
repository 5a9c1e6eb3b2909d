"""What a conversation looks like to a person and to a script."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.cli.view import JsonView, TextView, View
from companion.core.case import KeyPoint
from companion.core.clip import Clip
from companion.core.events import (
    Asked,
    AudioChunk,
    Event,
    FirstAudio,
    Graded,
    Heard,
    Notice,
    Reply,
    ReplyDelta,
    SessionFinished,
    TurnFailed,
    TurnFinished,
)
from companion.core.latency import Latency
from companion.core.mark import PointMark, Verdict
from companion.session.startup import Report
from tests.fakes.sound import FakeClock

POINTS = {name: KeyPoint(name, f"The statement of {name}.", (name,)) for name in ("one", "two", "three", "four")}
MARKED = Graded(
    (
        PointMark("one", Verdict.HIT, "said one"),
        PointMark("two", Verdict.PARTIAL, "half of two"),
        PointMark("three", Verdict.MISSED),
        PointMark("four", Verdict.CONTRADICTED, "not four"),
    ),
    0.375,
)
ASKED = Asked("case", "question", "How is she treated?")
TURN: tuple[Event, ...] = (
    ASKED,
    Heard("Give one.", "give won", 2.0, 0.3),
    MARKED,
    ReplyDelta("Right. "),
    AudioChunk(Clip.silence(0.1), "Right."),
    FirstAudio(0.9),
    ReplyDelta("And two. "),
    Reply("Right. And two.", "Right."),
    TurnFinished(Latency(endpoint_s=0.4), 0.93),
)


def show(view: View, *events: Event) -> None:
    for event in events:
        view.show(event)


@pytest.fixture
def text() -> TextView:
    return TextView(lambda case, question: POINTS if (case, question) == ("case", "question") else {})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_person_reads_question_answer_marks_reply_and_the_wait(
    text: TextView, capsys: pytest.CaptureFixture[str]
) -> None:
    show(text, *TURN, SessionFinished(3, 0.375))
    assert capsys.readouterr().out == (
        "\nHow is she treated?\n"
        "\nHeard: Give one.\n"
        "\n"
        "  ✓ hit          The statement of one.  “said one”\n"
        "  ~ partial      The statement of two.  “half of two”\n"
        "  · missed       The statement of three.\n"
        "  ✗ contradicted The statement of four.  “not four”\n"
        "  38%\n"
        "\nRight. And two. "
        "\n  (answered in 0.9 s)\n"
        "\nThat is the end of this session. Score 38%. It is kept as session 3: companion history show 3\n"
    )


def test_every_verdict_has_a_word_not_only_a_sign(text: TextView, capsys: pytest.CaptureFixture[str]) -> None:
    show(text, ASKED, MARKED)
    shown = capsys.readouterr().out
    assert all(verdict.value in shown for verdict in Verdict)


def test_silence_is_shown_as_nothing(text: TextView, capsys: pytest.CaptureFixture[str]) -> None:
    show(text, Heard("", "", 0.0, 0.0))
    assert capsys.readouterr().out == "\nHeard: (nothing)\n"


def test_losses_come_with_their_remedy(text: TextView, capsys: pytest.CaptureFixture[str]) -> None:
    text.started(Report("voice", None, Notice("The tutor has no voice.", "Fetch one.")))
    show(text, Notice("The disk is full."), TurnFailed("listen", "It broke.", "Mend it."))
    assert capsys.readouterr().out == (
        "! The tutor has no voice. Fetch one.\n! The disk is full.\n\nIt broke. Mend it.\n"
    )


def test_what_works_is_named(text: TextView, capsys: pytest.CaptureFixture[str]) -> None:
    text.started(Report("language_model", "gemma-3-270m"))
    text.started(Report("voice", None))
    assert capsys.readouterr().out == "  language model: gemma-3-270m\n"


def test_a_session_that_was_not_kept_or_not_marked_claims_neither(
    text: TextView, capsys: pytest.CaptureFixture[str]
) -> None:
    show(text, SessionFinished(0, None))
    assert capsys.readouterr().out == "\nThat is the end of this session.\n"


def test_a_second_reply_begins_on_a_line_of_its_own(text: TextView, capsys: pytest.CaptureFixture[str]) -> None:
    show(text, ReplyDelta("One. "), TurnFinished(Latency(), None), ReplyDelta("Two. "))
    assert capsys.readouterr().out == "\nOne. \n\nTwo. "


def test_scripts_get_one_object_a_line_and_nothing_of_sound(capsys: pytest.CaptureFixture[str]) -> None:
    show(JsonView(FakeClock()), *TURN, SessionFinished(3, 0.375))
    assert [line["event"] for line in lines(capsys)] == [
        *["asked", "heard", "graded", "first_audio", "reply", "turn_finished", "session_finished"]
    ]


def test_times_count_from_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    view = JsonView(clock)
    view.started(Report("voice", None, Notice("Lost.")))
    clock.sleep(5.0)
    for event in TURN[:3]:
        view.show(event)
        clock.sleep(1.5)
    view.listening()
    assert [(line["event"], line["t"]) for line in lines(capsys)] == [
        ("notice", 0.0),
        ("asked", 0.0),
        ("heard", 1.5),
        ("graded", 3.0),
        ("your_turn", 4.5),
    ]


def test_where_the_trainee_begins_times_count_from_what_was_heard(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    view = JsonView(clock)
    for event in (*TURN[1:2], *TURN[-2:]) * 2:
        clock.sleep(2.0)
        view.show(event)
    assert [line["t"] for line in lines(capsys)] == [0.0, 2.0, 4.0] * 2


def test_a_script_is_told_by_which_way_to_answer(capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonView(FakeClock())
    view.listening()
    view.typing()
    assert [(line["event"], line["by"]) for line in lines(capsys)] == [
        ("your_turn", "microphone"),
        ("your_turn", "keyboard"),
    ]


def test_medicine_is_not_escaped_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    JsonView().show(Reply("Nähe “β₂” ≥ 5 µg", ""))
    assert "“β₂” ≥ 5 µg" in capsys.readouterr().out
