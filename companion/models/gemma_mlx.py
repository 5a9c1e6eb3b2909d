"""Gemma 3 from a GGUF file to the folder MLX reads: configuration, weights, tokenizer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from companion.core.errors import EngineError, ModelError
from companion.models.gemma_tokenizer import tokenizer, tokenizer_config
from companion.models.gemma_weights import Part, parts, write_safetensors

GROUP = 64
"""Weights that share one scale when quantised: mlx-lm's own choice."""

_GLOBAL_EVERY = 6
_LOCAL_ROPE = 10_000.0
"""Gemma 3 attends to everything in each sixth layer, elsewhere within a window with this rotary base
(its technical report, 2025, section 2); the GGUF does not say so."""
_LAYERS_OF_27B = 62
"""The one size whose attention is scaled by the width of a head's share, not by the head's length."""

OnProgress = Callable[[int, int], None]


def convert(gguf: Path, folder: Path, bits: int | None = None, *, on_progress: OnProgress | None = None) -> None:
    """Write ``folder``, whole or not at all: in bfloat16, or quantised to ``bits`` (2, 3, 4, 6 or 8).

    The same file always gives the same bytes, and a few rows of one tensor are unpacked at a time.
    ``on_progress`` gets bytes of weights written and to write. Raises ``ModelError`` for a file that
    is not a whole Gemma 3, ``EngineError`` where packages are missing.
    """
    half = folder.with_name(folder.name + ".part")
    try:
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        reader, fields = _read(gguf)
        weights = _understood(gguf, lambda: parts(reader.tensors))
        config = _understood(gguf, lambda: _config(fields, weights, bits))
        _write_json(half / "config.json", config)
        _write_json(half / "tokenizer.json", _understood(gguf, lambda: tokenizer(fields)), indent=None)
        _write_json(half / "tokenizer_config.json", _understood(gguf, lambda: tokenizer_config(fields)))
        write_safetensors(half / "model.safetensors", weights, bits, GROUP, on_progress)
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    except OSError as error:
        raise ModelError(
            f"{folder} could not be written: {error.strerror or error}.", hint="Make room on the disk, then try again."
        ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _read(gguf: Path) -> tuple[Any, dict[str, Any]]:
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise EngineError(
            "Reading GGUF files needs the package gguf.", hint="Run `make run` once more: it installs what is missing."
        ) from error
    if not gguf.is_file():
        raise ModelError(
            f"There is no language model at {gguf}.", hint="Run `companion models pull` to fetch it again."
        )
    reader = _understood(gguf, lambda: GGUFReader(gguf))
    fields = _understood(gguf, lambda: {name: field.contents() for name, field in reader.fields.items()})
    if fields.get("general.architecture") != "gemma3":
        raise ModelError(f"{gguf.name} holds {fields.get('general.architecture') or 'no known model'}, not Gemma 3.")
    return reader, fields


def _understood(gguf: Path, read: Callable[[], Any]) -> Any:
    """What ``read`` gives; whatever a damaged file makes the reader stumble over is told as damage."""
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, NotImplementedError) as error:
        raise ModelError(
            f"{gguf.name} is damaged, or not a Gemma 3 that can be converted ({error}).",
            hint="Run `companion models verify`, then `companion models pull`.",
        ) from error


def _config(fields: dict[str, Any], weights: list[Part], bits: int | None) -> dict[str, Any]:
    """``config.json`` out of the file's own metadata."""

    def own(key: str) -> Any:
        return fields[f"gemma3.{key}"]

    heads, head, layers = own("attention.head_count"), own("attention.key_length"), own("block_count")
    hidden = own("embedding_length")
    rows = next(part.rows for part in weights if part.name == "model.embed_tokens")
    eos = {fields["tokenizer.ggml.eos_token_id"]}
    if "<end_of_turn>" in fields["tokenizer.ggml.tokens"]:
        eos.add(fields["tokenizer.ggml.tokens"].index("<end_of_turn>"))
    config = {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "intermediate_size": own("feed_forward_length"),
        "num_attention_heads": heads,
        "num_key_value_heads": own("attention.head_count_kv"),
        "head_dim": head,
        # Stored as float32: without rounding 1e-6 would read 9.999999974752427e-07.
        "rms_norm_eps": float(f"{own('attention.layer_norm_rms_epsilon'):.6g}"),
        "vocab_size": rows,
        "rope_theta": own("rope.freq_base"),
        "rope_local_base_freq": _LOCAL_ROPE,
        "query_pre_attn_scalar": hidden // heads if layers == _LAYERS_OF_27B else head,
        "sliding_window": own("attention.sliding_window"),
        "sliding_window_pattern": _GLOBAL_EVERY,
        "max_position_embeddings": own("context_length"),
        "tie_word_embeddings": True,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": sorted(eos),
        "torch_dtype": "bfloat16",
    }
    if scaling := fields.get("gemma3.rope.scaling.factor"):
        config["rope_scaling"] = {"rope_type": "linear", "factor": scaling}
    if bits:
        config["quantization"] = {"group_size": GROUP, "bits": bits}
    return config


def _write_json(path: Path, value: dict[str, Any], *, indent: int | None = 1) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", "utf-8")
