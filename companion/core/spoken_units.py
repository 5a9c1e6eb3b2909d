"""Units after a figure, and doses and times as prescriptions write them, as words."""

from __future__ import annotations

import re

_UNITS: dict[str, tuple[str, str]] = {
    "mmHg": ("millimetre of mercury", "millimetres of mercury"),
    "mm Hg": ("millimetre of mercury", "millimetres of mercury"),
    "cmH2O": ("centimetre of water", "centimetres of water"),
    "kPa": ("kilopascal", "kilopascals"),
    "mmol": ("millimole", "millimoles"),
    "μmol": ("micromole", "micromoles"),
    "umol": ("micromole", "micromoles"),
    "nmol": ("nanomole", "nanomoles"),
    "pmol": ("picomole", "picomoles"),
    "mol": ("mole", "moles"),
    "mEq": ("milliequivalent", "milliequivalents"),
    "mOsm": ("milliosmole", "milliosmoles"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "mcg": ("microgram", "micrograms"),
    "μg": ("microgram", "micrograms"),
    "ug": ("microgram", "micrograms"),
    "ng": ("nanogram", "nanograms"),
    "pg": ("picogram", "picograms"),
    "g": ("gram", "grams"),
    "dL": ("decilitre", "decilitres"),
    "dl": ("decilitre", "decilitres"),
    "mL": ("millilitre", "millilitres"),
    "ml": ("millilitre", "millilitres"),
    "μL": ("microlitre", "microlitres"),
    "uL": ("microlitre", "microlitres"),
    "fL": ("femtolitre", "femtolitres"),
    "L": ("litre", "litres"),
    "l": ("litre", "litres"),
    "mIU": ("milliunit", "milliunits"),
    "IU": ("international unit", "international units"),
    "U": ("unit", "units"),
    "unit": ("unit", "units"),
    "units": ("unit", "units"),
    "km": ("kilometre", "kilometres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "m^2": ("square metre", "square metres"),
    "m": ("metre", "metres"),
    "bpm": ("beat per minute", "beats per minute"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "mV": ("millivolt", "millivolts"),
    "J": ("joule", "joules"),
    "kcal": ("kilocalorie", "kilocalories"),
    "mSv": ("millisievert", "millisieverts"),
    "ms": ("millisecond", "milliseconds"),
    "secs": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "s": ("second", "seconds"),
    "mins": ("minute", "minutes"),
    "min": ("minute", "minutes"),
    "hours": ("hour", "hours"),
    "hour": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "h": ("hour", "hours"),
    "days": ("day", "days"),
    "day": ("day", "days"),
    "wks": ("week", "weeks"),
    "wk": ("week", "weeks"),
    "week": ("week", "weeks"),
    "weeks": ("week", "weeks"),
    "month": ("month", "months"),
    "dose": ("dose", "doses"),
    "beats": ("beat", "beats"),
    "breaths": ("breath", "breaths"),
    "cells": ("cell", "cells"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
}
"""Each unit as written: its word after one, and after any other number."""

_ONE = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_NUMBER = r"\d[\d,]{0,24}(?:\.\d{1,24})?"
MEASURE = re.compile(rf"(?<![\w.])({_NUMBER})(\s?|-)((?:{_ONE})(?:/(?:{_ONE}))*)(?![A-Za-z0-9^])(?!/[A-Za-z])")
PER = re.compile(rf"(?<=\d)\s?((?:/(?:{_ONE}))+)(?![A-Za-z0-9])")
BARE = re.compile(rf"(?<![\w/.])((?:{_ONE})(?:/(?:{_ONE}))+|mmHg|kPa|cmH2O|mEq|mOsm|μg|mcg)(?![A-Za-z0-9/])")


def measure(match: re.Match[str]) -> str:
    """``"3 mEq/L"`` is "3 milliequivalents per litre", ``"24-h"`` "24-hour"; the figure is left for later."""
    number, gap, units = match.groups()
    joined = gap == "-"
    return f"{number}{'-' if joined else ' '}{unit_words(units, singular=number == '1' or joined)}"


def per(match: re.Match[str]) -> str:
    """``"18/min"``: "18 per minute"."""
    return "".join(f" per {_UNITS[unit][0]}" for unit in match[1].strip("/").split("/"))


def bare(match: re.Match[str]) -> str:
    """A unit without a figure: "in mmol/L" is "in millimoles per litre"."""
    return unit_words(match[1], singular=False)


def unit_words(units: str, *, singular: bool) -> str:
    """``"mg/kg"`` is "milligrams per kilogram"."""
    first, *others = units.split("/")
    words = _UNITS[first][0 if singular else 1]
    return " per ".join([words, *(_UNITS[unit][0] for unit in others)])


_PERIODS = {"7": "day", "52": "week", "12": "month"}
PERIOD = re.compile(r"(?<![\w/])(x\s?|for |over |in )?(\d{1,2})/(7|52|12)(?![\d/])")


def period(match: re.Match[str]) -> str:
    """``"x3/7"`` is "for 3 days"; without a word before it, only what cannot be a fraction is a time."""
    lead, number, of = match.groups()
    unit = _PERIODS[of] + ("" if number == "1" else "s")
    if lead is None:
        return f"{number} {unit}"
    return f"{'for ' if lead.startswith('x') else lead}{number} {unit}"


EVERY = re.compile(r"\b[qQ]\s?(\d{1,2})(?:\s?[-–]\s?(\d{1,2}))?\s?(h|hr|hrs|hourly|d|min|wk)\b")
_EVERY = {"h": "hour", "hr": "hour", "hrs": "hour", "hourly": "hour", "d": "day", "min": "minute", "wk": "week"}


def every(match: re.Match[str]) -> str:
    """``"q4-6h"`` is "every 4 to 6 hours"."""
    low, high, unit = match.groups()
    word = _EVERY[unit]
    if high:
        return f"every {low} to {high} {word}s"
    return f"every {word}" if low == "1" else f"every {low} {word}s"
