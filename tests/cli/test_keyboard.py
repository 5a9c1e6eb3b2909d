"""Lines typed or piped, read so that nothing waits for Enter."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator

import pytest

from companion.cli.keyboard import Keyboard


class Typist:
    """The writing end of a pipe."""

    def __init__(self) -> None:
        self.reads, self._writes = os.pipe()
        self._open = True

    def type(self, text: str | bytes) -> None:
        os.write(self._writes, text.encode() if isinstance(text, str) else text)

    def leave(self) -> None:
        if self._open:
            os.close(self._writes)
            self._open = False


@pytest.fixture
def typist() -> Iterator[Typist]:
    made = Typist()
    yield made
    made.leave()
    os.close(made.reads)


@pytest.fixture
def keyboard(typist: Typist) -> Iterator[Keyboard]:
    made = Keyboard(typist.reads)
    yield made
    made.close()


async def line(keyboard: Keyboard) -> str | None:
    return await asyncio.wait_for(keyboard.line(), 10)


async def test_lines_come_one_by_one_without_their_ends(typist: Typist, keyboard: Keyboard) -> None:
    typist.type("first\nsecond\r\n\nfourth\n")
    assert [await line(keyboard) for _ in range(4)] == ["first", "second", "", "fourth"]


async def test_a_line_typed_in_pieces_comes_whole(typist: Typist, keyboard: Keyboard) -> None:
    typist.type("first ")
    waiting = asyncio.create_task(line(keyboard))
    await asyncio.sleep(0.15)
    assert not waiting.done()
    typist.type("line\n")
    assert await waiting == "first line"


async def test_letters_cut_between_two_reads_are_whole(typist: Typist, keyboard: Keyboard) -> None:
    euro = "€".encode()
    typist.type(euro[:1])
    await asyncio.sleep(0.15)
    typist.type(euro[1:] + b"\n")
    assert await line(keyboard) == "€"


async def test_bytes_that_are_no_text_become_signs(typist: Typist, keyboard: Keyboard) -> None:
    typist.type(b"a\xffb\n")
    assert await line(keyboard) == "a\ufffdb"


async def test_at_the_end_the_last_line_needs_no_line_end(typist: Typist, keyboard: Keyboard) -> None:
    typist.type("one\ntwo")
    typist.leave()
    assert [await line(keyboard) for _ in range(4)] == ["one", "two", None, None]


async def test_a_descriptor_that_is_closed_is_at_its_end() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    keyboard = Keyboard(reads)
    assert await line(keyboard) is None
    keyboard.close()
    os.close(writes)


async def test_without_a_standard_input_nothing_else_is_read_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    keyboard = Keyboard(0)
    assert await line(keyboard) is None
    keyboard.close()


async def test_waiting_for_a_line_can_be_given_up(typist: Typist, keyboard: Keyboard) -> None:
    waiting = asyncio.create_task(keyboard.line())
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def wait_until_entered(keyboard: Keyboard) -> None:
    deadline = time.monotonic() + 10
    while not keyboard.entered():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_enter_is_noticed_once(typist: Typist, keyboard: Keyboard) -> None:
    assert not keyboard.entered()
    typist.type("\n")
    wait_until_entered(keyboard)
    assert not keyboard.entered()


def test_enter_pressed_too_early_can_be_forgotten(typist: Typist, keyboard: Keyboard) -> None:
    typist.type("\n\n\n")
    wait_until_entered(keyboard)
    time.sleep(0.1)
    keyboard.forget()
    assert not keyboard.entered()


def test_closing_does_not_wait_for_enter(typist: Typist) -> None:
    keyboard = Keyboard(typist.reads)
    began = time.monotonic()
    keyboard.close()
    assert time.monotonic() - began < 1.0
    assert "keyboard" not in {thread.name for thread in threading.enumerate()}
