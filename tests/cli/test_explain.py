"""``companion explain`` in text."""

from __future__ import annotations

from pathlib import Path

from companion.home import Home
from companion.session.explain import NOTHING
from companion.store.history import History
from tests.cli.program import companion

TURN = ["heard", "reply", "turn_finished"]


def test_a_topic_and_further_questions_are_answered_in_order() -> None:
    ran = companion("explain", "a widened mediastinum", "--ask", "why avoid nitrates?", "--text", "--json")
    assert ran.status == 0
    assert ran.names == [*TURN, *TURN, "session_finished"]
    replies = [event["text"] for event in ran.events if event["event"] == "reply"]
    assert replies[0].startswith("Widened mediastinum.")
    assert "Nitrates must be avoided." in replies[1]
    assert ran.events[-1]["score"] is None


def test_time_begins_with_each_question() -> None:
    ran = companion("explain", "a widened mediastinum", "--ask", "why avoid nitrates?", "--text", "--json")
    assert [event["t"] for event in ran.events if event["event"] == "heard"] == [0.0, 0.0]


def test_further_questions_can_be_typed() -> None:
    ran = companion("explain", "aortic dissection", "--text", "--json", typed="why avoid nitrates?\n")
    assert ran.status == 0
    assert ran.names == [*TURN, *TURN, "session_finished"]


def test_what_no_deck_holds_is_not_guessed() -> None:
    ran = companion("explain", "--ask", "how do I dose amiodarone in torsades", "--json")
    assert ran.event("reply")["text"] == NOTHING


def test_it_is_kept_in_the_history(home: Home) -> None:
    companion("explain", "aortic dissection", "--ask", "why avoid nitrates?", "--text")
    history = History(home)
    session = history.session(1)
    history.close()
    assert session.summary.kind == "explain"
    assert [turn.heard for turn in session.turns] == ["aortic dissection", "why avoid nitrates?"]


def test_an_unknown_case_offers_the_nearest() -> None:
    ran = companion("explain", "--case", "inferior-stem", "--ask", "why?")
    assert ran.status == 2
    assert "Did you mean “inferior-stemi”?" in ran.told


def test_a_spoken_question_that_is_not_there_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    ran = companion("explain", "--ask-audio", tmp_path / "ask.wav")
    assert ran.status == 2
    assert "There is no file" in ran.told
    assert ran.out == ""
