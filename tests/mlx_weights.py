"""The starter Gemma as MLX reads it, made once and kept: it takes half a minute."""

from __future__ import annotations

import hashlib
import inspect
from pathlib import Path

from filelock import FileLock

from companion.models import gemma_mlx, gemma_tokenizer, gemma_weights

GGUF = Path("gemma-3-270m") / "gemma-3-270m-q4_k_m.gguf"


def converted_gemma(models: Path) -> Path:
    """The folder, beside the models in the user's cache; its name changes with the converter and the file."""
    source = models / GGUF
    mark = hashlib.sha256(str(source.stat().st_size).encode())
    for module in (gemma_mlx, gemma_tokenizer, gemma_weights):
        mark.update(inspect.getsource(module).encode())
    cache = models.parent / "cache"
    cache.mkdir(mode=0o700, exist_ok=True)
    folder = cache / f"test-gemma-mlx-{mark.hexdigest()[:12]}"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            gemma_mlx.convert(source, folder)
    return folder
