"""What a turn needs, made of fakes: a question, engines on their threads, and an ear that reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from companion.core.cancel import Cancelled
from companion.core.case import Case, KeyPoint, Question
from companion.core.clip import SPEECH_RATE, Clip
from companion.core.errors import CompanionError
from companion.core.events import QUIET, Event
from companion.engines.owner_thread import OwnerThread
from companion.session.turn import Answer, Ear, EndOfAnswers
from tests.fakes.sound import FakeClock, tone

E = TypeVar("E")

TREATMENT = Question(
    id="treatment",
    prompt="How do you treat her, and what do you avoid?",
    key_points=(
        KeyPoint("fluids", "Give fluids into a vein.", ("fluids", "fluid bolus")),
        KeyPoint("aspirin", "Give aspirin.", ("aspirin",)),
        KeyPoint(
            "no-nitrates", "Nitrates must be avoided.", ("avoid nitrates",), ("give nitrates",), weight=2, critical=True
        ),
        KeyPoint("echo", "Ask for an echocardiogram.", ("echocardiogram",), ("no need for an echocardiogram",)),
    ),
    hint="Think of the right ventricle.",
    explanation="A failing right ventricle depends on its filling. Nitrates open the veins.",
)
CAUSE = Question(
    id="cause",
    prompt="Which artery is blocked?",
    key_points=(KeyPoint("artery", "The right coronary artery is blocked.", ("right coronary",)),),
    hint="Look at the inferior leads.",
    explanation="It feeds the inferior wall.",
)
CASE = Case(
    id="cold-hands",
    title="Cold hands",
    specialty="cardiology",
    level="student",
    author="The tests",
    reviewed_by=None,
    licence="Apache-2.0",
    sources=(),
    findings=("low pressure",),
    vignette="Ann is seventy. Her pressure is low.",
    questions=(TREATMENT, CAUSE),
)


class TickingClock(FakeClock):
    """Time that passes a little whenever somebody looks."""

    def __call__(self) -> float:
        self.sleep(0.001)
        return self.now


@contextmanager
def on_its_thread(engine: Any, name: str = "fake") -> Iterator[OwnerThread[Any]]:
    """An engine loaded on a thread of its own."""
    thread: OwnerThread[Any] = OwnerThread(lambda: engine, name)
    thread.run(lambda engine: engine.load())
    yield thread
    thread.close()


def typed(*answers: str | CompanionError, clock: Callable[[], float]) -> Ear:
    """An ear that hears these texts in turn, raises those that are errors, and then is at its end."""
    waiting = iter(answers)

    async def ear(cancelled: Cancelled) -> Answer:
        answer = next(waiting, None)
        if answer is None:
            raise EndOfAnswers
        if isinstance(answer, CompanionError):
            raise answer
        now = clock()
        return Answer(answer, answer, 1.0, 0.1, now, now)

    return ear


def speech(seconds: float, rate: int = SPEECH_RATE) -> Clip:
    """A tone that swells and fades as speech does: the fake detector and recognizer take it for speech."""
    clip = tone(seconds, rate)
    swing = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(len(clip.samples)) / rate)
    return Clip((clip.samples * swing).astype(np.float32), rate)


async def all_of(events: AsyncIterator[E]) -> list[E]:
    """Everything that comes."""
    return [event async for event in events]


def loud(events: list[Event]) -> list[Event]:
    """Without pieces of text and of sound, of which there are many."""
    return [event for event in events if not isinstance(event, QUIET)]


def kinds(events: list[Event]) -> list[str]:
    """The names of the classes, in order."""
    return [type(event).__name__ for event in loud(events)]
