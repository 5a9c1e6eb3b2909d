"""What is asked on about a finding that was just explained: "what causes it?", "what do I do next?"."""

from __future__ import annotations

import re

from companion.core.finding import Finding

_PARTS = {
    "again": "again repeat",
    "evidence": "evidence source sources reference references guideline guidelines",
    "causes": "cause causes caused causing why reason reasons due differential differentials",
    "means": "mean means meaning significance significant matter matters",
    "next": "next do treat treated treatment manage management look investigate investigation investigations act",
    "what": "recognise recognize definition define",
}
"""The words that ask for each part; where two are asked for, the first wins."""
_SMALL = """
and or so then now please ok okay well the a an of for from to me i we you it its it's that this these those they them
is are was were be been being what what's whats which how when who would could should can does did will might must about
more tell say give explain else also there here on in with if by possible main most common usual us need want know have
has go any all one
"""
_FILLING = frozenset(_SMALL.split())
"""Words that name nothing."""
_WORD = re.compile(r"[a-z']+")


def part_asked(request: str) -> str | None:
    """The part of an explanation that is asked for with no word on whose; None if the request names anything."""
    words = _WORD.findall(request.lower().replace("’", "'"))
    parts = {word: part for part, listed in _PARTS.items() for word in listed.split()}
    if not all(word in parts or word in _FILLING for word in words):
        return None
    asked = {parts[word] for word in words if word in parts}
    return next((part for part in _PARTS if part in asked), None)


def part_told(finding: Finding, part: str) -> str:
    """What is said of the part of a finding that ``part_asked`` named."""
    if part == "evidence":
        named = "; ".join(finding.references)
        return f"This is from {named}." if named else "No reference is given for this finding."
    texts = {"causes": finding.causes_told, "means": finding.means, "next": finding.next, "what": finding.what}
    return texts.get(part) or f"{finding.name}. {finding.told}"
