"""Spoken answers kept as files, for those who ask for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from companion.core.clip import Clip
from companion.core.errors import CompanionError
from companion.core.events import Notice
from companion.engines.wav import write_wav
from companion.home import private_directory


class Recordings:
    """Writes each answer to a file of its own that only its owner can read.

    An answer whose recording cannot be kept still counts: the loss is told once, and the session goes on.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime], kept: Callable[[Path], None], tell: Callable[[Notice], None]
    ) -> None:
        self._folder = folder
        self._now = now
        self._kept = kept
        self._tell = tell
        self._count = 0
        self._told = False

    def keep(self, clip: Clip) -> None:
        """Keep one answer and report its path."""
        self._count += 1
        path = self._folder / f"{self._now():%Y%m%dT%H%M%S}-{os.getpid()}-{self._count}.wav"
        try:
            private_directory(self._folder)
            write_wav(path, clip, private=True)
        except CompanionError as error:
            self._lost(error.message, error.hint)
        except OSError as error:
            self._lost(f"{self._folder} cannot be written: {error.strerror or error}.", "")
        else:
            self._kept(path)

    def _lost(self, message: str, hint: str) -> None:
        if not self._told:
            self._tell(Notice(f"Your answers are heard, but not recorded. {message}", hint))
        self._told = True
