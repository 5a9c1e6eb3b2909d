"""Bringing the engines up: each on its own thread, each reported ready, missing or failed in words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from companion.core.errors import CompanionError, EngineError
from companion.core.events import Notice
from companion.core.tutor import phrasing_messages
from companion.engines.audio_cache import AudioCache
from companion.engines.owner_thread import CLOSE_WITHIN_S, OwnerThread
from companion.engines.protocols import Detector, LanguageModel, Recognizer, Voice
from companion.engines.registry import engine_class
from companion.home import Home
from companion.models.catalogue import Model, Role, installed_names, load_catalogue, missing, model_path, require
from companion.models.choice import selected
from companion.models.machine import this_machine
from companion.settings import Settings
from companion.store.stock_voices import stock_voice

Part = Literal["recognizer", "language_model", "voice"]

HURRIED_S = 1.0
"""How long all engines together are waited for when something was interrupted or failed."""

_WITHOUT: dict[Part, str] = {
    "recognizer": "The tutor cannot hear, so answers are typed.",
    "language_model": "There is no language model, so the tutor speaks from its decks alone.",
    "voice": "The tutor has no voice, so it writes.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """How one part came up: the name of what runs, or the notice of what is lost."""

    part: Part
    name: str | None
    notice: Notice | None = None
    error: CompanionError | None = None
    """Why it is lost."""


@dataclass(slots=True)
class Engines:
    """The engines that came up, each on its thread; a part that did not is None.

    As a context they are closed at its end, at once when it ends by Ctrl-C or an error.
    """

    detector: OwnerThread[Detector] | None = None
    recognizer: OwnerThread[Recognizer] | None = None
    language_model: OwnerThread[LanguageModel] | None = None
    voice: OwnerThread[Voice] | None = None
    cache: AudioCache | None = None
    names: dict[str, str] = field(default_factory=dict)
    """What runs, by part, for the history."""

    def __enter__(self) -> Engines:
        """The engines themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close them; nobody who pressed Ctrl-C waits for an engine."""
        self.close(CLOSE_WITHIN_S if kind is None else HURRIED_S)

    def close(self, within_s: float = CLOSE_WITHIN_S) -> None:
        """Close every engine on its thread, waiting at most so many seconds for all of them."""
        until = time.monotonic() + within_s
        for thread in (self.detector, self.recognizer, self.language_model, self.voice):
            if thread is not None:
                thread.close(max(0.0, until - time.monotonic()))


class Startup:
    """Chooses and loads what settings ask for and this machine has."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home, self._settings = home, settings
        self._catalogue = load_catalogue()
        self._ready = installed_names(home, self._catalogue)
        self._machine = this_machine()
        self.engines = Engines()

    async def bring_up(self, *parts: Part) -> AsyncGenerator[Report, None]:
        """Load the parts side by side and report each as it is ready or lost."""
        bring: dict[Part, Callable[[], Any]] = {
            "recognizer": self._recognizer,
            "language_model": self._language_model,
            "voice": self._voice,
        }
        coming = [asyncio.ensure_future(self._report(part, bring[part])) for part in parts]
        try:
            for report in asyncio.as_completed(coming):
                yield await report
        finally:
            for each in coming:
                each.cancel()
            await asyncio.gather(*coming, return_exceptions=True)

    async def _report(self, part: Part, bring: Callable[[], Any]) -> Report:
        try:
            name = await bring()
        except CompanionError as error:
            return Report(part, None, Notice(f"{_WITHOUT[part]} {error.message}", error.hint), error)
        if name is not None:
            self.engines.names[part] = name
        return Report(part, name)

    async def _recognizer(self) -> str:
        model = self._choice("recognizer", self._settings.recognizer_model)
        if model is None:
            raise missing(self._starter("recognizer"))
        path = require(self._home, model)
        build = engine_class("recognizer", model.engine)
        detector = engine_class("detector", "silero")
        self.engines.detector = await self._loaded(OwnerThread[Detector](detector, "detector"))
        self.engines.recognizer = await self._loaded(
            OwnerThread[Recognizer](lambda: build(path, threads=self._settings.threads), "recognizer")
        )
        return model.name

    async def _language_model(self) -> str | None:
        settings = self._settings
        if settings.language_model == "none":
            return None
        if settings.language_model == "endpoint":
            build = engine_class("language model", "endpoint")
            thread = OwnerThread[LanguageModel](
                lambda: build(settings.endpoint_url, settings.endpoint_model, settings.allow_remote_endpoint),
                "language model",
            )
            self.engines.language_model = await self._loaded(thread)
            return f"endpoint {settings.endpoint_model}".strip()
        model = self._choice("language_model", settings.language_model)
        if model is None:
            raise missing(self._starter("language_model"))
        path = require(self._home, model)
        build = engine_class("language model", model.engine)
        extra = {"threads": settings.threads} if model.engine == "llama" else {}
        thread = OwnerThread[LanguageModel](lambda: build(path, **extra), "language model")
        self.engines.language_model = await self._loaded(thread)
        # Read the worked examples now: their keys and values are kept, and every turn begins with them.
        await thread.call(lambda mind: list(mind.reply(phrasing_messages(""), max_tokens=1)))
        return model.name

    async def _voice(self) -> str | None:
        settings = self._settings
        if settings.voice == "none":
            return None
        voice = stock_voice(settings.voice)
        model = self._catalogue[voice.model]
        weights = require(self._home, model)
        packed = model_path(self._home, model, model.files[1].name)
        build = engine_class("voice", voice.engine)
        thread = OwnerThread[Voice](
            lambda: build(weights, packed, voice.name, speed=settings.speed, threads=settings.threads), "voice"
        )
        self.engines.voice = await self._loaded(thread)
        self.engines.cache = AudioCache(self._home.cache / "speech", f"{model.name} {voice.name} {settings.speed}")
        return voice.name

    def _choice(self, role: Role, setting: str) -> Model | None:
        machine = self._machine
        return selected(
            self._catalogue,
            role,
            setting,
            ready=self._ready,
            memory_bytes=machine.memory_bytes,
            apple_silicon=machine.apple_silicon,
        )

    def _starter(self, role: Role) -> Model:
        starter = self._catalogue.starter(apple_silicon=self._machine.apple_silicon)
        return next(model for model in starter if model.role == role)

    async def _loaded(self, thread: OwnerThread[Any]) -> OwnerThread[Any]:
        try:
            await thread.call(lambda engine: engine.load())
        except MemoryError as error:
            thread.close()
            raise EngineError(f"The {thread.name} does not fit into memory.", hint="Close other programs.") from error
        except asyncio.CancelledError:
            # Nothing stops the reading of weights midway, and whoever pressed Ctrl-C does not wait for it.
            thread.close(within_s=0.0)
            raise
        except BaseException:
            thread.close()
            raise
        return thread
