"""Whisper weights as CTranslate2 keeps them, rewritten as the file whisper.cpp reads."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from companion.core.errors import ModelError
from companion.models.ctranslate2_file import Tensor, read_tensors
from companion.models.mel import slaney_filters

MAGIC = 0x67676D6C
"""``ggml`` in ASCII."""
HALF = 1
"""The file's and a tensor's type: 16-bit floats; 0 is 32-bit."""

_SINGLE = (
    "encoder.conv1.bias",
    "encoder.conv2.bias",
    "encoder.positional_embedding",
    "decoder.positional_embedding",
)
"""Tensors of two dimensions that whisper.cpp still wants in 32 bits."""


def convert(weights: Path, tokenizer: Path, target: Path) -> None:
    """Write ``target`` from CTranslate2's ``model.bin`` and Hugging Face's ``tokenizer.json``.

    The same input gives the same bytes on every machine. Raises ``ModelError`` for files that are no Whisper.
    """
    given = read_tensors(weights)
    try:
        tensors = whisper_tensors(given)
        tokens = byte_level_tokens(json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"])
        heads = int(given["encoder/num_heads"])
    except (KeyError, ValueError) as error:
        raise ModelError(f"{weights.name} and {tokenizer.name} are not a Whisper model: {error}.") from error
    with target.open("wb") as file:
        _write_header(file, tensors, heads)
        _write_filters(file, bands=tensors["encoder.conv1.weight"].shape[1])
        _write_integers(file, len(tokens))
        for token in tokens:
            _write_integers(file, len(token))
            file.write(token)
        for name, tensor in tensors.items():
            _write_tensor(file, name, tensor)


def whisper_tensors(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """CTranslate2's tensors under OpenAI's names, in the order of OpenAI's checkpoint."""
    tensors: dict[str, Tensor] = {"encoder.positional_embedding": given["encoder/position_encodings/encodings"]}
    for name in ("conv1", "conv2"):
        tensors[f"encoder.{name}.weight"] = given[f"encoder/{name}/weight"]
        tensors[f"encoder.{name}.bias"] = given[f"encoder/{name}/bias"].reshape(-1, 1)
    for i in range(_layers(given, "encoder")):
        tensors |= _block(given, f"encoder/layer_{i}", f"encoder.blocks.{i}", crossed=False)
    tensors |= _norm(given, "encoder/layer_norm", "encoder.ln_post")
    tensors["decoder.positional_embedding"] = given["decoder/position_encodings/encodings"]
    tensors["decoder.token_embedding.weight"] = given["decoder/embeddings/weight"]
    for i in range(_layers(given, "decoder")):
        tensors |= _block(given, f"decoder/layer_{i}", f"decoder.blocks.{i}", crossed=True)
    return tensors | _norm(given, "decoder/layer_norm", "decoder.ln")


def byte_level_tokens(vocabulary: Mapping[str, int]) -> list[bytes]:
    """The tokens as bytes, in the order of their numbers, without the ``<|...|>`` ones.

    GPT-2's vocabulary writes each byte as one printable character: itself where it prints, else the
    next free one from 256 on.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in printable)
    letters |= {chr(256 + i): byte for i, byte in enumerate(others)}
    ordered = sorted(vocabulary, key=lambda token: vocabulary[token])
    return [
        bytes(letters[letter] for letter in token)
        for token in ordered
        if not token.startswith("<|") and all(letter in letters for letter in token)
    ]


def _layers(given: Mapping[str, Tensor], side: str) -> int:
    prefix = f"{side}/layer_"
    numbers = {name[len(prefix) :].split("/")[0] for name in given if name.startswith(prefix)}
    return 1 + max(int(number) for number in numbers if number.isdigit())


def _norm(given: Mapping[str, Tensor], source: str, target: str) -> dict[str, Tensor]:
    return {f"{target}.weight": given[f"{source}/gamma"], f"{target}.bias": given[f"{source}/beta"]}


def _block(given: Mapping[str, Tensor], source: str, target: str, *, crossed: bool) -> dict[str, Tensor]:
    # CTranslate2 stacks the rows of query, key and value in one matrix; Whisper's key has no bias.
    tensors = _norm(given, f"{source}/self_attention/layer_norm", f"{target}.attn_ln")
    tensors |= _stacked(given, f"{source}/self_attention/linear_0", f"{target}.attn", ("query", "key", "value"))
    tensors |= _linear(given, f"{source}/self_attention/linear_1", f"{target}.attn.out")
    if crossed:
        tensors |= _norm(given, f"{source}/attention/layer_norm", f"{target}.cross_attn_ln")
        tensors |= _linear(given, f"{source}/attention/linear_0", f"{target}.cross_attn.query")
        tensors |= _stacked(given, f"{source}/attention/linear_1", f"{target}.cross_attn", ("key", "value"))
        tensors |= _linear(given, f"{source}/attention/linear_2", f"{target}.cross_attn.out")
    tensors |= _norm(given, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")
    tensors |= _linear(given, f"{source}/ffn/linear_0", f"{target}.mlp.0")
    return tensors | _linear(given, f"{source}/ffn/linear_1", f"{target}.mlp.2")


def _linear(given: Mapping[str, Tensor], source: str, target: str) -> dict[str, Tensor]:
    return {f"{target}.weight": given[f"{source}/weight"], f"{target}.bias": given[f"{source}/bias"]}


def _stacked(given: Mapping[str, Tensor], source: str, target: str, parts: tuple[str, ...]) -> dict[str, Tensor]:
    weight, bias = given[f"{source}/weight"], given[f"{source}/bias"]
    tensors: dict[str, Tensor] = {}
    for part, rows, offsets in zip(parts, np.split(weight, len(parts)), np.split(bias, len(parts)), strict=True):
        tensors[f"{target}.{part}.weight"] = rows
        if part != "key":
            tensors[f"{target}.{part}.bias"] = offsets
    return tensors


def _write_header(file: BinaryIO, tensors: Mapping[str, Tensor], heads: int) -> None:
    width, bands, _ = tensors["encoder.conv1.weight"].shape
    hears, speaks = tensors["encoder.positional_embedding"], tensors["decoder.positional_embedding"]
    vocabulary = tensors["decoder.token_embedding.weight"].shape[0]
    deep = {side: sum(n.startswith(side) and n.endswith(".mlp.0.bias") for n in tensors) for side in ("enc", "dec")}
    _write_integers(file, MAGIC, vocabulary, hears.shape[0], width, heads, deep["enc"])
    _write_integers(file, speaks.shape[0], width, heads, deep["dec"], bands, HALF)


def _write_filters(file: BinaryIO, bands: int) -> None:
    filters = slaney_filters(bands)
    _write_integers(file, *filters.shape)
    file.write(filters.tobytes())


def _write_tensor(file: BinaryIO, name: str, tensor: Tensor) -> None:
    half = tensor.ndim >= 2 and name not in _SINGLE
    data = np.ascontiguousarray(tensor.astype("<f2" if half else "<f4"))
    _write_integers(file, data.ndim, len(name), HALF if half else 0, *reversed(data.shape))
    file.write(name.encode())
    file.write(data.tobytes())


def _write_integers(file: BinaryIO, *values: int) -> None:
    file.write(struct.pack(f"<{len(values)}i", *values))
