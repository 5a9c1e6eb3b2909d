"""SHA-256 of files and streams."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

CHUNK = 1 << 20
"""Bytes read at a time."""


def sha256_of(path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
    """The hexadecimal SHA-256 of a file; ``on_bytes`` is told how many bytes were read so far."""
    digest, count = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            count += len(chunk)
            if on_bytes:
                on_bytes(count)
    return digest.hexdigest()


def copy_hashed(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Copy a stream to its end; the bytes copied and their SHA-256."""
    digest, count = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        target.write(chunk)
        digest.update(chunk)
        count += len(chunk)
    return count, digest.hexdigest()
