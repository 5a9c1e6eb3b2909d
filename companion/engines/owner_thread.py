"""One engine on one thread of its own: built, used and closed there and nowhere else.

MLX streams are thread-local, Pocket TTS is not thread-safe, and asyncio must not wait for a forward
pass: so every engine gets a thread, and the event loop talks to it through this.
"""

from __future__ import annotations

import asyncio
import atexit
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from companion.core.errors import EngineError
from companion.engines.protocols import Engine

E = TypeVar("E", bound=Engine)
T = TypeVar("T")

CLOSE_WITHIN_S = 10.0
"""Longest wait for an engine to finish what it is in the middle of; after that it is left behind."""

_left: set[threading.Thread] = set()


def left_behind() -> bool:
    """Whether a closed engine still runs native code: Python must not be taken down under it.

    A thread that comes back to a Python that is gone ends in the middle of C++, which aborts the process.
    """
    return any(thread.is_alive() for thread in _left)


class OwnerThread(Generic[E]):
    """Owns an engine; jobs run on its thread in the order they were given.

    The engine is built when the first job comes, and again at the next one if building it failed,
    so a user who mended the cause need not start over. What a job raises is raised to its caller.
    """

    def __init__(self, factory: Callable[[], E], name: str) -> None:
        self._factory = factory
        self.name = name
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[E], Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._streams: set[_HandOver[Any]] = set()
        # A daemon, so that an engine stuck in native code cannot keep the program from ending.
        self._thread = threading.Thread(target=self._serve, name=f"owner of {name}", daemon=True)

    def start(self) -> None:
        """Start the thread; a first job does so by itself, and calling it again does nothing."""
        with self._lock:
            if not self._closed and self._thread.ident is None:
                self._thread.start()
                atexit.register(self.close)

    async def call(self, job: Callable[[E], T]) -> T:
        """The result of ``job`` run on the thread; cancelled while it still waits, it never runs."""
        return await self.submit(job)

    def submit(self, job: Callable[[E], T]) -> asyncio.Future[T]:
        """The same, but in line at once, whenever it is awaited."""
        return asyncio.wrap_future(self._submit(job))

    def run(self, job: Callable[[E], T]) -> T:
        """The same for code without an event loop."""
        return self._submit(job).result()

    async def stream(self, job: Callable[[E], Iterator[T]], *, ahead: int = 8) -> AsyncGenerator[T, None]:
        """What the iterator yields, at most ``ahead`` values before they are taken.

        A slow consumer slows the engine. Closing this early (``contextlib.aclosing``) stops the
        iterator at its next value and closes it on the owner's thread; jobs given later wait for that.
        """
        hand_over: _HandOver[T] = _HandOver(asyncio.get_running_loop(), ahead)
        with self._lock:
            self._streams.add(hand_over)
        future: Future[None] | None = None
        try:
            future = self._submit(lambda engine: self._fill(hand_over, job(engine)))
            future.add_done_callback(lambda _: hand_over.end())
            while (item := await hand_over.take()) is not None:
                yield item[0]
            future.result()
        finally:
            hand_over.abandon()
            if future is not None:
                future.cancel()
            with self._lock:
                self._streams.discard(hand_over)

    def close(self, within_s: float | None = None) -> None:
        """Close the engine on its thread and wait for that, ``CLOSE_WITHIN_S`` at most; calling it again is harmless.

        A running stream ends at its next value, jobs still waiting fail with ``EngineError``.
        """
        with self._lock:
            first, self._closed = not self._closed, True
            streams = tuple(self._streams)
        if first:
            atexit.unregister(self.close)
            self._refuse_waiting()
            self._jobs.put(None)
        for hand_over in streams:
            hand_over.abandon()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_WITHIN_S if within_s is None else within_s)
            if self._thread.is_alive():
                _left.add(self._thread)

    def _submit(self, job: Callable[[E], T]) -> Future[T]:
        self.start()
        future: Future[T] = Future()
        with self._lock:  # so that no job can slip in behind the end that ``close`` puts
            if self._closed:
                raise self._closed_error()
            self._jobs.put((future, job))
        return future

    def _serve(self) -> None:
        engine: E | None = None
        while (waiting := self._jobs.get()) is not None:
            future, job = waiting
            if future.set_running_or_notify_cancel():
                try:
                    if engine is None:
                        engine = self._factory()
                    result = job(engine)
                except BaseException as error:  # noqa: BLE001 - nothing is swallowed: the caller raises it
                    future.set_exception(error)
                else:
                    future.set_result(result)
                    del result
            del waiting, future, job  # nothing of a finished job is kept alive while waiting for the next
        if engine is not None:
            engine.close()

    def _fill(self, hand_over: _HandOver[T], values: Iterator[T]) -> None:
        try:
            while hand_over.wait_for_room():
                try:
                    value = next(values)
                except StopIteration:
                    return
                hand_over.put(value)
            if self._closed:
                raise self._closed_error()
        finally:
            close = getattr(values, "close", None)
            if close is not None:
                close()

    def _refuse_waiting(self) -> None:
        while True:
            try:
                waiting = self._jobs.get_nowait()
            except queue.Empty:
                return
            if waiting is not None and waiting[0].set_running_or_notify_cancel():
                waiting[0].set_exception(self._closed_error())

    def _closed_error(self) -> EngineError:
        return EngineError(f"The {self.name} was closed while it was still wanted.")


class _HandOver(Generic[T]):
    """A bounded way for values from the owner's thread to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ahead: int) -> None:
        self._loop = loop
        self._values: asyncio.Queue[tuple[T] | None] = asyncio.Queue()
        self._room = threading.Semaphore(ahead)
        self._abandoned = False

    def wait_for_room(self) -> bool:
        """Block the owner's thread until a value is wanted; False when none ever will be."""
        self._room.acquire()
        return not self._abandoned

    def put(self, value: T) -> None:
        """Hand over a value from the owner's thread."""
        self._send((value,))

    async def take(self) -> tuple[T] | None:
        """The next value, on the event loop; None at the end."""
        item = await self._values.get()
        self._room.release()
        return item

    def end(self) -> None:
        """Nothing more comes; called from any thread."""
        self._send(None)

    def abandon(self) -> None:
        """Nobody takes values any more; called from any thread."""
        self._abandoned = True
        self._room.release()

    def _send(self, item: tuple[T] | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._values.put_nowait, item)
        except RuntimeError:  # the event loop is closed, and whoever waited went with it
            self._abandoned = True
