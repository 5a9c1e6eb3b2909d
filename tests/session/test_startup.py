"""Engines come up side by side; what does not come up is told in words, with the remedy."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion.core.errors import EngineError, ModelError, SettingsError
from companion.engines.owner_thread import left_behind
from companion.home import Home
from companion.models.catalogue import Role, load_catalogue, model_folder
from companion.session.startup import HURRIED_S, Engines, Part, Report, Startup
from companion.settings import Settings
from tests.fakes.language_model import ScriptedLanguageModel
from tests.fakes.recognizer import ScriptedRecognizer
from tests.fakes.sound import FakeDetector
from tests.fakes.voice import HummingVoice

PARTS: tuple[Part, ...] = ("recognizer", "language_model", "voice")


async def bring_up(startup: Startup, *parts: Part) -> dict[Part, Report]:
    return {report.part: report async for report in startup.bring_up(*(parts or PARTS))}


def pretend_installed(home: Home, *roles: Role) -> None:
    """Files of the right names and sizes, full of nothing."""
    for model in load_catalogue().starter(apple_silicon=False):
        if model.role in roles:
            folder = model_folder(home, model)
            folder.mkdir(parents=True)
            for file in model.files:
                with (folder / file.name).open("wb") as made:
                    made.truncate(file.size or 0)


@pytest.fixture
def off_apple_silicon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.models.machine.is_apple_silicon", lambda: False)


Fakes = dict[str, Callable[..., Any]]


@pytest.fixture
def fakes(home: Home, monkeypatch: pytest.MonkeyPatch, off_apple_silicon: None) -> Fakes:
    """Fakes in place of the engines; a test may put others there."""
    pretend_installed(home, "recognizer", "language_model", "voice")
    made: Fakes = {
        "recognizer": lambda *_, **__: ScriptedRecognizer("Aspirin."),
        "detector": FakeDetector,
        "language model": lambda *_, **__: ScriptedLanguageModel("words"),
        "voice": lambda *_, **__: HummingVoice(),
    }
    monkeypatch.setattr("companion.session.startup.engine_class", lambda kind, name: made[kind])
    return made


@pytest.fixture
def startup(home: Home) -> Iterator[Startup]:
    made = Startup(home, Settings())
    yield made
    made.engines.close()


async def test_with_everything_here_every_part_reports_its_name(home: Home, fakes: Fakes) -> None:
    startup = Startup(home, Settings())
    reports = await bring_up(startup)
    assert {part: report.name for part, report in reports.items()} == {
        "recognizer": "whisper-tiny.en",
        "language_model": "gemma-3-270m",
        "voice": "af_heart",
    }
    assert all(report.notice is None for report in reports.values())
    with startup.engines as engines:
        assert engines.names == {part: report.name for part, report in reports.items()}
        assert engines.detector is not None
        assert engines.cache is not None


async def test_the_language_model_has_read_its_examples_before_the_first_turn(home: Home, fakes: Fakes) -> None:
    model = ScriptedLanguageModel("words")
    fakes["language model"] = lambda *_, **__: model
    startup = Startup(home, Settings())
    await bring_up(startup, "language_model")
    startup.engines.close()
    assert len(model.asked) == 1
    assert "Tutor:" in model.asked[0][0].text


async def test_without_models_each_loss_is_told_with_its_remedy(startup: Startup) -> None:
    reports = await bring_up(startup)
    for part, lost in (
        ("recognizer", "The tutor cannot hear, so answers are typed."),
        ("language_model", "There is no language model, so the tutor speaks from its decks alone."),
        ("voice", "The tutor has no voice, so it writes."),
    ):
        report = reports[part]  # type: ignore[index]
        assert report.name is None
        assert report.notice is not None
        assert report.notice.message.startswith(lost)
        assert "companion models pull" in report.notice.hint
        assert isinstance(report.error, ModelError)
    assert startup.engines == Engines()


async def test_what_is_switched_off_is_no_loss(home: Home, fakes: Fakes) -> None:
    startup = Startup(home, Settings(language_model="none", voice="none"))
    reports = await bring_up(startup, "language_model", "voice")
    assert [(report.name, report.notice) for report in reports.values()] == [(None, None)] * 2
    assert startup.engines == Engines()


async def test_an_unknown_voice_is_told_with_the_nearest(home: Home) -> None:
    report = (await bring_up(Startup(home, Settings(voice="af_hart")), "voice"))["voice"]
    assert isinstance(report.error, SettingsError)
    assert report.error.hint == "Did you mean “af_heart”?"


async def test_an_unknown_model_is_told(home: Home) -> None:
    report = (await bring_up(Startup(home, Settings(recognizer_model="whisper-tinny.en")), "recognizer"))["recognizer"]
    assert report.error is not None
    assert "whisper-tinny.en" in report.error.message


async def test_one_engine_that_fails_takes_no_other_with_it(home: Home, fakes: Fakes) -> None:
    class Broken(HummingVoice):
        def load(self) -> None:
            raise EngineError("espeak is missing.", hint="Install it.")

    fakes["voice"] = lambda *_, **__: Broken()
    startup = Startup(home, Settings())
    reports = await bring_up(startup)
    assert reports["voice"].notice is not None
    assert reports["voice"].notice.message == "The tutor has no voice, so it writes. espeak is missing."
    assert reports["recognizer"].name == "whisper-tiny.en"
    assert startup.engines.voice is None
    startup.engines.close()


async def test_too_little_memory_is_told_in_words(home: Home, fakes: Fakes) -> None:
    class Huge(HummingVoice):
        def load(self) -> None:
            raise MemoryError

    fakes["voice"] = lambda *_, **__: Huge()
    report = (await bring_up(Startup(home, Settings()), "voice"))["voice"]
    assert report.error is not None
    assert (report.error.message, report.error.hint) == ("The voice does not fit into memory.", "Close other programs.")


@pytest.mark.parametrize("part", PARTS)
async def test_damaged_weights_are_told_and_not_a_crash(home: Home, off_apple_silicon: None, part: Part) -> None:
    """With the real engines: files of the right size that hold nothing."""
    pretend_installed(home, part)
    startup = Startup(home, Settings())
    report = (await bring_up(startup, part))[part]
    startup.engines.close()
    assert report.name is None
    assert report.error is not None
    assert report.error.hint
    assert "Error" not in report.error.message


async def test_ctrl_c_does_not_wait_for_weights_that_are_being_read(home: Home, fakes: Fakes) -> None:
    reading, done = threading.Event(), threading.Event()

    class Slow(HummingVoice):
        def load(self) -> None:
            reading.set()
            done.wait(20)

    fakes["voice"] = lambda *_, **__: Slow()
    startup = Startup(home, Settings())
    task = asyncio.create_task(bring_up(startup, "voice"))
    assert await asyncio.to_thread(reading.wait, 10)
    began = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(KeyboardInterrupt), startup.engines:
        raise KeyboardInterrupt
    assert time.perf_counter() - began < HURRIED_S + 1.0
    assert left_behind(), "Python must not be taken down under it"
    done.set()
    while left_behind():
        await asyncio.sleep(0.01)
