"""Bad input and faults, met by the program as a person would meet them: told in words, and nothing lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from companion.core.clip import SPEECH_RATE, Clip
from companion.engines.wav import write_wav
from companion.home import Home
from companion.store.history import History
from companion.store.records import Session, Status
from tests.cli.program import COMPANION, NO_DEVICES, NO_PORTAUDIO, companion, without
from tests.e2e.spoken_case import ANSWER, write_deck
from tests.session.test_startup import pretend_installed
from tests.virtual_sound import VirtualSound
from tests.voices import spoken_by_joe

TURN = ["asked", "heard", "graded", "reply", "turn_finished"]
EARS_ONLY = {"COMPANION_LANGUAGE_MODEL": "none", "COMPANION_VOICE": "none"}
NO_MIND = {"COMPANION_LANGUAGE_MODEL": "none"}
GONE_WITHIN_S = 3.0


def kept(home: Home) -> Session:
    history = History(home)
    try:
        return history.session(1)
    finally:
        history.close()


# Files that are no answers


def missing(path: Path) -> None:
    path.with_name("answers.wav").write_bytes(b"")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def without_a_sample(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.float32), SPEECH_RATE)


def text(path: Path) -> None:
    path.write_text("I would give aspirin.")


def folder(path: Path) -> None:
    path.mkdir()


def cut_header(path: Path) -> None:
    soundfile.write(path, np.zeros(100, np.float32), SPEECH_RATE)
    path.write_bytes(path.read_bytes()[:20])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (missing, "There is no file {path}. Did you mean “answers.wav”?"),
        (empty, "{path} is empty."),
        (without_a_sample, "{path} holds no sound: its length is zero."),
        (text, "{path} is not an audio file that can be read"),
        (folder, "{path} is a folder, not an audio file."),
        (cut_header, "{path} is not an audio file that can be read"),
    ],
)
def test_a_file_that_holds_no_answer_is_told_before_anything_else(
    home: Home, tmp_path: Path, make: Callable[[Path], None], told: str
) -> None:
    make(tmp_path / "answer.wav")
    ran = companion("quiz", "cardiology", "--answer-audio", "answer.wav", folder=tmp_path)
    assert ran.status == 2
    assert told.format(path="answer.wav") in ran.told
    assert ran.out == ""
    assert ran.err.count("╭") == 1, "one panel"
    assert not home.root.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    write_wav(path, Clip.silence(1.0))
    path.chmod(0)
    ran = companion("quiz", "--answer-audio", path)
    assert ran.status == 2
    assert "Permission denied" in ran.told


@pytest.mark.models
def test_silence_noise_and_ten_minutes_are_heard_for_what_they_are(model_home: Home, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 4 * SPEECH_RATE).astype(np.float32)
    speech = spoken_by_joe("This is an aortic dissection.")
    write_wav(tmp_path / "silence.wav", Clip.silence(4.0))
    write_wav(tmp_path / "noise.wav", Clip(noise))
    write_wav(tmp_path / "long.wav", Clip.join([speech, Clip.silence(590.0), speech]))
    files = [argument for name in ("silence", "noise", "long") for argument in ("--answer-audio", f"{name}.wav")]
    ran = companion(
        "quiz",
        "cardiology",
        "--case",
        "inferior-stemi",
        *files,
        "--pace",
        "fast",
        "--json",
        folder=tmp_path,
        variables=EARS_ONLY,
    )
    assert ran.status == 0, ran.err
    assert ran.names == [*TURN * 3, "session_finished"]
    heard = [event["text"] for event in ran.events if event["event"] == "heard"]
    assert heard[:2] == ["", ""]
    assert "dissection" in heard[2].lower()
    replies = [event["text"] for event in ran.events if event["event"] == "reply"]
    assert all(reply.startswith("I did not hear an answer.") for reply in replies[:2])
    notices = [event["message"] for event in ran.events if event["event"] == "notice"]
    assert notices == ["The microphone gives nothing at all.", "Only the first 180 seconds were heard."]
    scores = [event["score"] for event in ran.events if event["event"] == "graded"]
    assert scores[:2] == [0, 0]
    assert scores[2] > 0


# Names and settings that are not there


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["quiz", "cardiologie"], "There is no deck named “cardiologie”. Did you mean “cardiology”?"),
        (["quiz", "--case", "inferior-stem"], "There is no case named “inferior-stem”. Did you mean “inferior-stemi”?"),
        (["models", "pull", "kokoro-82"], "kokoro-82m"),
    ],
)
def test_a_name_that_is_not_there_offers_the_nearest(arguments: list[str], told: str) -> None:
    ran = companion(*arguments)
    assert ran.status == 2
    assert told in ran.told


def test_an_unknown_setting_is_refused_with_its_file_and_the_nearest(home: Home) -> None:
    home.root.mkdir()
    home.config.write_text("pause = 1.2\n")
    ran = companion("quiz", "cardiology", "--text")
    assert ran.status == 2
    assert f"{home.config} has an unknown setting, “pause”. Did you mean “pause_s”?" in ran.told


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = companion("quiz", "--text", variables={"COMPANION_HOME": str(tmp_path / "file")})
    assert ran.status == 2
    assert "Not a directory" in ran.told


# Models that are damaged, disks that are full, sound that is not there


def test_models_whose_checksums_are_wrong_are_told_and_the_exit_code_is_1(home: Home) -> None:
    pretend_installed(home, "recognizer")
    ran = companion("models", "verify")
    assert ran.status == 1
    assert "whisper-tiny.en" in ran.out + ran.err
    assert "checksum" in (ran.out + ran.err).lower()


def test_with_every_model_damaged_the_quiz_still_goes_on_in_text(home: Home) -> None:
    pretend_installed(home, "recognizer", "language_model", "voice")
    ran = companion("quiz", "cardiology", "--limit", "1", "--json", typed="The inferior wall.\n")
    assert ran.status == 0
    assert ran.names == [*TURN, "session_finished"]
    notices = [event for event in ran.events if event["event"] == "notice"]
    assert len(notices) == 3
    assert all(notice["hint"] for notice in notices)


def test_a_full_disk_is_told_once_and_the_session_goes_on(home: Home) -> None:
    def fill_the_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    ran = subprocess.run(
        [*COMPANION, "quiz", "cardiology", "--text", "--limit", "2", "--json"],
        input="The inferior wall.\nA heart attack.\n",
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=fill_the_disk,
        env={**os.environ, **NO_MIND},
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout.count('"event": "notice"') == 1
    assert "history" in ran.stdout
    assert ran.stdout.count('"event": "turn_finished"') == 2


@pytest.mark.models
@pytest.mark.parametrize(
    ("sound", "told"),
    [(NO_PORTAUDIO, "is not installed"), (NO_DEVICES, "There is no microphone on this machine.")],
    ids=["no PortAudio", "no devices"],
)
def test_without_sound_answers_are_typed_and_replies_are_read(
    model_home: Home, tmp_path: Path, sound: str, told: str
) -> None:
    ran = companion(
        *("quiz", "cardiology", "--limit", "1", "--json"),
        typed="The inferior wall.\n",
        variables={**without(sound, tmp_path / "sound"), **EARS_ONLY},
    )
    assert ran.status == 0
    assert ran.names == [*TURN, "session_finished"]
    (notice,) = [event for event in ran.events if event["event"] == "notice"]
    assert notice["message"].startswith("The tutor cannot hear, so answers are typed.")
    assert told in notice["message"]
    assert notice["hint"]


# Ctrl-C in every state


class Interrupted:
    """A run that gets Ctrl-C a moment after a line of its output."""

    def __init__(self, *arguments: str, after: str, moment_s: float, variables: dict[str, str] | None = None) -> None:
        run = subprocess.Popen(
            [*COMPANION, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(variables or {})},
        )
        assert run.stdout is not None and run.stderr is not None and run.stdin is not None
        complaints: list[str] = []
        listener = threading.Thread(target=lambda: complaints.extend(run.stderr or ()), daemon=True)
        listener.start()
        lines = []
        try:
            for line in run.stdout:
                lines.append(line)
                if after in line:
                    break
            else:
                pytest.fail(f"{after!r} never came: {lines} {complaints}")
            time.sleep(moment_s)
            assert run.poll() is None, "it ended by itself"
            began = time.monotonic()
            run.send_signal(signal.SIGINT)
            lines += run.stdout.readlines()
            self.status = run.wait(30)
            self.took_s = time.monotonic() - began
        finally:
            run.kill()
            run.wait()
            listener.join(10)
            for pipe in (run.stdin, run.stdout, run.stderr):
                pipe.close()
        self.out = "".join(lines)
        self.err = "".join(complaints)

    def check(self) -> None:
        """What holds of every Ctrl-C."""
        assert self.status == 130
        assert self.err.strip() == "Stopped."
        assert self.took_s < GONE_WITHIN_S


@pytest.fixture
def short_deck(model_home: Home) -> Home:
    write_deck(model_home)
    return model_home


def test_ctrl_c_while_an_answer_is_to_be_typed(home: Home) -> None:
    write_deck(home)
    run = Interrupted("quiz", "short", "--text", "--json", after='"your_turn"', moment_s=0.2)
    run.check()
    session = kept(home)
    assert session.summary.ended_at is not None
    (turn,) = session.turns
    assert (turn.status, turn.heard) == (Status.INTERRUPTED, None)


@pytest.mark.models
@pytest.mark.parametrize("moment_s", [0.2, 1.0])
def test_ctrl_c_while_the_engines_load(short_deck: Home, moment_s: float) -> None:
    run = Interrupted("quiz", "short", after="not reviewed by a clinician", moment_s=moment_s)
    run.check()
    assert not short_deck.database.exists(), "nothing happened yet"


@pytest.mark.models
def test_ctrl_c_while_the_question_is_spoken(short_deck: Home, tmp_path: Path) -> None:
    write_wav(tmp_path / "answer.wav", spoken_by_joe(ANSWER))
    run = Interrupted(
        *("quiz", "short", "--json", "--speech-dir", str(tmp_path / "out")),
        *("--answer-audio", str(tmp_path / "answer.wav")),
        after='"asked"',
        moment_s=0.3,
        variables=NO_MIND,
    )
    run.check()
    (turn,) = kept(short_deck).turns
    assert (turn.status, turn.heard) == (Status.INTERRUPTED, None)
    assert turn.asked.startswith("Tom is sixty.")


@pytest.mark.models
def test_ctrl_c_while_the_tutor_listens(short_deck: Home, tmp_path: Path) -> None:
    write_wav(tmp_path / "answer.wav", Clip.join([spoken_by_joe(ANSWER), Clip.silence(60.0)]))
    run = Interrupted(
        *("quiz", "short", "--json", "--answer-audio", str(tmp_path / "answer.wav"), "--pace", "realtime"),
        after='"your_turn"',
        moment_s=1.0,
        variables=EARS_ONLY,
    )
    run.check()
    (turn,) = kept(short_deck).turns
    assert (turn.status, turn.heard) == (Status.INTERRUPTED, None)


@pytest.mark.models
def test_ctrl_c_while_the_tutor_replies(short_deck: Home, tmp_path: Path) -> None:
    write_wav(tmp_path / "answer.wav", spoken_by_joe(ANSWER))
    run = Interrupted(
        *("quiz", "short", "--json", "--speech-dir", str(tmp_path / "out")),
        *("--answer-audio", str(tmp_path / "answer.wav"), "--pace", "fast"),
        after='"graded"',
        moment_s=0.3,
        variables=NO_MIND,
    )
    run.check()
    session = kept(short_deck)
    (turn,) = session.turns
    assert turn.status == Status.INTERRUPTED
    assert turn.heard
    assert "blood supply" in turn.heard
    assert turn.score == session.summary.score == 0.5
    assert [point.id for point in turn.points] == ["ischaemia", "surgeon"]


@pytest.mark.models
@pytest.mark.sound
@pytest.mark.parametrize(
    ("after", "moment_s", "variables"),
    [('"asked"', 3.0, NO_MIND), ('"your_turn"', 1.0, EARS_ONLY)],
    ids=["the question is played", "the microphone is open"],
)
def test_ctrl_c_while_real_devices_are_open(
    short_deck: Home, virtual_sound: VirtualSound, after: str, moment_s: float, variables: dict[str, str]
) -> None:
    run = Interrupted(
        *("quiz", "short", "--json"),
        after=after,
        moment_s=moment_s,
        variables={**virtual_sound.variables, **variables},
    )
    run.check()
    (turn,) = kept(short_deck).turns
    assert (turn.status, turn.heard) == (Status.INTERRUPTED, None)
