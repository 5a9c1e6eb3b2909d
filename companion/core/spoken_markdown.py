"""Markdown taken away, so that no voice says "asterisk"."""

from __future__ import annotations

import re

_INLINE = (
    (re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"<(?:https?:|mailto:)[^>]*>"), ""),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"\\([*_#`\[\]])"), r"\1"),
)
_RULER = re.compile(r"^\s*(?:[-*_]\s*){3,}$|^\s*\|?(?:\s*:?-{2,}:?\s*\|)+.*$")
_BLOCK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•]\s+|\d{1,2}[.)]\s+(?=\D))")


def without_markdown(text: str) -> str:
    """The words of ``text``; a heading or item of a list without a full stop gets one, so that the voice pauses."""
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    lines = []
    for line in text.splitlines():
        if _RULER.match(line):
            continue
        block = _BLOCK.match(line)
        words = line[block.end() :].strip() if block else line
        if words.strip().startswith("|"):
            words = ", ".join(filter(None, map(str.strip, words.strip().strip("|").split("|"))))
            block = _BLOCK.match("- ")
        if block and words and words[-1] not in ".!?:;,":
            words += "."
        lines.append(words)
    return "\n".join(lines)
