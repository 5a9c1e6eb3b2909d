"""Text for a person at a terminal: broken between words, coloured where colour is wanted, plain for a pipe."""

from __future__ import annotations

import os
import re
import shutil
import sys

import click

WIDEST = 88
"""Columns beyond which lines are too long to read with ease."""

_PIECES = re.compile(r"\n|[^\S\n]+|\S+")


class Page:
    """Writes to stdout as text comes; into a pipe or a file it goes as it is."""

    def __init__(self) -> None:
        self._column = 0

    def write(self, text: str, *, hang: int = 0) -> None:
        """Write whole words at once; lines that had to be broken go on at column ``hang``."""
        if not sys.stdout.isatty():
            sys.stdout.write(click.unstyle(text))
        else:
            sys.stdout.write(self._broken(text, min(shutil.get_terminal_size().columns, WIDEST), hang))
        sys.stdout.flush()

    def entered(self) -> None:
        """The person pressed Enter: their terminal has begun a new line."""
        self._column = 0

    def _broken(self, text: str, width: int, hang: int) -> str:
        written = []
        for piece in _PIECES.findall(text):
            length = len(click.unstyle(piece))
            if piece == "\n":
                self._column = 0
            elif not piece.isspace() and self._column > hang and self._column + length > width:
                written.append("\n" + " " * hang)
                self._column = hang + length
            else:
                self._column += length
            written.append(piece)
        return "".join(written)


def styled(text: str, **style: bool | str) -> str:
    """``text`` in a style of ``click.style``; colour never says anything that words do not. See no-color.org."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)  # type: ignore[arg-type]
