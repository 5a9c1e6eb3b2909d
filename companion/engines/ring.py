"""The ring between the sound card's callback and the thread that reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from companion.core.clip import Samples


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Blocks read from the ring, without a gap between them."""

    samples: Samples
    """Float32, frames by channels: a copy that the ring will not touch again."""
    captured_at: float
    """When the last of them was captured, in seconds on the writer's clock."""


class Ring:
    """A fixed stretch of memory, written by one thread and read by one other.

    The writer copies and counts, and never waits: no locks, and no buffers made. Each side moves only its
    own index, and moves it last, so neither can see half of what the other does. When the reader is late
    the newest block is dropped and counted, so what was already promised stays whole.
    """

    def __init__(self, frames: int, channels: int = 1, blocks: int = 8192) -> None:
        self._samples = np.zeros((frames, channels), np.float32)
        self._ends = np.zeros(blocks, np.int64)
        self._times = np.zeros(blocks, np.float64)
        self._gaps = np.zeros(blocks, np.bool_)
        self._written = 0
        self._blocks_written = 0
        self._read = 0
        self._blocks_read = 0
        self._gap = False
        self.overruns = 0
        """Blocks dropped because the ring was full or the device lost them."""

    def write(self, block: Samples, captured_at: float) -> bool:
        """Copy a block (frames by channels) whose last sample was captured then; false if it was dropped."""
        count = len(block)
        size = len(self._samples)
        mark = self._blocks_written % len(self._ends)
        if count > size - (self._written - self._read) or self._blocks_written - self._blocks_read >= len(self._ends):
            self.lost()
            return False
        start = self._written % size
        first = min(count, size - start)
        self._samples[start : start + first] = block[:first]
        self._samples[: count - first] = block[first:]
        self._ends[mark] = self._written + count
        self._times[mark] = captured_at
        self._gaps[mark] = self._gap
        self._gap = False
        self._written += count
        self._blocks_written += 1
        return True

    def lost(self) -> None:
        """Count a block that never came: the next one follows a gap. Called by the writer only."""
        self.overruns += 1
        self._gap = True

    def read(self) -> Stretch | None:
        """All that was written since the last read, up to the next gap; None when there is nothing."""
        first, written = self._blocks_read, self._blocks_written
        if first == written:
            return None
        marks = len(self._ends)
        until = first + 1
        while until < written and not self._gaps[until % marks]:
            until += 1
        end = int(self._ends[(until - 1) % marks])
        size = len(self._samples)
        start, count = self._read % size, end - self._read
        whole = min(count, size - start)
        samples = np.concatenate((self._samples[start : start + whole], self._samples[: count - whole]))
        stretch = Stretch(samples, float(self._times[(until - 1) % marks]))
        self._read = end
        self._blocks_read = until
        return stretch
