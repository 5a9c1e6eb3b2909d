from __future__ import annotations

import pytest

from companion.core.chat_events import ChatEvent, chat_event, reason


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("", ChatEvent()),
        (": keep-alive", ChatEvent()),
        ("event: message", ChatEvent()),
        ("data: [DONE]", ChatEvent(ends=True)),
        ('data: {"choices": [{"delta": {"role": "assistant"}}]}', ChatEvent()),
        ('data: {"choices": [{"delta": {"content": " é"}}]}', ChatEvent(" é")),
        ('data:{"choices":[{"delta":{"content":"x"},"finish_reason":"length"}]}', ChatEvent("x", ends=True)),
        ('data: {"choices": [], "usage": {"total_tokens": 7}}', ChatEvent()),
        ('data: {"error": "no memory"}', ChatEvent(failure="no memory")),
    ],
)
def test_each_line_is_read_for_what_it_brings(line: str, event: ChatEvent) -> None:
    assert chat_event(line) == event


@pytest.mark.parametrize("line", ["hello", "data: {", "data: 7", "data: null", 'data: {"choices": 7}', "data: {}"])
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        chat_event(line)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"error": {"message": "too long"}}', "too long"),
        ('{"error": "too long"}', "too long"),
        ('{"detail": "x"}', '{"detail": "x"}'),
        ("plain", "plain"),
        (" ", "it gave no reason"),
        ("[1]", "[1]"),
    ],
)
def test_the_reason_of_an_error_is_found_where_servers_put_it(text: str, words: str) -> None:
    assert reason(text) == words
