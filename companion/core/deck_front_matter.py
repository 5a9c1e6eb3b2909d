"""The front matter of a case or of findings: who wrote it, what it teaches, where its medicine comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from rapidfuzz import process

CASE = ("id", "title", "specialty", "level", "author", "licence")
FINDINGS = ("id", "title", "area", "author", "licence")
"""The fields that must be one line of words, in a case and in a file of findings."""
_KINDS = ("case", "findings")
_KIND = re.compile(r"\A\ufeff?---\s*\n(?:(?!---).*\n)*?kind:[ \t]*[\"']?findings\b")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FIRST_LINE = 2
"""The line of the file on which YAML begins, after ``---``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a case, and where; prints as ``file:line: message``."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"

    @classmethod
    def parse(cls, written: str, file: str) -> Problem:
        """A problem from the way it prints; for errors that carry one as their message."""
        line, _, message = written.removeprefix(f"{file}:").partition(": ")
        return cls(file, int(line), message) if line.isdecimal() else cls(file, 1, written)


@dataclass(slots=True)
class FrontMatter:
    """The fields that could be read; ``text`` holds those that are one line of words."""

    text: dict[str, str] = field(default_factory=dict)
    reviewed_by: str | None = None
    findings: tuple[str, ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    problems: list[Problem] = field(default_factory=list)


def holds_findings(text: str) -> bool:
    """Whether a file says of itself that it holds findings (``kind: findings``), not a case."""
    return _KIND.match(text) is not None


def read_front_matter(written: str, file: str, texts: tuple[str, ...] = CASE) -> FrontMatter:
    """Read YAML that stands from the second line of ``file`` and must hold ``texts``; never raises."""
    front = FrontMatter()
    try:
        node = yaml.compose(written, yaml.SafeLoader)
        fields = yaml.safe_load(written)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "it could not be read"
        line = _FIRST_LINE + (mark.line if mark else 0)
        front.problems.append(Problem(file, line, f"The front matter is not valid YAML: {why}."))
        return front
    except (RecursionError, ValueError) as error:
        front.problems.append(Problem(file, _FIRST_LINE, f"The front matter cannot be read: {error}."))
        return front
    if not isinstance(node, yaml.MappingNode) or not isinstance(fields, dict):
        front.problems.append(
            Problem(file, _FIRST_LINE, "The front matter must be lines such as “id: inferior-stemi”.")
        )
        return front
    lines = {str(key.value): _FIRST_LINE + key.start_mark.line for key, _ in node.value}
    listed = ("findings", "sources", "reviewed_by") if texts == CASE else ("sources", "reviewed_by")
    _check_names(front, file, fields, lines, (*texts, "kind", *listed))
    _read_texts(front, file, fields, lines, texts)
    _read_lists(front, file, fields, lines)
    return front


def _check_names(
    front: FrontMatter, file: str, fields: dict[Any, Any], lines: dict[str, int], known: tuple[str, ...]
) -> None:
    for name in map(str, fields):
        if name not in known:
            near = process.extractOne(name, known, score_cutoff=60)
            meant = f" Did you mean “{near[0]}”?" if near else f" Known fields: {', '.join(known)}."
            front.problems.append(Problem(file, lines.get(name, _FIRST_LINE), f"Unknown field “{name}”.{meant}"))
    kind = fields.get("kind", "case")
    if kind not in _KINDS:
        front.problems.append(Problem(file, lines["kind"], "“kind” must be “case” or “findings”."))


def _read_texts(
    front: FrontMatter, file: str, fields: dict[Any, Any], lines: dict[str, int], texts: tuple[str, ...]
) -> None:
    for name in texts:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            front.text[name] = value.strip()
        elif value is None:
            front.problems.append(Problem(file, lines.get(name, 1), f"The front matter has no “{name}”."))
        else:
            front.problems.append(Problem(file, lines[name], f"“{name}” must be words."))
    id = front.text.get("id")
    if id is not None and not _ID.fullmatch(id):
        front.problems.append(
            Problem(file, lines["id"], f"“{id}” cannot be an id: use lower-case words joined by hyphens.")
        )
    signed = fields.get("reviewed_by")
    if signed is not None and not isinstance(signed, str):
        front.problems.append(Problem(file, lines["reviewed_by"], "“reviewed_by” must be a name, or empty."))
    elif signed and signed.strip():
        front.reviewed_by = signed.strip()


def _read_lists(front: FrontMatter, file: str, fields: dict[Any, Any], lines: dict[str, int]) -> None:
    findings = fields.get("findings") or []
    if isinstance(findings, list) and all(isinstance(finding, str) for finding in findings):
        front.findings = tuple(finding.strip() for finding in findings if finding.strip())
    else:
        front.problems.append(Problem(file, lines["findings"], "“findings” must be a list of words, one a line."))
    sources = fields.get("sources") or []
    if isinstance(sources, list) and all(map(_is_source, sources)):
        front.sources = tuple((source["title"].strip(), source["year"]) for source in sources)
    else:
        message = "“sources” must be a list, each with a “title” and a “year” in figures."
        front.problems.append(Problem(file, lines["sources"], message))


def _is_source(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("title"), str)
        and bool(value["title"].strip())
        and isinstance(value.get("year"), int)
        and not isinstance(value["year"], bool)
        and 1800 <= value["year"] <= 2200
    )
