"""The tensors of a Gemma 3 GGUF under MLX's names, written to safetensors a few rows at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import EngineError

_LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_gate": "mlp.gate_proj",
    "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
"""llama.cpp's name of a tensor within a layer, and MLX's."""

_TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}

_AT_ONCE = 1 << 23
"""Weights unpacked at a time: 32 MB in float32."""


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor: a matrix of ``rows`` x ``columns``, or a vector (``rows`` is then 1)."""

    name: str
    """MLX's, without ``.weight``."""
    rows: int
    columns: int
    vector: bool
    packed: NDArray[Any]
    """Rows of quantised blocks, or of floats."""
    kind: Any
    """How llama.cpp packed it."""

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """The weights as float32, some rows at a time."""
        from gguf import dequantize

        at_once = max(1, _AT_ONCE // self.columns)
        for row in range(0, self.rows, at_once):
            block: NDArray[np.float32] = dequantize(self.packed[row : row + at_once], self.kind)
            # llama.cpp stores 1 + w for every norm of Gemma; MLX adds the one itself.
            yield block - np.float32(1) if self.vector else block


def parts(tensors: Sequence[Any]) -> list[Part]:
    """The tensors of a reader in order of their new names. Raises ``LookupError`` for an unknown one."""
    found = [_part(tensor) for tensor in tensors]
    return sorted(found, key=lambda part: part.name)


def _part(tensor: Any) -> Part:
    stem = tensor.name.removesuffix(".weight")
    if stem.startswith("blk."):
        _, layer, inner = stem.split(".", 2)
        name = f"model.layers.{int(layer)}.{_LAYER[inner]}"
    else:
        name = _TOP[stem]
    shape = [int(length) for length in tensor.shape]  # columns first
    vector = len(shape) == 1
    packed = tensor.data.reshape(1, -1) if vector else tensor.data
    return Part(name, 1 if vector else shape[1], shape[0], vector, packed, tensor.tensor_type)


def write_safetensors(
    path: Path,
    weights: Sequence[Part],
    bits: int | None,
    group: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the weights in bfloat16, matrices quantised where ``bits`` says so.

    Format: the header's length (8 bytes, little-endian), the header in JSON, then the bytes.
    """
    quantise = _quantiser(bits, group) if bits else None
    header: dict[str, Any] = {"__metadata__": {"format": "mlx"}}
    offset = 0
    for part in weights:
        for suffix, dtype, columns in _arrays(part, bits, group):
            size = part.rows * columns * (4 if dtype == "U32" else 2)
            shape = [columns] if part.vector else [part.rows, columns]
            header[f"{part.name}.{suffix}"] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    begin, written = 8 + len(text), 0
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for part in weights:
            names = [suffix for suffix, _, _ in _arrays(part, bits, group)]
            ends = {name: begin + header[f"{part.name}.{name}"]["data_offsets"][0] for name in names}
            for block in part.blocks():
                arrays = quantise(block) if quantise and not part.vector else [_bfloat16(block)]
                for name, array in zip(names, arrays, strict=True):
                    file.seek(ends[name])
                    file.write(array.tobytes())
                    ends[name] += array.nbytes
                    written += array.nbytes
                if on_progress:
                    on_progress(written, offset)


def _arrays(part: Part, bits: int | None, group: int) -> list[tuple[str, str, int]]:
    """What is stored for a tensor: suffix, dtype, columns."""
    if not bits or part.vector:
        return [("weight", "BF16", part.columns)]
    scales = part.columns // group
    return [("weight", "U32", part.columns * bits // 32), ("scales", "BF16", scales), ("biases", "BF16", scales)]


def _bfloat16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The upper half of each float, rounded to the nearest, ties to even; NumPy has no such type."""
    whole = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded: NDArray[np.uint16] = ((whole + 0x7FFF + ((whole >> 16) & 1)) >> 16).astype(np.uint16)
    return rounded


def _quantiser(bits: int, group: int) -> Callable[[NDArray[np.float32]], list[NDArray[Any]]]:
    try:
        import mlx.core as mx
    except ImportError as error:
        raise EngineError("Quantising for MLX needs MLX.", hint="Convert without it, or install mlx-lm.") from error

    def quantise(block: NDArray[np.float32]) -> list[NDArray[Any]]:
        # On the CPU, so that every machine writes the same bytes.
        packed = mx.quantize(mx.array(block).astype(mx.bfloat16), group_size=group, bits=bits, stream=mx.cpu)
        return [np.array(array if array.dtype == mx.uint32 else array.view(mx.uint16)) for array in packed]

    return quantise
