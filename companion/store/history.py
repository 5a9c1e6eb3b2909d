"""Everything that happened in sessions, kept as it happens."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from companion.core.case import Question
from companion.core.errors import HistoryError
from companion.core.latency import Latency
from companion.core.mark import Mark, Verdict
from companion.home import Home
from companion.store import search, statistics
from companion.store.database import Database
from companion.store.export import FORMATS
from companion.store.records import Point, Session, Status, Summary, Turn

ENGINES = ("recognizer", "language_model", "voice")
"""The engines whose names a session keeps."""

_SUMMARY = "SELECT sessions.*, (SELECT count(*) FROM turns WHERE turns.session = sessions.id) AS turns FROM sessions"
_SHOWN_IDS = 10


class NotInHistory(HistoryError):
    """A session or turn that is not there: never was, or was deleted."""

    title = "Not in the history"


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion took away."""

    session: int
    turns: int
    recordings: tuple[str, ...]
    """File names of the spoken answers that were deleted too."""


class History:
    """Sessions and their turns; used on one thread, the one that first calls it.

    Every writing call is one committed transaction: after it returns, nothing but the loss of
    the disk undoes it. Times are aware and kept in UTC. All raise ``HistoryError``.
    """

    def __init__(self, home: Home) -> None:
        self.database = Database(home.database)
        self._recordings = home.recordings

    def close(self) -> None:
        """Let the file go."""
        self.database.close()

    # Writing

    def open_session(self, kind: str, deck: str | None, at: datetime, engines: Mapping[str, str]) -> int:
        """A session begins; ``engines`` names those of ``ENGINES`` that run. Returns its number."""
        if unknown := set(engines) - set(ENGINES):
            raise ValueError(f"sessions keep no {', '.join(sorted(unknown))}")
        with self.database.writing() as connection:
            added = connection.execute(
                "INSERT INTO sessions (kind, deck, started_at, recognizer, language_model, voice) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [kind, _text(deck), _time(at), *(_text(engines.get(engine)) for engine in ENGINES)],
            )
        return _id(added)

    def ask(self, session: int, case: str | None, question: str | None, asked: str, at: datetime) -> int:
        """A turn begins: a question was put, or (without case and question) the trainee began. Returns its number."""
        with self.database.writing() as connection:
            if connection.execute("SELECT 1 FROM sessions WHERE id = ?", [session]).fetchone() is None:
                raise _missing(connection, session)
            added = connection.execute(
                "INSERT INTO turns (session, case_id, question_id, asked, asked_at) VALUES (?, ?, ?, ?, ?)",
                [session, _text(case), _text(question), _text(asked), _time(at)],
            )
        return _id(added)

    def heard(self, turn: int, text: str, raw: str, audio_s: float, compute_s: float) -> None:
        """The answer came: repaired and raw text, its seconds, and those its transcript took to compute."""
        with self.database.writing() as connection:
            _update(connection, turn, heard=_text(text), raw=_text(raw), audio_s=audio_s, compute_s=compute_s)

    def recorded(self, turn: int, recording: Path) -> None:
        """The spoken answer was kept as a file of the recordings folder."""
        with self.database.writing() as connection:
            _update(connection, turn, recording=str(recording.relative_to(self._recordings)))

    def graded(self, turn: int, mark: Mark, question: Question | None) -> None:
        """The answer was marked; a second marking replaces the first."""
        known = {point.id: point for point in question.key_points} if question else {}
        with self.database.writing() as connection:
            _update(connection, turn, score=mark.score)
            connection.execute("DELETE FROM points WHERE turn = ?", [turn])
            for position, point in enumerate(mark.points):
                key = known.get(point.id)
                connection.execute(
                    "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        *(turn, position, _text(point.id), _text(key.statement if key else point.id)),
                        *(str(point.verdict), _text(point.evidence), key.weight if key else 1.0),
                    ],
                )

    def replied(self, turn: int, reply: str, said: str | None) -> None:
        """The reply as planned, and what of it was heard; None where that is not known."""
        with self.database.writing() as connection:
            _update(connection, turn, reply=_text(reply), said=_text(said))

    def finish(
        self,
        turn: int,
        reply: str | None,
        said: str | None,
        latency: Latency,
        first_audio_latency_s: float | None,
        status: Status = Status.FINISHED,
    ) -> None:
        """A turn is over, ``finished`` or ``interrupted``."""
        with self.database.writing() as connection:
            _update(
                connection,
                turn,
                reply=_text(reply),
                said=_text(said),
                status=str(status),
                first_audio_latency_s=first_audio_latency_s,
                **asdict(latency),
            )

    def fail(self, turn: int, stage: str, message: str) -> None:
        """A turn broke in ``stage``; what came before stays."""
        with self.database.writing() as connection:
            _update(connection, turn, status=str(Status.FAILED), failed_stage=_text(stage), failure=_text(message))

    def interrupt(self, turn: int) -> None:
        """A turn was left before its end."""
        with self.database.writing() as connection:
            _update(connection, turn, status=str(Status.INTERRUPTED))

    def close_session(self, session: int, score: float | None, at: datetime) -> None:
        """A session is over; a turn of it that is still open was interrupted."""
        with self.database.writing() as connection:
            closed = connection.execute(
                "UPDATE sessions SET ended_at = ?, score = ? WHERE id = ?", [_time(at), score, session]
            )
            if closed.rowcount == 0:
                raise _missing(connection, session)
            connection.execute(
                "UPDATE turns SET status = ? WHERE session = ? AND status = ?",
                [str(Status.INTERRUPTED), session, str(Status.OPEN)],
            )

    def delete(self, session: int) -> Deleted:
        """Delete a session for good: its turns, its recordings and the traces of both in the file."""
        with self.database.reading() as kept:
            if kept is None or not _exists(kept, session):
                raise _missing(kept, session)
        with self.database.writing() as connection:
            turns = connection.execute("SELECT recording FROM turns WHERE session = ?", [session]).fetchall()
            # Files first: a crash between the two must not leave a voice that nothing points to.
            recordings = [name for (name,) in turns if name and self._discard(name)]
            connection.execute("DELETE FROM sessions WHERE id = ?", [session])
            # Until its parts are merged, the search index keeps the words of deleted turns.
            connection.execute("INSERT INTO turns_fts (turns_fts) VALUES ('optimize')")
        try:
            self.database.empty_log()
        except HistoryError as error:
            raise HistoryError(
                f"Session {session} was deleted, but its words are still in the log beside {self.database.path}.",
                hint=f"{error.message} The log is cleared when the history is next used without such a fault.",
            ) from error
        return Deleted(session, len(turns), tuple(recordings))

    def _discard(self, name: str) -> bool:
        """Delete a recording; false where it is gone, or is no file of ours whatever the row says."""
        path = self._recordings / name
        if not path.resolve().is_relative_to(self._recordings.resolve()):
            return False
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise HistoryError(
                f"The recording {path} cannot be deleted: {error.strerror}.",
                hint="The session is still there. Make the file writable and try again.",
            ) from error
        return True

    # Reading

    def sessions(self, limit: int | None = None) -> list[Summary]:
        """The latest sessions, latest first; all of them without a limit."""
        with self.database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                f"{_SUMMARY} ORDER BY started_at DESC, id DESC LIMIT ?", [-1 if limit is None else limit]
            )
            return [Summary.of(row) for row in rows]

    def count(self) -> int:
        """How many sessions there are."""
        with self.database.reading() as connection:
            return 0 if connection is None else int(connection.execute("SELECT count(*) FROM sessions").fetchone()[0])

    def session(self, session: int) -> Session:
        """One session with its turns and their points."""
        with self.database.reading() as connection:
            if connection is None or not _exists(connection, session):
                raise _missing(connection, session)
            summary = Summary.of(connection.execute(f"{_SUMMARY} WHERE id = ?", [session]).fetchone())
            return Session(summary, tuple(_turns(connection, "WHERE turns.session = ?", session)))

    def search(self, text: str, limit: int | None = 20) -> list[search.Found]:
        """Turns in which all words of ``text`` were asked, heard or said; any text will do."""
        with self.database.reading() as connection:
            return [] if connection is None else search.search(connection, text, -1 if limit is None else limit)

    def statistics(self, zone: tzinfo | None = None) -> statistics.Statistics:
        """All sessions in figures; weeks are those of ``zone``, None being the machine's own."""
        with self.database.reading() as connection:
            return statistics.NOTHING if connection is None else statistics.statistics(connection, zone)

    def export(self, format: str) -> str:
        """Everything, first session first, in a format of ``FORMATS``."""
        write = FORMATS[format]
        with self.database.reading() as connection:
            if connection is None:
                return write([])
            turns: defaultdict[int, list[Turn]] = defaultdict(list)
            for turn in _turns(connection):
                turns[turn.session].append(turn)
            rows = connection.execute(f"{_SUMMARY} ORDER BY started_at, id").fetchall()
        return write([Session(summary, tuple(turns[summary.id])) for summary in map(Summary.of, rows)])


def _turns(connection: sqlite3.Connection, where: str = "", *values: int) -> list[Turn]:
    points: defaultdict[int, list[Point]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT points.* FROM points JOIN turns ON turns.id = points.turn {where} ORDER BY turn, position", values
    ):
        points[row["turn"]].append(
            Point(row["point_id"], row["statement"], Verdict(row["verdict"]), row["evidence"], row["weight"])
        )
    rows = connection.execute(f"SELECT * FROM turns {where} ORDER BY id", values)
    return [Turn.of(row, tuple(points[row["id"]])) for row in rows]


def _update(connection: sqlite3.Connection, turn: int, **columns: object) -> None:
    assignments = ", ".join(f"{column} = ?" for column in columns)
    done = connection.execute(f"UPDATE turns SET {assignments} WHERE id = ?", [*columns.values(), turn])
    if done.rowcount == 0:
        raise NotInHistory(f"Turn {turn} is no longer in the history.", hint="Its session was deleted.")


def _exists(connection: sqlite3.Connection, session: int) -> bool:
    # Beyond 64 bits there is no session, and no way to ask SQLite for one.
    if not 0 < session < 2**63:
        return False
    return connection.execute("SELECT 1 FROM sessions WHERE id = ?", [session]).fetchone() is not None


def _missing(connection: sqlite3.Connection | None, session: int) -> NotInHistory:
    ids = []
    if connection is not None:
        ids = [id for (id,) in connection.execute("SELECT id FROM sessions ORDER BY id DESC LIMIT ?", [_SHOWN_IDS + 1])]
    if not ids:
        return NotInHistory(f"There is no session {session}.", hint="Nothing has been kept yet.")
    shown = ", ".join(str(id) for id in ids[:_SHOWN_IDS]) + (" and earlier ones" if len(ids) > _SHOWN_IDS else "")
    return NotInHistory(
        f"There is no session {session}.", hint=f"There are: {shown}. “companion history list” shows them."
    )


def _id(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _text(text: str | None) -> str | None:
    """Text as SQLite can hold it: half a surrogate pair (from a stray byte of a terminal) becomes a question mark."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
