"""Standard input, typed or piped, read so that Ctrl-C never waits for Enter."""

from __future__ import annotations

import asyncio
import codecs
import os
import queue
import select
import sys
import threading

_LOOK_S = 0.05


class Keyboard:
    """Lines as they are typed; a thread watches the descriptor and ends when told to."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keyboard", daemon=True)
        self._thread.start()

    async def line(self) -> str | None:
        """The next line without its end; None when no more can come."""
        while True:
            ended = self._ended.is_set()
            try:
                return self._lines.get_nowait()
            except queue.Empty:
                if ended:
                    return None
            await asyncio.sleep(_LOOK_S)

    def forget(self) -> None:
        """Drop the lines that nobody asked for."""
        while self.entered():
            pass

    def entered(self) -> bool:
        """Whether a line was entered since this or ``line`` was last asked; forgets it."""
        try:
            self._lines.get_nowait()
        except queue.Empty:
            return False
        return True

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        # Bytes are read without a buffer of Python's: a thread that waits in one cannot be ended.
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        text = ""
        # Without a standard input its number soon belongs to another file.
        gone = self._descriptor == 0 and sys.stdin is None
        while not gone and not self._closing.is_set():
            try:
                if not select.select([self._descriptor], [], [], _LOOK_S)[0]:
                    continue
                piece = os.read(self._descriptor, 4096)
            except (OSError, ValueError):
                break
            text += decode(piece, not piece)
            *whole, text = text.split("\n")
            for line in whole:
                self._lines.put(line.rstrip("\r"))
            if not piece:
                break
        if text:
            self._lines.put(text)
        self._ended.set()
