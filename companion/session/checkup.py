"""What works on this machine, what does not, and how to mend it."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from companion.core.clip import Clip
from companion.core.errors import CompanionError
from companion.core.prompting import Message
from companion.engines.devices import Kind, devices, find_device, portaudio
from companion.engines.protocols import LanguageModel, Recognizer, Voice
from companion.home import Home
from companion.models.catalogue import installed_names, load_catalogue
from companion.models.machine import described
from companion.session.startup import Engines, Part, Startup
from companion.settings import Settings
from companion.store.deck_library import DeckLibrary

ENOUGH_MEMORY = 1.5 * 2**30
"""Bytes the starter models want free."""
ENOUGH_DISK = 2**30
"""Bytes for the starter models and some history."""


class State(StrEnum):
    """How a check came out."""

    WORKS = "works"
    LIMITED = "limited"
    """Something is lost, the rest goes on."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, what was found, and the remedy where one is needed."""

    name: str
    state: State
    found: str
    remedy: str = ""


async def checkup(home: Home, settings: Settings) -> AsyncGenerator[Check, None]:
    """Look at everything and yield each finding as it is known; engines really run for a second."""
    yield _python()
    yield Check("machine", State.WORKS, described())
    yield _memory()
    yield _disk(home)
    yield _terminal()
    yield _decks(home)
    for check in _sound(settings):
        yield check
    async for check in _models(home):
        yield check
    async for check in _engines(home, settings):
        yield check


def _python() -> Check:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    return Check(
        "Python", State.WORKS if good else State.BROKEN, version, "" if good else "Install Python 3.11 or newer."
    )


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available
    good = free >= ENOUGH_MEMORY
    return Check(
        "memory",
        State.WORKS if good else State.LIMITED,
        f"{free / 2**30:.1f} GB free",
        "" if good else "Close other programs, or choose smaller models.",
    )


def _disk(home: Home) -> Check:
    there = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    good = free >= ENOUGH_DISK
    return Check(
        "disk",
        State.WORKS if good else State.LIMITED,
        f"{free / 2**30:.1f} GB free for {home.root}",
        "" if good else "Free some space, or set COMPANION_HOME to another disk.",
    )


def _terminal() -> Check:
    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower()
    if encoding not in ("utf-8", "utf8"):
        return Check(
            "terminal", State.LIMITED, f"speaks {encoding or 'nothing'}", "Set a UTF-8 locale: LANG=en_GB.UTF-8"
        )
    if not sys.stdout.isatty():
        return Check("terminal", State.WORKS, "none: output goes to a file or a program")
    return Check("terminal", State.WORKS, f"{size.columns} by {size.lines}, UTF-8")


def _decks(home: Home) -> Check:
    library = DeckLibrary.of(home)
    cases = sum(len(deck.cases) for deck in library.decks)
    if library.broken:
        first = library.broken[0]
        return Check("decks", State.LIMITED, f"{len(library.broken)} files cannot be read: {first.message}", first.hint)
    found = f"{cases} cases and {len(library.findings)} findings in {len(library.decks)} decks"
    return Check("decks", State.WORKS, found)


def _sound(settings: Settings) -> list[Check]:
    try:
        version = portaudio().get_portaudio_version()[1]
    except CompanionError as error:
        return [Check("PortAudio", State.LIMITED, error.message, error.hint)]
    checks = [Check("PortAudio", State.WORKS, str(version).split(",")[0])]
    kinds: tuple[tuple[Kind, str, str], ...] = (
        ("input", "microphone", settings.microphone),
        ("output", "speaker", settings.speaker),
    )
    for kind, noun, wanted in kinds:
        try:
            device = find_device(kind, wanted)
        except CompanionError as error:
            checks.append(Check(noun, State.LIMITED, error.message, error.hint))
        else:
            others = len(devices(kind)) - 1
            checks.append(Check(noun, State.WORKS, f"{device.label}, {device.rate} Hz ({others} others)"))
    return checks


async def _models(home: Home) -> AsyncGenerator[Check, None]:
    from companion.models.verify import verify

    catalogue = load_catalogue()
    for name in sorted(installed_names(home, catalogue)):
        verdict = await asyncio.to_thread(verify, home, catalogue[name])
        good = verdict.state == "ready"
        yield Check(
            f"model {name}",
            State.WORKS if good else State.BROKEN,
            "checksums right" if good else f"damaged: {'; '.join(verdict.faults)}",
            "" if good else f"Fetch it again: companion models pull {name}",
        )


async def _engines(home: Home, settings: Settings) -> AsyncGenerator[Check, None]:
    startup = Startup(home, settings)
    with startup.engines as engines:
        for part, title in _TITLES.items():
            began = time.perf_counter()
            async for report in startup.bring_up(part):
                if report.notice is not None:
                    yield Check(title, State.LIMITED, report.notice.message, report.notice.hint)
                elif report.name is None:
                    yield Check(title, State.LIMITED, "switched off in the settings")
                else:
                    loaded = time.perf_counter() - began
                    yield await _really_run(part, title, report.name, loaded, engines)


_TITLES: dict[Part, str] = {"voice": "voice", "recognizer": "ears", "language_model": "language model"}


async def _really_run(part: Part, title: str, name: str, loaded_s: float, engines: Engines) -> Check:
    run: dict[Part, Callable[[Engines], Awaitable[str]]] = {
        "voice": _speak,
        "recognizer": _hear,
        "language_model": _write,
    }
    began = time.perf_counter()
    try:
        found = await run[part](engines)
    except CompanionError as error:
        return Check(title, State.BROKEN, error.message, error.hint or "Check the model: companion models verify")
    took = time.perf_counter() - began
    return Check(title, State.WORKS, f"{name}: loaded in {loaded_s:.1f} s, {found} in {took:.1f} s")


async def _speak(engines: Engines) -> str:
    assert engines.voice is not None
    seconds = await engines.voice.call(_spoken_s)
    return f"{seconds:.1f} s of speech"


def _spoken_s(voice: Voice) -> float:
    return sum(clip.seconds for clip in voice.speak("The tutor speaks."))


async def _hear(engines: Engines) -> str:
    assert engines.recognizer is not None
    if engines.voice is None:
        heard = (await engines.recognizer.call(lambda recognizer: recognizer.transcribe(Clip.silence(1.0)))).text
        return "a second of silence heard as silence" if not heard else f"silence heard as “{heard}”"
    clip = await engines.voice.call(lambda voice: Clip.join(list(voice.speak("The tutor speaks.")), voice.rate))
    return f"“{await engines.recognizer.call(lambda recognizer: _heard(recognizer, clip))}”"


def _heard(recognizer: Recognizer, clip: Clip) -> str:
    import soxr

    return recognizer.transcribe(Clip(soxr.resample(clip.samples, clip.rate, 16_000).astype("float32"))).text


async def _write(engines: Engines) -> str:
    assert engines.language_model is not None
    return await engines.language_model.call(_written)


def _written(model: LanguageModel) -> str:
    pieces = list(model.reply([Message("user", "The heart has four")], max_tokens=8))
    return f"{len(pieces)} tokens written"
