"""A past session on the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from companion.core.latency import Latency
from companion.core.legible import legible
from companion.store.records import Point, Session, Turn
from companion.store.search import PLACES, Found

_WIDEST = 100
"""Columns beyond which lines are too long to read."""
_LABEL = 13
_STAGES = {
    "endpoint_s": "end of speech",
    "transcribe_s": "transcript",
    "grade_s": "marks",
    "first_token_s": "first word",
    "first_clause_s": "first clause",
    "first_audio_s": "voice",
}
_ENDS = {
    "open": "Not finished: it runs now, or was cut off.",
    "interrupted": "Interrupted.",
}


def print_session(session: Session) -> None:
    """Print a session and its turns."""
    console = _console()
    summary = session.summary
    begun = summary.started_at.astimezone()
    heading = [f"Session {summary.id}", summary.kind, legible(summary.deck or ""), f"{begun:%d %b %Y %H:%M}"]
    if summary.ended_at:
        heading.append(_length((summary.ended_at - summary.started_at).total_seconds()))
    else:
        heading.append("not finished")
    console.print(Text(" · ".join(part for part in heading if part), style="bold"))
    score = "not marked" if summary.score is None else f"score {summary.score:.0%}"
    console.print(Text(f"{summary.turns} turn{'' if summary.turns == 1 else 's'}, {score}"))
    engines = (("heard by", summary.recognizer), ("phrased by", summary.language_model), ("spoken by", summary.voice))
    if named := [f"{did} {legible(name)}" for did, name in engines if name]:
        console.print(Text(", ".join(named)))
    for number, turn in enumerate(session.turns, 1):
        console.print()
        _print_turn(console, number, turn)


def print_found(found: Sequence[Found]) -> None:
    """Print turns that were found, the words in [brackets]."""
    console = _console()
    for turn in found:
        about = " / ".join(legible(part) for part in (turn.case, turn.question) if part)
        heading = f"Session {turn.session} · {turn.asked_at.astimezone():%d %b %Y %H:%M}"
        console.print(Text(heading + (f" · {about}" if about else ""), style="bold"))
        lines = _lines()
        for place in PLACES:
            if snippet := getattr(turn, place):
                lines.add_row(Text(place.capitalize()), Text(legible(snippet)))
        console.print(Padding(lines, (0, 0, 1, 2)))


def _print_turn(console: Console, number: int, turn: Turn) -> None:
    about = " / ".join(legible(part) for part in (turn.case, turn.question) if part)
    score = "" if turn.score is None else f"{turn.score:.0%}"
    console.print(Text(" · ".join(part for part in (f"Turn {number}", about, score) if part), style="bold"))
    lines = _lines()

    def line(label: str, text: str | Text | None) -> None:
        if text:
            lines.add_row(Text(label), text if isinstance(text, Text) else Text(legible(text, lines=True)))

    line("Asked", turn.asked)
    line("Heard", turn.heard if turn.heard != "" else "(nothing)")
    if turn.raw != turn.heard:
        line("As recognised", turn.raw)
    for number, point in enumerate(turn.points):
        line("" if number else "Marks", _mark(point))
    line("Said", turn.said if turn.said != "" else "(nothing was heard of it)")
    if turn.reply != turn.said:
        line("Planned", turn.reply)
    if turn.failure:
        line("Failed", f"in {turn.failed_stage}: {turn.failure}")
    line("Ended", _ENDS.get(turn.status))
    line("Took", _took(turn))
    line("Recording", turn.recording)
    console.print(Padding(lines, (0, 0, 0, 2)))


def _mark(point: Point) -> Text:
    text = Text(f"{point.verdict}: {legible(point.statement)}")
    if point.evidence:
        text.append(f" (“{legible(point.evidence)}”)")
    return text


def _took(turn: Turn) -> str:
    stages = [
        f"{_STAGES[field.name]} {seconds:.2f}"
        for field in fields(Latency)
        if (seconds := getattr(turn.latency, field.name)) is not None
    ]
    parts = ", ".join(stages)
    if turn.first_audio_latency_s is None:
        return f"{parts} s" if parts else ""
    return f"first sound after {turn.first_audio_latency_s:.2f} s" + (f" ({parts})" if parts else "")


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _lines() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=_LABEL, style="dim")
    table.add_column(overflow="fold")
    return table


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, _WIDEST)
    return console
