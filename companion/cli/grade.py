"""``companion grade``: mark a written answer."""

from __future__ import annotations

import click

from companion.cli.output import json_option, print_json, print_table


@click.command()
@click.argument("case")
@click.argument("question")
@click.option("--answer", required=True, metavar="TEXT", help="What the trainee said.")
@json_option
def grade(case: str, question: str, answer: str, as_json: bool) -> None:
    """Mark a written answer to a question of a case.

    CASE and QUESTION are ids, as `companion decks show` lists them; every key point gets a verdict.
    """
    from companion.core import grading
    from companion.home import Home
    from companion.store.deck_library import DeckLibrary

    asked = DeckLibrary.of(Home.locate()).question(case, question)
    mark = grading.grade(answer, asked)
    if as_json:
        points = [{"id": p.id, "verdict": p.verdict.value, "evidence": p.evidence} for p in mark.points]
        print_json({"points": points, "score": round(mark.score, 4)})
        return
    rows = [
        [marked.verdict.value, point.statement, marked.evidence]
        for marked, point in zip(mark.points, asked.key_points, strict=True)
    ]
    print_table(["verdict", "key point", "what was heard"], rows)
    click.echo(f"Score: {mark.score:.0%}")
