"""Whether a misheard word is near enough, in letters and in sound, to the word that was meant."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from companion.core.near_twins import twins

_HEARD_AS = r"""
^(?:ps|ts)>s ^(?:pn|kn|gn|mn)>n ^rh>r ^x>s ph>f tion|sion>shon sch>sk ch>k ck>k qu>kw x>ks c(?=[eiy])>s c>k
gh>g g(?=[eiy])>j th>t wr>r dge>j (.)\1>\1
"""
"""Spellings and how they sound, in the order they are read."""
_SOUNDS = tuple((re.compile(spelled), heard) for spelled, heard in (pair.split(">") for pair in _HEARD_AS.split()))
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
