"""Reading a whisper.cpp file back, by its format and not by our writer."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]


def read_ggml(path: Path) -> tuple[tuple[int, ...], NDArray[np.float32], list[bytes], Tensors]:
    """Header without its magic, mel filters, tokens and tensors."""
    data = path.read_bytes()
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        return data[at - count : at]

    def integers(count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", take(4 * count))

    assert take(4) == b"lmgg"
    header = integers(11)
    bands, bins = integers(2)
    filters = np.frombuffer(take(4 * bands * bins), "<f4").reshape(bands, bins)
    tokens = [take(integers(1)[0]) for _ in range(integers(1)[0])]
    tensors: Tensors = {}
    while at < len(data):
        rank, length, half = integers(3)
        shape = integers(rank)[::-1]
        name = take(length).decode()
        kind = np.dtype("<f2" if half else "<f4")
        tensors[name] = np.frombuffer(take(kind.itemsize * int(np.prod(shape))), kind).reshape(shape)
    return header, filters, tokens, tensors
