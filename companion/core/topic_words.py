"""A request for an explanation, or a name to be asked for, as words that can be compared."""

from __future__ import annotations

from functools import cache, lru_cache

from companion.core.answer_terms import LIGHT, STOP
from companion.core.answer_text import BREAK, COMMA, clean, level, words_of
from companion.core.near_twins import sisters

_MANNER = """
explain explanation describe discuss mean meaning significance signify imply interpret understand recognise happen
happening know tell show showing see seen saw heard hear found find finding noticed ask question answer help now
today yesterday again doctor consultant matter important came back come problem sign signs result results test
tests reading tracing trace all over place way lot lots quite little bit always often sometimes ever never able
seem seems seemed suggest suggests behind recent recently started since has her him difference between typical
called name definition define learn teach teaching revise s t's went kind bit please cause causes causing caused
reason due do
"""
"""How people ask, as opposed to what for."""

_SAME = """
high raised elevated elevation raise increased increase up rising rise excess
low reduced decreased decrease down depressed depression fell fallen deficient deficiency lack
large big enlarged huge massive enlargement
broad wide widened broadened broadening
pointed peaked tented spiky pointy spiked
inverted upside upsidedown flipped
small tiny little constricted
fluid water
air gas
kidney renal
lung pulmonary lungs
liver hepatic
brain cerebral
foot feet
eyelid lid
clavicle collarbone
axilla armpit
droop drooping droopy drooped
vision sight
stiff rigid rigidity stiffness
fast rapid quick
absent lost missing
swollen swelling swell
twitch twitching fasciculations
wasted wasting
diaphragm hemidiaphragm hemidiaphragms diaphragms
thick thickened
numb numbness
platelet plt thrombocyte platelets thrombocytes
haemoglobin hb hgb
haematocrit hct
potassium k
sodium na
bicarbonate bicarb
troponin trop
dipstick dip
chemotherapy chemo
cell cells corpuscle
mediastinum mediastinal
microscope microscopic
nephrotic nephrosis
alternate alternating alternates alternans
left lefthand
right righthand
"""
"""One group a line: words that ask for the same thing; the first stands for all."""

_PHRASES = {
    "iron gap": "anion gap",
    "ion gap": "anion gap",
    "onion gap": "anion gap",
    "unit wave": "u wave",
    "plural": "pleural",
    "gate": "gait",
    "sell": "cell",
    "sells": "cell",
    "vain": "vein",
    "hart": "heart",
    "tea wave": "t wave",
    "tee wave": "t wave",
    "you wave": "u wave",
    "pee wave": "p wave",
    "queue wave": "q wave",
    "cue wave": "q wave",
    "a fib": "atrial fibrillation",
    "v tac": "v tach",
    "v tack": "v tach",
    "alk phos": "alkaline phosphatase",
    "alp": "alkaline phosphatase",
    "too many": "high",
    "too much": "high",
    "too few": "low",
    "too little": "low",
    "not enough": "low",
    "white blood": "white",
    "red blood": "red",
    "saw toothed": "sawtooth",
    "saw tooth": "sawtooth",
    "saw teeth": "sawtooth",
}
"""Said in several words, or heard as others."""

_SAID_ASIDE = """
complete completely left right both new old severe mild very still same upper lower whole after before during next last
first longer either anything everything
"""
ASIDE = frozenset(map(level, _SAID_ASIDE.split()))
"""Words, levelled, that place or colour what is asked for; a finding need not speak of them."""

GENERAL = frozenset(map(level, f"{LIGHT} not no".split()))
"""Words, levelled, of which every case has some, whatever it is about."""

_RANGES = {
    "potassium": (3.5, 5.4),
    "sodium": (135, 145),
    "calcium": (2.2, 2.6),
    "magnesium": (0.7, 1.05),
    "phosphate": (0.8, 1.5),
    "bicarbonate": (22, 28),
    "lactate": (0.4, 2.0),
    "mcv": (80, 100),
    "platelet": (150, 450),
    "ph": (7.35, 7.45),
    "neutrophil": (1.5, 7.5),
    "lymphocyte": (1.0, 4.0),
    "eosinophil": (0.0, 0.5),
}
"""Adult values in the units of British laboratories (Oxford Handbook of Clinical Medicine, 2017), rounded: they only
tell which way a value that somebody names is out."""


@lru_cache(maxsize=2048)
def topic_words(text: str) -> tuple[str, ...]:
    """The words of a text that say what it is about, levelled and in order; figures as what they say of a value."""
    said = [word.text for word in words_of(clean(text)) if word.text not in (BREAK, COMMA)]
    return tuple(word for word in _valued(_same(_lettered(said))) if word not in _passed_over())


def opposed(said: str, meant: str) -> bool:
    """Whether one word rules the other out: high and low, left and right, hyper and hypo."""
    if {said, meant} == {"high", "low"} or meant in sisters(said):
        return True
    return any(
        said.startswith(one) and meant.startswith(other) and said.removeprefix(one) == meant.removeprefix(other)
        for one, other in (("hiper", "hipo"), ("hipo", "hiper"), ("macro", "micro"), ("micro", "macro"))
    )


def _lettered(said: list[str]) -> list[str]:
    """A letter and its figure as one word: "V", "1" is "v1"."""
    out: list[str] = []
    for word in said:
        if out and word.isdecimal() and len(out[-1]) == 1 and out[-1].isalpha() and out[-1] != "a":
            out[-1] += word
        else:
            out.append(word)
    return out


def _same(said: list[str]) -> list[str]:
    groups, phrases = _tables()
    out: list[str] = []
    place = 0
    while place < len(said):
        pair = tuple(said[place : place + 2])
        if pair in phrases or pair[:1] in phrases:
            key = pair if pair in phrases else pair[:1]
            out += phrases[key]
            place += len(key)
        else:
            out.append(said[place])
            place += 1
    return [groups.get(word, word) for word in out]


def _valued(said: list[str]) -> list[str]:
    """A value behind the name of what is measured becomes high, low or nothing."""
    out: list[str] = []
    measured: tuple[float, float] | None = None
    for word in said:
        measured = _levelled_ranges().get(word, measured)
        value = _number(word)
        if measured is None or value is None:
            out.append(word)
            continue
        if "high" not in said and "low" not in said:
            lowest, highest = measured
            out += ["high"] if value > highest else ["low"] if value < lowest else []
        measured = None
    return out


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


@cache
def _passed_over() -> frozenset[str]:
    words = set((STOP + _MANNER).split()) - {"up", "off", "sided", "not"}
    return frozenset(words | {level(word) for word in words})


@cache
def _tables() -> tuple[dict[str, str], dict[tuple[str, ...], tuple[str, ...]]]:
    groups: dict[str, str] = {}
    for line in _SAME.strip().splitlines():
        first, *others = line.split()
        head = first if first in ("high", "low") else level(first)
        groups |= {level(word): head for word in (first, *others)}
    phrases = {tuple(map(level, said.split())): tuple(map(level, meant.split())) for said, meant in _PHRASES.items()}
    return groups, phrases


@cache
def _levelled_ranges() -> dict[str, tuple[float, float]]:
    groups, _ = _tables()
    return {groups.get(level(name), level(name)): bounds for name, bounds in _RANGES.items()}
