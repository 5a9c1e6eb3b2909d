"""A short case of the tests' own, and how a spoken reply is held against the written one."""

from __future__ import annotations

import re
from pathlib import Path

import soxr
from rapidfuzz.distance import Levenshtein

from companion.core.clip import SPEECH_RATE, Clip
from companion.core.spoken import spoken
from companion.engines.whisper import WhisperRecognizer
from companion.home import Home

CASE = """\
---
id: cold-foot
title: A cold foot
specialty: test
level: student
findings: [absent pulse]
sources:
  - title: A textbook
    year: 2024
author: The tests
reviewed_by:
licence: Apache-2.0
---

Tom is sixty. His left foot is cold.

## cause

What has happened?

- **ischaemia** (critical): The leg has lost its blood supply.
  - accept: lost its blood supply; no blood supply; acute limb ischaemia; the artery is blocked
- **surgeon**: Call a surgeon now.
  - accept: call a surgeon; call the vascular surgeon; refer to surgery

**Hint:** Feel for the pulses.

**Explanation:** Without a pulse the leg will die within hours.
"""

ANSWER = "The leg has no blood supply, because the artery is blocked."


def write_deck(home: Home) -> None:
    """Put the case into the home's own deck "short"."""
    folder = home.decks / "short"
    folder.mkdir(parents=True)
    (folder / "cold-foot.md").write_text(CASE, "utf-8")


def heard_in(clip: Clip, models: Path) -> str:
    """What whisper makes of a stretch of speech of any rate."""
    recognizer = WhisperRecognizer(models / "whisper-tiny.en" / "ggml-tiny.en.bin")
    recognizer.load()
    samples = soxr.resample(clip.samples, clip.rate, SPEECH_RATE).astype("float32")
    text = recognizer.transcribe(Clip(samples)).text
    recognizer.close()
    return text


def word_error(said: str, heard: str) -> float:
    """The share of the words of ``said``, as they are read out, that were heard otherwise."""
    wanted, got = _words(spoken(said)), _words(heard)
    return Levenshtein.distance(wanted, got) / len(wanted)


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).split()
