"""One case, written as Markdown with YAML front matter, into a ``Case``; ``decks/FORMAT.md`` describes it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from companion.core.case import Case, KeyPoint, Question, Source
from companion.core.deck_blocks import ID, blocks_of, line_of, references_of, sections, text_of
from companion.core.deck_front_matter import FrontMatter, Problem, read_front_matter
from companion.core.errors import DeckError

__all__ = ["Draft", "Problem", "parse_case", "read_case"]

_LABEL = re.compile(r"\*\*(Hint|Explanation|References)(?::\*\*|\*\*:|\.\*\*|\*\*)\s*", re.IGNORECASE)
_POINT = re.compile(r"\*\*(?P<id>[^*]+)\*\*\s*(?:\((?P<options>[^)]*)\))?\s*:\s*(?P<statement>.+)", re.DOTALL)
_WORDINGS = re.compile(r"(?P<kind>accept|contradict)\s*:\s*(?P<wordings>.*)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read of a file: the case if it is whole, what is wrong, and where things stand.

    ``lines`` maps ``""`` (the file), ``"vignette"``, ``"question"`` and ``"question/point"`` ids to lines from 1.
    """

    case: Case | None
    problems: tuple[Problem, ...]
    lines: Mapping[str, int]


def parse_case(text: str, file: str) -> Case:
    """The case in ``text``; a ``DeckError`` names ``file`` and the line of the first thing wrong."""
    draft = read_case(text, file)
    if draft.case is None:
        first, *others = draft.problems
        more = (
            f" There {'is 1 more' if len(others) == 1 else f'are {len(others)} more'} in this file." if others else ""
        )
        raise DeckError(str(first), hint=f"`companion decks check {file}` lists what to mend.{more}")
    return draft.case


def read_case(text: str, file: str) -> Draft:
    """Read as much of a case as there is, with every problem found on the way; never raises."""
    text = text.removeprefix("\ufeff")
    nodes = blocks_of(text)
    reader = _Reader(file)
    if not nodes or nodes[0].type != "front_matter":
        reader.problem(1, "The file must begin with front matter between two lines of ---.")
        return Draft(None, tuple(reader.problems), reader.lines)
    front = read_front_matter(nodes[0].content, file)
    reader.problems += front.problems
    vignette, questions = reader.body(nodes[1:])
    problems = tuple(sorted(reader.problems, key=lambda problem: problem.line))
    case = None if problems else _case(front, vignette, questions)
    return Draft(case, problems, reader.lines)


def _case(front: FrontMatter, vignette: str, questions: Sequence[Question]) -> Case:
    return Case(
        id=front.text["id"],
        title=front.text["title"],
        specialty=front.text["specialty"],
        level=front.text["level"],
        author=front.text["author"],
        reviewed_by=front.reviewed_by,
        licence=front.text["licence"],
        sources=tuple(Source(title, year) for title, year in front.sources),
        findings=front.findings,
        vignette=vignette,
        questions=tuple(questions),
    )


@dataclass(slots=True)
class _Reader:
    """Walks the blocks of one file and keeps what it cannot take."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=lambda: {"": 1})
    ids: set[str] = field(default_factory=set)

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def body(self, nodes: Sequence[SyntaxTreeNode]) -> tuple[str, list[Question]]:
        before, written = sections(nodes)
        vignette = self._paragraphs(before, "the vignette")
        line = line_of(before[0]) if before else line_of(nodes[0]) if nodes else 1
        self.lines["vignette"] = line
        if not vignette:
            self.problem(line, "There is no vignette between the front matter and the first question.")
        if not written:
            self.problem(line, "There is no question: each begins with a heading such as “## findings”.")
        return vignette, [self._question(heading, rest) for heading, *rest in written]

    def _name(self, key: str, id: str, line: int) -> None:
        """Keep the line of an id, which is used once in a case: history refers to it."""
        if id in self.ids:
            self.problem(line, f"The id “{id}” is used twice in this case.")
        self.ids.add(id)
        self.lines.setdefault(key, line)

    def _question(self, heading: SyntaxTreeNode, nodes: Sequence[SyntaxTreeNode]) -> Question:
        line, id = line_of(heading), text_of(heading)
        self._name(id, id, line)
        if not ID.fullmatch(id):
            self.problem(line, f"“{id}” cannot be a question's id: use lower-case words joined by hyphens.")
        parts: dict[str, list[SyntaxTreeNode]] = {"prompt": [], "hint": [], "explanation": [], "references": []}
        part, labelled = "prompt", dict[str, str]()
        points: list[KeyPoint] = []
        for node in nodes:
            label = _LABEL.match(text_of(node)) if node.type == "paragraph" else None
            if label:
                part = label.group(1).lower()
                labelled[part] = text_of(node)[label.end() :]
            elif node.type == "bullet_list" and part == "prompt":
                points += [self._point(id, item) for item in node.children]
            else:
                parts[part].append(node)
        texts = {
            name: "\n\n".join(filter(None, [labelled.get(name, ""), self._paragraphs(parts[name], f"the {name}")]))
            for name in ("prompt", "hint", "explanation")
        }
        for name, text in texts.items():
            if not text:
                self.problem(line, f"Question “{id}” has no {name}.")
        if not points:
            self.problem(line, f"Question “{id}” has no key points.")
        references = references_of(labelled.get("references", ""), parts["references"])
        return Question(id, texts["prompt"], tuple(points), texts["hint"], texts["explanation"], references)

    def _point(self, question: str, item: SyntaxTreeNode) -> KeyPoint:
        line, text = line_of(item), text_of(item)
        match = _POINT.fullmatch(text)
        if not match:
            self.problem(line, "A key point looks like “- **its-id** (weight 2, critical): what it says.”")
            return KeyPoint("", text, ())
        id = match["id"].strip()
        if not ID.fullmatch(id):
            self.problem(line, f"“{id}” cannot be a key point's id: use lower-case words joined by hyphens.")
        self._name(f"{question}/{id}", id, line)
        weight, critical = self._options(line, match["options"] or "")
        wordings: dict[str, list[str]] = {"accept": [], "contradict": []}
        for child in (inner for node in item.children if node.type == "bullet_list" for inner in node.children):
            found = _WORDINGS.fullmatch(text_of(child))
            if not found:
                self.problem(line_of(child), "Under a key point stands “- accept: …” or “- contradict: …”.")
                continue
            wordings[found["kind"].lower()] += [w for w in map(str.strip, found["wordings"].split(";")) if w]
        if not wordings["accept"]:
            self.problem(line, f"Key point “{id}” has no accepted wordings (“- accept: one; two; three”).")
        return KeyPoint(
            id, match["statement"].strip(), tuple(wordings["accept"]), tuple(wordings["contradict"]), weight, critical
        )

    def _options(self, line: int, written: str) -> tuple[float, bool]:
        weight, critical = 1.0, False
        for option in filter(None, map(str.strip, written.split(","))):
            name, _, number = option.partition(" ")
            if option == "critical":
                critical = True
            elif name == "weight" and (found := _weight(number)):
                weight = found
            else:
                self.problem(line, f"“{option}” is not “critical” or “weight” with a number up to 10.")
        return weight, critical

    def _paragraphs(self, nodes: Sequence[SyntaxTreeNode], where: str) -> str:
        for node in nodes:
            if node.type != "paragraph":
                self.problem(line_of(node), f"Only plain paragraphs can be read aloud as {where}.")
        return "\n\n".join(text_of(node) for node in nodes if node.type == "paragraph")


def _weight(written: str) -> float | None:
    try:
        weight = float(written)
    except ValueError:
        return None
    return weight if math.isfinite(weight) and 0 < weight <= 10 else None
