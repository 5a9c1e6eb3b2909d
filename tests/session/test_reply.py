"""The reply to an answer: true of the marking, in the deck's words, whatever the language model does."""

from __future__ import annotations

import random
import re

import pytest

from companion.core.cancel import Cancellation, Cancelled, never
from companion.core.errors import EngineError
from companion.core.events import Notice
from companion.core.feedback import SILENCE, feedback
from companion.core.grading import grade
from companion.session.reply import PHRASING_S, Clause, Mind, ReplyWriter
from tests.fakes.language_model import ScriptedLanguageModel
from tests.fakes.sound import FakeClock
from tests.session.stage import TREATMENT, all_of, on_its_thread

SEED = 7


def writer(
    answer: str, mind: Mind | None = None, clock: FakeClock | None = None, cancelled: Cancelled = never
) -> ReplyWriter:
    return ReplyWriter(TREATMENT, grade(answer, TREATMENT), answer, SEED, mind, cancelled, clock or FakeClock())


async def written(writer: ReplyWriter) -> list[str]:
    return [clause.text for clause in await all_of(writer.clauses()) if isinstance(clause, Clause)]


def template(answer: str) -> str:
    whole = feedback(TREATMENT, grade(answer, TREATMENT), random.Random(SEED), heard=bool(answer))
    return " ".join(whole.sentences)


def place(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found, f"{pattern!r} is not in {text!r}"
    return found.start()


async def test_the_parts_come_in_order_dangerous_corrections_first_and_the_explanation_last() -> None:
    answer = "Aspirin. Give nitrates. There is no need for an echocardiogram."
    text = " ".join(await written(writer(answer)))
    assert "dangerous" in text or "harm" in text or "unsafe" in text
    places = [
        0,
        place(text, "Give nitrates.*Nitrates must be avoided"),
        place(text, "no need for an echocardiogram.*[Aa]sk for an echocardiogram"),
        place(text, "[Gg]ive aspirin"),
        place(text, "[Gg]ive fluids into a vein"),
        place(text, "A failing right ventricle"),
        place(text, "Nitrates open the veins"),
    ]
    assert places == sorted(places)
    assert text.endswith(TREATMENT.explanation)


@pytest.mark.parametrize("answer", ["Aspirin.", "Avoid nitrates, and aspirin.", "Give nitrates.", "No idea.", ""])
async def test_without_a_language_model_the_templates_say_it_all(answer: str) -> None:
    assert " ".join(await written(writer(answer))) == template(answer)


async def test_silence_is_not_called_wrong_and_every_point_is_told() -> None:
    text = " ".join(await written(writer("")))
    assert text.startswith(SILENCE)
    for point in TREATMENT.key_points:
        assert point.statement in text


async def test_only_the_decks_own_words_are_kept_as_sound() -> None:
    fixed = [c.text for c in await all_of(writer("Give nitrates.").clauses()) if isinstance(c, Clause) and c.fixed]
    assert "Nitrates open the veins." in fixed
    assert not [text for text in fixed if "give nitrates" in text.lower()], "the trainee's words"


async def test_what_was_missed_is_phrased_by_the_language_model() -> None:
    model = ScriptedLanguageModel(
        " that you should give fluids into a vein.", " that you should ask for an echocardiogram."
    )
    with on_its_thread(model) as thread:
        made = writer("Aspirin, and avoid nitrates.", Mind(thread))
        texts = await written(made)
    assert "You left out that you should give fluids into a vein." in texts
    assert "You left out that you should ask for an echocardiogram." in texts
    assert made.dropped == 0
    assert len(model.asked) == 2
    assert all("Aspirin, and avoid" not in message.text for asked in model.asked for message in asked)


async def test_critical_points_are_never_left_to_the_language_model() -> None:
    model = ScriptedLanguageModel(" that nitrates must be avoided.")
    with on_its_thread(model) as thread:
        text = " ".join(await written(writer("Aspirin, fluids and an echocardiogram.", Mind(thread))))
    assert model.asked == []
    assert "itrates must be avoided." in text


@pytest.mark.parametrize(
    "untrue",
    [
        " that you should give 500 ml of fluids into a vein.",
        " that you should give heparin and fluids into a vein.",
        " that you must not give fluids into a vein.",
        " the ECG.",
        "",
    ],
)
async def test_a_phrasing_that_fails_the_guard_is_dropped_and_counted(untrue: str) -> None:
    answer = "Aspirin. Avoid nitrates. Ask for an echocardiogram."
    with on_its_thread(ScriptedLanguageModel(untrue or "\n")) as thread:
        made = writer(answer, Mind(thread))
        texts = await written(made)
    assert " ".join(texts) == template(answer)
    assert made.dropped == 1


async def test_a_language_model_that_fails_is_told_once_and_not_asked_again() -> None:
    model = ScriptedLanguageModel(EngineError("It ran out of memory.", hint="Close something."))
    answer = "Avoid nitrates."
    with on_its_thread(model) as thread:
        mind = Mind(thread)
        came = await all_of(writer(answer, mind).clauses())
        again = await all_of(writer(answer, mind).clauses())
    assert [clause for clause in came if isinstance(clause, Notice)] == [
        Notice(
            "The language model stopped working, so the tutor speaks from its decks. It ran out of memory.",
            "Close something.",
        )
    ]
    assert not [clause for clause in again if isinstance(clause, Notice)]
    assert len(model.asked) == 1
    for clauses in (came, again):
        assert " ".join(clause.text for clause in clauses if isinstance(clause, Clause)) == template(answer)


async def test_a_phrasing_that_comes_late_is_not_waited_for() -> None:
    clock = FakeClock()
    model = ScriptedLanguageModel(" that you should give fluids into a vein.", before_token=lambda: clock.sleep(0.5))
    answer = "Aspirin. Avoid nitrates. Ask for an echocardiogram."
    began = clock.now
    with on_its_thread(model) as thread:
        texts = await written(writer(answer, Mind(thread), clock))
    assert " ".join(texts) == template(answer)
    assert clock.now - began <= PHRASING_S + 1.0


async def test_the_time_of_the_first_token_is_known() -> None:
    clock = FakeClock()
    model = ScriptedLanguageModel(" that you should give fluids.", before_token=lambda: clock.sleep(0.2))
    with on_its_thread(model) as thread:
        made = writer("Aspirin. Avoid nitrates. Ask for an echocardiogram.", Mind(thread), clock)
        await written(made)
    assert made.first_token_s is not None
    assert 0.2 <= made.first_token_s < 2.0


async def test_a_cancelled_reply_asks_the_language_model_for_nothing_more() -> None:
    cancellation = Cancellation()
    model = ScriptedLanguageModel("a b c d e f g h", before_token=cancellation.cancel)
    with on_its_thread(model) as thread:
        made = writer("Avoid nitrates.", Mind(thread), cancelled=cancellation.token())
        texts = await written(made)
    assert " ".join(texts) == template("Avoid nitrates.")
    assert made.dropped == 0, "it was cut off, not refused"
