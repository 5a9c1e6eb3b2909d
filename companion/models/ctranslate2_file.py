"""Reading the weights file of a CTranslate2 model."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import ModelError

Tensor = NDArray[Any]

_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
"""The numbers of CTranslate2's ``DataType`` that numpy has too."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``model.bin`` by name, as views of the mapped file. Raises ``ModelError``.

    Little-endian: version, name and revision of the model's kind, then for each variable its name, rank,
    dimensions, type, bytes and data. A name is a 16-bit length, counting its closing zero, and text.
    """
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        return _read(data)
    except (struct.error, ValueError, KeyError) as error:
        raise ModelError(f"{path.name} is not a CTranslate2 model: {error}.") from error


def _read(data: NDArray[np.uint8]) -> dict[str, Tensor]:
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        size = struct.calcsize(kind)
        (value,) = struct.unpack("<" + kind, data[at : at + size].tobytes())
        at += size
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("H")
        value = data[at : at + length - 1].tobytes().decode()
        at += length
        return value

    tensors: dict[str, Tensor] = {}
    version = number("I")
    if not 1 <= version <= 100:
        raise ValueError(f"its version would be {version}")
    text()
    number("I")
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind = np.dtype(_TYPES[number("B")]).newbyteorder("<")
        size = number("I")
        tensors[name] = data[at : at + size].view(kind).reshape(shape)
        at += size
    return tensors
