"""Figures as words, the way a British clinician says them."""

from __future__ import annotations

import re

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_LONGEST_READ_OUT = 12
"""Figures; past this a number is read figure by figure: nobody follows its name."""


def number_words(written: str) -> str:
    """``"8.20"`` is "eight point two zero", ``"1,250"`` "one thousand two hundred and fifty"."""
    whole, _, fraction = written.replace(",", "").partition(".")
    words = cardinal(whole)
    return f"{words} point {digit_words(fraction)}" if fraction else words


def cardinal(digits: str) -> str:
    """A whole number in words; one with leading zeros or too long is read figure by figure."""
    if (len(digits) > 1 and digits[0] == "0") or len(digits) > _LONGEST_READ_OUT:
        return digit_words(digits)
    from num2words import num2words

    return str(num2words(int(digits), lang="en_GB")).replace(",", "")


def digit_words(digits: str) -> str:
    """``"052"`` is "zero five two"."""
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return " ".join(names[int(digit)] for digit in digits)


def ordinal(digits: str) -> str:
    """``"12"`` is "twelfth"."""
    from num2words import num2words

    return str(num2words(int(digits), to="ordinal", lang="en_GB")).replace(",", "")


def year(digits: str) -> str:
    """``"2023"`` is "twenty twenty-three"; the first years of a century are said as numbers."""
    century, rest = int(digits[:2]), int(digits[2:])
    if rest == 0:
        return cardinal(digits) if century % 10 == 0 else f"{cardinal(digits[:2])} hundred"
    if rest < 10:
        return cardinal(digits) if century == 20 else f"{cardinal(digits[:2])} oh {cardinal(digits[3:])}"
    return f"{cardinal(digits[:2])} {cardinal(digits[2:])}"


def date(day: str, month: int, written_year: str) -> str:
    """``("3", 4, "2024")`` is "the third of April twenty twenty-four"."""
    return f"the {ordinal(day)} of {MONTHS[month - 1]} {year(written_year)}".strip()


_ROMAN = {"I": 1, "V": 5, "X": 10}


def roman(written: str) -> str:
    """``"XII"`` is "twelve"; only I, V and X are known."""
    total = 0
    for letter, following in zip(written, [*written[1:], "I"], strict=True):
        total += -_ROMAN[letter] if _ROMAN[letter] < _ROMAN[following] else _ROMAN[letter]
    return cardinal(str(total))


def letters(written: str) -> str:
    """``"V4R"`` is "V four R": capitals one by one, figures as numbers."""
    parts = re.findall(r"\d+|[A-Za-z]", written)
    return " ".join(cardinal(part) if part.isdigit() else part.upper() for part in parts)
