"""Explanations: found in the decks, told in their words, and never guessed."""

from __future__ import annotations

from companion.core.errors import CompanionError, EngineError
from companion.core.events import Event, Heard, Reply, SessionFinished, TurnFailed
from companion.core.topics import Topics
from companion.session.explain import NOTHING, UNHEARD, Explanation
from companion.session.narration import Mouth, Mouths
from tests.core.findings import FILE, HIGH, LOW
from tests.fakes.sound import FakeSpeaker
from tests.fakes.voice import HummingVoice
from tests.session.stage import CASE, CAUSE, TREATMENT, TickingClock, all_of, kinds, on_its_thread, typed

TURN = ["Heard", "Reply", "TurnFinished"]


def explanation(*requests: str | CompanionError) -> Explanation:
    clock = TickingClock()
    return Explanation(Topics((CASE,), (FILE,)), typed(*requests, clock=clock), clock=clock)


async def events(explanation: Explanation) -> list[Event]:
    return await all_of(explanation.events())


def replies(happened: list[Event]) -> list[str]:
    return [event.text for event in happened if isinstance(event, Reply)]


async def test_each_request_is_answered_from_the_deck() -> None:
    happened = await events(explanation("Why avoid nitrates?", "Which coronary artery is blocked?"))
    assert kinds(happened) == [*TURN, *TURN, "SessionFinished"]
    first, second = replies(happened)
    assert first.startswith(TREATMENT.explanation)
    assert "Nitrates must be avoided." in first
    assert second.startswith(CAUSE.explanation)
    assert happened[-1] == SessionFinished(0, None)


async def test_what_the_decks_do_not_hold_is_not_guessed() -> None:
    assert replies(await events(explanation("What is the dose of amiodarone in torsades?"))) == [NOTHING]


async def test_silence_is_not_taken_for_a_question() -> None:
    happened = await events(explanation(""))
    assert Heard("", "", 1.0, 0.1) in happened
    assert replies(happened) == [UNHEARD]


async def test_a_case_that_is_talked_of_is_stayed_with() -> None:
    talk = explanation("Why avoid nitrates?")
    await events(talk)
    assert talk.case == CASE


async def test_a_request_that_cannot_be_heard_ends_it_with_the_reason() -> None:
    happened = await events(explanation(EngineError("whisper.cpp failed.", hint="Try again."), "Why avoid nitrates?"))
    assert happened == [TurnFailed("listen", "whisper.cpp failed.", "Try again."), SessionFinished(0, None)]


async def test_it_is_spoken_sentence_by_sentence() -> None:
    clock = TickingClock()
    speaker = FakeSpeaker(clock)
    voice = HummingVoice()
    with on_its_thread(voice) as thread:
        mouth = Mouth(thread, speaker)
        talk = Explanation(
            Topics((CASE,)), typed("Why avoid nitrates?", clock=clock), Mouths(mouth, mouth), clock=clock
        )
        happened = await events(talk)
    assert kinds(happened) == ["Heard", "FirstAudio", "Reply", "TurnFinished", "SessionFinished"]
    assert voice.spoken[0] == "A failing right ventricle depends on its filling."
    assert replies(happened) == [event.said for event in happened if isinstance(event, Reply)]


async def test_a_finding_is_told_by_name_then_what_it_is_and_means_its_causes_and_what_next() -> None:
    happened = await events(explanation("Explain a raised unobtainium"))
    assert kinds(happened) == [*TURN, "SessionFinished"]
    assert replies(happened) == [
        "High unobtainium. Unobtainium is above four. The pump may stop. "
        "Think first of kidney failure. Then of a drug and a bad sample. Record an ECG. Stop the drug."
    ]


async def test_what_is_asked_on_is_about_the_finding_that_was_told_last() -> None:
    requests = ("unobtainium is up", "What causes it?", "unobtainium is down", "what causes it", "and what do I do?")
    told = replies(await events(explanation(*requests)))
    assert told[1] == HIGH.causes_told
    assert told[3:] == [LOW.causes_told, LOW.next]


async def test_nothing_is_asked_on_before_something_was_told_or_after_a_case() -> None:
    assert replies(await events(explanation("What causes it?"))) == [NOTHING]
    told = replies(await events(explanation("unobtainium is up", "Why avoid nitrates?", "What causes it?")))
    assert told[1].startswith(TREATMENT.explanation)
    assert told[2] == NOTHING
