"""Written medicine into the words a voice should say: "BP 90/60 mmHg" is "blood pressure ninety over sixty…"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from companion.core import spoken_units as units
from companion.core.spoken_markdown import without_markdown
from companion.core.spoken_numbers import cardinal, date, letters, number_words, ordinal, roman, year
from companion.core.spoken_words import EMPHASIS, LABELS, SHORTHAND, SYMBOLS, WORDS

Replacement = str | Callable[[re.Match[str]], str]
Rule = tuple[re.Pattern[str], Replacement]

_ROMAN = r"(?:X{0,2}(?:IX|IV|V?I{1,3}|V)|X{1,2})"
_LEAD = r"(?:I{1,3}|aV[FLR]|V[1-9]R?)"
_LINK = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to|than|with)\s+(?:in\s+)?|\s*[/–-]\s*)"
_STAGED = (
    r"(?:grade|stage|class|type|factor|phase|degree|NYHA|Mobitz|Killip|Child|angiotensin"
    r"|(?:cranial )?nerves?|CNs?|leads?)"
)
_SCORES = {"3", "4", "5", "6", "8", "10", "12", "15", "28", "30", "100"}
"""What clinical scores are out of."""


def spoken(text: str) -> str:
    """The words of ``text`` for a voice, on one line; words that are plain already are left as they are."""
    return _tidy(" ".join(_words(piece) for piece in _PIECE.findall(re.sub(r"[^\S\n]+", " ", text))))


_PIECE = re.compile(r"(?s)\S.{0,1500}(?=\s|$)|\S{1,1500}")
"""Long texts are read in pieces, so that the time taken grows no faster than their length."""


def _words(text: str) -> str:
    text = _plain_characters(without_markdown(text))
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_ALIKE = str.maketrans({"µ": "μ", "º": "°", "−": "-", "‐": "-", "‑": "-", "×": "x", "⁄": "/", "’": "'", "‘": "'"})


def _plain_characters(text: str) -> str:
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)
    text = re.sub("(?<=\\d)([½¼¾])", r" and \1", text)
    text = text.replace("½", "a half").replace("¼", "a quarter").replace("¾", "three quarters")
    text = text.translate(_ALIKE)
    text = unicodedata.normalize("NFKC", text)
    return "".join(c if c.isprintable() else " " for c in text)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([,.;:!?%)])", r"\1", text)
    return re.sub(r"([,;:])(?:\s*\1)+", r"\1", text)


def _roman_leads(match: re.Match[str]) -> str:
    """Leads named in a row: "II, III and aVF" is "two, three and A V F"."""
    run = re.sub(r"(?<=[A-Z\d])\s*[/–-]\s*(?=[IVa])", " to ", match[0])
    run = re.sub(r"\baV([FLR])\b", r"A V \1", run)
    return re.sub(r"(?<![A-Z] )\bI{1,3}\b", lambda lead: roman(lead[0]), run)


def _staged_roman(match: re.Match[str]) -> str:
    return re.sub(rf"(?<=[\s,/–-]){_ROMAN}(?![A-Z])", lambda found: roman(found[0]), match[0])


def _pair(match: re.Match[str]) -> str:
    """A figure over another: a score ("14/15" is "14 out of 15"), a fraction, else a pressure ("90 over 60")."""
    above, below = match[1], match[2]
    if (above, below) in _FRACTIONS:
        return _FRACTIONS[above, below]
    return f"{above} {'out of' if below in _SCORES and int(above) <= int(below) else 'over'} {below}"


_FRACTIONS = {("1", "2"): "a half", ("1", "3"): "a third", ("2", "3"): "two thirds", ("3", "4"): "three quarters"}


def _ratio(match: re.Match[str]) -> str:
    """A dilution ("1:1000") is "1 in 1000", any other ratio "2 to 1"."""
    return f"{match[1]} {'in' if match[1] == '1' and int(match[2].replace(',', '')) >= 100 else 'to'} {match[2]}"


def _clock(match: re.Match[str]) -> str:
    hours, minutes = cardinal(str(int(match[1]))), match[2]
    if minutes == "00":
        return f"{hours} hundred hours"
    return f"{hours} {'oh ' if minutes[0] == '0' else ''}{cardinal(str(int(minutes)))}"


def _british_date(match: re.Match[str]) -> str:
    return date(match[1], int(match[2]), match[3]) if _is_date(match[1], match[2]) else match[0]


def _iso_date(match: re.Match[str]) -> str:
    return date(match[3], int(match[2]), match[1]) if _is_date(match[3], match[2]) else match[0]


def _is_date(day: str, month: str) -> bool:
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _power(match: re.Match[str]) -> str:
    exponent = match[2]
    sign = "minus " if exponent.startswith("-") else ""
    return f"{'times ' if match[1] else ''}10 to the {sign}{exponent.lstrip('-')}"


def _age(match: re.Match[str]) -> str:
    people = {"M": " man", "F": " woman"}
    return f"{match[1]}-year-old{people.get(match[2], '')}"


def _label(match: re.Match[str]) -> str:
    return f"{LABELS[match[1]]}{match[2]}"


def _capitals(match: re.Match[str]) -> str:
    """A word in capitals: one shouted for emphasis is said, an abbreviation is spelled."""
    word = match[1]
    if word in EMPHASIS or len(word) > 6:
        return word.lower() + (match[2] or "")
    return letters(word) + (match[2] or "")


def _named(table: dict[str, str], *, before: str = r"(?<![\w-])", after: str = r"(?!\w)") -> Rule:
    """One rule that turns each key, longest first, into its words."""
    keys = "|".join(re.escape(key) for key in sorted(table, key=len, reverse=True))
    return re.compile(f"{before}({keys}){after}"), lambda match: table[match[1]]


def _rule(pattern: str, replacement: Replacement) -> Rule:
    return re.compile(pattern), replacement


_LABEL_KEYS = "|".join(re.escape(key) for key in sorted(LABELS, key=len, reverse=True))
_NUMBER = r"\d[\d,]{0,24}(?:\.\d{1,24})?"

_RULES: tuple[Rule, ...] = (
    # Dates, times and ages, before any figure in them is taken for something else.
    _rule(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", _british_date),
    _rule(r"\b(\d{4})-(\d{2})-(\d{2})\b", _iso_date),
    _rule(r"\b([01]\d|2[0-3]):([0-5]\d)\b", _clock),
    _rule(r"\b(\d{1,3})\s?(?:y/o|yo|yrs? old)\b\s?([MF]?)\b", _age),
    _rule(r"\b(\d{1,3})\s?([MF])\b(?!\w)", _age),
    _rule(r"\b((?:19|20)[2-9]0)s\b", lambda match: year(match[1])[:-1] + "ies"),
    # Prescriptions.
    (units.EVERY, units.every),
    (units.PERIOD, units.period),
    # Shorthand that holds a slash, a sign or a full stop.
    _named(SHORTHAND, after=r"(?![\w/])"),
    _rule(r"(?<=[a-z\d]) OD\b", " once a day"),
    _rule(r"(?<=%)\s*RA\b|(?<=\s)on RA\b", " on room air"),
    # Powers and filtration rates, whose figures belong to the unit.
    _rule(r"([x*]\s?)?\b10\s?\^\s?(-?\d+)", _power),
    _rule(r"m[lL]/min/1\.73\s?m\^?2\b", "millilitres per minute per 1.73 square metres"),
    # Leads and other Roman numerals.
    _rule(rf"\b(?:[Ll]eads?\s+)?{_LEAD}(?:{_LINK}{_LEAD})+(?!\w)", _roman_leads),
    # A chest lead written as it is said, "leads V one and V two", holds no numeral.
    _rule(
        rf"\b(?i:{_STAGED})(?:\s+|-)(?!V (?:one|two|three|four|five|six)\b){_ROMAN}(?:[ab]?{_LINK}{_ROMAN})*\b",
        _staged_roman,
    ),
    _rule(rf"\b((?i:stage|grade|type|class)) ({_ROMAN})([A-Ca-c])\b", lambda m: f"{m[1]} {roman(m[2])} {m[3].upper()}"),
    _rule(r"\bCN(s?)(?= [a-z])", r"cranial nerve\1"),
    _rule(r"\b(?:VIII|VII|VI|III|II|IX|XII)\b", lambda match: roman(match[0])),
    # Pressures, scores, ratios, ranges and signs.
    _rule(
        rf"(?<![\w.])(?<!vitamin )(?!T\s(?!3\d|4[0-3]))({_LABEL_KEYS})(?![\w])"
        r"((?:\s?[:=]\s?|\s+(?:of |is |was )?|(?=[<>]))(?=[<>≥≤~≈↑↓]?\s?-?\d))",
        _label,
    ),
    _rule(r"(?<![\w./])(\d{1,3})/(\d{1,3})(?![\d/]|\.\d)", _pair),
    _rule(r"(?<![\w:.])(\d{1,4}):(\d[\d,]{0,9})\b", _ratio),
    _rule(rf"(?<![\w^.-])({_NUMBER})\s?[-–—]\s?(?={_NUMBER})", r"\1 to "),
    _rule(r"(?<![\w)^-])-\s?(?=\d)", "minus "),
    # Units.
    _rule(r"(?<=\d)\s?x\s?(?=\d[\d.]*(?:\s?x\s?\d[\d.]*)?\s?[cm]m\b)", " by "),
    (units.MEASURE, units.measure),
    (units.PER, units.per),
    (units.BARE, units.bare),
    _rule(r"(?<=\d)\s?x\s?(?=\d)", " times "),
    _rule(r"(?<![A-Za-z\d])x\s?(?=\d|times )", "times "),
    _rule(r"times times", "times"),
    # Words with a reading of their own, then symbols, then what is spelled.
    _named(WORDS),
    _rule(r"(?<=\d)\+(?=[\s,.;)]|$)", " plus"),
    _named(SYMBOLS, before="", after=""),
    _rule(r"\b([CTLS])(\d{1,2})\s?[/-]\s?\1?(\d{1,2})\b", r"\1 \2 \1 \3"),
    _rule(r"(?<=[A-Za-z])/(?=[A-Za-z])", " or "),
    _rule(r"\b([A-Z])-(?=\d)", r"\1 "),
    _rule(r"(?<=[A-Z]{2})-(?=[A-Z]{2}\b)", " "),
    _rule(r"\b([A-Za-z]*[a-z]{2,}|[A-Z]{3,})-(?=\d)", r"\1 "),
    _rule(r"\b([A-Z][A-Za-z]?\d+(?:[A-Z]|c)?|[A-Z]{1,6}\d+[A-Z]?\d*)\b-?", lambda m: letters(m[1]) + " "),
    _rule(r"\b([A-Z]{2,})('?s)?\b", _capitals),
    _rule(r"\b([a-z]?[A-Z]{2,}[a-z]?)\b", lambda match: letters(match[1])),
    # What figures are left.
    _rule(r"\b(\d{1,6})(?:st|nd|rd|th)\b", lambda match: ordinal(match[1])),
    _rule(r"(?<![\d.,])\b((?:19|20)\d\d)\b(?![.,]?\d)", lambda match: year(match[1])),
    _rule(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    _rule(rf"(?<![\d.]){_NUMBER}", lambda match: number_words(match[0].rstrip(",")) + "," * match[0].endswith(",")),
    _rule(r"\d+", lambda match: cardinal(match[0])),
)
