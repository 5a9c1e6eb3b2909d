from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from companion.core.errors import EngineError
from companion.engines.owner_thread import OwnerThread


class Counter:
    """An engine that counts, and remembers on which threads it was touched."""

    def __init__(self) -> None:
        self.threads = [threading.get_ident()]
        self.yielded = 0
        self.stream_closed_on: int | None = None
        self.closed_on: int | None = None

    def load(self) -> None:
        self.threads.append(threading.get_ident())

    def close(self) -> None:
        self.closed_on = threading.get_ident()

    def here(self) -> int:
        self.threads.append(threading.get_ident())
        return threading.get_ident()

    def count(self, to: int) -> Iterator[int]:
        try:
            for number in range(to):
                self.threads.append(threading.get_ident())
                self.yielded += 1
                yield number
        finally:
            self.stream_closed_on = threading.get_ident()

    def break_at(self, number: int) -> Iterator[int]:
        yield from range(number)
        raise EngineError(f"broke at {number}")


@pytest.fixture
def owner() -> Iterator[OwnerThread[Counter]]:
    thread = OwnerThread(Counter, "counter")
    thread.start()
    yield thread
    thread.close()


async def test_everything_happens_on_the_one_thread(owner: OwnerThread[Counter]) -> None:
    await owner.call(Counter.load)
    where = await owner.call(Counter.here)
    assert [n async for n in owner.stream(lambda engine: engine.count(50))] == list(range(50))
    engine = await owner.call(lambda engine: engine)
    owner.close()
    assert set(engine.threads) == {where} != {threading.get_ident()}
    assert engine.closed_on == where


async def test_jobs_run_in_the_order_they_were_given(owner: OwnerThread[Counter]) -> None:
    done: list[int] = []
    await asyncio.gather(*(owner.call(lambda _, n=n: done.append(n)) for n in range(200)))  # type: ignore[misc]
    assert done == list(range(200))


async def test_the_event_loop_runs_on_while_the_engine_works(owner: OwnerThread[Counter]) -> None:
    go_on = threading.Event()
    job = asyncio.create_task(owner.call(lambda _: go_on.wait(5)))
    await asyncio.sleep(0.01)
    assert not job.done()
    go_on.set()
    assert await job is True


async def test_what_a_job_raises_reaches_its_caller_and_the_next_job_runs(owner: OwnerThread[Counter]) -> None:
    with pytest.raises(ZeroDivisionError):
        await owner.call(lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        owner.run(lambda _: 1 // 0)
    assert owner.run(lambda _: 7) == 7


async def test_a_stream_that_breaks_gives_its_values_and_then_raises(owner: OwnerThread[Counter]) -> None:
    got = []
    with pytest.raises(EngineError, match="broke at 3"):
        async for number in owner.stream(lambda engine: engine.break_at(3)):
            got.append(number)
    assert got == [0, 1, 2]


async def test_a_slow_consumer_slows_the_engine(owner: OwnerThread[Counter]) -> None:
    engine = await owner.call(lambda engine: engine)
    async with aclosing(owner.stream(lambda engine: engine.count(1000), ahead=4)) as numbers:
        for taken in range(1, 20):
            await anext(numbers)
            await asyncio.sleep(0.005)
            assert engine.yielded <= taken + 4


async def test_leaving_a_stream_early_closes_the_generator_on_the_owners_thread(owner: OwnerThread[Counter]) -> None:
    async with aclosing(owner.stream(lambda engine: engine.count(10**9), ahead=2)) as numbers:
        async for number in numbers:
            if number == 5:
                break
    engine = await owner.call(lambda engine: engine)  # waits for the stream to have stopped
    assert engine.stream_closed_on == await owner.call(Counter.here)
    assert engine.yielded < 20


async def test_a_cancelled_task_leaves_its_stream(owner: OwnerThread[Counter]) -> None:
    async def read() -> None:
        async with aclosing(owner.stream(lambda engine: engine.count(10**9))) as numbers:
            async for _ in numbers:
                await asyncio.sleep(0.001)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await owner.call(lambda engine: engine)).stream_closed_on is not None


async def test_a_call_cancelled_while_it_waits_never_runs(owner: OwnerThread[Counter]) -> None:
    go_on = threading.Event()
    first = asyncio.create_task(owner.call(lambda _: go_on.wait(5)))
    ran: list[int] = []
    second = asyncio.create_task(owner.call(lambda _: ran.append(1)))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await first
    owner.run(Counter.here)
    assert ran == []


async def test_an_engine_that_could_not_be_built_is_tried_again() -> None:
    attempts = 0

    def factory() -> Counter:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise EngineError("not yet")
        return Counter()

    owner = OwnerThread(factory, "counter")
    with pytest.raises(EngineError, match="not yet"):
        await anext(owner.stream(lambda engine: engine.count(1)))
    assert [n async for n in owner.stream(lambda engine: engine.count(1))] == [0]
    assert attempts == 2
    owner.close()


async def test_closing_in_the_middle_of_a_stream_ends_it_with_an_error(owner: OwnerThread[Counter]) -> None:
    numbers = owner.stream(lambda engine: engine.count(10**9), ahead=2)
    await anext(numbers)
    owner.close()
    with pytest.raises(EngineError, match="closed"):
        async for _ in numbers:
            pass


async def test_jobs_that_wait_when_it_closes_fail_in_words(owner: OwnerThread[Counter]) -> None:
    go_on = threading.Event()
    running = asyncio.create_task(owner.call(lambda _: go_on.wait(5)))
    waiting = asyncio.create_task(owner.call(Counter.here))
    await asyncio.sleep(0.01)
    closing = threading.Thread(target=owner.close)
    closing.start()
    with pytest.raises(EngineError, match="counter was closed"):
        await waiting
    go_on.set()
    assert await running is True
    await asyncio.to_thread(closing.join)


async def test_a_closed_owner_takes_no_more_jobs(owner: OwnerThread[Counter]) -> None:
    owner.close()
    owner.close()
    with pytest.raises(EngineError, match="closed"):
        await owner.call(Counter.here)
    with pytest.raises(EngineError, match="closed"):
        await anext(owner.stream(lambda engine: engine.count(1)))


def test_closing_what_was_never_used_does_nothing() -> None:
    OwnerThread(Counter, "counter").close()


def test_it_may_be_closed_from_its_own_thread(owner: OwnerThread[Counter]) -> None:
    engine = owner.run(lambda engine: engine)
    owner.run(lambda _: owner.close())
    owner.close()
    assert engine.closed_on is not None


def test_a_stuck_engine_does_not_hold_up_closing(owner: OwnerThread[Counter], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.engines.owner_thread.CLOSE_WITHIN_S", 0.05)
    stuck = threading.Event()
    threading.Thread(target=lambda: owner.run(lambda _: stuck.wait(5)), daemon=True).start()
    time.sleep(0.02)
    began = time.monotonic()
    owner.close()
    assert time.monotonic() - began < 1
    stuck.set()


def test_a_stream_outlived_by_its_event_loop_is_closed(owner: OwnerThread[Counter]) -> None:
    async def begin() -> None:
        numbers = owner.stream(lambda engine: engine.count(10**9), ahead=2)
        await anext(numbers)
        del numbers

    asyncio.run(begin())
    gc.collect()
    assert owner.run(lambda engine: engine).stream_closed_on is not None


def test_a_program_that_forgets_to_close_still_closes_its_engine_at_exit() -> None:
    program = (
        "from companion.engines.owner_thread import OwnerThread\n"
        "class Engine:\n"
        "    def load(self): pass\n"
        "    def close(self): print('closed')\n"
        "OwnerThread(Engine, 'engine').run(Engine.load)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "closed\n"
