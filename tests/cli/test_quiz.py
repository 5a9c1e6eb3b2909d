"""``companion quiz`` with typed answers: for people and for scripts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from companion.home import Home
from companion.store.history import History
from companion.store.records import Status
from tests.cli.program import COMPANION, companion

CASE = ("quiz", "cardiology", "--case", "inferior-stemi", "--text")
TURN = ["asked", "heard", "graded", "reply", "turn_finished"]


def test_every_event_for_scripts_has_its_name_time_and_fields() -> None:
    ran = companion(*CASE, "--limit", "2", "--json", typed="Inferior wall, the right coronary artery\nIt is a STEMI\n")
    assert ran.status == 0
    assert ran.names == [*TURN, *TURN, "session_finished"]
    for event in ran.events:
        assert isinstance(event["t"], int | float)
        assert event["t"] >= 0
    asked, heard, graded = ran.event("asked"), ran.event("heard"), ran.event("graded")
    assert asked.keys() == {"event", "t", "case", "question", "text"}
    assert (asked["case"], asked["question"]) == ("inferior-stemi", "territory")
    assert asked["text"].startswith("Maria Okafor")
    assert heard.keys() == {"event", "t", "text", "raw", "audio_s", "compute_s"}
    assert heard["text"] == "Inferior wall, the right coronary artery"
    assert graded.keys() == {"event", "t", "points", "score"}
    assert [point.keys() for point in graded["points"]] == [{"id", "verdict", "evidence"}] * 3
    assert {point["id"]: point["verdict"] for point in graded["points"]} == {
        "inferior-wall": "hit",
        "reciprocal-change": "missed",
        "right-coronary": "hit",
    }
    assert 0 < graded["score"] < 1
    assert {"text"} <= ran.event("reply").keys()
    finished = ran.event("turn_finished")
    assert list(finished["latency"]) == [
        *["endpoint_s", "transcribe_s", "grade_s", "first_token_s", "first_clause_s", "first_audio_s"]
    ]
    assert finished["first_audio_latency_s"] is None, "nothing was spoken"
    assert ran.events[-1].keys() == {"event", "t", "session", "score"}
    assert ran.events[-1]["session"] == 1
    assert [event["t"] for event in ran.events if event["event"] == "asked"] == [0.0, 0.0], "time begins anew"
    order = [event["event"] for event in ran.events if event["event"] != "notice"]
    assert order[:3] == ["asked", "your_turn", "heard"], "a script is told when it may answer"
    assert ran.event("your_turn")["by"] == "keyboard"


def test_people_read_the_case_the_marks_and_the_reply() -> None:
    ran = companion(*CASE, "--limit", "1", typed="Inferior wall, the right coronary artery\n")
    assert ran.status == 0
    places = [
        ran.out.index(text)
        for text in (
            "Education only.",
            "not reviewed by a clinician",
            "Maria Okafor",
            "Your answer>",
            "Heard: Inferior wall",
            "✓ hit",
            "The changes are in the inferior wall.",
            "· missed",
            "Leads two, three and A V F look at the heart from below",
            "It is kept as session 1: companion history show 1",
        )
    ]
    assert places == sorted(places)
    assert "\x1b" not in ran.out, "no colours in a pipe"


def test_what_was_typed_is_in_the_history(home: Home) -> None:
    companion(*CASE, "--limit", "1", "--json", typed="Inferior wall\n")
    history = History(home)
    session = history.session(1)
    history.close()
    assert (session.summary.kind, session.summary.deck) == ("quiz", "cardiology")
    (turn,) = session.turns
    assert (turn.status, turn.heard) == (Status.FINISHED, "Inferior wall")
    assert turn.said == turn.reply


@pytest.mark.parametrize("typed", ["", "one answer\n", "one answer without a line's end"])
def test_it_ends_with_its_input_and_keeps_what_was_answered(home: Home, typed: str) -> None:
    ran = companion(*CASE, "--json", typed=typed)
    assert ran.status == 0
    assert ran.names == [*(TURN if typed else []), "asked", "session_finished"]
    history = History(home)
    assert history.session(1).turns[-1].status == Status.INTERRUPTED
    history.close()


def test_without_a_standard_input_it_ends_as_at_the_end_of_one() -> None:
    ran = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMPANION, *CASE, "--json"], capture_output=True, text=True, timeout=30
    )
    assert ran.returncode == 0, ran.stderr
    assert '"session_finished"' in ran.stdout


def test_an_empty_line_is_no_answer() -> None:
    ran = companion(*CASE, "--limit", "1", "--json", typed="\n")
    assert ran.event("reply")["text"].startswith("I did not hear an answer.")
    assert ran.event("graded")["score"] == 0


def test_windows_line_ends_and_bytes_that_are_no_text_do_no_harm() -> None:
    ran = subprocess.run(
        [*COMPANION, *CASE, "--limit", "2", "--json"],
        input=b"right coronary\r\n\xff\xfe inferior wall\n",
        capture_output=True,
        timeout=30,
    )
    assert ran.returncode == 0
    assert b'"text": "right coronary"' in ran.stdout
    assert "\ufffd inferior wall".encode() in ran.stdout


def test_without_any_model_each_loss_is_told_and_the_quiz_goes_on_in_text() -> None:
    ran = companion("quiz", "cardiology", "--limit", "1", "--json", typed="Inferior wall\n")
    assert ran.status == 0
    assert ran.names == [*TURN, "session_finished"]
    notices = [event for event in ran.events if event["event"] == "notice"]
    assert len(notices) == 3
    assert all("companion models pull" in notice["hint"] for notice in notices)


def test_without_a_command_it_is_a_quiz() -> None:
    ran = companion(typed="")
    assert ran.status == 0
    assert "Your answer>" in ran.out


@pytest.mark.parametrize("json", [["--json"], []])
def test_a_reader_that_goes_away_ends_it_quietly(json: list[str]) -> None:
    run = subprocess.Popen(
        [*COMPANION, *CASE, *json], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdin is not None and run.stdout is not None and run.stderr is not None
    run.stdout.readline()
    run.stdout.close()
    run.stdin.write(b"a\nb\nc\n")
    run.stdin.flush()
    assert run.wait(30) == 1
    run.stdin.close()
    assert run.stderr.read() == b""
    run.stderr.close()


def test_signs_a_terminal_lacks_do_not_stop_it() -> None:
    ran = companion(*CASE, "--limit", "1", typed="inferior wall\n", variables={"PYTHONIOENCODING": "ascii"})
    assert ran.status == 0
    assert "? hit" in ran.out


def test_a_full_disk_behind_its_output_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMPANION, *CASE, "--json"], input="a\n", stdout=full, stderr=subprocess.PIPE, text=True, timeout=30
        )
    assert ran.returncode == 2
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


def test_a_limit_below_one_is_refused() -> None:
    ran = companion(*CASE, "--limit", "0")
    assert ran.status == 2
    assert "--limit" in ran.err


def test_a_case_of_another_deck_is_told_where_it_is() -> None:
    ran = companion("quiz", "cardiology", "--case", "pulmonary-embolism", "--text")
    assert ran.status == 2
    assert "It is in “respiratory”." in ran.told


def test_typed_and_spoken_answers_exclude_each_other(tmp_path: Path) -> None:
    ran = companion(*CASE, "--answer-audio", tmp_path / "a.wav")
    assert ran.status == 2
    assert "Leave out --text or --answer-audio." in ran.told


def test_a_voice_that_was_typed_must_exist() -> None:
    ran = companion("quiz", "cardiology", "--voice", "af_hart")
    assert ran.status == 2
    assert "Did you mean “af_heart”?" in ran.told
    assert ran.out == ""
