"""Engines by name; the table imports none of them."""

from __future__ import annotations

import difflib
import importlib
from typing import Any

from companion.core.errors import SettingsError

ENGINES = {
    "detector": {"silero": "companion.engines.silero:SileroDetector"},
    "recognizer": {"whisper": "companion.engines.whisper:WhisperRecognizer"},
    "language model": {
        "llama": "companion.engines.llama:LlamaModel",
        "mlx": "companion.engines.mlx:MlxModel",
        "endpoint": "companion.engines.endpoint:EndpointModel",
    },
    "voice": {"kokoro": "companion.engines.kokoro:KokoroVoice"},
}
"""For each kind of engine, its names and where each lives, as ``module:Class``."""


def engine_class(kind: str, name: str) -> type[Any]:
    """The class of an engine, its module imported now. Raises ``SettingsError`` for an unknown name."""
    named = ENGINES[kind]
    if name not in named:
        near = difflib.get_close_matches(name, named, n=1)
        raise SettingsError(
            f"There is no {kind} engine called “{name}”.",
            hint=f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(named)}.",
        )
    module, _, attribute = named[name].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, type)
    return found
