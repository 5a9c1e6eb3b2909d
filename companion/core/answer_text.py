"""An answer, or a wording, as words that can be compared: spelling, endings, numbers and abbreviations levelled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from companion.core.answer_terms import NUMBER_WORDS, SAME, STOP, VERBS

BREAK = "|"
"""The text of a word that stands for punctuation ending a sentence or clause."""
COMMA = ","


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an answer; ``text`` is levelled, ``raw`` is not, and the two ends are places in the clean text."""

    text: str
    raw: str
    start: int
    end: int


_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}[^\W\d_]?(?!\w)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<!\d)\.\d+"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*|[.;:!?…]+|,|[<>%]"
)
_MARKS = {"<": "under", ">": "over", "%": "percent"}
_STOP = frozenset(STOP.split())
_DOING = frozenset(VERBS.split())
_ROMAN = {"II": "2", "III": "3", "VI": "6", "VII": "7", "VIII": "8"}


def clean(text: str) -> str:
    """The text with compatible characters levelled and control characters as blanks; places refer to this."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def words_of(cleaned: str) -> list[Word]:
    """The words and breaks of a text that ``clean`` returned."""
    spelled = [word for match in _TOKEN.finditer(cleaned) for word in _spelled(match)]
    return _same(_numbers(_joined_letters(spelled, cleaned)))


def _spelled(match: re.Match[str]) -> list[Word]:
    token, start, end = match[0], match.start(), match.end()
    if token in _MARKS:
        return [Word(_MARKS[token], _MARKS[token], start, end)]
    if token == ",":
        return [Word(COMMA, token, start, end)]
    if not any(c.isalnum() for c in token):
        return [Word(BREAK, token, start, end)]
    if token[0].isdigit() or token[0] == ".":
        return [Word(_figure(token), token, start, end)]
    if token in _ROMAN:
        return [Word(_ROMAN[token], token, start, end)]
    low = token.replace(".", "").replace("’", "'").lower()
    if low.endswith("n't"):
        verb = {"can't": "can", "won't": "will", "shan't": "shall"}.get(low, low[:-3])
        return [Word(verb, verb, start, end), Word("not", "not", start, end)]
    if low in ("dont", "doesnt", "isnt", "cant", "cannot", "shouldnt", "wouldnt", "wont", "didnt", "arent"):
        return [Word("do", "do", start, end), Word("not", "not", start, end)]
    low = low.split("'")[0] or low
    return [Word(low, low, start, end)]


def _figure(token: str) -> str:
    whole, _, fraction = token.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _joined_letters(words: Sequence[Word], cleaned: str) -> list[Word]:
    """Letters said one by one become one word ("E C G"); a lone "a" or "I" stays a word of its own."""
    joined: list[Word] = []
    i = 0
    while i < len(words):
        run = i
        while run < len(words) and len(words[run].raw) == 1 and words[run].raw.isalpha():
            run += 1
        if words[i].raw == "a" and run - i == 2 and not _letter(words, i, cleaned):
            run = i
        if run - i >= 2:
            text = "".join(word.raw.lower() for word in words[i:run])
            joined.append(Word(text, text, words[i].start, words[run - 1].end))
            i = run
        else:
            joined.append(words[i])
            i += 1
    return joined


def _letter(words: Sequence[Word], i: int, cleaned: str) -> bool:
    """Whether the "a" before one more letter is a letter too: "fast A F", but not "a K of six"."""
    first = i == 0 or words[i - 1].text == BREAK
    capital = cleaned[words[i].start] == "A" and not cleaned.isupper()
    ends = i + 2 == len(words) or words[i + 2].text in (BREAK, COMMA)
    if first or words[i - 1].text == COMMA:
        return ends or (capital and not first)
    before = words[i - 1].raw
    described = len(before) > 3 and before not in _STOP and before not in _DOING
    return capital or (described and (ends or words[i + 2].raw in _STOP - {"of"}))


def _numbers(words: Sequence[Word]) -> list[Word]:
    """Numbers in words become figures: "a hundred and twenty" is 120, "nought point one" 0.1; "two three" stay two."""
    out: list[Word] = []
    i = 0
    while i < len(words):
        end, value = _number_at(words, i)
        if end > i:
            out.append(Word(value, value, words[i].start, words[end - 1].end))
            i = end
        else:
            out.append(words[i])
            i += 1
    return out


def _number_at(words: Sequence[Word], i: int) -> tuple[int, str]:
    def at(place: int) -> str:
        return words[place].raw if place < len(words) else ""

    start, total, current, seen = i, 0, 0, False
    if at(i) == "a" and at(i + 1) in ("hundred", "thousand"):
        current, seen, i = 1, True, i + 1
    while (word := at(i)) in NUMBER_WORDS:
        value = NUMBER_WORDS[word]
        if value == 1000:
            total, current = (total + (current or 1)) * 1000, 0
        elif value == 100:
            current = (current or 1) * 100
        elif not seen or _follows(value, current, total):
            current += value
        else:
            break
        seen, i = True, i + 1
        if at(i) == "and" and current >= 100 and current % 100 == 0 and at(i + 1) in NUMBER_WORDS:
            i += 1
    whole = str(total + current)
    if at(i) == "point" and (_digit(at(i + 1)) is not None):
        j, fraction = i + 1, ""
        while (digit := _digit(at(j))) is not None:
            fraction, j = fraction + digit, j + 1
        return j, _figure(f"{whole}.{fraction}")
    return (i, whole) if seen else (start, "")


def _follows(value: int, current: int, total: int) -> bool:
    """Whether a number belongs to the one before it: "hundred twenty", "twenty five", but not "two three"."""
    if current % 100 == 0:
        return current + total > 0
    return value < 10 and current % 100 >= 20 and current % 10 == 0


def _digit(raw: str) -> str | None:
    if raw.isdecimal() and len(raw) <= 3:
        return raw
    value = NUMBER_WORDS.get(raw)
    return str(value) if value is not None and value < 10 else None


def _same(words: Sequence[Word]) -> list[Word]:
    """Replace the phrases of ``SAME``, longest first, and level what is left."""
    phrases, longest = _phrases()
    out: list[Word] = []
    i = 0
    while i < len(words):
        for length in range(min(longest, len(words) - i), 0, -1):
            key = tuple(word.raw if word.text not in (BREAK, COMMA) else word.text for word in words[i : i + length])
            if (found := phrases.get(key)) is not None:
                start, end = words[i].start, words[i + length - 1].end
                out += [Word(level(text), text, start, end) for text in found]
                i += length
                break
        else:
            word = words[i]
            plain = word.text in (BREAK, COMMA) or not word.text.isalpha()
            out.append(word if plain else replace(word, text=level(word.text)))
            i += 1
    return out


@cache
def _phrases() -> tuple[dict[tuple[str, ...], tuple[str, ...]], int]:
    """The table as words, British and American; letters said singly are found together as well ("m i", "mi")."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for written, canonical in SAME.items():
        target = tuple(word for part in [canonical] for word in _letters_together(part))
        for key in {written, _american(written)}:
            found[tuple(_letters_together(key))] = target
    return found, max(map(len, found))


def _letters_together(phrase: str) -> list[str]:
    parts: list[str] = []
    run = ""
    for part in [*phrase.split(), ""]:
        if len(part) == 1 and part.isalpha():
            run += part
            continue
        if run:
            parts.append(run)
            run = ""
        if part:
            parts.append(part)
    return parts


def _american(word: str) -> str:
    return word.replace("ae", "e").replace("oe", "e")


_ENDINGS = (
    ("isations", 5), ("isation", 5), ("ations", 5), ("ation", 5), ("isis", 5), ("ement", 5), ("atori", 5), ("ating", 5),
    ("ising", 5), ("ised", 5), ("ises", 5), ("ise", 5), ("ated", 5), ("ates", 5), ("ate", 5), ("iti", 5), ("ism", 4),
    ("ions", 4), ("ion", 4), ("ings", 3), ("ing", 3), ("ant", 6), ("ical", 4), ("al", 4), ("ic", 4),
    ("ia", 4), ("is", 5), ("us", 5), ("ar", 6), ("ed", 3), ("ure", 4), ("a", 4), ("e", 3),
)  # fmt: skip
"""Endings taken off, longest first, and the letters that must be left."""


@lru_cache(maxsize=8192)
def level(word: str) -> str:
    """One word without the differences of spelling and ending: "ischaemic" and "ischemia" are one."""
    word = fold(word)
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("li") and len(word) > 6:
        word = word[:-2]
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left:
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word


def fold(word: str) -> str:
    """Spelling only: ae and oe as e, y as i, z as s, no accents."""
    word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    word = word.replace("ae", "e")
    if len(word) > 5:
        word = word.replace("oe", "e").replace("our", "or")
    return word.replace("y", "i").replace("z", "s")
