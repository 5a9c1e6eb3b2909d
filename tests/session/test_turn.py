"""One turn: the sequence of its events, and what is lost and kept when a part of it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from companion.core.cancel import Cancellation, Cancelled, never
from companion.core.errors import DeviceError, EngineError
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
    TurnFailed,
    TurnFinished,
)
from companion.core.feedback import SILENCE
from companion.core.latency import Latency
from companion.core.mark import Verdict
from companion.engines.owner_thread import OwnerThread
from companion.session.narration import Mouth, Mouths
from companion.session.reply import Mind
from companion.session.turn import Answer, Ear, Exchange, take_turn
from tests.fakes.language_model import ScriptedLanguageModel
from tests.fakes.sound import FakeSpeaker
from tests.fakes.voice import HummingVoice
from tests.session.stage import CASE, TREATMENT, TickingClock, all_of, kinds, on_its_thread, typed

ASKED = f"{CASE.vignette}\n\n{TREATMENT.prompt}"
ANSWER = "Aspirin. Avoid nitrates. Ask for an echocardiogram."
PHRASED = "You left out that you should give fluids into a vein."


class Stage:
    """A turn with fakes for all that it uses."""

    def __init__(self) -> None:
        self.clock = TickingClock()
        self.speaker = FakeSpeaker(self.clock)
        self.cancellation = Cancellation()
        self.threads = ExitStack()
        self.mouths = Mouths()
        self.mind: Mind | None = None

    def thread(self, engine: Any) -> OwnerThread[Any]:
        return self.threads.enter_context(on_its_thread(engine))

    def voiced(self, voice: HummingVoice | None = None) -> HummingVoice:
        voice = voice or HummingVoice()
        mouth = Mouth(self.thread(voice), self.speaker)
        self.mouths = Mouths(mouth, mouth)
        return voice

    def minded(self, *replies: str | EngineError) -> ScriptedLanguageModel:
        model = ScriptedLanguageModel(*replies)
        self.mind = Mind(self.thread(model))
        return model

    async def turn(self, answer: str | DeviceError | EngineError | Ear, cancelled: Cancelled = never) -> list[Event]:
        ear = answer if callable(answer) else typed(answer, clock=self.clock)
        exchange = Exchange(CASE, TREATMENT, ASKED, variety=3)
        return await all_of(take_turn(exchange, ear, self.mouths, self.mind, cancelled, self.clock))


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    with made.threads:
        yield made


def only(events: list[Event], kind: type[Any]) -> Any:
    (event,) = [event for event in events if isinstance(event, kind)]
    return event


async def test_a_turn_without_sound_asks_hears_marks_and_replies(stage: Stage) -> None:
    events = await stage.turn(ANSWER)
    assert kinds(events) == ["Asked", "Heard", "Graded", "Reply", "TurnFinished"]
    assert only(events, Asked) == Asked("cold-hands", "treatment", ASKED)
    assert only(events, Heard) == Heard(ANSWER, ANSWER, 1.0, 0.1)
    verdicts = {point.id: point.verdict for point in only(events, Graded).points}
    assert verdicts == {
        "fluids": Verdict.MISSED,
        "aspirin": Verdict.HIT,
        "no-nitrates": Verdict.HIT,
        "echo": Verdict.HIT,
    }
    reply = only(events, Reply)
    assert reply.text == reply.said
    finished = only(events, TurnFinished)
    assert finished.first_audio_latency_s is None
    assert not finished.interrupted


async def test_the_text_on_the_screen_is_the_reply(stage: Stage) -> None:
    stage.voiced()
    stage.minded(" that you should give fluids into a vein.")
    events = await stage.turn(ANSWER)
    shown = "".join(event.text for event in events if isinstance(event, ReplyDelta))
    assert shown.split() == only(events, Reply).text.split()
    assert PHRASED in shown


async def test_a_spoken_turn_puts_the_question_before_the_answer_and_sound_under_each_clause(stage: Stage) -> None:
    voice = stage.voiced()
    events = await stage.turn(ANSWER)
    order = [type(event) for event in events]
    assert order.index(Asked) < order.index(AudioChunk) < order.index(Heard) < order.index(Graded)
    after = events[order.index(Graded) + 1 :]
    assert isinstance(after[0], ReplyDelta), "text does not wait for sound"
    assert isinstance(after[1], AudioChunk)
    assert kinds(events) == ["Asked", "Heard", "Graded", "FirstAudio", "Reply", "TurnFinished"]
    assert voice.spoken[:2] == ["Ann is seventy.", "Her pressure is low."]
    assert len(stage.speaker.replies) == 2
    reply = only(events, Reply)
    assert reply.said == reply.text, "all of it was heard"


async def test_the_stages_add_up_to_the_wait_for_the_first_sound(stage: Stage) -> None:
    stage.voiced()

    async def ear(cancelled: Cancelled) -> Answer:
        ended = stage.clock()
        stage.clock.sleep(0.9)
        decided = stage.clock()
        stage.clock.sleep(0.2)
        return Answer(ANSWER, ANSWER, 4.0, 0.2, ended, decided)

    events = await stage.turn(ear)
    finished = only(events, TurnFinished)
    latency = finished.latency
    assert latency.endpoint_s == pytest.approx(0.9, abs=0.01)
    assert latency.transcribe_s == pytest.approx(0.2, abs=0.01)
    assert latency.first_token_s is None, "no language model took part"
    parts = [latency.endpoint_s, latency.transcribe_s, latency.grade_s, latency.first_clause_s, latency.first_audio_s]
    assert sum(parts) == pytest.approx(finished.first_audio_latency_s)
    assert only(events, FirstAudio) == FirstAudio(finished.first_audio_latency_s)


async def test_silence_is_answered_as_silence_and_every_point_is_missed(stage: Stage) -> None:
    events = await stage.turn("")
    graded = only(events, Graded)
    assert {point.verdict for point in graded.points} == {Verdict.MISSED}
    assert graded.score == 0
    reply = only(events, Reply).text
    assert reply.startswith(SILENCE)
    assert reply.endswith(TREATMENT.explanation)


async def test_an_answer_that_cannot_be_had_fails_the_turn_and_nothing_is_marked(stage: Stage) -> None:
    stage.voiced()
    events = await stage.turn(EngineError("whisper.cpp failed.", hint="Say it again."))
    assert kinds(events) == ["Asked", "TurnFailed"]
    assert events[-1] == TurnFailed("listen", "whisper.cpp failed.", "Say it again.")


async def test_what_the_ear_has_to_tell_comes_before_the_answer(stage: Stage) -> None:
    lost = Notice("The microphone went away.", "Was it unplugged?")

    async def ear(cancelled: Cancelled) -> Answer:
        return Answer(ANSWER, ANSWER, 1.0, 0.1, stage.clock(), stage.clock(), lost)

    events = await stage.turn(ear)
    assert kinds(events)[:3] == ["Asked", "Notice", "Heard"]
    assert lost in events


async def test_a_language_model_that_fails_midway_is_told_once_and_templates_go_on(stage: Stage) -> None:
    model = stage.minded(" that you should give fluids into a vein.", EngineError("It broke."))
    missing_two = "Avoid nitrates, and aspirin."
    first = await stage.turn(missing_two)
    assert PHRASED in only(first, Reply).text
    assert "chocardiogram" in only(first, Reply).text
    assert only(first, Notice).message.startswith("The language model stopped working")
    second = await stage.turn(missing_two)
    assert kinds(second) == ["Asked", "Heard", "Graded", "Reply", "TurnFinished"]
    assert len(model.asked) == 2
    for part in ("fluids", "chocardiogram"):
        assert part in only(second, Reply).text


async def test_a_voice_that_fails_midway_is_told_once_and_the_text_goes_on(stage: Stage) -> None:
    # Four clauses put the question; the reply breaks at its second.
    stage.voiced(HummingVoice(EngineError("It broke."), fails_at=6))
    events = await stage.turn(ANSWER)
    assert only(events, Notice).message == "The tutor cannot be heard any more: It broke. It goes on as text."
    reply = only(events, Reply)
    assert reply.said == reply.text, "what is not heard any more is read"
    assert reply.text.endswith(TREATMENT.explanation)
    again = await stage.turn(ANSWER)
    assert kinds(again) == ["Asked", "Heard", "Graded", "Reply", "TurnFinished"]
    assert not [event for event in again if isinstance(event, AudioChunk)]


async def test_a_voice_that_fails_in_the_question_still_lets_it_be_answered(stage: Stage) -> None:
    stage.voiced(HummingVoice(EngineError("It broke."), fails_at=1))
    events = await stage.turn(ANSWER)
    assert kinds(events) == ["Asked", "Notice", "Heard", "Graded", "Reply", "TurnFinished"]


async def test_cancelled_in_the_reply_it_falls_silent_and_keeps_what_was_heard(stage: Stage) -> None:
    voice = stage.voiced()

    async def ear(cancelled: Cancelled) -> Answer:
        stage.clock.after(2.0, stage.cancellation.cancel)
        return Answer(ANSWER, ANSWER, 1.0, 0.1, stage.clock(), stage.clock())

    events = await stage.turn(ear, stage.cancellation.token())
    assert stage.speaker.flushed == 1
    assert stage.speaker.heard_s == pytest.approx(2.0, abs=0.1)
    reply = only(events, Reply)
    assert reply.said
    assert reply.text.startswith(reply.said)
    assert len(reply.said) < len(reply.text)
    heard_whole = sum(0.06 * sum(c.isalnum() for c in text) for text in voice.spoken[5:])
    assert stage.speaker.heard_s < heard_whole
    assert only(events, TurnFinished).interrupted


async def test_cancelled_before_an_answer_nothing_is_marked(stage: Stage) -> None:
    async def ear(cancelled: Cancelled) -> Answer:
        stage.cancellation.cancel()
        return Answer("", "", 0.0, 0.0, stage.clock(), stage.clock())

    events = await stage.turn(ear, stage.cancellation.token())
    assert kinds(events) == ["Asked", "TurnFinished"]
    assert events[-1] == TurnFinished(Latency(), None, interrupted=True)


async def test_a_turn_after_a_cancelled_one_is_whole(stage: Stage) -> None:
    stage.voiced()
    stage.cancellation.cancel()
    events = await stage.turn(ANSWER, stage.cancellation.token())
    reply = only(events, Reply)
    assert reply.said == reply.text
    assert not only(events, TurnFinished).interrupted
