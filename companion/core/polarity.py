"""What an answer asserts, what it denies and what it only wants to exclude, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from companion.core.answer_terms import STOP
from companion.core.answer_text import BREAK, COMMA, Word


class Polarity(StrEnum):
    """How a word is meant."""

    SAID = "said"
    DENIED = "denied"
    UPHELD = "upheld"
    """Denied twice: "not contraindicated"; neither a plain mention nor a denial."""
    EXCLUDED = "excluded"
    """To be ruled out: neither claimed nor denied."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word that carries meaning, and how it stands in the answer."""

    text: str
    raw: str
    start: int
    end: int
    polarity: Polarity
    clause: int
    """Which clause it is in; a statement that is wrong must be made within one."""
    sentence: int
    conditional: bool
    """After "if", "unless" or "otherwise": not what the speaker says is so."""
    place: int
    """Its place among all words, so that words that stood together can be found."""
    span: tuple[int, int]
    """Where it starts and ends in the text together with the words that deny it."""


def _words(block: str) -> frozenset[str]:
    return frozenset(block.split())


_DENY = _words(
    """
    not no never without avoid avoiding withhold withholding omit nor against skip neither unlike hold
    lack lacks absent
    """
)
_DENY_PAIRS = frozenset({("rather", "than"), ("instead", "of"), ("opposed", "to"), ("less", "likely"), ("free", "of")})
_EXCLUDE = frozenset({"exclude", "excluding", "excludes"})
_EXCLUDE_PAIRS = frozenset({("rule", "out"), ("ruling", "out"), ("rules", "out")})
_IDIOMS = frozenset({("no", "delay"), ("without", "delay"), ("hold", "on")})
_SET_PHRASES = _words("sure certain know doubt question miss forget overlook")
"""After "not" or "no" these make one phrase that denies nothing: "not sure", "no doubt", "must not miss"."""
_AGAINST = _words(
    """
    contraindicated dangerous harmful unsafe unlikely avoided withheld excluded omitted
    """
)
"""Said of what stands before them as well as after: "GTN is dangerous", "it is dangerous to give GTN"."""
_NOT_A_DENIAL = _words(
    """
    only just simply merely sure certain know miss forget overlook doubt question hesitate
    """
)
_AUXILIARY = _words(
    """
    is are was were should must does do did can could would will need needs has have be may might
    """
)
_EVALUATIVE = _words(
    """
    give given used use needed need required necessary useful helpful help indicated recommended
    appropriate advised suitable safe present involved likely affected possible administered prescribed
    started done wanted correct right change add
    """
)
_BREAKS = _words(
    """
    but because however although though since so therefore then which who whereas while until unless if
    when otherwise instead except hence thus
    """
)
_STARTS = _words(
    """
    it this that there she he they i we you the her his these 1 give start go do act treat send just
    keep continue add call ask get use take put check we'd run is would needs should load record
    transfer rather actually straight look measure carry replace reduce switch stop try need
    """
)
_INTERJECTION = _words(
    """
    sorry wait actually it that this i she he you we keep do the a just go continue carry there
    """
)
_CONDITION = frozenset({"if", "unless", "otherwise", "alternatively"})
_MEANS = frozenset({"with", "by", "using", "via", "on"})
"""What follows these is how something is excluded, not what."""
_REACH = 6
"""Words with meaning that one denial covers."""
_STOP_WORDS = frozenset(STOP.split())


def terms_of(words: Sequence[Word]) -> list[Term]:
    """The words that carry meaning, each with how it is meant; denials themselves are not among them."""
    return _Walk(words).terms()


def is_stop(word: Word) -> bool:
    """Whether a word carries nothing an examiner would listen for."""
    return word.raw in _STOP_WORDS


class _Walk:
    """One pass for scopes, one for terms."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._denied = [0] * len(words)
        self._excluded = [False] * len(words)
        self._cue = [False] * len(words)
        self._spans = [(word.start, word.end) for word in words]

    def terms(self) -> list[Term]:
        for i in range(len(self._words)):
            self._read_cue(i)
        found: list[Term] = []
        clause = sentence = 0
        conditional = False
        for i, word in enumerate(self._words):
            raw = word.raw
            if word.text == BREAK:
                clause, sentence, conditional = clause + 1, sentence + 1, False
            elif self._ends_clause(i):
                clause += 1
            if raw in _CONDITION:
                conditional = True
            if word.text in (BREAK, COMMA) or self._cue[i] or is_stop(word) or raw in _BREAKS:
                continue
            polarity = Polarity.SAID
            if self._excluded[i]:
                polarity = Polarity.EXCLUDED
            elif self._denied[i]:
                polarity = Polarity.DENIED if self._denied[i] % 2 else Polarity.UPHELD
            found.append(
                Term(word.text, raw, word.start, word.end, polarity, clause, sentence, conditional, i, self._spans[i])
            )
        return found

    def _raw(self, i: int) -> str:
        return self._words[i].raw if 0 <= i < len(self._words) else ""

    def _read_cue(self, i: int) -> None:
        raw, following = self._raw(i), self._raw(i + 1)
        if (raw, following) in _DENY_PAIRS:
            self._forward(self._take(i, i + 1))
        elif (raw, following) in _EXCLUDE_PAIRS or raw in _EXCLUDE:
            cue = self._take(i, i if raw in _EXCLUDE else i + 1)
            if not self._forward(cue, exclude=True):
                self._backward(cue, exclude=True)
        elif (raw, following) == ("ruled", "out"):
            cue = self._take(i, i + 1)
            if not self._forward(cue):
                self._backward(cue)
        elif raw in _AGAINST:
            cue = self._take(i, i)
            self._forward(cue)
            if (denial := self._denial_before(i)) is None:
                self._backward(cue)
            else:
                for _ in range(2):
                    self._backward((denial, i))
        elif raw == "nothing":
            self._backward((i, i))
        elif raw in _DENY:
            self._read_denial(i)

    def _read_denial(self, i: int) -> None:
        raw, following = self._raw(i), self._raw(i + 1)
        cue = self._take(i, i)
        if following in _NOT_A_DENIAL:
            if following in _SET_PHRASES:
                self._take(i, i + 1)
            return
        if (raw, following) in _IDIOMS:
            return
        if raw == "no" and (following in _INTERJECTION or following == "" or self._punctuation(i + 1)):
            return
        self._forward(cue)
        if raw == "not" and self._raw(i - 1) in _AUXILIARY and self._only_evaluates(i + 1):
            self._backward((i - 1, i), reach=4)

    def _take(self, first: int, last: int) -> tuple[int, int]:
        """Mark words as a denial, which is no content of its own."""
        self._cue[first : last + 1] = [True] * (last + 1 - first)
        return first, last

    def _cover(self, i: int, cue: tuple[int, int], *, exclude: bool) -> None:
        if exclude:
            self._excluded[i] = True
        else:
            self._denied[i] += 1
        start, end = self._spans[i]
        self._spans[i] = min(start, self._words[cue[0]].start), max(end, self._words[cue[1]].end)

    def _only_evaluates(self, i: int) -> bool:
        """Whether what is denied from here to the end of the clause has no content of its own."""
        seen = False
        while i < len(self._words) and not self._ends_scope(i):
            raw = self._raw(i)
            if raw in _EVALUATIVE:
                seen = True
            elif not is_stop(self._words[i]):
                return seen
            i += 1
        return seen

    def _denial_before(self, i: int) -> int | None:
        """Where the denial at this place is itself denied: "not contraindicated"."""
        return next((b for b in (i - 1, i - 2) if self._raw(b) in ("not", "never", "no") and self._cue[b]), None)

    def _forward(self, cue: tuple[int, int], *, exclude: bool = False) -> bool:
        """Deny what follows up to the end of its clause; whether there was anything."""
        reached, told = 0, False
        for i in range(cue[1] + 1, len(self._words)):
            raw = self._raw(i)
            if self._ends_scope(i) or reached >= _REACH or (exclude and raw in _MEANS) or (told and raw in _DENY):
                break
            self._cover(i, cue, exclude=exclude)
            content = not is_stop(self._words[i]) and self._words[i].text != COMMA
            reached += content
            told = told or (content and raw not in _EVALUATIVE and raw not in _DENY)
        return reached > 0

    def _backward(self, cue: tuple[int, int], *, exclude: bool = False, reach: int = 5) -> bool:
        """Deny what stands before, back to the start of its clause; whether there was anything."""
        reached = 0
        for i in range(cue[0] - 1, -1, -1):
            if self._words[i].text == COMMA or self._ends_scope(i) or reached >= reach or self._cue[i]:
                break
            self._cover(i, cue, exclude=exclude)
            reached += not is_stop(self._words[i])
        return reached > 0

    def _ends_scope(self, i: int) -> bool:
        word = self._words[i]
        if word.text == BREAK or word.raw in _BREAKS:
            return True
        following = self._raw(i + 1)
        if word.text == COMMA:
            after = self._raw(i + 2) if following in ("and", "so", "or") else following
            return after in _STARTS or after in _BREAKS or after in _DENY
        return word.raw == "and" and following in _STARTS

    def _ends_clause(self, i: int) -> bool:
        if self._words[i].text == COMMA:
            return self._raw(i - 1) not in ("yes", "no")
        return self._words[i].raw in _BREAKS or self._ends_scope(i)

    def _punctuation(self, i: int) -> bool:
        return i < len(self._words) and self._words[i].text in (COMMA, BREAK)
