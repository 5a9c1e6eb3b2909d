"""The ring between the sound card and the reader."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np

from companion.core.clip import Samples
from companion.engines.ring import Ring


def block(first: int, count: int, channels: int = 1) -> Samples:
    return np.repeat(np.arange(first, first + count, dtype=np.float32)[:, np.newaxis], channels, axis=1)


def test_what_is_written_is_read_once_and_in_order() -> None:
    ring = Ring(100)
    ring.write(block(0, 30), 1.0)
    ring.write(block(30, 20), 2.0)
    stretch = ring.read()
    assert stretch is not None
    assert stretch.samples[:, 0].tolist() == list(range(50))
    assert stretch.captured_at == 2.0
    assert ring.read() is None


def test_it_goes_round_without_losing_a_sample() -> None:
    ring = Ring(64, channels=2)
    heard = []
    for start in range(0, 1000, 25):
        assert ring.write(block(start, 25, 2), float(start))
        if start % 50 == 25:
            stretch = ring.read()
            assert stretch is not None
            heard += stretch.samples[:, 1].tolist()
            assert stretch.captured_at == start
    assert heard == list(range(1000))
    assert ring.overruns == 0


def test_a_full_ring_drops_the_newest_and_counts_it() -> None:
    ring = Ring(50)
    assert ring.write(block(0, 40), 1.0)
    assert not ring.write(block(40, 40), 2.0)
    assert not ring.write(block(80, 40), 3.0)
    assert ring.overruns == 2
    stretch = ring.read()
    assert stretch is not None
    assert stretch.samples[:, 0].tolist() == list(range(40))


def test_a_stretch_never_spans_a_gap_so_its_times_are_true() -> None:
    ring = Ring(100)
    ring.write(block(0, 10), 1.0)
    ring.lost()
    ring.write(block(50, 10), 5.0)
    first, second = ring.read(), ring.read()
    assert first is not None
    assert second is not None
    assert (first.captured_at, first.samples[-1, 0]) == (1.0, 9)
    assert (second.captured_at, second.samples[0, 0]) == (5.0, 50)
    assert ring.overruns == 1


def test_more_blocks_than_it_can_date_are_an_overrun_too() -> None:
    ring = Ring(1000, blocks=4)
    assert [ring.write(block(0, 1), 0.0) for _ in range(6)] == [True] * 4 + [False] * 2


def test_writing_makes_no_buffers() -> None:
    ring = Ring(48_000, channels=2)
    sound = block(0, 1200, 2)
    ring.write(sound, 0.0)
    ring.read()
    tracemalloc.start()
    for _ in range(30):
        ring.write(sound, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < sound.nbytes / 2


def test_a_writer_and_a_reader_on_two_threads_lose_nothing() -> None:
    ring = Ring(4096)
    total = 200_000
    heard: list[Samples] = []

    def write() -> None:
        sent = 0
        while sent < total:
            if ring.write(block(sent, 100), sent / 1000):
                sent += 100

    writer = threading.Thread(target=write)
    writer.start()
    count = 0
    while count < total:
        stretch = ring.read()
        if stretch is not None:
            # The time belongs to the last sample, whatever the two threads did meanwhile.
            assert stretch.captured_at * 1000 == stretch.samples[-1, 0] - 99
            heard.append(stretch.samples[:, 0])
            count += len(stretch.samples)
    writer.join()
    assert np.array_equal(np.concatenate(heard), np.arange(total, dtype=np.float32))
