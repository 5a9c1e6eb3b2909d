"""Written medicine is said the way a clinician would say it."""

from __future__ import annotations

import time

import pytest

from companion.core.spoken import spoken

GOLD = {
    # Signs and values.
    "BP 90/60 mmHg": "blood pressure ninety over sixty millimetres of mercury",
    "SpO2 88%": "oxygen saturation eighty-eight percent",
    "SpO2 88% RA": "oxygen saturation eighty-eight percent on room air",
    "SpO2 94% on RA": "oxygen saturation ninety-four percent on room air",
    "SpO₂ is 96% on air": "oxygen saturation is ninety-six percent on air",
    "HR 120 bpm": "heart rate one hundred and twenty beats per minute",
    "HR>100": "heart rate more than one hundred",
    "RR 28/min": "respiratory rate twenty-eight per minute",
    "T 38.5 °C": "temperature thirty-eight point five degrees Celsius",
    "37.8°C": "thirty-seven point eight degrees Celsius",
    "GCS 14/15": "G C S fourteen out of fifteen",
    "a 2/6 murmur": "a two out of six murmur",
    "pain 8/10": "pain eight out of ten",
    "Na+ 128 mmol/L": "sodium one hundred and twenty-eight millimoles per litre",
    "K+ of 3.4": "potassium of three point four",
    "K 6.2 → arrhythmia": "potassium six point two leads to arrhythmia",
    "vitamin K 10 mg": "vitamin K ten milligrams",
    "Hb 82 g/L": "haemoglobin eighty-two grams per litre",
    "pH 7.10": "P H seven point one zero",
    "HCO3- 8 mmol/L": "bicarbonate eight millimoles per litre",
    "HCO₃⁻ 8": "bicarbonate eight",
    "base excess -8": "base excess minus eight",
    "pO₂ 8.2 kPa": "P O two eight point two kilopascals",
    "PaCO2 6.1 kPa": "P A C O two six point one kilopascals",
    "PaO2/FiO2": "P A O two over F I O two",
    "HbA1c 48 mmol/mol": "H B A one C forty-eight millimoles per mole",
    "eGFR 45 mL/min/1.73m²": "E G F R forty-five millilitres per minute per one point seven three square metres",
    "D-dimer 1,250 ng/mL": "D-dimer one thousand two hundred and fifty nanograms per millilitre",
    "CD4 count 200/µL": "C D four count two hundred per microlitre",
    "12 × 10⁹/L": "twelve times ten to the nine per litre",
    "10^9/L": "ten to the nine per litre",
    "10^-3": "ten to the minus three",
    "3+ protein": "three plus protein",
    "BMI 31 kg/m²": "B M I thirty-one kilograms per square metre",
    # Doses and times.
    "q8h": "every eight hours",
    "q4-6h": "every four to six hours",
    "3 mEq/L": "three milliequivalents per litre",
    "10 µg": "ten micrograms",
    "10 μg": "ten micrograms",
    "5 U": "five units",
    "1 mg": "one milligram",
    "500mg": "five hundred milligrams",
    "10–20 mg": "ten to twenty milligrams",
    "2.5-5 mg": "two point five to five milligrams",
    "a 5-mg tablet": "a five-milligram tablet",
    "a 24-hour tape": "a twenty-four-hour tape",
    "0.1 units/kg/hour": "zero point one units per kilogram per hour",
    "0.9% saline": "zero point nine percent saline",
    "x3/7": "for three days",
    "for 5/7": "for five days",
    "amoxicillin 500 mg tds": "amoxicillin five hundred milligrams three times a day",
    "aspirin 75 mg OD": "aspirin seventy-five milligrams once a day",
    "300 mg PO": "three hundred milligrams by mouth",
    "IV fluids": "intravenous fluids",
    "adrenaline 1:1000": "adrenaline one in one thousand",
    "adrenaline 1:10,000": "adrenaline one in ten thousand",
    "a 2:1 block": "a two to one block",
    "mg/kg": "milligrams per kilogram",
    # Shorthand and signs.
    "+ve": "positive",
    "c/o SOB": "complaining of shortness of breath",
    "58M c/o chest pain": "fifty-eight-year-old man complaining of chest pain",
    "a 58-year-old man": "a fifty-eight-year-old man",
    "↑ CRP": "raised C R P",
    "≥ 120 ms": "at least one hundred and twenty milliseconds",
    "<120 mins": "less than one hundred and twenty minutes",
    "5 ± 2": "five plus or minus two",
    "β-blocker": "beta-blocker",
    "Dr. Smith": "Doctor Smith",
    "e.g. aspirin": "for example aspirin",
    "5 x 3 cm": "five by three centimetres",
    "1/2 a tablet": "a half a tablet",
    "do NOT give it": "do not give it",
    # Leads, numerals and abbreviations.
    "aVF": "A V F",
    "ST elevation in leads V1 and V2": "S T elevation in leads V one and V two",
    "ST elevation in leads II, III and aVF": "S T elevation in leads two, three and A V F",
    "more in III than in II": "more in three than in two",
    "ST depression in I and aVL": "S T depression in one and A V L",
    "V1–V4": "V one to V four",
    "V4R": "V four R",
    "CN VII palsy": "cranial nerve seven palsy",
    "cranial nerves III, IV and VI": "cranial nerves three, four and six",
    "NYHA class III": "N Y H A class three",
    "grade IV": "grade four",
    "factor VIII": "factor eight",
    "stage IIIB": "stage three B",
    "STEMI": "stemmy",
    "an NSTEMI": "an en stemmy",
    "ECGs": "E C Gs",
    "T2-weighted": "T two weighted",
    "COVID-19": "covid nineteen",
    "CURB-65": "curb sixty-five",
    "SGLT2 inhibitor": "S G L T two inhibitor",
    "C5-C6": "C five C six",
    # Figures and dates.
    "12/03/2024": "the twelfth of March twenty twenty-four",
    "2024-03-12": "the twelfth of March twenty twenty-four",
    "ESC 2023": "E S C twenty twenty-three",
    "in the 1990s": "in the nineteen nineties",
    "at 14:30": "at fourteen thirty",
    "the 2nd dose": "the second dose",
    "2000 mL": "two thousand millilitres",
    # Markdown.
    "**bold**, *italic* and `code`": "bold, italic and code",
    "# Heading\n\nText.": "Heading. Text.",
    "- one\n- two": "one. two.",
    "[NICE](page.html) says so": "Nice says so",
}


@pytest.mark.parametrize(("written", "said"), GOLD.items())
def test_gold(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize("said", GOLD.values())
def test_what_is_spoken_already_stays_as_it_is(said: str) -> None:
    assert spoken(said) == said


@pytest.mark.parametrize(
    "plain",
    [
        "She keeps a corner shop, and has had a heavy ache for two hours.",
        "I am not sure; is it the heart?",
        "It's the patient's left leg that hurts.",
        "A well-known drug with a long half-life (see below).",
    ],
)
def test_plain_words_are_left_alone(plain: str) -> None:
    assert spoken(plain) == plain


@pytest.mark.parametrize(
    "odd", ["", " ", "\x00\x07", "😀", "心電図", "/", "1/", "^", "((", "II", "-", "10^", "1" * 400, "|||"]
)
def test_nothing_odd_makes_it_fail(odd: str) -> None:
    assert isinstance(spoken(odd), str)


def test_no_figure_is_left_for_the_voice_to_guess_at() -> None:
    said = spoken("K 6.2, BP 90/60, 1:1000, 10^9/L, V4R, HbA1c, 3rd, 2023, 0930, NG185, 5/0, 1.2.3, A1c, H1N1, 2,3")
    assert not any(character.isdigit() for character in said)


@pytest.mark.parametrize("unit", ["1,", "[", " ", "x", "BP 90/60 I and V1 1:1000 ", "a\n", "**", "心"])
def test_a_very_long_text_takes_little_longer_than_its_length(unit: str) -> None:
    began = time.perf_counter()
    spoken(unit * (20_000 // len(unit)))
    assert time.perf_counter() - began < 3
