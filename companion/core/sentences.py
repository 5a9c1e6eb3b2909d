"""A stream of text cut into clauses that can be spoken while the rest is still being written."""

from __future__ import annotations

import re

FIRST_WORDS = 4
"""Words the first clause needs before a comma may end it; fewer sound chopped."""
FIRST_LENGTH = 120
"""Characters after which the first clause is given out at the last word, so that sound is not late."""
LONGEST = 240
"""Characters after which any clause is; a voice takes longer for more, and may cut the end off."""

_END = re.compile(r"[.!?…。！？]+[\"'”’)\]*_]*(?=\s)|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)")
_PAUSE = re.compile(r"[,;:–—][\"'”’)\]]*(?=\s)|(?<=\s)-(?=\s)")
_NOT_AN_END = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|vs|cf|approx|ca|no|fig|sec|max|min|temp|resp|tab|caps?|inj|dept|hosp|jr|sr|al)"
    r"|\b[a-z](?:\.[a-z])+|\betc|(?:^|\s)[b-hj-z]|(?:^|\n)\s*\d{1,3})\.$",
    re.IGNORECASE,
)
_SHORT_ITEM = re.compile(r"(?:[IVX]+|aV[FLR]|V\d+R?|[\d./%]+|[A-Z]{1,3}\d?)")
_NEXT_TWO = re.compile(r"\s+(\S+?)([,;]|\s+(?:and|or|nor)\b|[.!?:]|\s+\S)", re.IGNORECASE)
_LIST_LINK = re.compile(r"\s*(?:,|and|or|nor)$", re.IGNORECASE)


class ClauseSplitter:
    """Takes text in pieces of any size and gives out clauses in order; nothing is lost but outer white space.

    The first clause ends at the first pause that stands after four words, later ones at the ends of sentences. An
    end is known only from what follows it ("8.2", "Dr. Smith", "II, III and aVF"), so a clause comes out a word
    late, or at ``finish``.
    """

    def __init__(self, *, early: bool = True) -> None:
        """With ``early`` false the first clause ends where a sentence does, as the others."""
        self._waiting = ""
        self._early = early
        self._first = early

    def feed(self, text: str) -> list[str]:
        """The clauses that became whole with ``text``."""
        self._waiting += text
        clauses: list[str] = []
        while (end := self._boundary()) is not None:
            self._take(end, clauses)
        return clauses

    def finish(self) -> list[str]:
        """What is left, when no more text comes; the splitter may then be used for another text."""
        self._waiting += "\n"
        clauses: list[str] = []
        while (end := self._boundary(last=True)) is not None:
            self._take(end, clauses)
        self._take(len(self._waiting), clauses)
        self._first = self._early
        return clauses

    def _take(self, end: int, clauses: list[str]) -> None:
        clause, self._waiting = self._waiting[:end].strip(), self._waiting[end:].lstrip()
        if clause:
            clauses.append(clause)
            self._first = False

    def _boundary(self, *, last: bool = False) -> int | None:
        text = self._waiting
        found = self._sentence_end(text, last=last)
        if self._first:
            pause = self._pause(text, last=last)
            found = min((end for end in (found, pause) if end is not None), default=None)
        longest = FIRST_LENGTH if self._first else LONGEST
        if (found is None and len(text) > longest) or (found is not None and found > longest):
            return _last_break(text, longest)
        return found

    def _sentence_end(self, text: str, *, last: bool) -> int | None:
        for match in _END.finditer(text):
            if match.group().startswith("\n"):
                if text[: match.start()].strip():
                    return match.start()
                continue
            following = text[match.end() :].lstrip()
            if not following and not last:
                return None
            if following[:1].islower() or _NOT_AN_END.search(text[: match.end()]):
                continue
            return match.end()
        return None

    def _pause(self, text: str, *, last: bool) -> int | None:
        for match in _PAUSE.finditer(text):
            before = text[: match.start()].split()
            if len(before) < FIRST_WORDS:
                continue
            if match.group()[0] != ",":
                return match.end()
            following = _NEXT_TWO.match(text, match.end())
            if following is None and not last:
                return None
            in_list = following is not None and (
                _SHORT_ITEM.fullmatch(following[1]) or _LIST_LINK.search(following[2]) or _is_link(following[1])
            )
            if not in_list and not _SHORT_ITEM.fullmatch(before[-1].strip("()*_")):
                return match.end()
        return None


def split_clauses(text: str) -> list[str]:
    """A whole text cut as a stream of it would be: an early first clause, then sentences."""
    return _split(text, ClauseSplitter())


def split_sentences(text: str) -> list[str]:
    """A whole text cut at the ends of its sentences."""
    return _split(text, ClauseSplitter(early=False))


def _split(text: str, splitter: ClauseSplitter) -> list[str]:
    return splitter.feed(text) + splitter.finish()


def _is_link(word: str) -> bool:
    return word.lower() in ("and", "or", "nor")


def _last_break(text: str, longest: int) -> int:
    """Where to cut a clause that is too long: after a pause in its second half, else between words."""
    pauses = [match.end() for match in _PAUSE.finditer(text, longest // 2, longest)]
    if pauses:
        return pauses[-1]
    space = max(text.rfind(" ", 1, longest), text.rfind("\n", 1, longest))
    return space if space > 0 else longest
