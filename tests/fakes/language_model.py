"""A language model that says what a test wrote for it, and remembers what it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from companion.core.cancel import Cancelled, never
from companion.core.errors import EngineError
from companion.core.prompting import Message, fitting
from companion.core.stop_strings import until_stop


def _nothing() -> None:
    return None


class ScriptedLanguageModel:
    """Gives its replies in turn, the last one again and again; an error in the script is raised.

    A word is a token here. ``before_token`` is called before each: there a test moves its clock on,
    cancels, or lets another thread run.
    """

    def __init__(
        self,
        *replies: str | EngineError,
        likely: Mapping[str, float] | None = None,
        context: int = 2048,
        before_token: Callable[[], None] = _nothing,
    ) -> None:
        self._replies = replies
        self._likely = dict(likely or {})
        self._context = context
        self._before_token = before_token
        self.asked: list[tuple[Message, ...]] = []
        """The messages of every reply and probability, as they came."""
        self._replied = 0
        self.loads = 0
        self.closes = 0
        self.loaded = False

    def load(self) -> None:
        if not self.loaded:
            self.loads += 1
            self.loaded = True

    def close(self) -> None:
        if self.loaded:
            self.closes += 1
            self.loaded = False

    def reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        cancelled: Cancelled = never,
    ) -> Iterator[str]:
        self.load()
        if not any(message.text.strip() for message in messages):
            return
        self._hear(messages)
        script = self._replies[min(self._replied, len(self._replies) - 1)]
        self._replied += 1
        if isinstance(script, EngineError):
            raise script
        yield from until_stop(self._tokens(script, max_tokens, cancelled), stop)

    def probability(self, messages: Sequence[Message], answers: Sequence[str]) -> Mapping[str, float]:
        self.load()
        self._hear(messages)
        weights = {answer: self._likely.get(answer, 0.001) for answer in answers}
        whole = sum(weights.values())
        return {answer: weight / whole for answer, weight in weights.items()}

    def _tokens(self, script: str, max_tokens: int, cancelled: Cancelled) -> Iterator[str]:
        for word in re.findall(r"\s*\S+", script)[:max_tokens]:
            if cancelled():
                return
            self._before_token()
            yield word

    def _hear(self, messages: Sequence[Message]) -> None:
        kept = fitting(messages, self._context, lambda some: sum(len(m.text.split()) for m in some))
        if kept is None:
            raise EngineError("The text is too long for the language model.")
        self.asked.append(tuple(messages))
