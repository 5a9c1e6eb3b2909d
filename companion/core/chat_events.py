"""The lines of a streamed chat completion: Server-Sent Events that hold a JSON object each."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """What one line brought."""

    text: str = ""
    ends: bool = False
    """Whether the reply is complete with it."""
    failure: str = ""
    """What the server says went wrong."""


def chat_event(line: str) -> ChatEvent:
    """The event of a line. Raises ``ValueError`` for one that belongs in no such stream."""
    field, _, value = line.partition(":")
    if field in ("", "event", "id", "retry"):  # an empty line, a comment, or of no use here
        return ChatEvent()
    if field != "data":
        raise ValueError("not an event")
    if value.strip() == "[DONE]":
        return ChatEvent(ends=True)
    try:
        told = json.loads(value)
        if told.get("error"):
            return ChatEvent(failure=reason(value))
        if not told["choices"]:  # a last event may carry nothing but counts
            return ChatEvent()
        choice = told["choices"][0]
        text = choice.get("delta", {}).get("content") or ""
        if not isinstance(text, str):
            raise ValueError("the content is no text")
        return ChatEvent(text, choice.get("finish_reason") is not None)
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("not a chat completion") from error


def reason(text: str) -> str:
    """The words of an error as these servers send it, at most 300 characters."""
    try:
        told = json.loads(text)
        error = told.get("error", told)
        return str(error["message"] if isinstance(error, dict) else error)[:300]
    except (ValueError, LookupError, AttributeError):
        return text.strip()[:300] or "it gave no reason"
