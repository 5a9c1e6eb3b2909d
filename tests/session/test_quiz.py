"""A session of turns."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from companion.core.errors import CompanionError, EngineError
from companion.core.events import Asked, Event, Reply, SessionFinished, TurnFailed
from companion.session.narration import Mouth, Mouths
from companion.session.quiz import Quiz
from tests.fakes.sound import FakeSpeaker
from tests.fakes.voice import HummingVoice
from tests.session.stage import CASE, CAUSE, TREATMENT, TickingClock, all_of, kinds, loud, on_its_thread, typed

TURN = ["Asked", "Heard", "Graded", "Reply", "TurnFinished"]


def quiz(*answers: str | CompanionError, limit: int | None = None, seed: int = 0) -> Quiz:
    clock = TickingClock()
    return Quiz((CASE,), typed(*answers, clock=clock), limit=limit, seed=seed, clock=clock)


async def events(quiz: Quiz) -> list[Event]:
    return loud(await all_of(quiz.events()))


async def test_every_question_is_asked_and_the_score_is_the_mean() -> None:
    happened = await events(quiz("Fluids, aspirin, an echocardiogram, and avoid nitrates.", "No idea."))
    assert kinds(happened) == [*TURN, *TURN, "SessionFinished"]
    assert happened[-1] == SessionFinished(0, 0.5)


async def test_the_vignette_is_told_once() -> None:
    asked = [event.text for event in await events(quiz("a", "b")) if isinstance(event, Asked)]
    assert asked == [f"{CASE.vignette}\n\n{TREATMENT.prompt}", CAUSE.prompt]


async def test_a_limit_ends_it_without_asking_on() -> None:
    assert kinds(await events(quiz("a", "b", limit=1))) == [*TURN, "SessionFinished"]


async def test_it_ends_when_no_more_answers_come() -> None:
    assert kinds(await events(quiz("a"))) == [*TURN, "Asked", "SessionFinished"]


async def test_with_no_answer_at_all_there_is_no_score() -> None:
    assert (await events(quiz()))[-1] == SessionFinished(0, None)


async def test_after_a_turn_that_failed_the_next_question_is_asked() -> None:
    happened = await events(quiz(EngineError("whisper.cpp failed."), "The right coronary artery."))
    assert kinds(happened) == ["Asked", "TurnFailed", *TURN, "SessionFinished"]
    assert isinstance(happened[1], TurnFailed)
    assert happened[-1] == SessionFinished(0, 1.0), "what could not be heard is not marked"


async def test_phrases_vary_with_the_seed_and_repeat_with_it() -> None:
    async def replies(seed: int) -> list[str]:
        return [event.text for event in await events(quiz("a", "b", seed=seed)) if isinstance(event, Reply)]

    assert await replies(1) == await replies(1)
    assert len({tuple(await replies(seed)) for seed in range(10)}) > 1


async def test_no_cases_are_no_questions() -> None:
    clock = TickingClock()
    assert await events(Quiz((), typed("a", clock=clock), clock=clock)) == [SessionFinished(0, None)]


@pytest.mark.parametrize("after", ["Asked", "AudioChunk", "Heard", "Graded", "ReplyDelta", "FirstAudio"])
async def test_left_at_any_event_it_is_silent_at_once(after: str) -> None:
    clock = TickingClock()
    speaker = FakeSpeaker(clock)
    with on_its_thread(HummingVoice()) as voice:
        mouth = Mouth(voice, speaker)
        asked = Quiz((CASE,), typed("a", clock=clock), Mouths(mouth, mouth), clock=clock)
        async with aclosing(asked.events()) as running:
            async for event in running:
                if type(event).__name__ == after:
                    break
        heard = speaker.heard_s
        clock.sleep(60.0)
        assert speaker.heard_s == heard
        assert speaker.flushed >= 1


async def test_a_task_that_is_cancelled_while_sound_plays_ends_with_silence() -> None:
    clock = TickingClock()
    playing = asyncio.Event()

    class Endless(FakeSpeaker):
        def finish(self, cancelled: object = None) -> None:
            loop.call_soon_threadsafe(playing.set)
            while self.flushed == 0:
                clock.sleep(0.01)

    loop = asyncio.get_running_loop()
    speaker = Endless(clock)
    with on_its_thread(HummingVoice()) as voice:
        mouth = Mouth(voice, speaker)
        asked = Quiz((CASE,), typed("a", clock=clock), Mouths(mouth, mouth), clock=clock)

        async def watch() -> None:
            async with aclosing(asked.events()) as running:
                async for _ in running:
                    pass

        task = asyncio.create_task(watch())
        await asyncio.wait_for(playing.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)
    assert speaker.flushed == 1
