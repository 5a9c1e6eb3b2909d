"""``companion decks``: list, show and check decks of cases and findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.cli.output import json_option, print_json, print_table
from companion.core.case import Case, Deck

if TYPE_CHECKING:
    from companion.core.finding import Finding, FindingsFile


@click.group()
def decks() -> None:
    """List, show and check decks of cases and findings."""


@decks.command("list")
@json_option
def list_decks(as_json: bool) -> None:
    """List the decks: those shipped, and your own."""
    from companion.home import Home
    from companion.store.deck_library import DeckLibrary

    library = DeckLibrary.of(Home.locate())
    rows = [_counts(deck) for deck in library.decks]
    if as_json:
        print_json({"decks": rows})
    else:
        columns = ["name", "cases", "questions", "key_points", "findings"]
        numeric = frozenset(column.replace("_", " ") for column in columns[1:])
        print_table(
            [c.replace("_", " ") for c in columns], [[str(row[c]) for c in columns] for row in rows], numeric=numeric
        )
    for error in library.broken:
        click.echo(f"Left out: {error.message}", err=True)


@decks.command()
@click.argument("name", metavar="NAME")
@click.option("--answers", is_flag=True, help="Show the key points and explanations too.")
@json_option
def show(name: str, answers: bool, as_json: bool) -> None:
    """Show what is in a deck, one case without its answers, or one finding.

    NAME is that of a deck, or the id of a case or finding.
    """
    from dataclasses import asdict

    from companion.home import Home
    from companion.store.deck_library import DeckLibrary

    library = DeckLibrary.of(Home.locate())
    found = library.find(name)
    if isinstance(found, Deck):
        rows = [_summary(case) for case in found.cases]
        if as_json:
            held = [_finding_summary(finding, file) for file in found.findings_files for finding in file.findings]
            print_json({"name": found.name, "cases": rows, "findings": held})
            return
        if found.cases:
            columns = ["id", "title", "level", "questions", "reviewed by"]
            cells = [
                [str(row["id"]), str(row["title"]), str(row["level"]), str(row["questions"]), reviewed(case)]
                for row, case in zip(rows, found.cases, strict=True)
            ]
            print_table(columns, cells, numeric=frozenset({"questions"}))
        if found.findings_files:
            print_table(
                ["id", "finding", "area", "reviewed by"],
                [
                    [finding.id, finding.name, file.area, reviewed(file)]
                    for file in found.findings_files
                    for finding in file.findings
                ],
            )
    elif not isinstance(found, Case):
        file = library.findings_file_of(found.id)
        if as_json:
            print_json({**_finding_summary(found, file), **asdict(found), "sources": [asdict(s) for s in file.sources]})
        else:
            click.echo("\n".join(_told(found, file)))
    elif as_json:
        print_json(asdict(found))
    else:
        click.echo("\n".join(_described(found, answers=answers)))


@decks.command()
@click.argument("path", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def check(ctx: click.Context, path: Path, as_json: bool) -> None:
    """Check a file, a deck's folder or a folder of decks; ends with 1 if anything should be mended."""
    from companion.core.deck_check import check_cases
    from companion.core.deck_format import Problem
    from companion.core.deck_front_matter import holds_findings
    from companion.core.errors import DeckError
    from companion.core.finding_check import check_findings
    from companion.store.deck_library import files_to_check, read_case_text

    texts: dict[str, str] = {}
    problems: list[Problem] = []
    files = files_to_check(path)
    for file in files:
        try:
            texts[str(file)] = read_case_text(file)
        except DeckError as error:
            problems.append(Problem.parse(error.message, str(file)))
    findings = {file: text for file, text in texts.items() if holds_findings(text)}
    problems += check_cases({file: text for file, text in texts.items() if file not in findings})
    problems += check_findings(findings)
    if as_json:
        lines = [{"file": p.file, "line": p.line, "message": p.message} for p in problems]
        print_json({"files": len(files), "problems": lines})
    else:
        for problem in problems:
            click.echo(str(problem))
        cases = len(files) - len(findings)
        counts = [f"{cases} case{'' if cases == 1 else 's'}"] if cases else []
        counts += [f"{len(findings)} file{'' if len(findings) == 1 else 's'} of findings"] if findings else []
        count = " and ".join(counts)
        click.echo(f"{count}: {len(problems)} to mend." if problems else f"{count}: nothing to mend.", err=True)
    if problems:
        ctx.exit(1)


def reviewed(written: Case | FindingsFile) -> str:
    """Who signed a case or a file of findings, in words that cannot be missed if nobody has."""
    return written.reviewed_by or "not reviewed by a clinician"


def _counts(deck: Deck) -> dict[str, str | int]:
    questions = [question for case in deck.cases for question in case.questions]
    return {
        "name": deck.name,
        "cases": len(deck.cases),
        "questions": len(questions),
        "key_points": sum(len(question.key_points) for question in questions),
        "findings": sum(len(case.findings) for case in deck.cases)
        + sum(len(file.findings) for file in deck.findings_files),
    }


def _summary(case: Case) -> dict[str, str | int | None]:
    return {
        "id": case.id,
        "title": case.title,
        "specialty": case.specialty,
        "level": case.level,
        "questions": len(case.questions),
        "reviewed_by": case.reviewed_by,
    }


def _described(case: Case, *, answers: bool) -> list[str]:
    lines = [case.title, f"{case.id} · {case.specialty} · {case.level} · {reviewed(case)}", "", case.vignette]
    for number, question in enumerate(case.questions, 1):
        lines += ["", f"{number}. {question.id}: {question.prompt}"]
        if answers:
            lines += [
                f"   - {point.statement}{' (critical)' if point.critical else ''}" for point in question.key_points
            ]
            lines += [f"   {question.explanation}"]
    lines += ["", "Sources: " + "; ".join(f"{source.title} ({source.year})" for source in case.sources)]
    return lines


def _finding_summary(finding: Finding, file: FindingsFile) -> dict[str, str | None]:
    return {"id": finding.id, "name": finding.name, "area": file.area, "reviewed_by": file.reviewed_by}


def _told(finding: Finding, file: FindingsFile) -> list[str]:
    lines = [finding.name, f"{finding.id} · {file.area} · {reviewed(file)}"]
    lines += ["", finding.what, "", finding.means, "", "Causes, what must not be missed first:"]
    lines += [f"   - {cause}" for cause in finding.causes]
    lines += ["", f"Next: {finding.next}", "", f"Also said: {'; '.join(finding.also_said)}"]
    if finding.references:
        lines += [f"References: {'; '.join(finding.references)}"]
    return [*lines, "Sources: " + "; ".join(f"{source.title} ({source.year})" for source in file.sources)]
