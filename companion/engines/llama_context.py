"""A GGUF model in llama.cpp with the tokens it has in mind: the few native calls we need.

The binding's own ``Llama`` object is not used: while it loads it points the whole process's stdout
and stderr at nothing, which would swallow what other threads print.
"""

from __future__ import annotations

import ctypes
import importlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import EngineError, ModelError
from companion.engines.openmp import wait_passively

BATCH = 256
"""Tokens of a prompt taken in one go: a cancelled prompt stops after at most this many."""

_complaints: deque[str] = deque(maxlen=20)
"""llama.cpp's latest warnings and errors; its other lines are dropped."""
_log_callback: Any = None


def _binding() -> Any:
    """The llama_cpp module, its chatter caught. Raises ``EngineError`` where it is not installed."""
    global _log_callback
    wait_passively()
    try:
        llama = importlib.import_module("llama_cpp")
    except (ImportError, OSError, RuntimeError) as error:
        raise EngineError(
            f"llama.cpp is not available: {error}",
            hint="It is built from source: install a C++ compiler and CMake (Debian: build-essential), "
            "then run `make llama`. Until then the tutor speaks from the deck.",
        ) from error
    if _log_callback is None:

        def keep(level: int, text: bytes, _: object) -> None:
            if level in (3, 4):  # GGML_LOG_LEVEL_WARN, GGML_LOG_LEVEL_ERROR
                _complaints.append(text.decode("utf-8", "replace").strip())

        _log_callback = llama.llama_log_callback(keep)
        llama.llama_log_set(_log_callback, ctypes.c_void_p(0))
        llama.llama_backend_init()
    return llama


class LlamaContext:
    """A loaded model; ``tokens`` are those whose keys and values it holds."""

    def __init__(self, path: Path, *, context: int, threads: int) -> None:
        self._native = llama = _binding()
        self._model: Any = None
        self._context: Any = None
        self.tokens: list[int] = []
        if not path.is_file():
            raise ModelError(
                f"There is no language model at {path}.", hint="Run `companion models pull` to fetch it again."
            )
        _complaints.clear()
        self._model = llama.llama_model_load_from_file(str(path).encode(), llama.llama_model_default_params())
        if not self._model:
            raise ModelError(
                f"{path.name} is damaged, or not a model llama.cpp can read: {_last_complaint()}",
                hint="Run `companion models verify`, then `companion models pull`.",
            )
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._words: int = llama.llama_vocab_n_tokens(self._vocabulary)
        wanted = llama.llama_context_default_params()
        wanted.n_ctx = min(context, llama.llama_model_n_ctx_train(self._model))
        wanted.n_batch = wanted.n_ubatch = min(BATCH, wanted.n_ctx)
        wanted.n_threads = wanted.n_threads_batch = threads
        # A full-size cache for sliding-window layers too: only such a one can be cut back to a shared prefix.
        wanted.swa_full = True
        self._context = llama.llama_init_from_model(self._model, wanted)
        if not self._context:
            self.free()
            raise EngineError(
                f"llama.cpp could not make room for {path.name}: {_last_complaint()}",
                hint="Close other programs, or choose a smaller model.",
            )
        self._memory = llama.llama_get_memory(self._context)
        self.size: int = llama.llama_n_ctx(self._context)
        """Tokens it can hold."""

    def metadata(self, key: str) -> str:
        """A value of the model file's metadata; empty where it has none."""
        length = 256
        while True:
            buffer = ctypes.create_string_buffer(length)
            needed = self._native.llama_model_meta_val_str(self._model, key.encode(), buffer, length)
            if needed < length:
                return buffer.value.decode("utf-8", "replace") if needed >= 0 else ""
            length = needed + 1

    def special(self, name: str) -> str:
        """The text of the ``bos`` or ``eos`` token; empty where the model has none."""
        token = getattr(self._native, f"llama_vocab_{name}")(self._vocabulary)
        text = self._native.llama_vocab_get_text(self._vocabulary, token) if token >= 0 else None
        return str(text.decode("utf-8", "replace")) if text else ""

    def tokenize(self, text: str, *, begins: bool, control: bool) -> list[int]:
        """Token numbers; ``begins`` adds the model's opening token, ``control`` reads control tokens in the text."""
        given = text.encode("utf-8", "replace")
        room = len(given) + 8
        buffer = (ctypes.c_int32 * room)()
        count = self._native.llama_tokenize(self._vocabulary, given, len(given), buffer, room, begins, control)
        if count < 0:
            raise EngineError("The text is too long for the language model.")
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for: perhaps a part of a character; empty for control tokens."""
        length = 64
        while True:
            buffer = ctypes.create_string_buffer(length)
            written = self._native.llama_token_to_piece(self._vocabulary, token, buffer, length, 0, False)
            if written >= 0:
                return buffer.raw[:written]
            length = -written

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it has finished."""
        return bool(self._native.llama_vocab_is_eog(self._vocabulary, token))

    def keep(self, count: int) -> None:
        """Forget all but the first ``count`` tokens (all of them, for models that cannot forget a part)."""
        if count >= len(self.tokens):
            return
        if count and self._native.llama_memory_seq_rm(self._memory, 0, count, -1):
            del self.tokens[count:]
        else:
            self.forget()

    def forget(self) -> None:
        """Forget everything."""
        self._native.llama_memory_clear(self._memory, False)
        self.tokens.clear()

    def feed(self, tokens: Sequence[int]) -> None:
        """Take in at most ``BATCH`` tokens after those it holds."""
        numbers = (ctypes.c_int32 * len(tokens))(*tokens)  # the batch only points at them
        failed = self._native.llama_decode(self._context, self._native.llama_batch_get_one(numbers, len(tokens)))
        if failed:
            self.forget()
            raise EngineError(f"llama.cpp could not go on (code {failed}): {_last_complaint()}")
        self.tokens.extend(tokens)

    def logits(self) -> NDArray[np.float32]:
        """One number for each word of the vocabulary as the next; valid until the next ``feed``."""
        scores = self._native.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(scores, shape=(self._words,))

    def free(self) -> None:
        """Give the memory back; calling it again does nothing."""
        if self._context:
            self._native.llama_free(self._context)
        if self._model:
            self._native.llama_model_free(self._model)
        self._context = self._model = None


def _last_complaint() -> str:
    return _complaints[-1] if _complaints else "it gave no reason"
