from __future__ import annotations

import pytest

from companion.core.errors import ModelError
from companion.models.catalogue import load_catalogue
from companion.models.choice import choose, recommended, selected

CATALOGUE = load_catalogue()
GB = 1_000_000_000


def test_the_best_installed_model_is_chosen() -> None:
    ready = {"gemma-3-270m", "gemma-3-1b-it", "whisper-tiny.en"}
    chosen = choose(CATALOGUE, "language_model", ready=ready, memory_bytes=16 * GB, apple_silicon=False)
    assert chosen is CATALOGUE["gemma-3-1b-it"]


def test_a_model_that_would_fill_the_memory_is_not_chosen() -> None:
    ready = {"gemma-3-270m", "gemma-3-4b-it"}
    chosen = choose(CATALOGUE, "language_model", ready=ready, memory_bytes=4 * GB, apple_silicon=False)
    assert chosen is CATALOGUE["gemma-3-270m"]


def test_a_model_for_apple_silicon_is_chosen_there_and_nowhere_else() -> None:
    ready = {"gemma-3-4b-it", "gemma-3-270m-mlx"}
    there = choose(CATALOGUE, "language_model", ready=ready, memory_bytes=32 * GB, apple_silicon=True)
    elsewhere = choose(CATALOGUE, "language_model", ready=ready, memory_bytes=32 * GB, apple_silicon=False)
    assert there is CATALOGUE["gemma-3-270m-mlx"]
    assert elsewhere is CATALOGUE["gemma-3-4b-it"]


def test_a_model_whose_engine_cannot_run_is_not_chosen() -> None:
    nothing = choose(
        CATALOGUE,
        "language_model",
        ready={"gemma-3-270m"},
        memory_bytes=16 * GB,
        apple_silicon=False,
        engines={"whisper", "kokoro"},
    )
    assert nothing is None


@pytest.mark.parametrize(
    ("memory", "apple_silicon", "best"),
    [
        (2 * GB, False, "gemma-3-270m"),
        (8 * GB, False, "gemma-3-1b-it"),
        (8 * GB, True, "gemma-3-1b-it-mlx"),
        (16 * GB, True, "medgemma-1.5-4b-it-mlx"),
    ],
)
def test_what_is_recommended_goes_by_memory_and_platform(memory: int, apple_silicon: bool, best: str) -> None:
    assert recommended(CATALOGUE, "language_model", memory_bytes=memory, apple_silicon=apple_silicon) is CATALOGUE[best]


def test_a_setting_names_a_model_whether_it_is_here_or_not() -> None:
    def language(setting: str) -> object:
        return selected(CATALOGUE, "language_model", setting, ready=(), memory_bytes=8 * GB, apple_silicon=False)

    assert language("gemma-3-1b-it") is CATALOGUE["gemma-3-1b-it"]
    assert language("auto") is language("none") is language("endpoint") is None
    with pytest.raises(ModelError, match="no model named"):
        language("gemma-3-1b-itt")
