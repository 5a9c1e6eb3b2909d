"""How the history's tables came to be: one small step each, in order, never changed once released."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET = "companion"
"""The name under which sqlite-utils records which steps a file has had."""


def create_sessions(db: Database) -> None:
    """Sessions. AUTOINCREMENT: the number of a deleted session is never given to another."""
    db.execute(
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            deck TEXT,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            score REAL,
            recognizer TEXT,
            language_model TEXT,
            voice TEXT
        )
        """
    )
    db.execute("CREATE INDEX sessions_started_at ON sessions (started_at)")


def create_turns(db: Database) -> None:
    """Turns: what was asked, heard and said, how it ended, and where its time went."""
    db.execute(
        """
        CREATE TABLE turns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            case_id TEXT,
            question_id TEXT,
            asked TEXT NOT NULL,
            asked_at TEXT NOT NULL,
            heard TEXT,
            raw TEXT,
            audio_s REAL,
            compute_s REAL,
            score REAL,
            reply TEXT,
            said TEXT,
            status TEXT NOT NULL DEFAULT 'open'
                CHECK (status IN ('open', 'finished', 'interrupted', 'failed')),
            failed_stage TEXT,
            failure TEXT,
            endpoint_s REAL,
            transcribe_s REAL,
            grade_s REAL,
            first_token_s REAL,
            first_clause_s REAL,
            first_audio_s REAL,
            first_audio_latency_s REAL,
            recording TEXT
        )
        """
    )
    db.execute("CREATE INDEX turns_session ON turns (session)")


def create_points(db: Database) -> None:
    """Marks point by point, with the statement and weight of the day: a deck may change later."""
    db.execute(
        """
        CREATE TABLE points (
            turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            point_id TEXT NOT NULL,
            statement TEXT NOT NULL,
            verdict TEXT NOT NULL CHECK (verdict IN ('hit', 'partial', 'missed', 'contradicted')),
            evidence TEXT NOT NULL,
            weight REAL NOT NULL,
            PRIMARY KEY (turn, position)
        ) WITHOUT ROWID
        """
    )


def index_words(db: Database) -> None:
    """Full-text search of turns, kept by triggers; accents are ignored, and word beginnings are quick.

    Not ``enable_fts`` of sqlite-utils: its trigger would index a turn again at every write, and
    most writes of a turn (marks, latency, status) change no words.
    """
    db.execute(
        """
        CREATE VIRTUAL TABLE turns_fts USING fts5 (
            asked, heard, said,
            content='turns', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2', prefix='2 3'
        )
        """
    )
    forget = (
        "INSERT INTO turns_fts (turns_fts, rowid, asked, heard, said) "
        "VALUES ('delete', old.id, old.asked, old.heard, old.said);"
    )
    learn = "INSERT INTO turns_fts (rowid, asked, heard, said) VALUES (new.id, new.asked, new.heard, new.said);"
    db.execute(f"CREATE TRIGGER turns_inserted AFTER INSERT ON turns BEGIN {learn} END")
    db.execute(f"CREATE TRIGGER turns_deleted AFTER DELETE ON turns BEGIN {forget} END")
    db.execute(f"CREATE TRIGGER turns_updated AFTER UPDATE OF asked, heard, said ON turns BEGIN {forget} {learn} END")


STEPS: tuple[Callable[[Database], None], ...] = (create_sessions, create_turns, create_points, index_words)
"""Every step so far. A new field is a new step at the end."""

NAMES = tuple(step.__name__ for step in STEPS)


def migrations() -> Migrations:
    """The steps as sqlite-utils runs them; imported here because that takes longer than a whole listing."""
    from sqlite_utils import Migrations

    steps = Migrations(SET)
    for step in STEPS:
        steps()(step)
    return steps
