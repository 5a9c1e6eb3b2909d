"""How a spoken answer comes in: written down while it is still spoken, and never lost by halves."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from companion.core.cancel import Cancellation, Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import DeviceError, EngineError
from companion.engines.protocols import Block
from companion.session.ears import SpokenEar
from companion.session.turn import Answer, EndOfAnswers
from tests.fakes.recognizer import ScriptedRecognizer
from tests.fakes.sound import FakeClock, FakeDetector, FakeMicrophone
from tests.session.stage import on_its_thread, speech


def said(*stretches: float) -> Clip:
    """Seconds of quiet and of speech in turn, quiet first."""
    return Clip.join([speech(s) if i % 2 else Clip.silence(s) for i, s in enumerate(stretches)])


class WaitingMicrophone(FakeMicrophone):
    """Gives nothing past a moment until something else has happened, as real time would."""

    def __init__(self, clip: Clip, clock: FakeClock, at_s: float, happened: threading.Event) -> None:
        super().__init__(clip, clock, ends=False)
        self._at = at_s
        self._happened = happened

    def read(self, timeout: float) -> Block | None:
        if self._position / SPEECH_RATE > self._at:
            assert self._happened.wait(10), "it never happened"
        return super().read(timeout)


class Hearing:
    """An ear made of fakes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.threads = ExitStack()
        self.recorded: list[Clip] = []
        self.listening = 0

    def ear(
        self,
        microphone: FakeMicrophone | None,
        recognizer: ScriptedRecognizer,
        *,
        hands_free: bool = True,
        max_answer_s: float = 30.0,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> SpokenEar:
        def listening() -> None:
            self.listening += 1

        return SpokenEar(
            self.threads.enter_context(on_its_thread(FakeDetector(), "detector")),
            self.threads.enter_context(on_its_thread(recognizer, "recognizer")),
            lambda: microphone,
            hands_free=hands_free,
            max_answer_s=max_answer_s,
            prompt="A doctor answers: heparin.",
            stop_requested=stop_requested,
            on_listening=listening,
            on_recorded=self.recorded.append,
            clock=self.clock,
        )

    async def hear(self, clip: Clip, recognizer: ScriptedRecognizer, cancelled: Cancelled = never) -> Answer:
        microphone = FakeMicrophone(clip, self.clock, ends=False)
        return await asyncio.wait_for(self.ear(microphone, recognizer)(cancelled), 20)


@pytest.fixture
def hearing() -> Iterator[Hearing]:
    made = Hearing()
    with made.threads:
        yield made


async def test_an_answer_is_heard_with_its_true_end_and_its_length(hearing: Hearing) -> None:
    recognizer = ScriptedRecognizer("Aspirin and PCI.")
    answer = await hearing.hear(said(0.5, 2.0, 5.0), recognizer)
    assert (answer.text, answer.raw, answer.compute_s) == ("Aspirin and PCI.", "Aspirin and PCI.", 0.2)
    assert answer.audio_s == pytest.approx(2.6, abs=0.1)
    assert answer.ended_at - 100.0 == pytest.approx(2.5, abs=0.1)
    assert answer.decided_at - answer.ended_at == pytest.approx(0.9, abs=0.1)
    assert answer.notice is None
    assert recognizer.prompts == ["A doctor answers: heparin."]
    assert hearing.listening == 1


async def test_the_transcript_begun_at_a_pause_is_the_answer_if_nothing_follows(hearing: Hearing) -> None:
    begun = threading.Event()
    recognizer = ScriptedRecognizer("Aspirin.", "A second pass.")
    recognizer.before_words = begun.set
    # The microphone gives the silence that ends the answer only once the transcript has been begun.
    microphone = WaitingMicrophone(said(0.5, 2.0, 5.0), hearing.clock, 3.0, begun)
    answer = await asyncio.wait_for(hearing.ear(microphone, recognizer)(never), 20)
    assert answer.text == "Aspirin."
    assert len(recognizer.heard) == 1, "it was transcribed once"


async def test_the_transcript_begun_at_a_pause_is_dropped_when_speech_goes_on(hearing: Hearing) -> None:
    begun = threading.Event()
    recognizer = ScriptedRecognizer("Aspirin", "Aspirin and primary PCI.")
    recognizer.before_words = begun.set
    microphone = WaitingMicrophone(said(0.5, 2.0, 0.6, 2.0, 5.0), hearing.clock, 2.9, begun)
    answer = await asyncio.wait_for(hearing.ear(microphone, recognizer)(never), 20)
    assert answer.text == "Aspirin and primary PCI."
    early, whole = recognizer.heard
    assert early.seconds == pytest.approx(2.6, abs=0.1)
    assert whole.seconds == pytest.approx(5.2, abs=0.1)


async def test_an_early_transcript_that_failed_and_was_dropped_says_nothing(
    hearing: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    class Failing(ScriptedRecognizer):
        def transcribe(self, clip: Clip, **options: object) -> object:  # type: ignore[override]
            try:
                return super().transcribe(clip, **options)  # type: ignore[arg-type]
            finally:
                failed.set()

    recognizer = Failing(EngineError("It broke."), "Aspirin and primary PCI.")
    microphone = WaitingMicrophone(said(0.5, 2.0, 0.6, 2.0, 5.0), hearing.clock, 2.9, failed)
    with caplog.at_level(logging.DEBUG, "asyncio"):
        answer = await asyncio.wait_for(hearing.ear(microphone, recognizer)(never), 20)
        gc.collect()
        await asyncio.sleep(0)
    assert answer.text == "Aspirin and primary PCI."
    assert "never retrieved" not in caplog.text


async def test_a_recognizer_that_fails_is_an_error_for_this_answer_only(hearing: Hearing) -> None:
    recognizer = ScriptedRecognizer(EngineError("It broke."), "Aspirin.")
    ear = hearing.ear(FakeMicrophone(said(0.5, 2.0, 5.0), hearing.clock, ends=False), recognizer)
    with pytest.raises(EngineError, match="It broke"):
        await ear(never)
    assert (await ear(never)).text == "Aspirin."


async def test_unplugged_in_the_middle_what_was_heard_counts_and_the_loss_is_told(hearing: Hearing) -> None:
    microphone = FakeMicrophone(said(0.5, 10.0), hearing.clock, unplugged_at_s=3.0)
    answer = await hearing.ear(microphone, ScriptedRecognizer("Aspirin."))(never)
    assert answer.text == "Aspirin."
    assert answer.audio_s == pytest.approx(2.9, abs=0.1)
    assert answer.notice is not None
    assert "went away" in answer.notice.message
    assert "What was heard till then counts" in answer.notice.message
    assert answer.notice.hint == "Was it unplugged?"


async def test_unplugged_before_a_word_there_is_no_answer(hearing: Hearing) -> None:
    microphone = FakeMicrophone(said(5.0, 1.0), hearing.clock, unplugged_at_s=1.0)
    with pytest.raises(DeviceError, match="went away"):
        await hearing.ear(microphone, ScriptedRecognizer("Aspirin."))(never)


@pytest.mark.parametrize("level", [0.0, 0.001])
async def test_silence_is_not_transcribed_and_a_dead_microphone_is_told(hearing: Hearing, level: float) -> None:
    recognizer = ScriptedRecognizer("Thank you for watching.")
    quiet = Clip(np.full(3 * SPEECH_RATE, level, np.float32))
    answer = await hearing.ear(FakeMicrophone(quiet, hearing.clock), recognizer)(never)
    assert (answer.text, answer.audio_s, recognizer.heard, hearing.recorded) == ("", 0.0, [], [])
    told = answer.notice.message if answer.notice else ""
    assert told == ("The microphone gives nothing at all." if level == 0 else "")


async def test_only_the_first_part_of_an_endless_answer_is_heard_and_that_is_told(hearing: Hearing) -> None:
    microphone = FakeMicrophone(said(0.5, 30.0), hearing.clock, ends=False)
    answer = await hearing.ear(microphone, ScriptedRecognizer("Aspirin."), max_answer_s=5.0)(never)
    assert answer.text == "Aspirin."
    assert answer.audio_s == pytest.approx(5.4, abs=0.2)
    assert answer.notice is not None
    assert answer.notice.message == "Only the first 5 seconds were heard."
    assert "max_answer_s" in answer.notice.hint


async def test_lost_sound_is_told(hearing: Hearing) -> None:
    microphone = FakeMicrophone(said(0.5, 2.0, 5.0), hearing.clock, ends=False)
    microphone.overruns = 3
    answer = await hearing.ear(microphone, ScriptedRecognizer("Aspirin."))(never)
    assert answer.notice is not None
    assert answer.notice.message.startswith("3 blocks of sound were lost")


async def test_when_no_more_sources_come_the_answers_are_at_their_end(hearing: Hearing) -> None:
    with pytest.raises(EndOfAnswers):
        await hearing.ear(None, ScriptedRecognizer("Aspirin."))(never)
    assert hearing.listening == 0


async def test_the_key_ends_an_answer(hearing: Hearing) -> None:
    microphone = FakeMicrophone(said(0.5, 10.0), hearing.clock, ends=False)
    pressed = hearing.ear(
        microphone, ScriptedRecognizer("Aspirin."), stop_requested=lambda: hearing.clock() >= 103.0, hands_free=False
    )
    answer = await pressed(never)
    assert answer.text == "Aspirin."
    assert answer.ended_at == pytest.approx(103.0, abs=0.06)


async def test_the_sound_of_an_answer_is_given_to_whoever_keeps_it(hearing: Hearing) -> None:
    await hearing.hear(said(0.5, 2.0, 5.0), ScriptedRecognizer("Aspirin."))
    (clip,) = hearing.recorded
    assert clip.seconds == pytest.approx(2.6, abs=0.1)


async def test_cancelled_it_hears_no_more_and_gives_no_words(hearing: Hearing) -> None:
    cancellation = Cancellation()
    hearing.clock.after(1.5, cancellation.cancel)
    answer = await hearing.hear(said(0.5, 30.0), ScriptedRecognizer("Aspirin."), cancellation.token())
    assert answer.text == ""
    assert hearing.clock() - 100.0 < 2.0


async def test_a_listener_that_is_abandoned_stops_the_microphone(hearing: Hearing) -> None:
    stuck = threading.Event()

    class Slow(FakeMicrophone):
        def read(self, timeout: float) -> Block | None:
            stuck.wait(0.01)
            return super().read(timeout)

    microphone = Slow(said(600.0), hearing.clock, ends=False)
    task = asyncio.ensure_future(hearing.ear(microphone, ScriptedRecognizer("Aspirin."), max_answer_s=3600.0)(never))
    while not microphone.started:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(200):
        if microphone.stopped:
            break
        await asyncio.sleep(0.01)
    assert microphone.stopped == 1
