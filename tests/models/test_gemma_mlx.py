from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.core.errors import EngineError, ModelError
from companion.models.gemma_mlx import convert

gguf = pytest.importorskip("gguf")
mx = pytest.importorskip("mlx.core")

PIECES = ["<pad>", "<eos>", "<bos>", "<unk>", "\n\n", "  ", "▁", "a", "b", "▁a", "ab", "▁ab", "<0x41>", "<end_of_turn>"]
KINDS = [3, 3, 3, 2, 4, 4, 1, 1, 1, 1, 1, 1, 6, 3]
SCORES = [-1000.0] * 6 + [-9.0, -8.0, -7.0, -2.0, -1.0, -3.0, 0.0, -1000.0]
WIDTH, HIDDEN, HEADS, HEAD, LAYERS = 64, 128, 2, 32, 6


def small_gemma(path: Path, **changed: Any) -> dict[str, NDArray[np.float32]]:
    """A Gemma 3 of six layers and fourteen pieces, in float32; returns its tensors."""
    chance = np.random.default_rng(7)
    layer = {
        "attn_q": (HEADS * HEAD, WIDTH),
        "attn_k": (HEAD, WIDTH),
        "attn_v": (HEAD, WIDTH),
        "attn_output": (WIDTH, HEADS * HEAD),
        "attn_q_norm": (HEAD,),
        "attn_k_norm": (HEAD,),
        "ffn_up": (HIDDEN, WIDTH),
        "ffn_gate": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
        "attn_norm": (WIDTH,),
        "post_attention_norm": (WIDTH,),
        "ffn_norm": (WIDTH,),
        "post_ffw_norm": (WIDTH,),
    }
    shapes: dict[str, tuple[int, ...]] = {"token_embd": (len(PIECES), WIDTH), "output_norm": (WIDTH,)}
    shapes |= {f"blk.{n}.{name}": shape for n in range(LAYERS) for name, shape in layer.items()}
    tensors = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    writer = gguf.GGUFWriter(str(path), changed.get("architecture", "gemma3"))
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_context_length(32768)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_sliding_window(512)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(PIECES)
    writer.add_token_scores(SCORES)
    writer.add_token_types(KINDS)
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_unk_token_id(3)
    if "template" in changed:
        writer.add_chat_template(changed["template"])
    if "scaling" in changed:
        writer.add_rope_scaling_factor(changed["scaling"])
    for name, tensor in tensors.items():
        writer.add_tensor(changed.get("rename", {}).get(name, name) + ".weight", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tensors


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_configuration_is_the_files_own(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf", scaling=8.0, template="{{ messages }}")
    convert(tmp_path / "small.gguf", tmp_path / "mlx")
    config = json.loads((tmp_path / "mlx" / "config.json").read_text())
    assert config["model_type"] == "gemma3_text"
    assert (config["hidden_size"], config["intermediate_size"], config["vocab_size"]) == (WIDTH, HIDDEN, len(PIECES))
    assert (config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]) == (HEADS, 1, HEAD)
    assert config["rms_norm_eps"] == 1e-6
    assert config["rope_scaling"] == {"rope_type": "linear", "factor": 8.0}
    assert config["eos_token_id"] == [1, 13]
    assert "quantization" not in config
    assert json.loads((tmp_path / "mlx" / "tokenizer_config.json").read_text())["chat_template"] == "{{ messages }}"


def test_weights_are_those_of_the_file_and_norms_lose_their_one(tmp_path: Path) -> None:
    tensors = small_gemma(tmp_path / "small.gguf")
    convert(tmp_path / "small.gguf", tmp_path / "mlx")
    weights = mx.load(str(tmp_path / "mlx" / "model.safetensors"))
    assert len(weights) == len(tensors)
    for theirs, ours, less in (
        ("token_embd", "model.embed_tokens", 0),
        ("blk.0.ffn_down", "model.layers.0.mlp.down_proj", 0),
        ("output_norm", "model.norm", 1),
        ("blk.0.post_ffw_norm", "model.layers.0.post_feedforward_layernorm", 1),
    ):
        wanted = mx.array(tensors[theirs] - np.float32(less)).astype(mx.bfloat16)
        assert mx.array_equal(weights[ours + ".weight"], wanted), ours


def test_quantised_weights_are_mlxs_own(tmp_path: Path) -> None:
    tensors = small_gemma(tmp_path / "small.gguf")
    convert(tmp_path / "small.gguf", tmp_path / "mlx", bits=4)
    weights = mx.load(str(tmp_path / "mlx" / "model.safetensors"))
    wanted = mx.quantize(mx.array(tensors["blk.0.ffn_up"]).astype(mx.bfloat16), group_size=64, bits=4)
    for suffix, array in zip(("weight", "scales", "biases"), wanted, strict=True):
        assert mx.array_equal(weights[f"model.layers.0.mlp.up_proj.{suffix}"], array), suffix
    assert weights["model.norm.weight"].dtype == mx.bfloat16
    assert json.loads((tmp_path / "mlx" / "config.json").read_text())["quantization"] == {"group_size": 64, "bits": 4}


@pytest.mark.parametrize("bits", [None, 4])
def test_mlx_lm_runs_what_was_written(tmp_path: Path, bits: int | None) -> None:
    utils = pytest.importorskip("mlx_lm.utils")
    small_gemma(tmp_path / "small.gguf")
    convert(tmp_path / "small.gguf", tmp_path / "mlx", bits)
    model, tokenizer = utils.load(str(tmp_path / "mlx"))[:2]
    assert model(mx.array([tokenizer.encode("ab a")])).shape == (1, 3, len(PIECES))
    assert tokenizer.decode(tokenizer.encode("ab a")[1:]) == "ab a"


def test_text_is_cut_into_pieces_as_sentencepiece_cuts_it(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    small_gemma(tmp_path / "small.gguf")
    convert(tmp_path / "small.gguf", tmp_path / "mlx")
    tokenizer = tokenizers.Tokenizer.from_file(str(tmp_path / "mlx" / "tokenizer.json"))
    for text, pieces in (
        ("ab ab", ["<bos>", "ab", "▁ab"]),
        (" a", ["<bos>", "▁a"]),
        ("a  b", ["<bos>", "a", "  ", "b"]),
        ("a\n\nA", ["<bos>", "a", "\n\n", "<0x41>"]),
        ("a<end_of_turn>", ["<bos>", "a", "<end_of_turn>"]),
    ):
        assert tokenizer.encode(text).tokens == pieces


@pytest.mark.parametrize("bits", [None, 8])
def test_the_same_file_gives_the_same_bytes(tmp_path: Path, bits: int | None) -> None:
    small_gemma(tmp_path / "small.gguf")
    convert(tmp_path / "small.gguf", tmp_path / "one", bits)
    convert(tmp_path / "small.gguf", tmp_path / "other", bits)
    assert digests(tmp_path / "one") == digests(tmp_path / "other")


def test_progress_reaches_its_end(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf")
    told: list[tuple[int, int]] = []
    convert(tmp_path / "small.gguf", tmp_path / "mlx", on_progress=lambda done, whole: told.append((done, whole)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_file_cut_anywhere_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = tmp_path / "small.gguf"
    small_gemma(whole)
    content = whole.read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in {0, 3, 4, 8, 24, 100, 400, 900, len(content) // 2, len(content) - 4}:
        cut.write_bytes(content[:length])
        with pytest.raises(ModelError, match=r"cut\.gguf"):
            convert(cut, tmp_path / "mlx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.gguf", "small.gguf"]


def test_another_kind_of_model_is_refused_by_name(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf", architecture="llama")
    with pytest.raises(ModelError, match="holds llama, not Gemma 3"):
        convert(tmp_path / "small.gguf", tmp_path / "mlx")


def test_an_unknown_tensor_is_refused(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf", rename={"blk.0.ffn_up": "blk.0.ffn_sideways"})
    with pytest.raises(ModelError, match="ffn_sideways"):
        convert(tmp_path / "small.gguf", tmp_path / "mlx")


def test_a_missing_file_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no language model at"):
        convert(tmp_path / "none.gguf", tmp_path / "mlx")


def test_an_earlier_half_is_replaced_and_an_earlier_whole_too(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf")
    for left in ("mlx.part", "mlx"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "left over").touch()
    convert(tmp_path / "small.gguf", tmp_path / "mlx")
    names = [path.name for path in sorted((tmp_path / "mlx").iterdir())]
    assert names == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert not (tmp_path / "mlx.part").exists()


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    small_gemma(tmp_path / "small.gguf")
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="could not be written"):
        convert(tmp_path / "small.gguf", tmp_path / "file" / "mlx")


def test_without_the_package_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(EngineError, match="needs the package gguf"):
        convert(tmp_path / "small.gguf", tmp_path / "mlx")
