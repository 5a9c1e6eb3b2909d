"""The microphone: captured at the device's own rate, read as 16 kHz mono."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from companion.core.clip import SPEECH_RATE, Samples
from companion.core.clock import Clock, Sleep
from companion.engines.devices import Device, close_stream, gone, open_stream
from companion.engines.protocols import Block
from companion.engines.ring import Ring

_RING_S = 30.0
"""Seconds of sound that may wait for a busy reader; 6 MB at 48 kHz."""

_BUFFER_S = 0.1
"""Asked of the device: it delivers every quarter of this, and bears a callback that waits for Python that long."""

_SILENT_S = 3.0
"""A device that has called back and then does not for this long is gone."""

_FIRST_S = 5.0
"""The same before its first call: Bluetooth and idle sound servers take seconds to wake."""

_POLL_S = 0.005
"""How often the reader looks. The callback must not wait, so it cannot wake the reader through a lock."""


class PortAudioMicrophone:
    """Captures from a device remembered as ``name, host API`` (empty: the default), on ``clock``.

    The callback copies and counts; channels are mixed and resampled by the one thread that reads.
    """

    def __init__(self, device: str = "", clock: Clock = time.perf_counter, sleep: Sleep = time.sleep) -> None:
        self._wanted = device
        self._clock = clock
        self._sleep = sleep
        self._stream: Any = None
        self._device: Device | None = None
        self._rate = 0.0
        self._ring = Ring(0)
        self._resampler: Any = None
        self._called_at: float | None = None
        self._started_at = 0.0
        self._finished = False

    @property
    def overruns(self) -> int:
        """Blocks lost since ``start``: by us because nobody read in time, or by the device."""
        return self._ring.overruns

    @property
    def device(self) -> Device | None:
        """The device that is open, or was last."""
        return self._device

    def start(self) -> None:
        """Begin to capture; calling it while it runs does nothing. Raises ``DeviceError``."""
        if self._stream is not None:
            return
        self._called_at, self._finished = None, False
        self._started_at = self._clock()
        self._stream, self._device = open_stream(
            "input",
            self._wanted,
            self._make_ready,
            callback=self._capture,
            finished_callback=self._finish,
            latency=_BUFFER_S,
        )

    def read(self, timeout: float) -> Block | None:
        """The next block, or None when none came within ``timeout`` seconds or after ``stop``.

        Raises ``DeviceError`` when the device went away, once all it had captured has been read.
        """
        deadline = self._clock() + timeout
        while self._stream is not None:
            stretch = self._ring.read()
            if stretch is not None:
                block = self._resampled(stretch.samples, stretch.captured_at)
                if len(block.samples):
                    return block
                continue
            self._require_alive()
            left = deadline - self._clock()
            if left <= 0:
                return None
            self._sleep(min(_POLL_S, left))
        return None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: it is not running."""
        return self._stream is None

    def stop(self) -> None:
        """Stop capturing and give the device back; calling it again does nothing."""
        stream, self._stream = self._stream, None
        if stream is not None:
            close_stream(stream)

    def _make_ready(self, stream: Any) -> None:
        import soxr

        self._rate = float(stream.samplerate)
        self._ring = Ring(round(_RING_S * self._rate), stream.channels)
        self._resampler = soxr.ResampleStream(self._rate, SPEECH_RATE, 1)

    def _capture(self, captured: Samples, frames: int, times: Any, status: Any) -> None:
        now = self._clock()
        self._called_at = now
        if status.input_overflow:
            self._ring.lost()
        # The first sample met the converter `age` seconds ago by PortAudio's own clock. Some hosts tell
        # nonsense there, and no sample is from the future.
        age = times.currentTime - times.inputBufferAdcTime
        length = frames / self._rate
        self._ring.write(captured, now - (age - length if length <= age < _FIRST_S else 0.0))

    def _finish(self) -> None:
        self._finished = True

    def _resampled(self, samples: Samples, captured_at: float) -> Block:
        mono = np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32))
        out = self._resampler.resample_chunk(mono)
        # What the filter still holds was captured later than what it gave out.
        return Block(out, captured_at - self._resampler.delay() / SPEECH_RATE)

    def _require_alive(self) -> None:
        now = self._clock()
        silent = now - (self._called_at if self._called_at is not None else self._started_at)
        limit = _FIRST_S if self._called_at is None else _SILENT_S
        if self._finished or silent > limit:
            assert self._device is not None
            raise gone(self._device)
