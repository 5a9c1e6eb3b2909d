from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from companion.cli.page import WIDEST, Page, styled


class Terminal:
    """Stands for stdout at a terminal, and keeps what is written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setattr("companion.cli.page.sys", SimpleNamespace(stdout=made))
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((20, 24)))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def test_lines_are_broken_between_words(terminal: Terminal) -> None:
    Page().write("Her lungs are clear and her neck veins are full.\n")
    assert [line.rstrip() for line in terminal.lines] == ["Her lungs are clear", "and her neck veins", "are full.", ""]


def test_text_that_comes_in_pieces_is_broken_alike(terminal: Terminal) -> None:
    page = Page()
    for piece in ("Her lungs are ", "clear and her ", "neck veins are full."):
        page.write(piece)
    assert [line.rstrip() for line in terminal.lines] == ["Her lungs are clear", "and her neck veins", "are full."]


def test_a_broken_line_goes_on_where_its_text_began(terminal: Terminal) -> None:
    Page().write("  ✓ hit  right coronary artery\n", hang=9)
    assert [line.rstrip() for line in terminal.lines] == ["  ✓ hit  right", "         coronary", "         artery", ""]


def test_a_word_wider_than_the_terminal_is_left_whole(terminal: Terminal) -> None:
    Page().write("pseudopseudohypoparathyroidism is rare\n")
    assert [line.rstrip() for line in terminal.lines] == ["pseudopseudohypoparathyroidism", "is rare", ""]


def test_colours_take_no_room(terminal: Terminal) -> None:
    Page().write(styled("Her", fg="green") + " " + styled("lungs", bold=True) + " are clear\n")
    assert terminal.text.count("\n") == 1


def test_lines_are_never_too_long_to_read(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((300, 24)))
    Page().write("word " * 200)
    assert max(len(line.rstrip()) for line in terminal.lines) == WIDEST - WIDEST % 5 - 1


def test_after_a_typed_answer_a_new_line_begins(terminal: Terminal) -> None:
    page = Page()
    page.write("Your answer> ")
    page.entered()
    page.write("Heard: a fine answer")
    assert terminal.lines == ["Your answer> Heard: a fine answer"]


def test_a_pipe_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "word " * 200
    Page().write(styled(text, fg="red"), hang=4)
    assert capsys.readouterr().out == text


def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert styled("missed", fg="yellow") == "missed"
