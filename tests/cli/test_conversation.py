"""Sound that is missing or lost, and engines that fail, in a whole conversation with fake engines."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from companion.cli import main
from companion.cli.keyboard import Keyboard
from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import DeviceError, EngineError
from companion.engines.wav import read_clip, write_wav
from companion.engines.wav_devices import WavMicrophone
from companion.home import Home
from companion.store.history import History
from companion.store.records import Session, Status
from tests.e2e.spoken_case import write_deck
from tests.fakes.recognizer import ScriptedRecognizer
from tests.fakes.sound import FakeClock, FakeDetector, FakeMicrophone, FakeSpeaker
from tests.fakes.voice import HummingVoice
from tests.session.stage import speech
from tests.session.test_startup import Fakes
from tests.session.test_startup import fakes as fakes
from tests.session.test_startup import off_apple_silicon as off_apple_silicon

ANSWER = "There is no blood supply."
QUIZ = ("quiz", "short", "--json")
TURN = ["asked", "heard", "graded", "reply", "turn_finished"]


class Stage:
    """A home with one case, fake engines, and sound that a test chooses."""

    def __init__(
        self, home: Home, fakes: Fakes, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.home = home
        self.fakes = fakes
        self._patch = patch
        self._capture = capture
        fakes["recognizer"] = lambda *_, **__: ScriptedRecognizer(ANSWER)
        fakes["detector"] = FakeDetector
        write_deck(home)
        patch.setenv("COMPANION_LANGUAGE_MODEL", "none")

    def sound(self, *, microphone: bool = True, speaker: bool = True) -> None:
        """Which devices there are."""
        there = {"input": microphone, "output": speaker}

        def find(kind: str, wanted: str = "") -> None:
            if not there[kind]:
                noun = {"input": "microphone", "output": "speaker"}[kind]
                raise DeviceError(f"There is no {noun} on this machine.", hint="Plug one in.")

        self._patch.setattr("companion.cli.conversation.find_device", find)
        self._patch.setattr("companion.cli.conversation.PortAudioSpeaker", lambda device: FakeSpeaker(FakeClock()))

    def microphone(self, made: Any) -> None:
        self._patch.setattr("companion.cli.conversation.PortAudioMicrophone", lambda device: made)

    def typed(self, text: str) -> None:
        """What comes on standard input."""
        reads, writes = os.pipe()
        os.write(writes, text.encode())
        os.close(writes)
        self._patch.setattr("companion.cli.conversation.Keyboard", lambda: Keyboard(reads))

    def run(self, *arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        told = self._capture.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, [json.loads(line) for line in told.out.splitlines()], told.err

    def session(self) -> Session:
        history = History(self.home)
        try:
            return history.session(1)
        finally:
            history.close()


@pytest.fixture
def stage(
    home: Home, fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Stage]:
    made = Stage(home, fakes, monkeypatch, capsys)
    made.sound()
    made.typed("")
    yield made


@pytest.fixture
def spoken(tmp_path: Path) -> Callable[..., list[str]]:
    """``--answer-audio`` for so many answers."""

    def files(count: int = 1, seconds: float = 2.0) -> list[str]:
        arguments = []
        for number in range(count):
            path = tmp_path / f"answer-{number}.wav"
            write_wav(path, Clip.join([Clip.silence(0.5), speech(seconds), Clip.silence(0.5)]))
            arguments += ["--answer-audio", str(path)]
        return [*arguments, "--pace", "fast"]

    return files


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events if event["event"] not in ("notice", "your_turn", "first_audio")]


def notices(events: list[dict[str, Any]]) -> list[str]:
    return [event["message"] for event in events if event["event"] == "notice"]


def test_without_a_microphone_answers_are_typed_and_the_rest_is_spoken(stage: Stage) -> None:
    stage.sound(microphone=False)
    stage.typed(ANSWER + "\n")
    status, events, _ = stage.run(*QUIZ)
    assert status == 0
    assert notices(events) == ["The tutor cannot hear, so answers are typed. There is no microphone on this machine."]
    assert names(events) == [*TURN, "session_finished"]
    assert "first_audio" in [event["event"] for event in events]


def test_without_a_speaker_the_tutor_writes(stage: Stage, spoken: Callable[..., list[str]]) -> None:
    stage.sound(speaker=False)
    status, events, _ = stage.run(*QUIZ, *spoken())
    assert status == 0
    assert notices(events) == ["The tutor cannot be heard: There is no speaker on this machine."]
    assert names(events) == [*TURN, "session_finished"]


def test_a_microphone_that_is_lost_before_a_word_is_told_once_and_the_same_question_is_typed(stage: Stage) -> None:
    stage.microphone(FakeMicrophone(Clip.silence(9.0), FakeClock(), unplugged_at_s=1.0))
    stage.typed(ANSWER + "\n")
    status, events, _ = stage.run(*QUIZ)
    assert status == 0
    assert notices(events) == ["The tutor cannot hear any more, so answers are typed. The microphone went away."]
    assert names(events) == [*TURN, "session_finished"]
    assert stage.session().turns[0].heard == ANSWER


def test_a_microphone_unplugged_in_an_answer_keeps_what_was_heard(stage: Stage) -> None:
    clip = Clip.join([Clip.silence(0.5), speech(9.0)])
    stage.microphone(FakeMicrophone(clip, FakeClock(), unplugged_at_s=3.0))
    status, events, _ = stage.run(*QUIZ)
    assert status == 0
    assert "What was heard till then counts." in notices(events)[0]
    assert stage.session().turns[0].heard == ANSWER


def test_files_that_nobody_can_hear_are_an_error(stage: Stage, spoken: Callable[..., list[str]]) -> None:
    class Deaf(ScriptedRecognizer):
        def load(self) -> None:
            raise EngineError("whisper.cpp cannot be imported.", hint="Run: make install")

    stage.fakes["recognizer"] = lambda *_, **__: Deaf(ANSWER)
    status, events, err = stage.run(*QUIZ, *spoken())
    assert status == 2
    assert "whisper.cpp cannot be imported." in err
    assert "answers are typed" not in err
    assert names(events) == []


def test_each_file_answers_one_question_and_no_more_are_asked(
    stage: Stage, spoken: Callable[..., list[str]], tmp_path: Path
) -> None:
    arguments = ["quiz", "cardiology", "--json", *spoken(2), "--speech-dir", str(tmp_path / "out")]
    status, events, _ = stage.run(*arguments)
    assert status == 0
    assert names(events) == [*TURN, *TURN, "session_finished"]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.wav")) == ["reply-001.wav", "reply-002.wav"]
    assert len(list((tmp_path / "out" / "questions").glob("*.wav"))) == 2


def test_a_limit_holds_for_files_too(stage: Stage, spoken: Callable[..., list[str]]) -> None:
    _, events, _ = stage.run("quiz", "cardiology", "--json", "--voice", "none", *spoken(3), "--limit", "2")
    assert names(events) == [*TURN, *TURN, "session_finished"]


def test_a_recognizer_that_raises_fails_its_turn_and_the_next_question_goes_on(
    stage: Stage, spoken: Callable[..., list[str]]
) -> None:
    stage.fakes["recognizer"] = lambda *_, **__: ScriptedRecognizer(EngineError("whisper.cpp failed."), ANSWER)
    status, events, _ = stage.run("quiz", "cardiology", "--json", "--voice", "none", *spoken(2))
    assert status == 0
    assert names(events) == ["asked", "turn_failed", *TURN, "session_finished"]
    failed, good = stage.session().turns
    assert (failed.status, failed.failed_stage, failed.failure) == (Status.FAILED, "listen", "whisper.cpp failed.")
    assert good.status == Status.FINISHED


def test_a_voice_that_raises_in_files_is_told_once(
    stage: Stage, spoken: Callable[..., list[str]], tmp_path: Path
) -> None:
    stage.fakes["voice"] = lambda *_, **__: HummingVoice(EngineError("espeak failed."), fails_at=1)
    status, events, _ = stage.run("quiz", "cardiology", "--json", *spoken(2), "--speech-dir", tmp_path / "out")
    assert status == 0
    assert notices(events) == ["The tutor cannot be heard any more: espeak failed. It goes on as text."]
    assert names(events) == [*TURN, *TURN, "session_finished"]


def test_speech_that_cannot_be_written_is_told_once_and_the_quiz_goes_on(
    stage: Stage, spoken: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "questions").write_text("a file where the folder should be")
    status, events, _ = stage.run("quiz", "cardiology", "--json", *spoken(2), "--speech-dir", tmp_path / "out")
    assert status == 0
    (notice,) = notices(events)
    assert "questions" in notice
    assert names(events) == [*TURN, *TURN, "session_finished"]


def test_recordings_are_kept_with_their_turns_when_asked_for(
    stage: Stage, spoken: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_KEEP_RECORDINGS", "yes")
    status, _, _ = stage.run(*QUIZ, "--voice", "none", *spoken())
    assert status == 0
    (turn,) = stage.session().turns
    assert turn.recording is not None
    clip = read_clip(stage.home.recordings / turn.recording)
    assert clip.seconds == pytest.approx(2.5, abs=0.3)
    assert clip.rate == SPEECH_RATE


def test_recordings_are_kept_for_spoken_questions_too(
    stage: Stage, spoken: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_KEEP_RECORDINGS", "yes")
    path = spoken()[1]
    status, events, _ = stage.run("explain", "--ask-audio", path, "--voice", "none", "--json")
    assert status == 0
    assert names(events) == ["heard", "reply", "turn_finished", "session_finished"]
    (turn,) = stage.session().turns
    assert turn.heard == ANSWER
    assert turn.recording is not None


def test_a_recording_that_cannot_be_kept_loses_no_answer(
    stage: Stage, spoken: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANION_KEEP_RECORDINGS", "yes")
    stage.home.recordings.write_text("a file where the folder should be")
    status, events, _ = stage.run(*QUIZ, "--voice", "none", *spoken())
    assert status == 0
    (notice,) = notices(events)
    assert notice.startswith("Your answers are heard, but not recorded.")
    assert names(events) == [*TURN, "session_finished"]


def test_nothing_is_recorded_unasked(stage: Stage, spoken: Callable[..., list[str]]) -> None:
    stage.run(*QUIZ, "--voice", "none", *spoken())
    assert not stage.home.recordings.exists()


def test_enter_pressed_while_the_question_is_read_ends_no_answer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    stage.typed("\n\n")
    monkeypatch.setenv("COMPANION_PAUSE_S", "0.3")
    # In real time, since the key is.
    stage.microphone(WavMicrophone(Clip.join([Clip.silence(0.3), speech(0.8), Clip.silence(1.0)]), pace="realtime"))
    # Time enough for the keyboard's thread to have read the early Enter.
    slow = HummingVoice()
    slow.before_chunk = lambda: time.sleep(0.01)
    stage.fakes["voice"] = lambda *_, **__: slow
    status, events, _ = stage.run(*QUIZ)
    assert status == 0
    assert next(event for event in events if event["event"] == "heard")["text"] == ANSWER


def test_a_bug_in_an_engine_still_keeps_what_happened(stage: Stage, spoken: Callable[..., list[str]]) -> None:
    class Buggy(ScriptedRecognizer):
        def transcribe(self, *arguments: Any, **options: Any) -> Any:
            raise ZeroDivisionError("a bug")

    stage.fakes["recognizer"] = lambda *_, **__: Buggy(ANSWER)
    with pytest.raises(ZeroDivisionError):
        main([*QUIZ, "--voice", "none", *spoken()])
    (turn,) = stage.session().turns
    assert turn.status == Status.INTERRUPTED
    assert turn.asked
