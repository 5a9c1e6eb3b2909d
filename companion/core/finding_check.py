"""What an author should mend in a file of findings before it is worth hearing, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from companion.core.deck_front_matter import Problem
from companion.core.finding import Finding, FindingsFile
from companion.core.finding_format import FindingsDraft, read_findings
from companion.core.topics import Topics

LONGEST = 110
"""Words of a whole explanation; more is too long to listen to."""
LONGEST_SENTENCE = 30
"""Words; a listener cannot go back to the beginning of a sentence."""
FEWEST_NAMES = 5
"""Other ways to ask for a finding."""

_WRITTEN = re.compile(r"\d|[<>≥≤=%/°↑↓±]|\b(?:II|III|aV[LRF])\b")
"""What has to be turned into words before it is heard."""


def check_findings(texts: Mapping[str, str]) -> list[Problem]:
    """What is wrong with files of findings that stand together, in the order of files and lines."""
    drafts = {file: read_findings(text, file) for file, text in texts.items()}
    files = [draft.file for draft in drafts.values() if draft.file is not None]
    topics = Topics((), files)
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for file, draft in drafts.items():
        if draft.file is None:
            problems += draft.problems
            continue
        found = [Problem(file, draft.lines.get(key, 1), message) for key, message in _faults(draft.file, file, topics)]
        found += _used_before(draft, file, first)
        problems += sorted(found, key=lambda problem: problem.line)
    return problems


def _used_before(draft: FindingsDraft, file: str, first: dict[str, str]) -> Iterator[Problem]:
    """Ids of findings that stand in another file too; ``first`` keeps where each was met."""
    for finding in draft.file.findings if draft.file else ():
        if (other := first.setdefault(finding.id, file)) != file:
            yield Problem(file, draft.lines.get(finding.id, 1), f"The id “{finding.id}” is also used in {other}.")


def _faults(written: FindingsFile, file: str, topics: Topics) -> Iterator[tuple[str, str]]:
    """Each fault as the place it is at (a key of ``FindingsDraft.lines``) and what it is."""
    if not file.endswith((f"/{written.id}.md", f"\\{written.id}.md")) and file != f"{written.id}.md":
        yield "", f"The file should be named after its id: {written.id}.md."
    if not written.sources:
        yield "", "No source is named: findings say which guideline or text their medicine is from."
    for finding in written.findings:
        for fault in _finding_faults(finding, topics):
            yield finding.id, fault


def _finding_faults(finding: Finding, topics: Topics) -> Iterator[str]:
    own = {" ".join(name.casefold().split()) for name in finding.also_said}
    if len(own) < FEWEST_NAMES:
        yield f"Finding “{finding.id}” has {len(own)} other names to ask for it; write at least {FEWEST_NAMES}."
    if len(own) < len(finding.also_said):
        yield f"Finding “{finding.id}” has a name twice."
    if (words := len(finding.told.split())) > LONGEST:
        yield f"Finding “{finding.id}” has {words} words; more than {LONGEST} are too many to listen to."
    # The causes are a list, which may be long: a voice makes a pause at each comma.
    for sentence in re.split(r"(?<=[.!?])\s+", f"{finding.what} {finding.means} {finding.next}"):
        if (words := len(sentence.split())) > LONGEST_SENTENCE:
            yield f"A sentence of {words} words is hard to follow by ear: “{sentence[:40]}…”."
    for written in dict.fromkeys(_WRITTEN.findall(finding.told)):
        yield f"Finding “{finding.id}” is read aloud: write “{written}” as it is said."
    for name in finding.names:
        meant = topics.finding(name)
        if meant is None:
            yield f"Asked for by the name “{name}”, nothing is found: it needs a word of its own."
        elif meant.id != finding.id:
            yield f"Asked for by the name “{name}”, “{meant.id}” is found instead."
