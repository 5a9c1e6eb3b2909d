"""Recordings of any length: short ones heard whole, of long ones only the speech."""

from __future__ import annotations

import pytest

from companion.core.cancel import Cancellation
from companion.core.clip import Clip
from companion.session.dictation import stretches, written_down
from tests.fakes.recognizer import ScriptedRecognizer
from tests.fakes.sound import FakeDetector
from tests.session.stage import on_its_thread, speech


def said(*seconds: float) -> Clip:
    """Quiet and speech in turn, quiet first."""
    return Clip.join([speech(s) if i % 2 else Clip.silence(s) for i, s in enumerate(seconds)])


def test_a_short_clip_is_heard_whole_silence_and_all() -> None:
    clip = said(5.0, 2.0, 5.0, 2.0, 5.0)
    assert list(stretches(clip, FakeDetector())) == [clip]


def test_of_a_long_one_only_the_speech_is_heard() -> None:
    clip = said(40.0, 3.0, 60.0, 2.0, 1.0, 2.0, 40.0)
    first, second = stretches(clip, FakeDetector())
    assert first.seconds == pytest.approx(0.4 + 3.0 + 0.2, abs=0.1)
    assert second.seconds == pytest.approx(0.4 + 5.0 + 0.2, abs=0.1), "a short pause is not cut at"


def test_speech_to_the_very_end_is_heard() -> None:
    (only,) = stretches(said(40.0, 3.0), FakeDetector())
    assert only.seconds == pytest.approx(3.4, abs=0.1)


def test_long_silence_holds_nothing() -> None:
    assert list(stretches(Clip.silence(60.0), FakeDetector())) == []


def test_the_words_of_all_stretches_come_in_order_and_the_text_so_far_grows() -> None:
    recognizer = ScriptedRecognizer("Give aspirin.", "Call the lab.")
    partials: list[str] = []
    with on_its_thread(FakeDetector()) as detector, on_its_thread(recognizer) as ears:
        heard = written_down(
            said(20.0, 3.0, 20.0, 2.0, 20.0), detector, ears, prompt="A doctor answers.", on_partial=partials.append
        )
    assert heard.text == "Give aspirin. Call the lab."
    assert heard.audio_s == 65.0
    assert partials == [
        "Give",
        "Give aspirin.",
        "Give aspirin. Call",
        "Give aspirin. Call the",
        "Give aspirin. Call the lab.",
    ]
    assert recognizer.prompts == ["A doctor answers."] * 2


def test_cancelled_it_stops() -> None:
    cancellation = Cancellation()
    token = cancellation.token()
    cancellation.cancel()
    assert list(stretches(said(40.0, 3.0, 40.0), FakeDetector(), token)) == []
