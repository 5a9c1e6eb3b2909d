"""Two findings to try things on."""

from __future__ import annotations

from companion.core.case import Source
from companion.core.finding import Finding, FindingsFile

HIGH = Finding(
    id="high-unobtainium",
    name="High unobtainium",
    also_said=(
        "hyperunobtainaemia",
        "unobtainium is up",
        "too much unobtainium",
        "raised unobtainium",
        "unobtainium of nine",
    ),
    what="Unobtainium is above four.",
    means="The pump may stop.",
    causes=("kidney failure", "a drug", "a bad sample"),
    next="Record an ECG. Stop the drug.",
    references=("The Guideline 2020, on high things",),
)
LOW = Finding(
    id="low-unobtainium",
    name="Low unobtainium",
    also_said=(
        "hypounobtainaemia",
        "unobtainium is down",
        "too little unobtainium",
        "lack of unobtainium",
        "no unobtainium",
    ),
    what="Unobtainium is under two.",
    means="The pump is slow.",
    causes=("hunger",),
    next="Give food.",
)
FILE = FindingsFile(
    id="elements",
    title="Elements",
    area="chemistry",
    author="The tests",
    reviewed_by=None,
    licence="Apache-2.0",
    sources=(Source("The Guideline", 2020),),
    findings=(HIGH, LOW),
)
TEXT = """\
---
id: elements
title: Elements
area: chemistry
kind: findings
sources:
  - title: The Guideline
    year: 2020
author: The tests
reviewed_by:
licence: Apache-2.0
---

For those who read this on a screen.

## high-unobtainium

High unobtainium

**Also said:** hyperunobtainaemia; unobtainium is up; too much unobtainium;
raised unobtainium; unobtainium of nine

**What it is:** Unobtainium is above four.

**What it means:** The pump may stop.

**Causes:**

- kidney failure
- a drug.
- a bad sample

**Next:** Record an ECG.
Stop the drug.

**References:**

- The Guideline 2020, on high things

## low-unobtainium

Low unobtainium

**Also said:** hypounobtainaemia; unobtainium is down; too little unobtainium; lack of unobtainium; no unobtainium

**What it is:** Unobtainium is under two.

**What it means:** The pump is slow.

**Causes:**

- hunger

**Next:** Give food.
"""
