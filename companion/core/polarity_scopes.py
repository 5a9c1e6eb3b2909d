"""How far each denial, and each wish to exclude, reaches in a text."""

from __future__ import annotations

from collections.abc import Sequence

from companion.core.answer_terms import STOP
from companion.core.answer_text import BREAK, COMMA, Word
from companion.core.polarity_words import (
    AGAINST,
    AUXILIARY,
    BREAKS,
    CIRCUMSTANCE,
    DENY,
    DENY_PAIRS,
    EVALUATIVE,
    EXCLUDE,
    EXCLUDE_PAIRS,
    FINITE,
    HAS_TO_BE,
    IDIOMS,
    INTERJECTION,
    JOINS,
    MEANS,
    NOT_A_DENIAL,
    SET_PHRASES,
    SPEAKS,
    STARTS,
    TAKE_BACK,
    WANTED,
)

_REACH = 6
"""Words with meaning that one denial covers."""
_LONGEST_ITEM = 3
_CUES = DENY | EXCLUDE
_BEING = frozenset({"is", "are", "was", "were", "be", "been"})
_STOP_WORDS = frozenset(STOP.split())


def is_stop(word: Word) -> bool:
    """Whether a word carries nothing an examiner would listen for."""
    return word.raw in _STOP_WORDS


class Scopes:
    """Which words of a text are denied, how often, and which are only to be excluded."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self.denied = [0] * len(words)
        self.excluded = [False] * len(words)
        self.cue = [False] * len(words)
        self.spans = [(word.start, word.end) for word in words]
        for i in range(len(words)):
            self._read_cue(i)

    def _raw(self, i: int) -> str:
        return self._words[i].raw if 0 <= i < len(self._words) else ""

    def _read_cue(self, i: int) -> None:
        raw, following = self._raw(i), self._raw(i + 1)
        if (raw, following) in DENY_PAIRS:
            self._forward(self._take(i, i + 1))
        elif (raw, following) in EXCLUDE_PAIRS or raw in EXCLUDE:
            cue = self._take(i, i if raw in EXCLUDE else i + 1)
            if not self._forward(cue, exclude=True):
                self._backward(cue, exclude=True)
        elif (raw, following) == ("ruled", "out") or raw == "excluded":
            self._read_excluded(i, i if raw == "excluded" else i + 1)
        elif raw in AGAINST:
            self._read_judgement(i)
        elif raw == "absent":
            self._read_absent(i)
        elif raw == "against":
            cue = self._take(i, i)
            speaks = i == 0 or self._punctuation(i - 1) or self._raw(i - 1) in SPEAKS
            if speaks and following not in ("this", "that", "it"):
                self._forward(cue)
        elif raw == "nothing":
            self._backward((i, i))
        elif raw in DENY:
            self._read_denial(i)

    def _read_excluded(self, first: int, last: int) -> None:
        """ "Has been excluded" denies; "must be excluded" only wants it considered."""
        if self._to_be_done(first):
            cue = self._take(first, last)
            if not self._backward(cue, exclude=True):
                self._forward(cue, exclude=True)
        elif last == first:
            self._read_judgement(first)
        elif not self._forward(cue := self._take(first, last)):
            self._backward(cue)

    def _to_be_done(self, i: int) -> bool:
        """Whether what is "excluded" here has yet to be: "must be", "needs to be", "I want ... excluded"."""
        before: list[str] = []
        for b in range(i - 1, max(-1, i - 6), -1):
            if self._words[b].text in (BREAK, COMMA) or self._raw(b) in BREAKS:
                break
            before.append(self._raw(b))
        if {"not", "never", "no"} & set(before):
            return False
        if before[:1] == ["be"]:
            return not HAS_TO_BE.isdisjoint(before[1:3])
        return not (WANTED.isdisjoint(before) or before[0] in FINITE or before[0] == "been")

    def _read_judgement(self, i: int) -> None:
        """ "GTN is dangerous", "it is dangerous to give GTN"."""
        cue = self._take(i, i)
        if self._raw(i + 1) not in CIRCUMSTANCE and not self._punctuation(i + 1):
            self._forward(cue)
        if (denial := self._denial_before(i)) is None:
            self._backward(cue)
        else:
            for _ in range(2):
                self._backward((denial, i))

    def _read_absent(self, i: int) -> None:
        """ "Absent reflexes" denies to the end of its phrase, "the reflexes are absent" what stands before."""
        cue = self._take(i, i)
        end = i + 1
        while end < len(self._words) and not self._punctuation(end) and not is_stop(self._words[end]):
            if self._raw(end) in FINITE or self._ends_scope(end):
                break
            end += 1
        said_of = self._raw(i - 1) in _BEING and self._raw(i - 2) != "there"
        if said_of or end == i + 1:
            self._backward(cue)
        else:
            for covered in range(i + 1, end):
                self._cover(covered, cue, exclude=False)

    def _read_denial(self, i: int) -> None:
        raw, following = self._raw(i), self._raw(i + 1)
        cue = self._take(i, i)
        if following in NOT_A_DENIAL:
            if following in SET_PHRASES:
                self._take(i, i + 1)
            return
        if (raw, following) in IDIOMS or (self._raw(i - 1), raw) == ("why", "not"):
            return
        if (self._raw(i - 1), raw) == ("or", "not") and (following == "" or self._punctuation(i + 1)):
            return
        if raw == "no" and (following in INTERJECTION or following == "" or self._punctuation(i + 1)):
            return
        self._forward(cue)
        if raw == "not" and self._raw(i - 1) in AUXILIARY and self._only_evaluates(i + 1):
            self._backward((i - 1, i), reach=4)

    def _take(self, first: int, last: int) -> tuple[int, int]:
        """Mark words as a denial, which is no content of its own."""
        self.cue[first : last + 1] = [True] * (last + 1 - first)
        return first, last

    def _cover(self, i: int, cue: tuple[int, int], *, exclude: bool) -> None:
        if exclude:
            self.excluded[i] = True
        else:
            self.denied[i] += 1
        start, end = self.spans[i]
        self.spans[i] = min(start, self._words[cue[0]].start), max(end, self._words[cue[1]].end)

    def _only_evaluates(self, i: int) -> bool:
        """Whether what is denied from here to the end of the clause has no content of its own."""
        seen = False
        while i < len(self._words) and not self._ends_scope(i):
            raw = self._raw(i)
            if raw in EVALUATIVE:
                seen = True
            elif not is_stop(self._words[i]):
                return seen
            i += 1
        return seen

    def _denial_before(self, i: int) -> int | None:
        """Where the denial at this place is itself denied: "not contraindicated"."""
        return next((b for b in (i - 1, i - 2) if self._raw(b) in ("not", "never", "no") and self.cue[b]), None)

    def _forward(self, cue: tuple[int, int], *, exclude: bool = False) -> bool:
        """Deny what follows up to the end of its phrase or list; whether there was anything."""
        joins = JOINS if exclude or self._raw(cue[0]) in TAKE_BACK else JOINS - {"and", "plus"}
        reached, told, whole, listed = 0, False, False, False
        for i in range(cue[1] + 1, len(self._words)):
            raw = self._raw(i)
            spent = reached >= _REACH or (exclude and raw in MEANS) or (told and raw in _CUES)
            if spent or self._ends_scope(i):
                break
            if told and self._words[i].text == COMMA:
                if whole or not self._list_goes_on(i, joins, listed=listed):
                    break
                listed = True
            if told and raw == "and" and self._new_clause(i):
                break
            self._cover(i, cue, exclude=exclude)
            content = not is_stop(self._words[i]) and self._words[i].text != COMMA
            reached += content
            whole = whole or (told and raw in FINITE)
            told = told or (content and raw not in EVALUATIVE and raw not in DENY)
        return reached > 0

    def _list_goes_on(self, comma: int, joins: frozenset[str], *, listed: bool) -> bool:
        """Whether what follows a comma is the next item of a list, which "or" ends: "fever, cough or rash"."""
        if self._raw(comma + 1) == "and":
            return listed and "and" in joins
        length = 0
        for i in range(comma + 1, len(self._words)):
            raw = self._raw(i)
            if raw in joins:
                return True
            if raw in JOINS or raw in FINITE or self._ends_scope(i) or length > _LONGEST_ITEM:
                return False
            length = 0 if self._words[i].text == COMMA else length + (not is_stop(self._words[i]))
        return False

    def _new_clause(self, joint: int) -> bool:
        """Whether "and" is followed by a clause of its own: "and potassium is high"."""
        for i in range(joint + 1, min(joint + 5, len(self._words))):
            if self._raw(i) in FINITE:
                return i > joint + 1
            if self._punctuation(i) or self._ends_scope(i) or self._raw(i) in JOINS:
                return False
        return False

    def _backward(self, cue: tuple[int, int], *, exclude: bool = False, reach: int = 5) -> bool:
        """Deny what stands before, back to the start of its clause; whether there was anything."""
        reached = 0
        for i in range(cue[0] - 1, -1, -1):
            if self._words[i].text == COMMA or self._ends_scope(i) or reached >= reach or self.cue[i]:
                break
            self._cover(i, cue, exclude=exclude)
            reached += not is_stop(self._words[i])
        return reached > 0

    def _ends_scope(self, i: int) -> bool:
        word = self._words[i]
        if word.text == BREAK or word.raw in BREAKS:
            return True
        following = self._raw(i + 1)
        if word.text == COMMA:
            after = self._raw(i + 2) if following in ("and", "so", "or") else following
            return after in STARTS or after in BREAKS or after in DENY
        return word.raw == "and" and following in STARTS

    def ends_clause(self, i: int) -> bool:
        """Whether this word stands between one clause and the next."""
        if self._words[i].text == COMMA:
            return self._raw(i - 1) not in ("yes", "no")
        if self._words[i].raw == "until":
            return False
        return self._words[i].raw in BREAKS or self._ends_scope(i)

    def _punctuation(self, i: int) -> bool:
        return i < len(self._words) and self._words[i].text in (COMMA, BREAK)
