"""The speaker: one output stream kept open, which plays clips of any rate and falls silent within a block."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Any

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip, Samples
from companion.core.clock import Clock, Sleep
from companion.core.errors import DeviceError
from companion.engines.devices import Device, close_stream, gone, open_stream

_BUFFER_S = 0.08
"""Asked of the device: what a flush cannot take back, and how long a callback may wait for a busy Python."""

_FADE_S = 0.008
"""A cut of less than this clicks."""

_SILENT_S = 3.0
"""A device that has called back and then does not for this long is gone."""

_FIRST_S = 5.0
"""The same before its first call: Bluetooth and idle sound servers take seconds to wake."""

_POLL_S = 0.005


class _Reply:
    """What is queued of one reply at the device's rate; filled by one thread, emptied by the callback."""

    def __init__(self) -> None:
        self.queue: deque[Samples] = deque()
        self.flushed = False
        self.silenced = False
        """Whether its fade has been played: what a late ``put`` still adds is never heard."""
        self.queued = 0
        self.played = 0
        self.first_sample_at: float | None = None
        self.ends_at = -math.inf
        """Clock time at which the last sample given to the device reaches it."""
        self._head = 0

    def put(self, samples: Samples) -> None:
        """Queue samples; the count is moved after them, so nobody waits for sound that is not there."""
        if len(samples):
            self.queue.append(samples)
            self.queued += len(samples)

    def take(self, out: Samples) -> int:
        """Fill ``out`` as far as the queue goes; the number of samples. ``given`` must follow."""
        filled = 0
        while filled < len(out) and self.queue:
            clip = self.queue[0]
            count = min(len(clip) - self._head, len(out) - filled)
            out[filled : filled + count] = clip[self._head : self._head + count]
            filled += count
            self._head += count
            if self._head == len(clip):
                self.queue.popleft()
                self._head = 0
        return filled

    def given(self, samples: int, heard_at: float, rate: float) -> None:
        """Samples went to the device, the first to be heard at that clock time.

        The count moves last: whoever sees that all is played must already see when that will be heard.
        """
        if self.first_sample_at is None:
            self.first_sample_at = heard_at
        self.ends_at = heard_at + samples / rate
        self.played += samples


class PortAudioSpeaker:
    """Plays on a device remembered as ``name, host API`` (empty: the default), and keeps time on ``clock``."""

    def __init__(self, device: str = "", clock: Clock = time.perf_counter, sleep: Sleep = time.sleep) -> None:
        self._wanted = device
        self._clock = clock
        self._sleep = sleep
        self._stream: Any = None
        self._device: Device | None = None
        self._rate = 0.0
        self._mono = np.zeros(0, np.float32)
        self._ramp = np.zeros(0, np.float32)
        self._latency = 0.0
        self._reply = _Reply()
        self._playing = self._reply
        self._resampler: Any = None
        self._resampler_rate = 0
        self._called_at: float | None = None
        self._opened_at = 0.0
        self._finished = False
        self.underruns = 0
        """Blocks the device had to make up since it was opened, because we were late."""

    @property
    def device(self) -> Device | None:
        """The device that is open, or was last."""
        return self._device

    def open(self) -> None:
        """Open the device ahead of the first reply, which then need not wait for it. Raises ``DeviceError``."""
        if self._stream is not None and not self._dead():
            return
        self.close()
        self._called_at, self._finished = None, False
        self._opened_at = self._clock()
        self._stream, self._device = open_stream(
            "output",
            self._wanted,
            self._make_ready,
            callback=self._fill,
            finished_callback=self._finish,
            latency=_BUFFER_S,
        )

    def begin(self) -> None:
        """A new reply starts and takes the place of any other. Raises ``DeviceError``."""
        self.open()
        self._resampler = None
        self._reply = _Reply()

    def play(self, clip: Clip) -> None:
        """Queue sound of any rate and return at once; what comes after ``flush`` is dropped."""
        reply = self._reply
        if reply.flushed or not len(clip.samples):
            return
        if self._resampler is None or self._resampler_rate != clip.rate:
            import soxr

            self._drain(reply)
            self._resampler = soxr.ResampleStream(clip.rate, self._rate, 1)
            self._resampler_rate = clip.rate
        # One resampler runs through all clips of a reply: each starting afresh would click at the joins.
        reply.put(self._resampler.resample_chunk(np.ascontiguousarray(clip.samples, np.float32)))

    @property
    def first_sample_at(self) -> float | None:
        """Clock time at which this reply's first sample reached the device, once it has."""
        at = self._reply.first_sample_at
        return at if at is not None and at <= self._clock() else None

    @property
    def heard_s(self) -> float:
        """Seconds of this reply that have reached the device: what is still on its way is not counted."""
        reply = self._reply
        if not reply.played:
            return 0.0
        return max(0.0, reply.played / self._rate - max(0.0, reply.ends_at - self._clock()))

    def finish(self, cancelled: Cancelled = never) -> None:
        """Wait until all that was queued has been heard, or until cancelled or flushed.

        Raises ``DeviceError`` when the device goes away or stands still.
        """
        reply = self._reply
        if not reply.flushed:
            self._drain(reply)
        while not cancelled():
            done = reply.flushed or reply.played >= reply.queued
            if done and self._clock() >= reply.ends_at:
                return
            if self._stream is None or self._dead():
                raise self._gone()
            self._sleep(_POLL_S)

    def flush(self) -> None:
        """Drop what is queued and fall silent at once, by a short fade; may be called from any thread."""
        self._reply.flushed = True

    def close(self) -> None:
        """Give the device back; calling it again does nothing."""
        stream, self._stream = self._stream, None
        if stream is not None:
            close_stream(stream)

    def _make_ready(self, stream: Any) -> None:
        self._rate = float(stream.samplerate)
        self._latency = float(stream.latency)
        self._mono = np.zeros(round(self._rate), np.float32)
        self._ramp = np.linspace(1.0, 0.0, max(2, round(_FADE_S * self._rate)), dtype=np.float32)

    def _drain(self, reply: _Reply) -> None:
        """Queue what the resampler still holds."""
        if self._resampler is not None:
            reply.put(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            self._resampler = None

    def _fill(self, out: Samples, frames: int, times: Any, status: Any) -> None:
        now = self._clock()
        self._called_at = now
        if status.output_underflow:
            self.underruns += 1
        ahead = times.outputBufferDacTime - times.currentTime
        heard_at = now + (ahead if 0.0 <= ahead < _FIRST_S else self._latency)
        mono = self._mono[:frames]
        mono[:] = 0.0
        reply = self._reply
        if self._playing is not reply or reply.flushed:
            self._fade(self._playing, mono, heard_at)
            self._playing = reply
        if not reply.flushed:
            self._give(reply, mono, heard_at)
        out[:] = mono[:, np.newaxis]

    def _give(self, reply: _Reply, mono: Samples, heard_at: float) -> None:
        # On top of whatever fades there: a reply begins while the last one is still dying away.
        fading = mono.copy() if mono.any() else None
        count = reply.take(mono)
        if fading is not None:
            mono += fading
        if count:
            reply.given(count, heard_at, self._rate)

    def _fade(self, reply: _Reply, mono: Samples, heard_at: float) -> None:
        """Let the end of what was playing die away, and forget the rest of it."""
        if reply.silenced or not reply.queue:
            reply.queue.clear()
            return
        reply.silenced = True
        length = min(len(self._ramp), len(mono))
        count = reply.take(mono[:length])
        mono[:count] *= self._ramp[:count] if length == len(self._ramp) else np.linspace(1.0, 0.0, count)
        reply.queue.clear()
        reply.given(count, heard_at, self._rate)

    def _finish(self) -> None:
        self._finished = True

    def _dead(self) -> bool:
        limit, since = (_FIRST_S, self._opened_at) if self._called_at is None else (_SILENT_S, self._called_at)
        return self._finished or self._clock() - since > limit

    def _gone(self) -> DeviceError:
        if self._device is None:
            return DeviceError("The speaker was never opened.")
        return gone(self._device)
