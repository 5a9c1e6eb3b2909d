from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.core.errors import EngineError, ModelError
from companion.core.prompting import Message
from companion.engines.llama import LlamaModel
from companion.engines.mlx import MlxModel
from tests.mlx_weights import GGUF, converted_gemma

NOTE = "The patient has crushing chest pain and feels sick. The pain spreads to the left arm and to the jaw. " * 6


@pytest.fixture(scope="module")
def loaded() -> Iterator[list[MlxModel]]:
    models: list[MlxModel] = []
    yield models
    for model in models:
        model.close()


@pytest.fixture
def model(starter_models: Path, loaded: list[MlxModel]) -> MlxModel:
    if not loaded:
        pytest.importorskip("mlx_lm")
        loaded.append(MlxModel(converted_gemma(starter_models)))
        loaded[0].load()
    return loaded[0]


@pytest.mark.models
@pytest.mark.slow
def test_a_repeated_beginning_is_not_read_again(model: MlxModel) -> None:
    def first_piece_s(ending: str) -> float:
        began = time.perf_counter()
        next(model.reply([Message("user", NOTE + ending)], max_tokens=2))
        return time.perf_counter() - began

    cold = first_piece_s("The answer was sepsis")
    warm = min(first_piece_s("The answer was gout"), first_piece_s("It was asthma"))
    assert warm < cold / 2


@pytest.mark.models
@pytest.mark.slow
def test_it_reads_text_as_llama_cpp_does(model: MlxModel, starter_models: Path) -> None:
    llama = LlamaModel(starter_models / GGUF)
    llama.load()
    context = llama._ready()
    for text in (
        "BP 90/60, 37.5 °C;   CHA₂DS₂-VASc ≥2\n\n\n\t\tx = 12345678\r\n",
        "Ω≈ç√ 心电图 🫀 e\u0301 \u202e <eos> <start_of_turn>user <b>bold</b>",
        "".join(chr(code) for code in range(32, 1500)),
        Path(__file__).read_text("utf-8"),
    ):
        assert model._tokens(text) == context.tokenize(text, begins=True, control=False)
    capital = [Message("user", "The capital of France is")]
    ours, theirs = (m.probability(capital, ["Paris", "London", "banana"]) for m in (model, llama))
    assert ours == pytest.approx(dict(theirs), abs=0.03)
    llama.close()


def test_a_missing_folder_is_told_with_its_remedy(tmp_path: Path) -> None:
    pytest.importorskip("mlx_lm")
    with pytest.raises(ModelError, match="no MLX model in") as raised:
        MlxModel(tmp_path / "none").load()
    assert "companion models pull" in raised.value.hint


@pytest.mark.parametrize(
    "config", ["", "{", "{}", '{"model_type": "gemma3_text"}', '{"model_type": "never heard of it"}']
)
def test_a_damaged_folder_is_told_in_words(tmp_path: Path, config: str) -> None:
    pytest.importorskip("mlx_lm")
    (tmp_path / "config.json").write_text(config)
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match="is damaged"):
        MlxModel(tmp_path).load()


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mlx_lm.utils", None)
    with pytest.raises(EngineError, match="MLX is not available") as raised:
        MlxModel(tmp_path).load()
    assert "llama.cpp" in raised.value.hint


def test_a_folder_that_lacks_files_fetches_nothing_and_a_later_pull_may(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys\n"
        "tried = []\n"
        "sys.addaudithook(lambda e, a: tried.append(e) if e in ('socket.connect', 'socket.getaddrinfo') else None)\n"
        "from companion.core.errors import ModelError\n"
        "from companion.engines.mlx import MlxModel\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "(folder / 'config.json').write_text(json.dumps({'model_type': 'gemma3_text'}))\n"
        "try: MlxModel(folder).load()\n"
        "except ModelError: print('told')\n"
        "import huggingface_hub.constants as hub\n"
        "print(tried, hub.HF_HUB_OFFLINE)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    command = [sys.executable, "-c", script, str(tmp_path)]
    ran = subprocess.run(command, check=True, timeout=120, env=environment, capture_output=True, text=True)
    assert ran.stdout.split("\n")[:2] == ["told", "[] False"]
