"""Ending a stream of text at a string that is never given out, wherever the pieces are split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


class StopStrings:
    """Holds back just as much text as could still turn out to begin a stop string."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = tuple(string for string in stop if string)
        self._held = ""
        self.met = False
        """Whether a stop string has come; nothing is given out after it."""

    def push(self, piece: str) -> str:
        """What is safe to give out now that ``piece`` has come."""
        if self.met:
            return ""
        text = self._held + piece
        # The first to be complete counts, so that the result is the same however the text is split.
        found = [(at + len(string), at) for string in self._stop if (at := text.find(string)) >= 0]
        if found:
            self.met, self._held = True, ""
            return text[: min(found)[1]]
        held = max((_begun(text, string) for string in self._stop), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back and, the text being over, is no stop string."""
        held, self._held = self._held, ""
        return held


def _begun(text: str, string: str) -> int:
    """The length of the longest end of ``text`` that begins ``string``."""
    return next((n for n in range(min(len(text), len(string) - 1), 0, -1) if text.endswith(string[:n])), 0)


def until_stop(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first stop string, without white space at the start and without empty ones.

    ``pieces`` is closed, where it can be, as soon as no more of it is wanted.
    """
    strings = StopStrings(stop)
    begun = False
    try:
        for piece in pieces:
            safe = strings.push(piece)
            safe = safe if begun else safe.lstrip()
            if safe:
                begun = True
                yield safe
            if strings.met:
                return
        rest = strings.rest()
        rest = rest if begun else rest.lstrip()
        if rest:
            yield rest
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
