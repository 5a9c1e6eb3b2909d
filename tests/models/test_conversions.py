"""The import steps, on small made-up inputs and on the real weights."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from companion.core.errors import ModelError
from companion.models.checksum import sha256_of
from companion.models.ctranslate2_file import read_tensors
from companion.models.mel import slaney_filters
from companion.models.voice_pack import BYTES, pack_voices
from companion.models.whisper_ggml import byte_level_tokens, convert
from tests.models.ggml_file import read_ggml
from tests.models.tiny_whisper import write_tiny_whisper
from tests.voices import spoken_by_joe


@pytest.mark.parametrize("bands", [80, 128])
def test_the_mel_filters_are_those_of_transformers(bands: int) -> None:
    audio: Any = pytest.importorskip("transformers.audio_utils")
    theirs = audio.mel_filter_bank(201, bands, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney")
    np.testing.assert_array_equal(slaney_filters(bands), theirs.T.astype(np.float32))


def test_no_filter_holds_a_negative_zero() -> None:
    assert not np.signbit(slaney_filters(80)).any()


def test_a_whisper_is_rewritten_tensor_by_tensor(tmp_path: Path) -> None:
    given = write_tiny_whisper(tmp_path)
    convert(tmp_path / "model.bin", tmp_path / "tokenizer.json", tmp_path / "ggml.bin")
    header, filters, tokens, tensors = read_ggml(tmp_path / "ggml.bin")
    assert header == (12, 15, 8, 2, 2, 7, 8, 2, 1, 80, 1)
    assert filters.shape == (80, 201)
    assert tokens == [b"!", b" the", b"\x00"]
    query, key, value = np.split(given["encoder/layer_1/self_attention/linear_0/weight"], 3)
    np.testing.assert_array_equal(tensors["encoder.blocks.1.attn.query.weight"], query)
    np.testing.assert_array_equal(tensors["encoder.blocks.1.attn.key.weight"], key)
    np.testing.assert_array_equal(tensors["encoder.blocks.1.attn.value.weight"], value)
    assert "encoder.blocks.1.attn.key.bias" not in tensors
    assert tensors["encoder.conv1.bias"].shape == (8, 1)
    assert tensors["encoder.conv1.bias"].dtype == tensors["encoder.positional_embedding"].dtype == np.float32
    assert tensors["decoder.token_embedding.weight"].dtype == np.float16
    np.testing.assert_array_equal(
        tensors["decoder.blocks.0.cross_attn.value.bias"],
        np.split(given["decoder/layer_0/attention/linear_1/bias"], 2)[1].astype(np.float32),
    )
    crossed = {name.removeprefix("decoder.blocks.0.cross_attn") for name in tensors if ".0.cross_attn" in name}
    assert crossed == {
        *("_ln.weight", "_ln.bias", ".query.weight", ".query.bias", ".key.weight"),
        *(".value.weight", ".value.bias", ".out.weight", ".out.bias"),
    }


def test_the_same_whisper_gives_the_same_bytes(tmp_path: Path) -> None:
    write_tiny_whisper(tmp_path)
    for name in ("one.bin", "two.bin"):
        convert(tmp_path / "model.bin", tmp_path / "tokenizer.json", tmp_path / name)
    assert (tmp_path / "one.bin").read_bytes() == (tmp_path / "two.bin").read_bytes()


@pytest.mark.parametrize("data", [b"\x06\x00\x00\x00", b"PK\x03\x04 something else altogether", b"\x06\0\0\0\xff\xff"])
def test_a_file_that_is_no_ctranslate2_model_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(data)
    with pytest.raises(ModelError, match="not a CTranslate2 model"):
        read_tensors(tmp_path / "model.bin")


def test_a_model_that_is_no_whisper_is_told(tmp_path: Path) -> None:
    write_tiny_whisper(tmp_path, without="encoder/conv1/weight")
    with pytest.raises(ModelError, match="not a Whisper model"):
        convert(tmp_path / "model.bin", tmp_path / "tokenizer.json", tmp_path / "ggml.bin")


def test_every_byte_has_its_token() -> None:
    letters = [chr(i) for i in [*range(33, 127), *range(161, 173), *range(174, 256)]]
    letters += [chr(256 + i) for i in range(68)]
    tokens = byte_level_tokens({letter: i for i, letter in enumerate(letters)})
    assert sorted(tokens) == [bytes([i]) for i in range(256)]


def test_voices_are_packed_as_numpy_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "voices"
    folder.mkdir()
    styles = np.arange(BYTES // 4, dtype="<f4").reshape(510, 1, 256)
    for name in ("bm_two", "af_one"):
        (folder / f"{name}.bin").write_bytes(styles.tobytes())
    pack_voices(folder, tmp_path / "voices.npz")
    with np.load(tmp_path / "voices.npz") as packed:
        assert packed.files == ["af_one", "bm_two"]
        np.testing.assert_array_equal(packed["af_one"], styles)
    with zipfile.ZipFile(tmp_path / "voices.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_voice_of_another_size_is_told(tmp_path: Path) -> None:
    (tmp_path / "af_short.bin").write_bytes(b"1234")
    with pytest.raises(ModelError, match="af_short has 4 bytes"):
        pack_voices(tmp_path, tmp_path / "voices.npz")


@pytest.mark.models
def test_the_imported_whisper_hears_what_is_said(starter_models: Path) -> None:
    from pywhispercpp.model import Model

    clip = spoken_by_joe("She has crushing chest pain and her blood pressure is low.")

    whisper = Model(str(starter_models / "whisper-tiny.en/ggml-tiny.en.bin"), print_progress=False, n_threads=2)
    heard = " ".join(segment.text for segment in whisper.transcribe(clip.samples))
    assert "chest pain" in heard.lower()


@pytest.mark.models
def test_the_packed_voices_are_those_kokoro_speaks_with(starter_models: Path) -> None:
    from kokoro_onnx import Kokoro

    folder = starter_models / "kokoro-82m"
    kokoro = Kokoro(str(folder / "kokoro-v1.0.int8.onnx"), str(folder / "voices-en.npz"))
    assert len(kokoro.get_voices()) == 28
    assert {voice[0] for voice in kokoro.get_voices()} == {"a", "b"}
    samples, rate = kokoro.create("Not quite.", voice="bm_george")
    assert 0.4 < len(samples) / rate < 3


@pytest.mark.models
def test_the_starter_models_are_the_catalogues(starter_models: Path) -> None:
    from companion.models.catalogue import load_catalogue

    for name in ("whisper-tiny.en", "gemma-3-270m", "kokoro-82m"):
        for file in load_catalogue()[name].files:
            assert sha256_of(starter_models / name / file.name) == file.sha256
