"""What the tutor says is heard clause by clause, and what counts as said is what was heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.core.cancel import Cancellation, Cancelled, never
from companion.core.errors import EngineError
from companion.core.events import AudioChunk, Notice
from companion.engines.audio_cache import AudioCache
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Voice
from companion.session.narration import Health, Mouth, Mouths, Narration
from tests.fakes.sound import FakeClock, FakeSpeaker
from tests.fakes.voice import HummingVoice
from tests.session.stage import TickingClock, all_of, on_its_thread

FIRST, SECOND, THIRD = "You have part of it.", "One to add: give fluids.", "It feeds the wall."


@pytest.fixture
def clock() -> FakeClock:
    return TickingClock()


@pytest.fixture
def speaker(clock: FakeClock) -> FakeSpeaker:
    return FakeSpeaker(clock)


@pytest.fixture
def voice() -> HummingVoice:
    return HummingVoice()


@pytest.fixture
def thread(voice: HummingVoice) -> Iterator[OwnerThread[Voice]]:
    with on_its_thread(voice, "voice") as owner:
        yield owner


@pytest.fixture
def mouth(thread: OwnerThread[Voice], speaker: FakeSpeaker) -> Mouth:
    return Mouth(thread, speaker)


def narration(mouth: Mouth | None, clock: FakeClock, cancelled: Cancelled = never) -> Narration:
    return Narration(mouth, cancelled, clock)


async def say(narration: Narration, *clauses: str, fixed: bool = False) -> list[AudioChunk | Notice]:
    return [sound for clause in clauses for sound in await all_of(narration.say(clause, fixed=fixed))]


async def test_clauses_are_spoken_in_order_and_each_names_its_first_sound(
    mouth: Mouth, clock: FakeClock, voice: HummingVoice, speaker: FakeSpeaker
) -> None:
    telling = narration(mouth, clock)
    sounds = await say(telling, FIRST, SECOND)
    labels = [sound.clause for sound in sounds if isinstance(sound, AudioChunk)]
    assert [label for label in labels if label] == [FIRST, SECOND]
    assert labels[0] == FIRST
    assert "" in labels
    assert await telling.finish() is None
    assert len(speaker.replies) == 1
    assert sum(clip.seconds for clip in speaker.replies[0]) == pytest.approx(speaker.heard_s)
    assert telling.planned == telling.said == f"{FIRST} {SECOND}"


async def test_written_medicine_is_spoken_in_words(mouth: Mouth, clock: FakeClock, voice: HummingVoice) -> None:
    await say(narration(mouth, clock), "Give 300 mg.")
    assert voice.spoken == ["Give three hundred milligrams."]


async def test_what_counts_as_said_is_what_was_heard(mouth: Mouth, clock: FakeClock) -> None:
    telling = narration(mouth, clock)
    await say(telling, FIRST, SECOND, THIRD)
    assert telling.said == FIRST, "the rest is queued, and nobody has heard it"
    clock.sleep(1.5)
    assert telling.said == f"{FIRST} {SECOND}"
    await telling.finish()
    assert telling.said == telling.planned


async def test_cancelled_it_is_silent_at_once_and_the_rest_is_not_said(
    mouth: Mouth, clock: FakeClock, voice: HummingVoice, speaker: FakeSpeaker
) -> None:
    cancellation = Cancellation()
    telling = narration(mouth, clock, cancellation.token())
    await say(telling, FIRST, SECOND)
    clock.after(0.3, cancellation.cancel)
    at = clock.now
    await telling.finish()
    assert clock.now - at == pytest.approx(0.3, abs=0.05)
    assert speaker.flushed == 1
    spoken = len(voice.spoken)
    assert await say(telling, THIRD) == []
    assert len(voice.spoken) == spoken, "nothing more is made"
    assert (telling.planned, telling.said) == (f"{FIRST} {SECOND} {THIRD}", FIRST)


async def test_cancelled_while_a_clause_is_made_the_rest_of_it_is_not_played(
    mouth: Mouth, clock: FakeClock, voice: HummingVoice, speaker: FakeSpeaker
) -> None:
    cancellation = Cancellation()
    voice.before_chunk = cancellation.cancel
    telling = narration(mouth, clock, cancellation.token())
    assert await say(telling, FIRST, SECOND) == []
    await telling.finish()
    assert speaker.heard_s == 0
    assert telling.said == ""


async def test_fixed_texts_are_made_once(
    thread: OwnerThread[Voice], speaker: FakeSpeaker, clock: FakeClock, voice: HummingVoice, tmp_path: Path
) -> None:
    mouth = Mouth(thread, speaker, AudioCache(tmp_path, "hum"))
    first = await say(narration(mouth, clock), FIRST, fixed=True)
    again = await say(narration(mouth, clock), FIRST, fixed=True)
    assert len(voice.spoken) == 1
    made = sum(sound.clip.seconds for sound in first if isinstance(sound, AudioChunk))
    (kept,) = again
    assert isinstance(kept, AudioChunk)
    assert kept.clip.seconds == pytest.approx(made)
    assert kept.clause == FIRST
    await say(narration(mouth, clock), SECOND)
    await say(narration(mouth, clock), SECOND)
    assert len(voice.spoken) == 3, "words for one answer are never kept"


async def test_half_a_clause_is_not_kept(
    thread: OwnerThread[Voice], speaker: FakeSpeaker, clock: FakeClock, voice: HummingVoice, tmp_path: Path
) -> None:
    cancellation = Cancellation()
    words = iter(range(100))
    voice.before_chunk = lambda: cancellation.cancel() if next(words) == 2 else None
    mouth = Mouth(thread, speaker, AudioCache(tmp_path, "hum"))
    await say(narration(mouth, clock, cancellation.token()), FIRST, fixed=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails_at", [0, 1])
async def test_a_voice_that_fails_is_told_once_and_the_text_counts_as_said(
    speaker: FakeSpeaker, clock: FakeClock, fails_at: int
) -> None:
    voice = HummingVoice(EngineError("It broke.", hint="Mend it."), fails_at=fails_at)
    with on_its_thread(voice) as thread:
        mouth = Mouth(thread, speaker)
        telling = narration(mouth, clock)
        sounds = await say(telling, FIRST, SECOND, THIRD)
        notices = [sound for sound in sounds if isinstance(sound, Notice)]
        assert notices == [Notice("The tutor cannot be heard any more: It broke. It goes on as text.", "Mend it.")]
        assert await telling.finish() is None
        assert telling.said == telling.planned == f"{FIRST} {SECOND} {THIRD}"
        later = narration(mouth, clock)
        assert await say(later, FIRST) == []
        assert later.said == FIRST


async def test_mouths_that_fail_together_are_told_of_once(clock: FakeClock) -> None:
    health = Health()
    with on_its_thread(HummingVoice(EngineError("It broke."))) as thread:
        mouths = Mouths(
            Mouth(thread, FakeSpeaker(clock), health=health), Mouth(thread, FakeSpeaker(clock), health=health)
        )
        asked = await say(narration(mouths.asking, clock), FIRST)
        replied = await say(narration(mouths.replying, clock), SECOND)
    assert len(asked) == 1
    assert replied == []


async def test_a_speaker_that_goes_away_is_told_of_at_the_end(thread: OwnerThread[Voice], clock: FakeClock) -> None:
    speaker = FakeSpeaker(clock, unplugged_at_s=0.5)
    telling = narration(Mouth(thread, speaker), clock)
    await say(telling, FIRST, SECOND)
    lost = await telling.finish()
    assert lost == Notice(
        "The tutor cannot be heard any more: The speaker went away. It goes on as text.", "Was it unplugged?"
    )
    assert speaker.flushed == 1
    assert telling.said == telling.planned


async def test_without_a_mouth_everything_is_read(clock: FakeClock) -> None:
    telling = narration(None, clock)
    assert await say(telling, FIRST, SECOND) == []
    assert await telling.first_sample_at() is None
    assert await telling.finish() is None
    assert telling.said == f"{FIRST} {SECOND}"


async def test_the_first_sample_is_when_it_reaches_the_device(thread: OwnerThread[Voice], clock: FakeClock) -> None:
    telling = narration(Mouth(thread, FakeSpeaker(clock, latency_s=0.08)), clock)
    began = clock.now
    assert await telling.first_sample_at() is None, "nothing is queued yet"
    await say(telling, FIRST)
    at = await telling.first_sample_at()
    assert at is not None
    assert at - began == pytest.approx(0.08, abs=0.03)


async def test_a_device_that_never_starts_is_not_waited_for(thread: OwnerThread[Voice]) -> None:
    class Hasty(FakeClock):
        def __call__(self) -> float:
            self.sleep(0.05)
            return self.now

    hasty = Hasty()
    telling = narration(Mouth(thread, FakeSpeaker(hasty, latency_s=60.0)), hasty)
    await say(telling, FIRST)
    assert await telling.first_sample_at() is None


async def test_text_without_a_word_makes_no_sound(mouth: Mouth, clock: FakeClock) -> None:
    telling = narration(mouth, clock)
    assert await say(telling, "...") == []
    assert await telling.first_sample_at() is None
    assert await telling.finish() is None
