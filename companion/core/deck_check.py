"""What an author should mend in a case before it is worth hearing, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from companion.core.case import Case, KeyPoint, Question
from companion.core.deck_format import Draft, Problem, read_case
from companion.core.grading import given_away, grade
from companion.core.mark import Mark, Verdict

LONGEST_VIGNETTE = 90
LONGEST_EXPLANATION = 80
"""Words; more is too long to listen to."""
FEWEST_WORDINGS = 3
FEWEST_QUESTIONS, MOST_QUESTIONS = 3, 5


def check_cases(texts: Mapping[str, str]) -> list[Problem]:
    """What is wrong with cases that stand together, by file; ids used by two of them included."""
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for file, text in texts.items():
        draft = read_case(text, file)
        problems += check_draft(draft, file)
        if draft.case is not None and (other := first.setdefault(draft.case.id, file)) != file:
            problems.append(Problem(file, 1, f"The id “{draft.case.id}” is also that of {other}."))
    return problems


def check_case(text: str, file: str) -> list[Problem]:
    """What is wrong with one case, in the order of its lines."""
    return check_draft(read_case(text, file), file)


def check_draft(draft: Draft, file: str) -> list[Problem]:
    """What could not be read and, if all could, what would not teach or mark well."""
    if draft.case is None:
        return list(draft.problems)
    found = (Problem(file, draft.lines.get(key, 1), message) for key, message in _faults(draft.case, file))
    return sorted(found, key=lambda problem: problem.line)


def _faults(case: Case, file: str) -> Iterator[tuple[str, str]]:
    """Each fault as the place it is at (a key of ``Draft.lines``) and what it is."""
    if not file.endswith((f"/{case.id}.md", f"\\{case.id}.md")) and file != f"{case.id}.md":
        yield "", f"The file should be named after its case: {case.id}.md."
    if not case.sources:
        yield "", "No source is named: every case says which guideline or text its medicine is from."
    if not case.findings:
        yield "", "No findings are listed that this case teaches."
    if (words := len(case.vignette.split())) > LONGEST_VIGNETTE:
        yield "vignette", f"The vignette has {words} words; more than {LONGEST_VIGNETTE} are too many to listen to."
    if not FEWEST_QUESTIONS <= len(case.questions) <= MOST_QUESTIONS:
        count = len(case.questions)
        yield "", f"The case has {count} question{'' if count == 1 else 's'}; write three to five."
    for question in case.questions:
        yield from _question_faults(question, case)


def _question_faults(question: Question, case: Case) -> Iterator[tuple[str, str]]:
    if (words := len(question.explanation.split())) > LONGEST_EXPLANATION:
        yield question.id, f"The explanation has {words} words; more than {LONGEST_EXPLANATION} are too many to hear."
    for where, text in (
        ("the question", question.prompt),
        ("the title", case.title),
        ("the vignette", case.vignette),
        ("the hint", question.hint),
    ):
        for mark in given_away(text, question):
            yield f"{question.id}/{mark.id}", f"Key point “{mark.id}” is given away by {where} (“{mark.evidence}”)."
    explained = {mark.id for mark in given_away(question.explanation, question)}
    for point in question.key_points:
        if point.id not in explained:
            yield f"{question.id}/{point.id}", f"The explanation never says key point “{point.id}”."
        for fault in _point_faults(point, question):
            yield f"{question.id}/{point.id}", fault


def _point_faults(point: KeyPoint, question: Question) -> Iterator[str]:
    distinct = {" ".join(wording.casefold().split()) for wording in point.accepted}
    if len(distinct) < FEWEST_WORDINGS:
        yield f"Key point “{point.id}” has {len(distinct)} accepted wordings; write at least {FEWEST_WORDINGS}."
    if len(distinct) < len(point.accepted):
        yield f"Key point “{point.id}” has an accepted wording twice."
    for wording in point.accepted:
        if (verdict := _verdict(grade(wording, question), point)) is not Verdict.HIT:
            yield f"Said by itself, the accepted wording “{wording}” is marked {verdict}."
    for wording in point.contradicted:
        if (verdict := _verdict(grade(wording, question), point)) is not Verdict.CONTRADICTED:
            yield f"Said by itself, the contradicting wording “{wording}” is marked {verdict}."
    if (verdict := _verdict(grade(point.statement, question), point)) is not Verdict.HIT:
        yield f"The statement of “{point.id}” is itself marked {verdict}: add a wording from it."


def _verdict(mark: Mark, point: KeyPoint) -> Verdict:
    return next(marked.verdict for marked in mark.points if marked.id == point.id)
