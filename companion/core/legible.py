"""Text from anywhere, made safe to show."""

from __future__ import annotations

import unicodedata

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that reorder a line: in stored text they could make one thing read as another."""


def legible(text: str, *, lines: bool = False) -> str:
    """The text without what could steer a terminal; line breaks become spaces unless ``lines`` keeps them.

    Letters, signs and marks of every language stay. Control characters (an escape, a bell, a
    null) and marks of direction go; tabs become spaces; half a surrogate pair, which no
    terminal can print, becomes the replacement character.
    """
    broken = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    spaced = broken.replace("\t", " ")
    clean = "".join(_shown(character) for character in spaced)
    return clean if lines else " ".join(clean.split())


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    if (category == "Cc" and character != "\n") or character in _DIRECTION:
        return ""
    return character
