"""What the history holds, as it is read back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from companion.core.latency import Latency
from companion.core.mark import Verdict


class Status(StrEnum):
    """How a turn ended, or ``open`` where it has not: it runs now, or the machine went down in it."""

    OPEN = "open"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Point:
    """One key point as it was marked that day."""

    id: str
    statement: str
    verdict: Verdict
    evidence: str
    weight: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer and reply; None is what did not happen."""

    id: int
    session: int
    case: str | None
    question: str | None
    asked: str
    asked_at: datetime
    heard: str | None
    raw: str | None
    audio_s: float | None
    compute_s: float | None
    """Seconds the transcript took to compute, wherever they fell; ``latency`` holds those waited for."""
    score: float | None
    points: tuple[Point, ...]
    reply: str | None
    """The whole reply as planned."""
    said: str | None
    """The part of it that the trainee heard."""
    status: Status
    failed_stage: str | None
    failure: str | None
    latency: Latency
    first_audio_latency_s: float | None
    recording: str | None
    """File name of the spoken answer in the recordings folder."""

    @classmethod
    def of(cls, row: sqlite3.Row, points: tuple[Point, ...]) -> Turn:
        """A row of ``turns`` with its points."""
        return cls(
            id=row["id"],
            session=row["session"],
            case=row["case_id"],
            question=row["question_id"],
            asked=row["asked"],
            asked_at=datetime.fromisoformat(row["asked_at"]),
            heard=row["heard"],
            raw=row["raw"],
            audio_s=row["audio_s"],
            compute_s=row["compute_s"],
            score=row["score"],
            points=points,
            reply=row["reply"],
            said=row["said"],
            status=Status(row["status"]),
            failed_stage=row["failed_stage"],
            failure=row["failure"],
            latency=Latency(**{stage: row[stage] for stage in Latency.stages()}),
            first_audio_latency_s=row["first_audio_latency_s"],
            recording=row["recording"],
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """A session in one line."""

    id: int
    kind: str
    deck: str | None
    started_at: datetime
    ended_at: datetime | None
    """None while it runs, and for ever where the machine went down in it."""
    score: float | None
    recognizer: str | None
    language_model: str | None
    voice: str | None
    turns: int

    @classmethod
    def of(cls, row: sqlite3.Row) -> Summary:
        """A row of ``sessions`` with the number of its ``turns``."""
        ended = row["ended_at"]
        return cls(
            id=row["id"],
            kind=row["kind"],
            deck=row["deck"],
            started_at=datetime.fromisoformat(row["started_at"]),
            ended_at=datetime.fromisoformat(ended) if ended else None,
            score=row["score"],
            recognizer=row["recognizer"],
            language_model=row["language_model"],
            voice=row["voice"],
            turns=row["turns"],
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A session with all its turns, in order."""

    summary: Summary
    turns: tuple[Turn, ...]


def plain(record: Any) -> Any:
    """A record as JSON has it: objects, lists, numbers and text; times in ISO 8601."""
    if isinstance(record, Session):
        return plain(record.summary) | {"turns": plain(record.turns)}
    if is_dataclass(record):
        return {field.name: plain(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, tuple | list):
        return [plain(item) for item in record]
    if isinstance(record, datetime | date):
        return record.isoformat()
    if isinstance(record, float):
        return round(record, 4)
    return record
