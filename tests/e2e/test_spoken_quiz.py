"""The main job on real models: an answer is heard, marked and answered aloud."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from companion.core.clip import Clip
from companion.engines.wav import read_clip, write_wav
from companion.home import Home
from companion.store.history import History
from tests.e2e.spoken_case import ANSWER, heard_in, word_error, write_deck
from tests.virtual_sound import VirtualSound
from tests.voices import spoken_by_joe

pytestmark = [pytest.mark.models, pytest.mark.slow]

COMPANION = [sys.executable, "-m", "companion"]


def events_of(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def by_name(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {event["event"]: event for event in events}


def test_a_spoken_answer_in_a_file_is_marked_and_answered_in_a_file(model_home: Home, tmp_path: Path) -> None:
    write_deck(model_home)
    write_wav(tmp_path / "answer.wav", spoken_by_joe(ANSWER))
    run = subprocess.run(
        [
            *(*COMPANION, "quiz", "short", "--case", "cold-foot"),
            *("--answer-audio", "answer.wav", "--speech-dir", "out", "--json"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    events = events_of(run.stdout)
    assert all({"event", "t"} <= event.keys() for event in events)
    found = by_name(events)
    names = [event["event"] for event in events]
    assert [name for name in names if name not in ("notice", "your_turn")] == [
        "asked",
        "heard",
        "graded",
        "first_audio",
        "reply",
        "turn_finished",
        "session_finished",
    ]
    assert found["asked"]["case"] == "cold-foot"
    assert "blood supply" in found["heard"]["text"]
    assert found["heard"]["audio_s"] > 2
    verdicts = {point["id"]: point["verdict"] for point in found["graded"]["points"]}
    assert verdicts == {"ischaemia": "hit", "surgeon": "missed"}
    assert found["graded"]["score"] == 0.5
    latency = found["turn_finished"]["latency"]
    assert set(latency) == {
        "endpoint_s",
        "transcribe_s",
        "grade_s",
        "first_token_s",
        "first_clause_s",
        "first_audio_s",
    }
    parts = sum(latency[name] for name in latency if name != "first_token_s")
    assert parts == pytest.approx(found["turn_finished"]["first_audio_latency_s"], abs=0.01)
    assert latency["first_token_s"] is not None, "the language model took no part"
    assert found["session_finished"]["score"] == 0.5

    (reply,) = (tmp_path / "out").glob("*.wav")
    heard = heard_in(read_clip(reply), model_home.models)
    assert word_error(found["reply"]["text"], heard) < 0.25, heard

    session = History(model_home).session(found["session_finished"]["session"])
    (turn,) = session.turns
    assert turn.heard == found["heard"]["text"]
    assert turn.said == found["reply"]["said"]
    assert session.summary.language_model == "gemma-3-270m"


@pytest.mark.sound
def test_a_spoken_answer_through_a_real_sound_path(virtual_sound: VirtualSound, model_home: Home) -> None:
    write_deck(model_home)
    answer = spoken_by_joe(ANSWER)
    with virtual_sound.recording() as recording:
        quiz = subprocess.Popen(
            [*COMPANION, "quiz", "short", "--case", "cold-foot", "--json"],
            env=virtual_sound.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watchdog = threading.Timer(240, quiz.kill)
        watchdog.start()
        assert quiz.stdout is not None
        assert quiz.stderr is not None
        events: list[dict[str, Any]] = []
        replied_from = 0
        for line in quiz.stdout:
            event = json.loads(line)
            events.append(event)
            if event["event"] == "your_turn":
                assert event["by"] == "microphone"
                virtual_sound.speak(answer, wait=False)
            if event["event"] == "graded":
                replied_from = len(recording.so_far().samples)
        stderr = quiz.stderr.read()
        assert quiz.wait(timeout=20) == 0, stderr
        watchdog.cancel()
    found = by_name(events)
    assert "notice" not in found, found.get("notice")
    assert "blood supply" in found["heard"]["text"]
    assert found["graded"]["score"] == 0.5
    # The pause that ends an answer is part of the wait; the rest is ours.
    assert 0.5 < found["turn_finished"]["latency"]["endpoint_s"] < 3
    out = recording.clip
    reply = Clip(out.samples[replied_from:], out.rate)
    heard = heard_in(reply, model_home.models)
    assert word_error(found["reply"]["text"], heard) < 0.3, heard
