"""What ``quiz`` and ``explain`` share: engines, sound in and out, history, and the stream of events."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from companion.cli.keyboard import Keyboard
from companion.cli.view import View
from companion.core.cancel import Cancelled
from companion.core.clip import Clip
from companion.core.errors import CompanionError, DeviceError
from companion.core.events import Event, Notice, SessionFinished
from companion.engines.devices import find_device
from companion.engines.microphone import PortAudioMicrophone
from companion.engines.null_devices import Pace
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import Microphone, Speaker
from companion.engines.speaker import PortAudioSpeaker
from companion.engines.wav import read_clip
from companion.engines.wav_devices import WavMicrophone, WavSpeaker
from companion.home import Home
from companion.session.ears import SpokenEar
from companion.session.narration import Health, Mouth, Mouths
from companion.session.recorder import Recorder
from companion.session.recordings import Recordings
from companion.session.reply import Mind
from companion.session.scribe import Scribe, recorded
from companion.session.startup import Engines, Part, Startup
from companion.session.turn import Answer, Ear, EndOfAnswers
from companion.settings import Settings
from companion.store.deck_library import DeckLibrary
from companion.store.history import History


@dataclass(slots=True)
class Way:
    """How the trainee and the tutor talk this time."""

    typed: bool = False
    """Answers are typed."""
    silent: bool = False
    """Replies are only read."""
    answers: Sequence[Path] = ()
    """Audio files that stand for the microphone."""
    speech_dir: Path | None = None
    """A folder that stands for the speaker."""
    pace: Pace = "realtime"
    clips: list[Clip] = field(default_factory=list)

    def check(self) -> None:
        """Read the answers now: a bad file is told before anything is loaded. Raises ``DeviceError``."""
        self.clips = [read_clip(path) for path in self.answers]


@dataclass(slots=True)
class Talk:
    """Everything a conversation needs, up and running."""

    engines: Engines
    ear: Ear
    mouths: Mouths
    mind: Mind | None


class Conversation:
    """Brings up what is there, runs a session's events through view and history, and closes all."""

    def __init__(self, home: Home, settings: Settings, library: DeckLibrary, way: Way, view: View) -> None:
        self._home, self._settings, self._library, self._way, self._view = home, settings, library, way, view
        self._keyboard: Keyboard | None = None
        self._scribe: OwnerThread[Scribe] | None = None

    async def run(
        self,
        kind: str,
        deck: str | None,
        prompt: str,
        events: Callable[[Talk], AsyncGenerator[Event, None]],
    ) -> None:
        """Show and keep every event of the session that ``events`` makes of the talk."""
        way = self._way
        startup = Startup(self._home, self._settings)
        with startup.engines as engines, ExitStack() as ending:
            parts: list[Part] = ["language_model"]
            parts += [] if way.typed else ["recognizer"]
            parts += [] if way.silent else ["voice"]
            async with aclosing(startup.bring_up(*parts)) as reports:
                async for report in reports:
                    if report.error is not None and report.part == "recognizer" and way.answers:
                        raise report.error
                    self._view.started(report)
            ending.callback(self._close)
            speakers = self._speakers() if engines.voice is not None else ()
            for speaker in speakers:
                ending.callback(speaker.close)
            talk = Talk(
                engines,
                self._ear(engines, prompt),
                self._mouths(engines, speakers),
                Mind(engines.language_model) if engines.language_model else None,
            )
            self._scribe = OwnerThread(lambda: self._open_scribe(kind, deck, engines), "history")
            async with aclosing(recorded(events(talk), self._scribe)) as session:
                async for event in session:
                    self._view.show(event)
                    if isinstance(event, SessionFinished):
                        break

    def _close(self) -> None:
        if self._scribe is not None:
            self._scribe.close()
        if self._keyboard is not None:
            self._keyboard.close()

    def _open_scribe(self, kind: str, deck: str | None, engines: Engines) -> Scribe:
        history = History(self._home)
        recorder = Recorder(
            history,
            kind=kind,
            deck=deck,
            engines=engines.names,
            find_question=self._library.question,
            now=lambda: datetime.now(UTC),
        )
        return Scribe(history, recorder)

    def _mouths(self, engines: Engines, speakers: tuple[Speaker, ...]) -> Mouths:
        if engines.voice is None or not speakers:
            return Mouths()
        voice, cache, health = engines.voice, engines.cache, Health()
        mouths = [Mouth(voice, speaker, cache, health) for speaker in speakers]
        return Mouths(mouths[0], mouths[-1])

    def _speakers(self) -> tuple[Speaker, ...]:
        """Where questions and replies are heard: one device, or two folders."""
        folder = self._way.speech_dir
        if folder is not None:
            # A file hears at once; the pace is that of the answers.
            return WavSpeaker(folder / "questions", pace="fast"), WavSpeaker(folder, pace="fast")
        try:
            find_device("output", self._settings.speaker)
        except CompanionError as error:
            self._view.show(Notice(f"The tutor cannot be heard: {error.message}", error.hint))
            return ()
        return (PortAudioSpeaker(self._settings.speaker),)

    def _ear(self, engines: Engines, prompt: str) -> Ear:
        way, settings = self._way, self._settings
        if way.typed or engines.recognizer is None or engines.detector is None:
            return self._typed()
        ear = SpokenEar(
            engines.detector,
            engines.recognizer,
            lambda: None,
            pause_s=settings.pause_s,
            max_answer_s=settings.max_answer_s,
            prompt=prompt,
            on_listening=self._view.listening,
            on_recorded=self._recordings().keep if settings.keep_recordings else None,
        )
        if way.answers:
            clips = iter(way.clips)
            ear.hands_free = False
            ear.microphones = lambda: self._next_file(clips)
            return ear
        try:
            find_device("input", settings.microphone)
        except CompanionError as error:
            self._view.show(Notice(f"The tutor cannot hear, so answers are typed. {error.message}", error.hint))
            return self._typed()
        microphone: Microphone = PortAudioMicrophone(settings.microphone)
        ear.microphones = lambda: microphone
        if sys.stdin is not None and sys.stdin.isatty():
            keyboard = self._keyboard = Keyboard()
            ear.stop_requested = keyboard.entered

            def listening() -> None:
                # Enter pressed before it was the trainee's turn ends no answer.
                keyboard.forget()
                self._view.listening()

            ear.on_listening = listening
        return self._until_unplugged(ear)

    def _until_unplugged(self, spoken: Ear) -> Ear:
        """An ear that takes typed answers once the microphone is lost."""
        typed: Ear | None = None

        async def ear(cancelled: Cancelled) -> Answer:
            nonlocal typed
            if typed is None:
                try:
                    return await spoken(cancelled)
                except DeviceError as error:
                    lost = f"The tutor cannot hear any more, so answers are typed. {error.message}"
                    self._view.show(Notice(lost, error.hint))
                    typed = self._typed()
            return await typed(cancelled)

        return ear

    def _next_file(self, clips: Iterator[Clip]) -> Microphone | None:
        clip = next(clips, None)
        return None if clip is None else WavMicrophone(clip, pace=self._way.pace)

    def _typed(self) -> Ear:
        keyboard = self._keyboard = self._keyboard or Keyboard()

        async def ear(cancelled: Cancelled) -> Answer:
            self._view.typing()
            line = await keyboard.line()
            if line is None:
                raise EndOfAnswers
            now = time.perf_counter()
            return Answer(line.strip(), line, 0.0, 0.0, now, now)

        return ear

    def _recordings(self) -> Recordings:
        def kept(path: Path) -> None:
            assert self._scribe is not None
            self._scribe.submit(lambda scribe: scribe.recorder.recorded(path)).add_done_callback(noted)

        def noted(done: asyncio.Future[Notice | None]) -> None:
            if not done.cancelled() and (notice := done.result()) is not None:
                self._view.show(notice)

        return Recordings(self._home.recordings, lambda: datetime.now(UTC), kept, self._view.show)


def first_written(requests: Sequence[str], then: Ear | None) -> Ear:
    """An ear for what was written on the command line, in order, and then for whatever ``then`` hears."""
    waiting = iter(requests)

    async def ear(cancelled: Cancelled) -> Answer:
        request = next(waiting, None)
        if request is not None:
            now = time.perf_counter()
            return Answer(request.strip(), request, 0.0, 0.0, now, now)
        if then is None:
            raise EndOfAnswers
        return await then(cancelled)

    return ear
