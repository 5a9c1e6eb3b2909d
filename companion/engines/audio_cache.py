"""Speech that was made once: fixed texts of decks, kept on disk so that they start at once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from companion.core.clip import Clip
from companion.home import private_directory

LARGEST = 200 * 1024 * 1024
"""Bytes kept; the least recently used go first."""


@dataclass(frozen=True, slots=True)
class AudioCache:
    """Clips by voice and text; each a file of 16-bit samples whose name says its rate.

    Only what a deck or the tutor's own phrases fix is kept here, never words made for one answer:
    deleting a session must not leave its speech behind.
    """

    folder: Path
    voice: str
    """All that changes the sound: engine, voice and speed."""
    largest: int = LARGEST

    def get(self, text: str) -> Clip | None:
        """The clip of this text, if it was kept and is whole."""
        for path in self.folder.glob(self._key(text) + ".*.pcm"):
            try:
                samples = np.fromfile(path, np.int16)
                rate = int(path.suffixes[-2].lstrip("."))
                os.utime(path)
            except (OSError, ValueError):
                continue
            if not len(samples):
                continue  # what a crash left: it would be silence for ever
            return Clip(samples.astype(np.float32) / np.float32(32767), rate)
        return None

    def put(self, text: str, clip: Clip) -> None:
        """Keep the clip, whole or not at all; a full disk only means it is made again next time."""
        samples = (np.clip(clip.samples, -1, 1) * 32767).round().astype(np.int16)
        try:
            private_directory(self.folder)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                part = Path(file.name)
            try:
                samples.tofile(part)
                part.replace(self.folder / f"{self._key(text)}.{clip.rate}.pcm")
            finally:
                part.unlink(missing_ok=True)
            self._evict()
        except OSError:
            return

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self.voice}\n{text}".encode()).hexdigest()[:32]

    def _evict(self) -> None:
        kept = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self.folder.glob("*.pcm"))
        total = sum(size for _, size, _ in kept)
        for _, size, path in kept:
            if total <= self.largest:
                return
            path.unlink(missing_ok=True)
            total -= size
