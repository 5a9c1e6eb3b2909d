"""Writing a session down on a thread of its own, while its events go on to whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from companion.core.events import AudioChunk, Event, Notice, SessionFinished
from companion.engines.owner_thread import OwnerThread
from companion.session.recorder import Recorder
from companion.store.history import History


class Scribe:
    """A recorder and its history, opened, used and closed on one thread as an engine is."""

    def __init__(self, history: History, recorder: Recorder) -> None:
        self._history = history
        self.recorder = recorder

    def load(self) -> None:
        """Nothing to do: the database is opened with the first thing to keep."""

    def close(self) -> None:
        """Let the database go."""
        self._history.close()


async def recorded(
    events: AsyncGenerator[Event, None],
    scribe: OwnerThread[Scribe],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[Event, None]:
    """The same events, each written down in order; the conversation does not wait for the disk.

    However it ends, by itself, an error or Ctrl-C, what happened is on disk when this is over.
    """
    writing: set[asyncio.Future[Notice | None]] = set()

    def write(job: Callable[[Recorder], Notice | None]) -> None:
        writing.add(scribe.submit(lambda kept: job(kept.recorder)))

    try:
        async with aclosing(events) as running:
            async for event in running:
                if isinstance(event, SessionFinished):
                    number = await scribe.call(lambda kept: kept.recorder.session)
                    event = replace(event, session=number)
                if not isinstance(event, AudioChunk):
                    write(lambda recorder, event=event: recorder.take(event))  # type: ignore[misc]
                if isinstance(event, SessionFinished):
                    # The last chance to tell that something could not be kept.
                    await asyncio.wait(writing)
                for done in [each for each in writing if each.done()]:
                    writing.discard(done)
                    if (notice := done.result()) is not None:
                        yield notice
                yield event
    finally:
        write(lambda recorder: recorder.close(now()))
        for outcome in await asyncio.gather(*writing, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
