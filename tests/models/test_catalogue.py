from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from companion.core.errors import ModelError
from companion.home import Home
from companion.models.catalogue import expected_files, load_catalogue, model_path, require, state
from companion.models.origin import HubSource, PackageSource

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("apple_silicon", [False, True])
def test_the_starter_set_has_every_role_and_needs_no_hub(apple_silicon: bool) -> None:
    starter = CATALOGUE.starter(apple_silicon=apple_silicon)
    assert sorted(model.role for model in starter) == ["language_model", "recognizer", "voice"]
    assert all(isinstance(source, PackageSource) for model in starter for source in model.sources)
    assert {model.engine for model in starter} == {"whisper", "mlx" if apple_silicon else "llama", "kokoro"}


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_model_is_described_in_full(name: str) -> None:
    model = CATALOGUE[name]
    assert model.licence
    assert model.terms.startswith("https://")
    assert model.size > 0
    assert model.memory > 0
    assert model.sources
    assert bool(model.summary) == model.accept
    assert model.accept == (model.licence not in ("MIT", "Apache-2.0"))


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_file_can_come_from_every_source(name: str) -> None:
    model = CATALOGUE[name]
    for source in model.sources:
        if isinstance(source, HubSource):
            assert model.checksum == "from-hub" or all(file.sha256 for file in model.files)
            continue
        made = {step.output for step in source.steps} | {m.to for p in source.packages for m in p.members}
        assert {file.name for file in model.files} <= made
        assert all(m.sha256 for p in source.packages for m in p.members if "*" not in m.path)


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"no model named “wisper-tiny”") as failure:
        CATALOGUE["wisper-tiny"]
    assert "whisper-tiny.en" in failure.value.hint


def test_a_missing_model_carries_the_remedy(home: Home) -> None:
    with pytest.raises(ModelError, match="is not on this machine") as failure:
        require(home, CATALOGUE["kokoro-82m"], "voices-en.npz")
    assert "companion models pull kokoro-82m" in failure.value.hint


def test_a_model_is_ready_only_when_every_file_has_its_size(home: Home) -> None:
    model = CATALOGUE["gemma-3-270m"]
    for file in expected_files(home, model):
        assert state(home, model) != "ready"
        path = model_path(home, model, file.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as sparse:
            sparse.truncate(file.size)
    assert state(home, model) == "ready"
    assert require(home, model).name == "gemma-3-270m-q4_k_m.gguf"
    with model_path(home, model).open("ab") as longer:
        longer.write(b"!")
    assert state(home, model) == "damaged"


def test_a_record_that_leads_out_of_the_folder_is_not_believed(home: Home) -> None:
    model = CATALOGUE["gemma-3-1b-it-mlx"]
    (home.models / model.name).mkdir(parents=True)
    (home.models / "secret").write_text("x")
    pins = '{"source": "", "pulled": "", "files": [{"name": "../secret", "size": 1, "sha256": ""}]}'
    (home.models / model.name / "pins.json").write_text(pins)
    assert state(home, model) == "damaged"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model = 1", "damaged"),
        ("[[model]]\nname = 'x'\nsource = []", "damaged"),
        ("not toml", "damaged"),
        (None, "cannot be read"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_told(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "catalog.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ModelError, match=words):
        load_catalogue(path)


def test_the_catalogue_is_read_without_heavy_imports() -> None:
    code = (
        "import sys; from companion.models.catalogue import load_catalogue; import companion.models.choice;"
        "load_catalogue(); print(sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    )
    heavy = ["numpy", "rich", "click", "huggingface_hub", "psutil", "filelock", "pip", "onnxruntime", "mlx"]
    ran = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
