"""A language model through mlx-lm: the default on Apple silicon."""

from __future__ import annotations

import importlib
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from companion.core.cancel import Cancelled, never
from companion.core.errors import EngineError, ModelError
from companion.core.prompting import Message, continuation, fitting, next_words
from companion.core.shares import log_softmax, shares
from companion.core.stop_strings import until_stop
from companion.engines.chat_template import ChatTemplate

PREFILL = 256
"""Tokens of a prompt taken in one go: a cancelled prompt stops after at most this many."""


class MlxModel:
    """A folder of safetensors. It is loaded, used and closed on one thread: MLX's streams belong to it.

    The keys and values of the last prompt are kept, so a shared beginning costs nothing.
    """

    def __init__(self, folder: Path, *, chat: bool | None = None, context: int = 2048) -> None:
        self._folder = folder
        self._chat = chat
        self._size = context
        self._template: ChatTemplate | None = None
        self._running: tuple[Generator[Any, None, None], list[int]] | None = None
        """What mlx-lm is in the middle of generating, and all tokens known of it."""
        self._model: Any = None
        self._tokenizer: Any = None
        self._cache: list[Any] = []
        self._held: list[int] = []
        """The tokens whose keys and values the cache holds."""

    def load(self) -> None:
        """Read the folder. Raises ``ModelError`` for a bad one, ``EngineError`` without mlx-lm."""
        if self._model is not None:
            return
        mlx_lm = _mlx("mlx_lm.utils")
        if not (self._folder / "config.json").is_file():
            raise ModelError(
                f"There is no MLX model in {self._folder}.", hint="Run `companion models pull` to fetch it again."
            )
        try:
            with _offline():
                model, tokenizer = mlx_lm.load(str(self._folder))[:2]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, ImportError) as error:
            raise ModelError(
                f"The MLX model in {self._folder.name} is damaged, or of a kind mlx-lm does not know: {error}",
                hint="Run `companion models verify`, then `companion models pull`.",
            ) from error
        source = tokenizer.chat_template
        if isinstance(source, str) and self._chat is not False:
            self._template = ChatTemplate(source, bos=tokenizer.bos_token or "", eos=tokenizer.eos_token or "")
        elif self._chat:
            raise EngineError(f"{self._folder.name} has no chat template, so it cannot be used as a chat model.")
        self._model, self._tokenizer = model, tokenizer
        self._forget()

    def close(self) -> None:
        """Give the memory back."""
        self._settle()
        if self._model is not None:
            self._model = self._tokenizer = None
            self._cache, self._held = [], []
            _mlx("mlx.core").clear_cache()

    def reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        cancelled: Cancelled = never,
    ) -> Iterator[str]:
        """Text as it is made; the oldest messages are left out where all together are too long."""
        self.load()
        if max_tokens > 0 and any(message.text.strip() for message in messages):
            tokens, _ = self._prompt(messages, reserve=max_tokens)
            yield from until_stop(self._pieces(tokens, max_tokens, cancelled), stop)

    def probability(self, messages: Sequence[Message], answers: Sequence[str]) -> Mapping[str, float]:
        """How likely each answer is as the next words, normalised over the answers."""
        if not answers:
            return {}
        import numpy as np

        self.load()
        mx = _mlx("mlx.core")
        tokens, text = self._prompt(messages, reserve=64)
        likely = []
        for answer in answers:
            words = self._tokenizer.encode(next_words(text, answer), add_special_tokens=False)
            if not words:
                raise EngineError("An empty answer has no probability.")
            # All but the last token of the prompt stay; that one and the answer go through together.
            self._take_in(tokens[:-1], never)
            given = [tokens[-1], *words[:-1]]
            try:
                scores = np.array(self._model(mx.array([given]), cache=self._cache)[0].astype(mx.float32))
            except (RuntimeError, ValueError) as error:
                self._forget()
                raise _stumbled(error) from error
            self._held += given
            rows = log_softmax(scores)
            likely.append(float(sum(row[word] for row, word in zip(rows, words, strict=True))))
        return shares(answers, likely)

    def _prompt(self, messages: Sequence[Message], reserve: int) -> tuple[list[int], str]:
        """Tokens and text of the prompt, leaving ``reserve`` tokens (at most half of all) for the answer."""
        limit = self._size - min(reserve, self._size // 2)
        kept = fitting(messages, limit, lambda some: len(self._tokens(self._text(some))))
        if kept is None:
            raise EngineError(
                f"The text is too long for the language model, which holds {self._size} tokens at once.",
                hint="Say it in fewer words, or choose a model with a larger context.",
            )
        text = self._text(kept)
        return self._tokens(text), text

    def _text(self, messages: Sequence[Message]) -> str:
        return self._template.render(messages) if self._template else continuation(messages)

    def _tokens(self, text: str) -> list[int]:
        bos = self._tokenizer.bos_token
        begins = not (self._template and bos and text.startswith(bos))
        clean = text.encode("utf-8", "replace").decode("utf-8")
        encoded = self._tokenizer.encode(clean, add_special_tokens=begins, split_special_tokens=self._template is None)
        return [int(token) for token in encoded]

    def _forget(self) -> None:
        cache = _mlx("mlx_lm.models.cache")
        self._cache = cache.make_prompt_cache(self._model)
        self._held = []
        for layer in self._cache:
            # A window that has begun to turn cannot be cut back to a shared prefix. Gemma masks its
            # window itself, so a cache as long as the context gives the same and can be cut.
            if isinstance(layer, cache.RotatingKVCache) and "gemma" in type(self._model).__module__:
                layer.max_size = max(layer.max_size, self._size + PREFILL)

    def _take_in(self, tokens: Sequence[int], cancelled: Cancelled) -> bool:
        """Bring the cache to exactly ``tokens``; False when cancelled."""
        self._settle()
        mx, cache = _mlx("mlx.core"), _mlx("mlx_lm.models.cache")
        shared = 0
        for held, wanted in zip(self._held, tokens, strict=False):
            if held != wanted:
                break
            shared += 1
        if surplus := len(self._held) - shared:
            if shared and cache.can_trim_prompt_cache(self._cache):
                cache.trim_prompt_cache(self._cache, surplus)
                del self._held[shared:]
            else:
                self._forget()
        while len(self._held) < len(tokens):
            if cancelled():
                return False
            some = tokens[len(self._held) : len(self._held) + PREFILL]
            try:
                self._model(mx.array([some]), cache=self._cache)
                mx.eval([layer.state for layer in self._cache])
            except (RuntimeError, ValueError) as error:
                self._forget()
                raise _stumbled(error) from error
            self._held += some
        return True

    def _pieces(self, tokens: Sequence[int], max_tokens: int, cancelled: Cancelled) -> Generator[str, None, None]:
        if not self._take_in(tokens[:-1], cancelled) or cancelled():
            return
        made = _mlx("mlx_lm.generate").stream_generate(
            self._model,
            self._tokenizer,
            _mlx("mlx.core").array(tokens[-1:]),
            max_tokens=min(max_tokens, self._size - len(tokens)),
            prompt_cache=self._cache,
        )
        known = list(tokens)
        self._running = made, known
        try:
            for response in made:
                known.append(int(response.token))
                if response.text:
                    yield response.text
                # Another reply, or ``close``, may have taken the model over.
                if cancelled() or not (self._running and self._running[0] is made):
                    return
        except (RuntimeError, ValueError) as error:
            raise _stumbled(error) from error
        finally:
            if self._running and self._running[0] is made:
                self._settle()

    def _settle(self) -> None:
        """End what is being generated, and cut off what mlx-lm has run ahead of what it gave out."""
        if self._running is None:
            return
        (made, known), self._running = self._running, None
        made.close()
        cache = _mlx("mlx_lm.models.cache")
        reached = getattr(self._cache[0], "offset", None)
        if reached is None or not cache.can_trim_prompt_cache(self._cache):
            self._forget()
            return
        cache.trim_prompt_cache(self._cache, max(0, reached - len(known)))
        self._held = known[:reached]


@contextmanager
def _offline() -> Iterator[None]:
    """Nothing is fetched meanwhile, whatever a folder lacks; later the user may ask for a download again.

    The libraries below mlx-lm look at this constant of the hub's client before each request.
    """
    hub: Any = importlib.import_module("huggingface_hub.constants")
    before, hub.HF_HUB_OFFLINE = hub.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        hub.HF_HUB_OFFLINE = before


def _stumbled(error: Exception) -> EngineError:
    return EngineError(f"MLX could not go on: {error}", hint="Close other programs, or choose a smaller model.")


def _mlx(module: str) -> Any:
    """A module of MLX or mlx-lm. Raises ``EngineError`` where they are not installed."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as error:
        raise EngineError(
            f"MLX is not available: {error}",
            hint="It belongs to Macs with Apple silicon; elsewhere the tutor uses llama.cpp (`make llama`).",
        ) from error
