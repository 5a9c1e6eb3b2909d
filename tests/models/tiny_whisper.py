"""A Whisper of a few hundred random numbers, written as CTranslate2 writes one."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HIDDEN, BANDS, VOCABULARY = 8, 16, 80, 12
Tensors = dict[str, NDArray[Any]]


def write_tiny_whisper(folder: Path, without: str = "") -> Tensors:
    """Write ``model.bin`` and ``tokenizer.json``: two encoder layers, one decoder layer, two heads."""
    tensors = {name: tensor for name, tensor in _tensors().items() if name != without}
    with (folder / "model.bin").open("wb") as file:
        file.write(struct.pack("<I", 6) + _text("WhisperSpec") + struct.pack("<II", 3, len(tensors)))
        for name, tensor in tensors.items():
            kind = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}[tensor.dtype.name]
            file.write(_text(name) + struct.pack(f"<B{tensor.ndim}I", tensor.ndim, *tensor.shape))
            file.write(struct.pack("<BI", kind, tensor.nbytes) + tensor.tobytes())
        file.write(struct.pack("<I", 0))
    vocabulary = {"Ġthe": 1, "!": 0, "Ā": 2, "<|endoftext|>": 3}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}), "utf-8")
    return tensors


def _text(value: str) -> bytes:
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def _tensors() -> Tensors:
    numbers = np.random.default_rng(1)

    def some(*shape: int) -> NDArray[Any]:
        return numbers.standard_normal(shape).astype(np.float16)

    def linear(name: str, out: int, into: int) -> Tensors:
        return {f"{name}/weight": some(out, into), f"{name}/bias": some(out)}

    def norm(name: str) -> Tensors:
        return {f"{name}/gamma": some(WIDTH), f"{name}/beta": some(WIDTH)}

    tensors: Tensors = {
        "encoder/num_heads": np.array(2, np.int8),
        "encoder/position_encodings/encodings": some(15, WIDTH),
        "encoder/conv1/weight": some(WIDTH, BANDS, 3),
        "encoder/conv1/bias": some(WIDTH),
        "encoder/conv2/weight": some(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": some(WIDTH),
        "decoder/position_encodings/encodings": some(7, WIDTH),
        "decoder/embeddings/weight": some(VOCABULARY, WIDTH),
    }
    for side, layers in (("encoder", 2), ("decoder", 1)):
        tensors |= norm(f"{side}/layer_norm")
        for layer in (f"{side}/layer_{i}" for i in range(layers)):
            tensors |= norm(f"{layer}/self_attention/layer_norm") | norm(f"{layer}/ffn/layer_norm")
            tensors |= linear(f"{layer}/self_attention/linear_0", 3 * WIDTH, WIDTH)
            tensors |= linear(f"{layer}/self_attention/linear_1", WIDTH, WIDTH)
            tensors |= linear(f"{layer}/ffn/linear_0", HIDDEN, WIDTH) | linear(f"{layer}/ffn/linear_1", WIDTH, HIDDEN)
            if side == "decoder":
                tensors |= norm(f"{layer}/attention/layer_norm")
                tensors |= linear(f"{layer}/attention/linear_0", WIDTH, WIDTH)
                tensors |= linear(f"{layer}/attention/linear_1", 2 * WIDTH, WIDTH)
                tensors |= linear(f"{layer}/attention/linear_2", WIDTH, WIDTH)
    return tensors
