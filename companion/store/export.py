"""The whole history as one text: JSON for programs, CSV for spreadsheets, Markdown for people."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from companion.core.latency import Latency
from companion.core.legible import legible
from companion.core.mark import Verdict
from companion.store.records import Session, Turn, plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet run a cell as a formula (OWASP, "CSV Injection")."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])|^(\s*)([-+=]|\d+[.)](?=\s))")


def as_json(sessions: Sequence[Session]) -> str:
    """Every field as it was kept, control characters included."""
    return json.dumps({"sessions": plain(list(sessions))}, ensure_ascii=False, indent=2) + "\n"


def as_csv(sessions: Sequence[Session]) -> str:
    """A row for each turn; points are listed by id under their verdict."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for session in sessions:
        for turn in session.turns:
            table.writerow([_cell(value) for value in _row(session, turn)])
    return written.getvalue()


_COLUMNS = (
    *("session", "kind", "deck", "started_at", "turn", "asked_at", "case", "question", "status"),
    *("asked", "heard", "raw", "audio_s", "compute_s", "score"),
    *(f"points_{verdict}" for verdict in Verdict),
    *("reply", "said", "failed_stage", "failure", "first_audio_latency_s"),
    *Latency.stages(),
    *("recognizer", "language_model", "voice", "recording"),
)


def _row(session: Session, turn: Turn) -> list[object]:
    summary = session.summary
    return [
        *(summary.id, summary.kind, summary.deck, summary.started_at),
        *(turn.id, turn.asked_at, turn.case, turn.question, turn.status),
        *(turn.asked, turn.heard, turn.raw, turn.audio_s, turn.compute_s, turn.score),
        *("; ".join(point.id for point in turn.points if point.verdict == verdict) for verdict in Verdict),
        *(turn.reply, turn.said, turn.failed_stage, turn.failure, turn.first_audio_latency_s),
        *(getattr(turn.latency, stage) for stage in Latency.stages()),
        *(summary.recognizer, summary.language_model, summary.voice, turn.recording),
    ]


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return plain(value)
    # A null ends the cell, or the file, in many readers; legible() keeps the lines.
    text = legible(str(value), lines=True)
    return "'" + text if value.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def as_markdown(sessions: Sequence[Session]) -> str:
    """A page to read or print: a heading for each session and turn."""
    parts = ["# History\n"]
    if not sessions:
        parts.append("Nothing has been kept yet.\n")
    for session in sessions:
        summary = session.summary
        about = " · ".join(_escaped(part) for part in (summary.kind, summary.deck) if part)
        parts.append(f"## Session {summary.id}: {about}, {_time(summary.started_at)}\n")
        if summary.score is not None:
            parts.append(f"Score: {summary.score:.0%}\n")
        parts += [_turn(number, turn) for number, turn in enumerate(session.turns, 1)]
    return "\n".join(parts)


def _turn(number: int, turn: Turn) -> str:
    about = " / ".join(_escaped(part) for part in (turn.case, turn.question) if part)
    parts = [f"### Turn {number}" + (f": {about}" if about else "") + "\n"]
    for label, text in (("Asked", turn.asked), ("Heard", turn.heard), ("Said", turn.said)):
        if text:
            parts.append(f"{label}:\n\n{_quoted(text)}\n")
    if turn.points:
        parts.append("\n".join(f"- {point.verdict}: {_escaped(point.statement)}" for point in turn.points) + "\n")
    if turn.score is not None:
        parts.append(f"Score: {turn.score:.0%}\n")
    if turn.failure:
        parts.append(f"Failed in {_escaped(turn.failed_stage or 'an unknown stage')}: {_escaped(turn.failure)}\n")
    elif turn.status != "finished":
        parts.append(f"This turn is {turn.status}.\n")
    return "\n".join(parts)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is: nothing of it becomes a heading, a link or a picture."""
    return _MARKUP.sub(_escape, legible(text))


def _escape(found: re.Match[str]) -> str:
    if found[1]:
        return "\\" + found[1]
    mark = found[3]
    return found[2] + (mark[:-1] + "\\" + mark[-1] if len(mark) > 1 else "\\" + mark)


def _quoted(text: str) -> str:
    lines = legible(text, lines=True).split("\n")
    return "\n".join(f"> {_escaped(line)}".rstrip() for line in lines)


FORMATS: Mapping[str, Callable[[Sequence[Session]], str]] = {"json": as_json, "csv": as_csv, "md": as_markdown}
"""Each format's writer by its name, which is also the file's suffix."""
