from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion.core.errors import EngineError, ModelError
from companion.core.prompting import Message
from companion.engines.llama import LlamaModel

GGUF = Path("gemma-3-270m") / "gemma-3-270m-q4_k_m.gguf"


@pytest.fixture
def weights(starter_models: Path) -> Path:
    return starter_models / GGUF


def first_piece_s(model: LlamaModel, text: str) -> float:
    began = time.perf_counter()
    next(model.reply([Message("user", text)], max_tokens=2))
    return time.perf_counter() - began


@pytest.mark.models
def test_a_repeated_beginning_is_not_read_again(weights: Path) -> None:
    model = LlamaModel(weights)
    model.load()
    examples = "A trainee answers, and a tutor says in one sentence what was right and what was missed. " * 50
    cold = first_piece_s(model, examples + "The answer was sepsis")
    warm = min(first_piece_s(model, examples + ending) for ending in ("The answer was gout", "It was asthma"))
    assert warm < cold / 4
    model.close()


@pytest.mark.models
def test_it_is_quiet_and_swallows_nobody_elses_output(weights: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = LlamaModel(weights)
    model.load()
    list(model.reply([Message("user", "one, two,")], max_tokens=2))
    model.close()
    print("ours")
    assert capfd.readouterr() == ("ours\n", "")


@pytest.mark.models
def test_the_context_may_be_filled_to_its_end(weights: Path) -> None:
    model = LlamaModel(weights, context=256)
    said = list(model.reply([Message("user", "one, two, three, four, five, six,")], max_tokens=10_000))
    assert 100 < len(said) < 300
    model.close()


@pytest.mark.models
def test_a_chat_model_needs_a_template(weights: Path) -> None:
    model = LlamaModel(weights, chat=True)
    with pytest.raises(EngineError, match="no chat template"):
        model.load()
    model.close()


def test_a_missing_file_is_told_with_its_remedy(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    with pytest.raises(ModelError, match="no language model at") as raised:
        LlamaModel(tmp_path / "none.gguf").load()
    assert "companion models pull" in raised.value.hint


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 400, b"not weights at all" * 50])
def test_a_damaged_file_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("llama_cpp")
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.gguf is damaged") as raised:
        LlamaModel(path).load()
    assert "companion models verify" in raised.value.hint


@pytest.mark.models
def test_a_file_cut_in_the_middle_is_told_in_words(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    with weights.open("rb") as whole:
        path.write_bytes(whole.read(60_000_000))
    model = LlamaModel(path)
    with pytest.raises(ModelError, match=r"half\.gguf is damaged"):
        model.load()
    model.close()


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(EngineError, match=r"llama\.cpp is not available") as raised:
        LlamaModel(tmp_path / "any.gguf").load()
    assert "make llama" in raised.value.hint


def test_importing_the_adapter_imports_no_engine() -> None:
    script = "import sys, companion.engines.llama as l; sys.exit('llama_cpp' in sys.modules or 'jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
