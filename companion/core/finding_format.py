"""A file of findings, written as Markdown with YAML front matter; ``decks/FORMAT.md`` describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from companion.core.case import Source
from companion.core.deck_blocks import ID, blocks_of, line_of, references_of, sections, text_of
from companion.core.deck_front_matter import FINDINGS, FrontMatter, Problem, read_front_matter
from companion.core.errors import DeckError
from companion.core.finding import Finding, FindingsFile

_LABEL = re.compile(
    r"\*\*(Also said|What it is|What it means|Causes|Next|References)(?::\*\*|\*\*:|\.\*\*|\*\*)\s*", re.IGNORECASE
)
_TOLD = ("what it is", "what it means", "next")
"""The parts that are paragraphs, read aloud."""


@dataclass(frozen=True, slots=True)
class FindingsDraft:
    """What could be read of a file: its findings if it is whole, what is wrong, and where things stand.

    ``lines`` maps ``""`` (the file) and the ids of findings to lines from 1.
    """

    file: FindingsFile | None
    problems: tuple[Problem, ...]
    lines: Mapping[str, int]


def parse_findings(text: str, file: str) -> FindingsFile:
    """The findings in ``text``; a ``DeckError`` names ``file`` and the line of the first thing wrong."""
    draft = read_findings(text, file)
    if draft.file is None:
        first, *others = draft.problems
        more = f" There is more to mend in this file: {len(others)}." if others else ""
        raise DeckError(str(first), hint=f"`companion decks check {file}` lists what to mend.{more}")
    return draft.file


def read_findings(text: str, file: str) -> FindingsDraft:
    """Read as many findings as there are, with every problem met on the way; never raises."""
    nodes = blocks_of(text.removeprefix("\ufeff"))
    reader = _Reader(file)
    if not nodes or nodes[0].type != "front_matter":
        reader.problem(1, "The file must begin with front matter between two lines of ---.")
        return FindingsDraft(None, tuple(reader.problems), reader.lines)
    front = read_front_matter(nodes[0].content, file, FINDINGS)
    reader.problems += front.problems
    found = reader.body(nodes[1:])
    problems = tuple(sorted(reader.problems, key=lambda problem: problem.line))
    return FindingsDraft(None if problems else _file(front, found), problems, reader.lines)


def _file(front: FrontMatter, found: Sequence[Finding]) -> FindingsFile:
    return FindingsFile(
        id=front.text["id"],
        title=front.text["title"],
        area=front.text["area"],
        author=front.text["author"],
        reviewed_by=front.reviewed_by,
        licence=front.text["licence"],
        sources=tuple(Source(title, year) for title, year in front.sources),
        findings=tuple(found),
    )


@dataclass(slots=True)
class _Reader:
    """Walks the blocks of one file and keeps what it cannot take."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=lambda: {"": 1})

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def body(self, nodes: Sequence[SyntaxTreeNode]) -> list[Finding]:
        before, written = sections(nodes)
        for node in before:
            if node.type not in ("paragraph", "heading"):
                self.problem(line_of(node), "Before the first finding stands only plain text, for those who read it.")
        if not written:
            self.problem(1, "There is no finding: each begins with a heading such as “## left-bundle-branch-block”.")
        return [self._finding(heading, rest) for heading, *rest in written]

    def _finding(self, heading: SyntaxTreeNode, nodes: Sequence[SyntaxTreeNode]) -> Finding:
        line, id = line_of(heading), text_of(heading)
        if id in self.lines:
            self.problem(line, f"The id “{id}” is used twice in this file.")
        if not ID.fullmatch(id):
            self.problem(line, f"“{id}” cannot be a finding's id: use lower-case words joined by hyphens.")
        self.lines.setdefault(id, line)
        part, texts = "name", dict[str, str]()
        causes: list[str] = []
        references: list[SyntaxTreeNode] = []
        for node in nodes:
            label = _LABEL.match(text_of(node)) if node.type == "paragraph" else None
            if label:
                part = label.group(1).lower()
                if part in texts:
                    self.problem(line_of(node), f"Finding “{id}” has “{label.group(1)}” twice.")
                texts[part] = text_of(node)[label.end() :]
            elif part == "references":
                references.append(node)
            elif node.type == "paragraph":
                texts[part] = f"{texts.get(part, '')} {text_of(node)}".strip()
            elif node.type in ("bullet_list", "ordered_list") and part == "causes":
                causes += [text_of(item).rstrip(".") for item in node.children]
            else:
                where = "its name" if part == "name" else f"“{part.capitalize()}”"
                self.problem(line_of(node), f"Only plain paragraphs can be read aloud as {where}.")
        if texts.get("causes"):
            self.problem(line, f"The causes of “{id}” must be a list, one cause a line, what must not be missed first.")
        for named in ("name", *_TOLD):
            if not texts.get(named):
                missing = "name under its heading" if named == "name" else f"“**{named.capitalize()}:**”"
                self.problem(line, f"Finding “{id}” has no {missing}.")
        if not causes:
            self.problem(line, f"Finding “{id}” has no “**Causes:**”.")
        return Finding(
            id=id,
            name=texts.get("name", ""),
            also_said=tuple(filter(None, map(str.strip, texts.get("also said", "").rstrip(".").split(";")))),
            what=texts.get("what it is", ""),
            means=texts.get("what it means", ""),
            causes=tuple(causes),
            next=texts.get("next", ""),
            references=references_of(texts.get("references", ""), references),
        )
