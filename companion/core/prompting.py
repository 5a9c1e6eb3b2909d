"""From messages to the text a language model continues."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    text: str


def continuation(messages: Sequence[Message]) -> str:
    """The text a pretrained model continues: what was said, in order, blank lines between.

    Roles are not written: the texts themselves must read as one document. The end is bare, since
    these models take a space to belong to the next word.
    """
    return "\n\n".join(text for message in messages if (text := message.text.strip()))


def next_words(prompt: str, answer: str) -> str:
    """An answer as it would follow the prompt: a word apart from the word before it."""
    return f" {answer}" if prompt and not prompt[-1].isspace() else answer


def alternating(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with neighbours of one role joined and blank ones dropped, as chat templates demand."""
    joined: list[Message] = []
    for message in messages:
        if not message.text.strip():
            continue
        if joined and joined[-1].role == message.role:
            joined[-1] = Message(message.role, joined[-1].text + "\n\n" + message.text)
        else:
            joined.append(message)
    return tuple(joined)


def without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """System text folded into the first turn of the user, for models that know no system role (Gemma)."""
    return alternating([Message("user" if m.role == "system" else m.role, m.text) for m in messages])


def fitting(
    messages: Sequence[Message], limit: int, length: Callable[[Sequence[Message]], int]
) -> tuple[Message, ...] | None:
    """The messages that fit ``limit`` tokens: the oldest after the system text go first.

    System text and the last message always stay; None when these alone are too long. A user's
    message is dropped together with the replies to it.
    """
    exchanges: list[list[int]] = []
    for i, message in enumerate(messages[:-1]):
        if message.role == "assistant" and exchanges:
            exchanges[-1].append(i)
        elif message.role != "system":
            exchanges.append([i])

    def without(oldest: int) -> tuple[Message, ...]:
        dropped = {i for exchange in exchanges[:oldest] for i in exchange}
        return tuple(m for i, m in enumerate(messages) if i not in dropped)

    if not messages or length(without(0)) <= limit:
        return without(0)
    # The fewest that must go, by bisection: counting tokens is what takes time.
    fewest = bisect_left(range(len(exchanges) + 1), True, lo=1, key=lambda n: length(without(n)) <= limit)
    return without(fewest) if fewest <= len(exchanges) else None
