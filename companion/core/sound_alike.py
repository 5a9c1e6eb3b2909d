"""Whether a misheard word is near enough, in letters and in sound, to the word that was meant."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from companion.core.near_twins import twins

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:ps|ts)", "s"), (r"^(?:pn|kn|gn|mn)", "n"), (r"^rh", "r"), (r"^x", "s"), (r"ph", "f"), (r"tion|sion", "shon"),
        (r"sch", "sk"), (r"ch", "k"), (r"ck", "k"), (r"qu", "kw"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c", "k"),
        (r"gh", "g"), (r"g(?=[eiy])", "j"), (r"th", "t"), (r"wr", "r"), (r"dge", "j"), (r"(.)\1", r"\1"),
    )
)  # fmt: skip
_VOWELS = ((re.compile(r"ai|ei"), "a"), (re.compile(r"ea|ee|ie"), "i"), (re.compile(r"ou|oo|eu|ew"), "u"))


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A rough spelling of how a levelled word sounds."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    for pattern, heard in _VOWELS:
        word = pattern.sub(heard, word)
    return word


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """The sound with all vowels alike: whisper keeps consonants and loses vowels."""
    return re.sub(r"[aeiouh]+", "a", sound(word))


@lru_cache(maxsize=65536)
def alike(said: str, meant: str) -> bool:
    """Whether ``said`` may be ``meant`` misheard; both are levelled; never true for near twins or figures."""
    if said == meant:
        return True
    shorter = min(len(said), len(meant))
    if shorter < 4 or not (said.isalpha() and meant.isalpha()) or abs(len(said) - len(meant)) > 4:
        return False
    heard, wanted = sound(said), sound(meant)
    if heard[0] != wanted[0] or twins(said, meant):
        return False
    if heard == wanted:
        return True
    if shorter < 5:
        return False
    letters = OSA.normalized_similarity(said, meant)
    bones = OSA.normalized_similarity(skeleton(said), skeleton(meant))
    if shorter >= 8:
        return letters >= 0.8 or (bones >= 0.88 and letters >= 0.62)
    if shorter >= 6:
        return letters >= 0.83 or (bones >= 0.85 and letters >= 0.72) or (bones == 1 and letters >= 0.55)
    return bones == 1 and letters >= 0.75
