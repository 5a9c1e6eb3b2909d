"""A language model through llama.cpp: the default everywhere but on Apple silicon."""

from __future__ import annotations

import codecs
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.errors import EngineError
from companion.core.prompting import Message, continuation, fitting, next_words
from companion.core.shares import log_softmax, shares
from companion.core.stop_strings import until_stop
from companion.engines.chat_template import ChatTemplate
from companion.engines.llama_context import BATCH, LlamaContext


class LlamaModel:
    """A GGUF file. The keys and values of the last prompt are kept, so a shared beginning costs nothing."""

    def __init__(self, path: Path, *, threads: int = 0, chat: bool | None = None, context: int = 2048) -> None:
        self._path = path
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._chat = chat
        self._size = context
        self._context: LlamaContext | None = None
        self._template: ChatTemplate | None = None
        self._turn: object = None

    def load(self) -> None:
        """Read the file. Raises ``ModelError`` for a bad one, ``EngineError`` without llama.cpp."""
        if self._context is not None:
            return
        context = LlamaContext(self._path, context=self._size, threads=self._threads)
        template = context.metadata("tokenizer.chat_template")
        try:
            if template and self._chat is not False:
                self._template = ChatTemplate(template, bos=context.special("bos"), eos=context.special("eos"))
            elif self._chat:
                raise EngineError(f"{self._path.name} has no chat template, so it cannot be used as a chat model.")
        except Exception:
            context.free()
            raise
        self._context = context

    def close(self) -> None:
        """Give the memory back."""
        self._turn = None
        if self._context is not None:
            self._context.free()
            self._context = None

    def reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        cancelled: Cancelled = never,
    ) -> Iterator[str]:
        """Text as it is made; the oldest messages are left out where all together are too long."""
        context = self._ready()
        if any(message.text.strip() for message in messages):
            tokens, _ = self._prompt(context, messages, reserve=max_tokens)
            yield from until_stop(self._pieces(context, tokens, max_tokens, cancelled), stop)

    def probability(self, messages: Sequence[Message], answers: Sequence[str]) -> Mapping[str, float]:
        """How likely each answer is as the next words, normalised over the answers."""
        if not answers:
            return {}
        context = self._ready()
        self._turn = object()
        tokens, text = self._prompt(context, messages, reserve=64)
        self._take_in(context, tokens, never)
        first = log_softmax(context.logits())
        likely = []
        for answer in answers:
            words = context.tokenize(next_words(text, answer), begins=False, control=False)
            if not words:
                raise EngineError("An empty answer has no probability.")
            log_probability = float(first[words[0]])
            for given, word in pairwise(words):
                context.feed([given])
                log_probability += float(log_softmax(context.logits())[word])
            context.keep(len(tokens))
            if len(context.tokens) < len(tokens):  # a model that cannot forget a part has forgotten all
                self._take_in(context, tokens, never)
            likely.append(log_probability)
        return shares(answers, likely)

    def _ready(self) -> LlamaContext:
        self.load()
        assert self._context is not None
        return self._context

    def _prompt(self, context: LlamaContext, messages: Sequence[Message], reserve: int) -> tuple[list[int], str]:
        """Tokens and text of the prompt, leaving ``reserve`` tokens (at most half of all) for the answer."""
        limit = context.size - min(reserve, context.size // 2)
        kept = fitting(messages, limit, lambda some: len(self._tokens(context, self._text(some))))
        if kept is None:
            raise EngineError(
                f"The text is too long for the language model, which holds {context.size} tokens at once.",
                hint="Say it in fewer words, or choose a model with a larger context.",
            )
        text = self._text(kept)
        return self._tokens(context, text), text

    def _text(self, messages: Sequence[Message]) -> str:
        return self._template.render(messages) if self._template else continuation(messages)

    def _tokens(self, context: LlamaContext, text: str) -> list[int]:
        bos = context.special("bos")
        begins = not (self._template and bos and text.startswith(bos))
        return context.tokenize(text, begins=begins, control=self._template is not None)

    def _take_in(self, context: LlamaContext, tokens: Sequence[int], cancelled: Cancelled) -> bool:
        """Bring the model's memory to exactly ``tokens``, its last logits fresh; False when cancelled."""
        shared = 0
        for held, wanted in zip(context.tokens, tokens[:-1], strict=False):
            if held != wanted:
                break
            shared += 1
        context.keep(shared)
        while (held_now := len(context.tokens)) < len(tokens):
            if cancelled():
                return False
            context.feed(tokens[held_now : held_now + BATCH])
        return True

    def _pieces(
        self, context: LlamaContext, tokens: Sequence[int], max_tokens: int, cancelled: Cancelled
    ) -> Generator[str, None, None]:
        turn = self._turn = object()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        if not self._take_in(context, tokens, cancelled):
            return
        for left in range(max_tokens, 0, -1):
            token = int(np.argmax(context.logits()))
            if context.ends(token):
                break
            if text := decoder.decode(context.piece(token)):
                yield text
            if cancelled() or self._turn is not turn:  # another reply or ``close`` has taken the model over
                return
            if left == 1 or len(context.tokens) >= context.size:
                break
            context.feed([token])
        if text := decoder.decode(b"", final=True):
            yield text
