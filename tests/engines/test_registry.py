from __future__ import annotations

import subprocess
import sys

import pytest

from companion.core.errors import SettingsError
from companion.engines.registry import ENGINES, engine_class


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, named in ENGINES.items() for name in named])
def test_every_engine_of_the_table_is_there(kind: str, name: str) -> None:
    found = engine_class(kind, name)
    assert callable(found.load)
    assert callable(found.close)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="“lama”") as raised:
        engine_class("language model", "lama")
    assert raised.value.hint == "Did you mean “llama”?"
    with pytest.raises(SettingsError) as raised:
        engine_class("voice", "xyz")
    assert raised.value.hint == "Known: kokoro."


def test_the_table_imports_no_engine() -> None:
    script = (
        "import sys, companion.engines.registry\n"
        "heavy = {'llama_cpp', 'mlx', 'httpx', 'onnxruntime', 'pywhispercpp', 'numpy'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
